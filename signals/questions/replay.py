"""Rules on the past: the same fold over the same evaluation as in the live run, day by day."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from segments.catalogue import HISTORY, Catalogue
from segments.definition import Definition
from segments.errors import DefinitionError, Problem
from segments.questions.replay import stored_month_ends
from segments.questions.source import Source
from signals.definition import Rule, due_days
from signals.life import HELD_BACK, RAISED, RAISED_AGAIN, Event, OwnerOf, State, advance
from signals.questions.past import Past

EVENTS: Final = pa.schema([
    ("kind", pa.string()), ("rule_key", pa.string()), ("customer_id", pa.int64()), ("day", pa.date32()),
    ("owner", pa.string()), ("severity", pa.float64()), ("value", pa.float64()), ("baseline", pa.float64()),
    ("change_pct", pa.float64()), ("details", pa.string()), ("customer_value", pa.float64()), ("reason", pa.string()),
    ("raised_on", pa.date32()),
])  # fmt: skip
"""Columns of events: the fields of `signals.life.Event`; details are left empty here (ask `why`)."""
PER_DAY: Final = pa.schema([
    ("rule_key", pa.string()), ("day", pa.date32()), ("found", pa.int64()), ("raised", pa.int64()),
    ("raised_again", pa.int64()), ("closed", pa.int64()), ("held_back", pa.int64()),
])  # fmt: skip
PER_OWNER: Final = pa.schema([
    ("rule_key", pa.string()), ("owner", pa.string()), ("raised", pa.int64()), ("most_a_day", pa.int64()),
])  # fmt: skip
Owners = Mapping[int, str | None] | OwnerOf
_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Replay:
    """What rules would have done from `first` to `last`.

    `events` have the columns of `EVENTS`, `per_day` of `PER_DAY` (a row a rule and day of its), `per_owner`
    of `PER_OWNER`: how many signals were raised for him, again or anew, and at most on one day (owner null: nobody's).
    """

    first: dt.date
    last: dt.date
    events: pa.Table
    per_day: pa.Table
    per_owner: pa.Table

    def raised(self) -> pa.Table:
        """The events that somebody would have seen: raised and raised again."""
        kinds = pc.is_in(self.events.column("kind"), pa.array([RAISED, RAISED_AGAIN]))
        return self.events.filter(kinds)


def replay(
    source: Source,
    rules: Mapping[str, Rule],
    catalogue: Catalogue,
    first: dt.date,
    last: dt.date,
    owners: Owners,
    others: Mapping[str, Definition] | None = None,
    month_ends: Sequence[dt.date] | None = None,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Replay:
    """Evaluate the rules on every day of theirs from `first` to `last` and fold `advance` over the days.

    `owners` gives a customer's employee, or is a function of rule and customer. `told(done, of)` hears of progress.
    Raises `DefinitionError` with everything wrong, also when no month end is stored before `first`.
    """
    ends = tuple(month_ends or stored_month_ends(source))
    due = {key: due_days(rule, first - _DAY, last) for key, rule in rules.items()}
    if first > last:
        raise DefinitionError([Problem((), "The first value must be smaller than the second.")])
    groups: dict[tuple[dt.date, ...], dict[str, Rule]] = {}
    for key, days in due.items():
        if days:
            groups.setdefault(days, {})[key] = rules[key]
    past = Past(source, catalogue, ends, others or {}, _customers(source))
    rows: dict[dt.date, list[dict[str, Any]]] = {}
    for done, (days, together) in enumerate(groups.items()):
        told(done, len(groups))
        for row in past.found(together, days).to_pylist():
            rows.setdefault(row["day"], []).append(row)
    told(len(groups), len(groups))
    return _folded(rules, due, rows, owners, first, last)


def _folded(
    rules: Mapping[str, Rule], due: Mapping[str, Sequence[dt.date]], rows: Mapping[dt.date, list[dict[str, Any]]],
    owners: Owners, first: dt.date, last: dt.date,
) -> Replay:  # fmt: skip
    owner_of: OwnerOf = owners if callable(owners) else lambda _, customer: owners.get(customer)
    state, events, per_day = State(), list[Event](), list[dict[str, Any]]()
    for day in sorted({each for days in due.values() for each in days}):
        here = {key: rule for key, rule in rules.items() if day in due[key]}
        found = rows.get(day, [])
        values = {row["customer_id"]: row["customer_value"] for row in found}
        state, happened = advance(state, day, found, here, owner_of, values.get)
        events += happened
        per_day += _counted(day, here, found, happened)
    return Replay(
        first, last, events_table(events), pa.Table.from_pylist(per_day, PER_DAY), _loads(events)
    )  # fmt: skip


def events_table(events: Sequence[Event]) -> pa.Table:
    """Events as a table with the columns of `EVENTS`."""
    names = [each.name for each in fields(Event)]
    columns = {name: [getattr(each, name) for each in events] for name in names}
    return pa.table(columns).select(EVENTS.names).cast(EVENTS) if events else EVENTS.empty_table()


def _counted(
    day: dt.date, rules: Mapping[str, Rule], found: Sequence[Mapping[str, Any]], events: Sequence[Event]
) -> list[dict[str, Any]]:
    seen = Counter(row["rule_key"] for row in found)
    kinds = Counter((each.rule_key, each.kind) for each in events)
    return [
        {"rule_key": key, "day": day, "found": seen[key]}
        | {kind: kinds[key, kind] for kind in (RAISED, RAISED_AGAIN, "closed", HELD_BACK)}
        for key in sorted(rules)
    ]


def _loads(events: Sequence[Event]) -> pa.Table:
    """How many signals each owner would have got."""
    days = Counter(
        (each.rule_key, each.owner, each.day) for each in events if each.kind in (RAISED, RAISED_AGAIN)
    )  # fmt: skip
    rows: dict[tuple[str, str | None], dict[str, Any]] = {}
    for (key, owner, _), count in days.items():
        row = rows.setdefault((key, owner), {"rule_key": key, "owner": owner, "raised": 0, "most_a_day": 0})
        row["raised"] += count
        row["most_a_day"] = max(row["most_a_day"], count)
    return pa.Table.from_pylist(sorted(rows.values(), key=lambda row: (row["rule_key"], -row["raised"])), PER_OWNER)


def _customers(source: Source) -> int:
    """How many customers there were at most at a stored month end."""
    text = f"select max(n) as n from (select count(*) as n from {HISTORY} group by month_end) as counted"
    return int(source.query(text, {}).column(0)[0].as_py() or 0)
