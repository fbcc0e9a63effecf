"""The register of signals as a run asks it: which rules are due, what became of what was found, how it all went
(`vitrina.signal_runs.plan.Keeper`)."""

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.database import Database
from crm.errors import CrmError
from crm.models import Signal, SignalRule, SignalRuleVersion
from crm.services.segments.stored import documents
from crm.services.signals.days import Day, customers_of, write_day, write_failures
from crm.services.signals.mart_rows import write_history
from crm.services.signals.outcomes import write_outcomes
from crm.services.signals.values import RuleStatus
from signals.definition import due_days, parse, used_segments
from vitrina.signal_options import SignalOptions
from vitrina.signal_runs.plan import Findings, Plan, Recorded, WantedOutcome, WantedRule

_RUNNING = (RuleStatus.LIVE, RuleStatus.SHADOW)
_OUTCOMES_AT_ONCE = 50_000


class SignalKeeper:
    """Signals of one database; `now` is the clock, `timezone` that of the installation."""

    def __init__(
        self, database: Database, options: SignalOptions, now: Callable[[], dt.datetime],
        timezone: str = "Asia/Tashkent",
    ) -> None:  # fmt: skip
        self.database, self._options, self._now, self._timezone = database, options, now, timezone

    def plan(self, as_of: dt.date, keys: Sequence[str] = ()) -> Plan:
        """What is due on data up to `as_of`. Raises `CrmError` for a rule that is not in use or on trial."""
        with self.database.read() as session:
            found = select(SignalRule, SignalRuleVersion).join(
                SignalRuleVersion,
                (SignalRuleVersion.rule_key == SignalRule.key) & (SignalRuleVersion.number == SignalRule.published),
            )
            rows = session.execute(found.where(SignalRule.status.in_(_RUNNING)).order_by(SignalRule.key)).tuples().all()
            if missing := sorted(set(keys) - {row.key for row, _ in rows}):
                raise CrmError("rule_unknown", rule=missing[0][:80])
            wanted = {
                row.key: WantedRule(version.number, version.document, row.status == RuleStatus.SHADOW, days)
                for row, version in rows
                if (not keys or row.key in keys) and (days := self._days(row, version, as_of))
            }
            named = any(used_segments(parse(each.document)) for each in wanted.values())
            return Plan(wanted, documents(session) if named else {}, _due_outcomes(session, as_of))

    def record(self, findings: Findings) -> Recorded:
        """Write down what was found, a day at a time; days written by somebody else meanwhile are left alone."""
        told: dict[str, int] = {"outcomes": write_outcomes(self.database, findings.outcomes, self._now())}
        told["failed"] = write_failures(self.database, findings, self._now())
        customers = customers_of(findings)
        for day in findings.plan.days:
            with self.database.begin() as session:
                done = write_day(session, Day.of(findings, day, customers), self._options, self._now(), self._timezone)
            for name, count in done.items():
                told[name] = told.get(name, 0) + count
        return Recorded(**told)

    def history(self, path: Path) -> int:
        """Write every signal with its life as a Parquet file."""
        with self.database.read() as session:
            return write_history(session, path)

    def _days(self, row: SignalRule, version: SignalRuleVersion, as_of: dt.date) -> tuple[str, ...]:
        """Days on which the rule was not looked at yet; of a rule that begins, not further back than the setting."""
        after = row.evaluated_until or dt.date.min
        if row.is_starting or row.evaluated_until is None:
            after = max(after, as_of - dt.timedelta(days=self._options.first_days))
        return tuple(day.isoformat() for day in due_days(parse(version.document), after, as_of))


def _due_outcomes(session: Session, as_of: dt.date) -> tuple[WantedOutcome, ...]:
    query = select(Signal).where(Signal.outcome.is_(None), Signal.outcome_due <= as_of)
    rows = session.scalars(query.order_by(Signal.signal_id).limit(_OUTCOMES_AT_ONCE))
    return tuple(
        WantedOutcome(
            row.signal_id, row.customer_id, row.day.isoformat(), row.outcome_kind, (row.outcome_due - row.day).days
        )
        for row in rows
    )
