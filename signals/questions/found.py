"""Whom rules find on the days for which they were compiled."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pyarrow as pa

from segments.questions.source import Source
from signals.definition import Change, Condition, Missing, Rule, StateChange
from signals.engine import CompiledRule

SCHEMA: Final = pa.schema([
    ("rule_key", pa.string()), ("day", pa.date32()), ("customer_id", pa.int64()), ("severity", pa.float64()),
    ("value", pa.float64()), ("baseline", pa.float64()), ("change_pct", pa.float64()), ("details", pa.string()),
    ("customer_value", pa.float64()),
])  # fmt: skip
"""A row a rule, day and customer; `details` is JSON text, `customer_value` average monthly charges, or null."""


def found(source: Source, compiled: CompiledRule) -> pa.Table:
    """The customers found, in the order of day, rule and customer; columns are those of `SCHEMA`.

    `details` is a list with an object a condition that holds: its place and kind, measure, value, baseline, expected,
    deviations (words and words before for states); numbers are rounded to six decimals there.
    """
    return as_found(source.query(compiled.sql, compiled.params), compiled.rules)


def as_found(answer: pa.Table, rules: Mapping[str, Rule]) -> pa.Table:
    """The answer of a compiled statement with its lists as details."""
    lists = ("values", "baselines", "expecteds", "deviations", "words", "words_before")
    columns = [answer.column(name).to_pylist() for name in lists]
    keys = answer.column("rule_key").to_pylist()
    details = [_details(rules[key], each) for key, *each in zip(keys, *columns, strict=True)]
    plain = answer.drop_columns(list(lists)).append_column("details", pa.array(details, pa.string()))
    return plain.select(SCHEMA.names).cast(SCHEMA)


def _details(rule: Rule, lists: Sequence[Sequence[Any]]) -> str:
    told = []
    for place, condition in enumerate(rule.conditions):
        value, baseline, expected, deviations, word, before = (each[place] for each in lists)
        if value is None and word is None:
            continue
        one: dict[str, Any] = {"condition": place, "kind": _kind(condition), "measure": condition.measure}
        if word is not None:
            one |= {"value": word, "baseline": before}
        else:
            numbers = {"value": value, "baseline": baseline, "expected": expected, "deviations": deviations}
            one |= {name: None if number is None else round(number, 6) for name, number in numbers.items()}
        told.append(one)
    return json.dumps(told, ensure_ascii=False)


def _kind(condition: Condition) -> str:
    match condition:
        case Change():
            return "change"
        case StateChange():
            return "state"
        case Missing():
            return "missing"
    return "threshold"
