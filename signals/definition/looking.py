"""What can be known of a rule without data: its fingerprint, what it names, on which days it is due."""

import datetime as dt
import hashlib
import json
from typing import Any

from segments.definition import Definition, canonical
from segments.definition import used_segments as segments_of
from signals.definition.nodes import Check, Rule
from signals.definition.writing import dump, dump_condition

DAY = dt.timedelta(days=1)


def fingerprint(rule: Rule) -> str:
    """64 hexadecimal digits, equal for rules that differ only in the order of what has no order, and in ids."""
    plain = dump(rule)
    if rule.audience.root is not None:
        plain["audience"]["root"] = canonical(rule.audience.root)
    if rule.kind == "rules":
        texts = {_text(_condition(each)) for each in rule.conditions}
        plain["conditions"] = [rule.combinator if len(texts) > 1 else "and", *sorted(texts)]
    return hashlib.sha256(_text(plain).encode()).hexdigest()


def used_segments(rule: Rule) -> frozenset[str]:
    """Keys of the segments that the audience stands on."""
    if rule.audience.kind == "segment" and rule.audience.segment:
        return frozenset({rule.audience.segment})
    definition = audience_definition(rule)
    return frozenset(segments_of(definition)) if definition is not None else frozenset()


def used_measures(rule: Rule) -> frozenset[str]:
    """Names of the measures that the conditions look at."""
    return frozenset(each.measure for each in rule.conditions)


def audience_definition(rule: Rule) -> Definition | None:
    """The own tree of conditions of an audience as a segment's definition; None for the other kinds."""
    return Definition("rules", rule.audience.root) if rule.audience.kind == "definition" else None


def due_days(rule: Rule, after: dt.date, until: dt.date) -> tuple[dt.date, ...]:
    """The days later than `after` and up to `until` on which the rule is to be looked at, in order."""
    count = max(0, (until - after).days)
    return tuple(day for day in (after + DAY * (step + 1) for step in range(count)) if _is_due(rule.check, day))


def _is_due(check: Check, day: dt.date) -> bool:
    if check.every == "week":
        return day.isoweekday() == check.weekday
    return check.every == "day" or day.day == check.day


def _condition(condition: Any) -> dict[str, Any]:
    plain = dump_condition(condition)
    plain.pop("id", None)
    for name in ("from", "to"):
        if name in plain:
            plain[name] = sorted(set(plain[name]))
    return plain


def _text(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
