"""The life of signals as a fold over days: what is raised, raised again, closed and held back, and why.

The live run and the replay both go through `advance` and nothing else, so what a replay tells is what would have been.
Everything here is a plain value: no clock, no database.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final

from signals.definition.nodes import Limits, Rule

RAISED: Final = "raised"
RAISED_AGAIN: Final = "raised_again"
CLOSED: Final = "closed"
HELD_BACK: Final = "held_back"
REASONS: Final = ("open", "cooling", "snoozed", "owner_limit", "day_limit", "shadow")
OwnerOf = Callable[[str, int], str | None]
ValueOf = Callable[[int], float | None]
Mine = dict[int, "Open"]


@dataclass(frozen=True)
class Open:
    """What is remembered of the last signal of a rule about a customer.

    `status` is open, decided (a person has reacted or ignored it) or closed; `raised_on` begins the cool-down, and
    `severity` is that of the last raise. `shadow` marks what was only counted, never shown.
    """

    rule_key: str
    customer_id: int
    raised_on: dt.date
    severity: float
    status: str = "open"
    snoozed_until: dt.date | None = None
    owner: str | None = None
    shadow: bool = False


@dataclass(frozen=True)
class State:
    """Everything that the next day must know: the last signals by rule and customer."""

    opens: Mapping[str, Mapping[int, Open]] = field(default_factory=dict)

    @classmethod
    def of(cls, opens: Iterable[Open]) -> "State":
        """A state of these signals; of several about one rule and customer the last raised counts."""
        found: dict[str, Mine] = {}
        for each in sorted(opens, key=lambda each: each.raised_on):
            found.setdefault(each.rule_key, {})[each.customer_id] = each
        return cls(found)

    def all(self) -> Iterator[Open]:
        """Every signal that is remembered."""
        return (each for mine in self.opens.values() for each in mine.values())

    def to_json(self) -> list[dict[str, Any]]:
        """Plain values that `from_json` reads back."""
        return [
            {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in asdict(each).items()}
            for each in self.all()
        ]

    @classmethod
    def from_json(cls, plain: Iterable[Mapping[str, Any]]) -> "State":
        """The state that `to_json` wrote."""

        def day(text: str | None) -> dt.date | None:
            return dt.date.fromisoformat(text) if text else None

        dates = ("raised_on", "snoozed_until")
        return cls.of(Open(**{**each, **{name: day(each[name]) for name in dates}}) for each in plain)


@dataclass(frozen=True)
class Event:
    """One thing that happened to one signal on one day. `reason` says why it was held back.

    `raised_on` is the day of the former raise for raised_again and closed, else None; a raise held back because of the
    rule's shadow life has the reason shadow and counts as a raise in every other respect.
    """

    kind: str
    rule_key: str
    customer_id: int
    day: dt.date
    owner: str | None = None
    severity: float | None = None
    value: float | None = None
    baseline: float | None = None
    change_pct: float | None = None
    details: str = ""
    customer_value: float | None = None
    reason: str = ""
    raised_on: dt.date | None = None


def advance(
    state: State,
    day: dt.date,
    found_rows: Iterable[Mapping[str, Any]],
    rules: Mapping[str, Rule],
    owner_of: OwnerOf,
    value_of: ValueOf,
    shadow: frozenset[str] = frozenset(),
) -> tuple[State, list[Event]]:
    """One day of the rules that were evaluated on it (`rules`; others rest), given what was found on that day.

    `found_rows` have rule_key, customer_id, severity and, if known, value, baseline, change_pct, details; rows of other
    rules are left alone. `shadow` names rules that only count. Nothing here depends on the order of the rows.
    """
    opens, events = dict(state.opens), list[Event]()
    rows: dict[str, dict[int, Mapping[str, Any]]] = {key: {} for key in rules}
    for row in found_rows:
        if row["rule_key"] in rows:
            rows[row["rule_key"]][int(row["customer_id"])] = row
    for key in sorted(rules):
        rule, is_shadow = rules[key], key in shadow
        # What a rule counted in its shadow life binds nothing once it is live.
        mine = {customer: last for customer, last in state.opens.get(key, {}).items() if is_shadow or not last.shadow}
        if rule.closes:
            events += _closed(mine, key, rows[key], day)
        candidates = []
        for customer, row in sorted(rows[key].items()):
            event = _event(key, row, day, owner_of(key, customer), value_of(customer))
            verdict = _verdict(mine.get(customer), event, rule, day)
            if verdict.kind == HELD_BACK:
                events.append(verdict)
            else:
                candidates.append(verdict)
        raised, held = _limited(candidates, rule.limits)
        for each in raised:
            mine[each.customer_id] = Open(
                key, each.customer_id, day, each.severity or 0.0, owner=each.owner, shadow=is_shadow
            )
        events += [replace(each, kind=HELD_BACK, reason="shadow") for each in raised] if is_shadow else raised
        events += held
        opens[key] = {customer: last for customer, last in mine.items() if not _is_over(last, rule, day)}
    return State(opens), events


def _verdict(last: Open | None, event: Event, rule: Rule, day: dt.date) -> Event:
    """The event as a raise, a raise again, or held back."""
    if last is None:
        return event
    if last.status == "open" and last.snoozed_until is not None and day < last.snoozed_until:
        return replace(event, kind=HELD_BACK, reason="snoozed")
    is_cooling = (day - last.raised_on).days < rule.cool_down_days
    if last.status != "open" and not is_cooling:
        return event
    if rule.worsens_by_pct is not None and _has_worsened(last.severity, event.severity or 0.0, rule.worsens_by_pct):
        return replace(event, kind=RAISED_AGAIN, raised_on=last.raised_on)
    return replace(event, kind=HELD_BACK, reason="open" if last.status == "open" else "cooling")


def _has_worsened(before: float, now: float, by_pct: float) -> bool:
    return now > before and now - before >= abs(before) * by_pct / 100


def _limited(candidates: list[Event], limits: Limits) -> tuple[list[Event], list[Event]]:
    """Those that the limits let through, most valuable first, and those held back. Who has no owner has no limit of
    his own, but that of the day."""
    raised, held, by_owner = list[Event](), list[Event](), dict[str, int]()
    for each in sorted(candidates, key=_rank):
        if limits.a_day is not None and len(raised) >= limits.a_day:
            held.append(replace(each, kind=HELD_BACK, reason="day_limit"))
            continue
        if each.owner is not None:
            count = by_owner.get(each.owner, 0)
            if limits.per_owner_a_day is not None and count >= limits.per_owner_a_day:
                held.append(replace(each, kind=HELD_BACK, reason="owner_limit"))
                continue
            by_owner[each.owner] = count + 1
        raised.append(each)
    return raised, held


def _rank(event: Event) -> tuple[float, float, int]:
    return -(event.customer_value or 0.0), -(event.severity or 0.0), event.customer_id


def _closed(mine: Mine, key: str, rows: Mapping[int, Any], day: dt.date) -> list[Event]:
    """Close what is open of a rule and was not found again; nobody hears of what only counted."""
    gone = [each for customer, each in sorted(mine.items()) if each.status == "open" and customer not in rows]
    for each in gone:
        mine[each.customer_id] = replace(each, status="closed", snoozed_until=None)
    return [
        Event(CLOSED, key, each.customer_id, day, each.owner, raised_on=each.raised_on)
        for each in gone if not each.shadow
    ]  # fmt: skip


def _is_over(last: Open, rule: Rule, day: dt.date) -> bool:
    return last.status != "open" and (day - last.raised_on).days >= rule.cool_down_days


def _event(key: str, row: Mapping[str, Any], day: dt.date, owner: str | None, value: float | None) -> Event:
    return Event(
        RAISED, key, int(row["customer_id"]), day, owner, float(row["severity"]), row.get("value"),
        row.get("baseline"), row.get("change_pct"), row.get("details") or "", value,
    )  # fmt: skip
