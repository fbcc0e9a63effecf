"""Rows of rules and signals read and turned into values. Who may see them is `access`."""

from collections.abc import Iterable, Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import Employee, Signal, SignalEvent, SignalRule, SignalRuleVersion, SignalRun, User
from crm.services.signals.values import (
    Decision,
    EventInfo,
    Priority,
    RuleInfo,
    RuleStatus,
    RuleVersion,
    RunInfo,
    SignalInfo,
    State,
    VersionState,
)

WAITING = (State.OPEN.value, State.SEEN.value)


def locked_rule(session: Session, key: str) -> SignalRule:
    """The row of a rule, locked against other writers. Raises `CrmError` for none, and for one in the archive."""
    # Read anew: who asked for the rights before may have read it before somebody else's change.
    row = session.get(SignalRule, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise CrmError("rule_unknown", rule=key[:80])
    if row.status == RuleStatus.ARCHIVED:
        raise CrmError("rule_archived", rule=row.name)
    return row


def newest_version(session: Session, key: str) -> SignalRuleVersion:
    """The version with the highest number."""
    query = select(SignalRuleVersion).where(SignalRuleVersion.rule_key == key)
    return session.scalars(query.order_by(SignalRuleVersion.number.desc()).limit(1)).one()


def open_version(session: Session, key: str) -> SignalRuleVersion | None:
    """The version that is still being changed, if any."""
    row = newest_version(session, key)
    return None if row.state == VersionState.PUBLISHED else row


def rule_info(session: Session, key: str) -> RuleInfo:
    """One rule. Raises `CrmError`."""
    row = session.get(SignalRule, key)
    if row is None:
        raise CrmError("rule_unknown", rule=key[:80])
    return rule_infos(session, [row])[0]


def rule_infos(session: Session, rows: Iterable[SignalRule]) -> list[RuleInfo]:
    """Rules with their owners, newest versions, open signals and last failures, by a fixed number of queries."""
    wanted = list(rows)
    if not wanted:
        return []
    last = select(SignalRuleVersion.rule_key, func.max(SignalRuleVersion.number).label("number"))
    of = last.group_by(SignalRuleVersion.rule_key).subquery()
    both = (of.c.rule_key == SignalRuleVersion.rule_key) & (of.c.number == SignalRuleVersion.number)
    newest = {row.rule_key: row for row in session.scalars(select(SignalRuleVersion).join(of, both))}
    owners = {user.user_id: user for user in session.scalars(select(User))}
    waiting = select(Signal.rule_key, func.count()).where(Signal.state.in_(WAITING), Signal.is_shadow.is_(False))
    counts = dict(session.execute(waiting.group_by(Signal.rule_key)).tuples().all())
    errors = last_errors(session)
    return [
        _rule(row, newest[row.key], owners.get(row.owner_id or 0), counts.get(row.key, 0), errors.get(row.key, ""))
        for row in wanted
    ]


def last_errors(session: Session) -> dict[str, str]:
    """By rule, what went wrong when it was last evaluated; rules that went well are not there."""
    found: dict[str, str] = {}
    settled: set[str] = set()
    query = select(SignalRun).order_by(SignalRun.run_id.desc()).limit(200)
    for run in session.scalars(query):
        for key, told in run.rules.items():
            if key not in settled:
                settled.add(key)
                if isinstance(told, Mapping) and told.get("error"):
                    found[key] = str(told["error"])
    return found


def version_info(row: SignalRuleVersion) -> RuleVersion:
    """The plain value of a version."""
    return RuleVersion(
        row.rule_key, row.number, row.document, row.fingerprint, VersionState(row.state), row.author_login,
        tuple(row.editors), row.reason, row.at, row.restored_from, row.backtest, row.backtest_at, row.published_at,
        row.published_by,
    )  # fmt: skip


def signal_infos(session: Session, rows: Iterable[Signal]) -> list[SignalInfo]:
    """Signals with the names of their rules and owners."""
    wanted = list(rows)
    keys, people = {row.rule_key for row in wanted}, {row.owner_id for row in wanted if row.owner_id}
    titles = select(SignalRule.key, SignalRule.name).where(SignalRule.key.in_(keys))
    names = dict(session.execute(titles).tuples().all()) if keys else {}
    staff = employee_names(session, people)
    return [_signal(row, names.get(row.rule_key, row.rule_key), staff.get(row.owner_id or "", "")) for row in wanted]


def employee_names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Names of employees by id."""
    wanted = set(ids)
    if not wanted:
        return {}
    query = select(Employee.employee_id, Employee.full_name).where(Employee.employee_id.in_(wanted))
    return dict(session.execute(query).tuples().all())


def event_info(row: SignalEvent) -> EventInfo:
    """The plain value of an event."""
    return EventInfo(
        row.event_id, row.signal_id, row.rule_key, row.customer_id, row.day, row.kind, row.reason, row.actor_login,
        row.at, row.details,
    )  # fmt: skip


def run_info(row: SignalRun) -> RunInfo:
    """The plain value of a run."""
    return RunInfo(
        row.run_id, row.snapshot_version, row.day, row.rules, row.state, row.found, row.raised, row.raised_again,
        row.closed, row.held, row.message, row.at,
    )  # fmt: skip


def _rule(row: SignalRule, version: SignalRuleVersion, owner: User | None, waiting: int, error: str) -> RuleInfo:
    return RuleInfo(
        key=row.key, name=row.name, description=row.description, template=row.template, owner_id=row.owner_id,
        owner_login=owner.login if owner else "", owner_name=owner.display_name if owner else "",
        status=RuleStatus(row.status), published=row.published,
        open_version=version.number if version.state == VersionState.DRAFT else None, shown=version.number,
        document=version.document, fingerprint=version.fingerprint, revision=row.revision,
        evaluated_until=row.evaluated_until, created_at=row.created_at, updated_at=row.updated_at,
        updated_by=row.updated_by, open_signals=waiting, last_error=error,
    )  # fmt: skip


def _signal(row: Signal, rule_name: str, owner_name: str) -> SignalInfo:
    return SignalInfo(
        signal_id=row.signal_id, rule=row.rule_key, rule_name=rule_name, rule_version=row.rule_version,
        customer_id=row.customer_id, day=row.day, last_day=row.last_day, times=row.times, owner_id=row.owner_id,
        owner_name=owner_name, manager_id=row.manager_id, region_code=row.region_code,
        priority=Priority(row.priority), severity=row.severity, value=row.value, baseline=row.baseline,
        change_pct=row.change_pct, details=row.details, customer_value=row.customer_value, state=State(row.state),
        raised_at=row.raised_at, seen_at=row.seen_at, decision=Decision(row.decision) if row.decision else None,
        decision_reason=row.decision_reason, comment=row.comment, decided_at=row.decided_at,
        decided_login=row.decided_login, snoozed_until=row.snoozed_until, closed_at=row.closed_at,
        closed_why=row.closed_why, outcome_kind=row.outcome_kind, outcome_due=row.outcome_due, outcome=row.outcome,
        outcome_at=row.outcome_at,
    )  # fmt: skip
