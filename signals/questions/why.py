"""Why a rule finds a customer on a day, or why not: condition by condition."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segments.catalogue import Catalogue
from segments.definition import Definition
from segments.questions.replay import stored_month_ends
from segments.questions.source import Source
from signals.definition import Condition, Rule
from signals.engine import compile_rule, explain


@dataclass(frozen=True)
class Explained:
    """One condition for one customer: whether it holds, and what was compared.

    `expected` is what the baseline lets expect (the norm times the season, the change of comparable customers);
    `word` and `word_before` are those of a state. What is not known is None.
    """

    condition: Condition
    holds: bool
    value: float | None = None
    baseline: float | None = None
    expected: float | None = None
    change_pct: float | None = None
    deviations: float | None = None
    word: str | None = None
    word_before: str | None = None


@dataclass(frozen=True)
class Why:
    """`known`: there was such a customer by then; `in_audience`: the rule watched him. SQL rules have no conditions."""

    customer_id: int
    day: dt.date
    known: bool
    in_audience: bool
    holds: bool
    conditions: tuple[Explained, ...]


def why(
    source: Source,
    rule: Rule,
    catalogue: Catalogue,
    customer_id: int,
    day: dt.date,
    others: Mapping[str, Definition] | None = None,
    month_ends: Sequence[dt.date] | None = None,
) -> Why:
    """Explain one customer on one day. Raises `DefinitionError`."""
    ends = tuple(month_ends or stored_month_ends(source))
    if rule.kind == "sql":
        compiled = compile_rule(rule, catalogue, ends, [day], others)
        found = source.query(compiled.sql, compiled.params).column("customer_id").to_pylist()
        return Why(customer_id, day, True, True, customer_id in found, ())
    rows = source.query(*explain(rule, catalogue, ends, day, customer_id, others)).to_pylist()
    answers = {row.pop("place"): row for row in rows}
    told = tuple(
        Explained(each, **answers[place]) if place in answers else Explained(each, False)
        for place, each in enumerate(rule.conditions)
    )
    watched = bool(answers.get(-1, {}).get("holds"))
    joined = all if rule.combinator == "and" else any
    return Why(customer_id, day, -1 in answers, watched, watched and joined(each.holds for each in told), told)
