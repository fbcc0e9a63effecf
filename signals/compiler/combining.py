"""Conditions become rules: one SELECT a rule over the shapes' tables, all of them in one answer."""

from collections.abc import Mapping, Sequence
from typing import Final

import sqlglot
from sqlglot import exp

from signals.compiler.bases import Bases
from signals.compiler.draft import Draft, parsed
from signals.compiler.looking import holds, severity
from signals.definition import Condition, Rule

FOUND: Final = (
    "rule_key", "day", "customer_id", "severity", "value", "baseline", "change_pct", "customer_value", "values",
    "baselines", "expecteds", "deviations", "words", "words_before",
)  # fmt: skip
"""Columns of the answer; the last six are lists with an entry a condition, null where it does not hold."""
_LISTS: Final = (
    ("values", "value", "double"), ("baselines", "baseline", "double"), ("expecteds", "expected", "double"),
    ("deviations", "deviations", "double"), ("words", "word", "varchar"), ("words_before", "word_before", "varchar"),
)  # fmt: skip


def combined(draft: Draft, key: str, rule: Rule, looked: Mapping[Condition, str], audience: str | None) -> exp.Query:
    """The customers of a rule of conditions; `looked` names the table of each condition's shape."""
    conditions = rule.conditions
    parts = [f"(select * from {looked[each]} where {holds(draft, each)})" for each in conditions]
    if rule.combinator == "and" or len(parts) == 1:
        source = f"{parts[0]} as c0" + "".join(
            f" join {part} as c{place} on c{place}.day = c0.day and c{place}.customer_id = c0.customer_id"
            for place, part in enumerate(parts[1:], start=1)
        )
        who = "c0"
    else:
        ids = " union ".join(f"select day, customer_id from {part} as held" for part in parts)
        source = f"({ids}) as who" + "".join(
            f" left join {part} as c{place} on c{place}.day = who.day and c{place}.customer_id = who.customer_id"
            for place, part in enumerate(parts)
        )
        who = "who"
    return parsed(_select(draft, key, rule, conditions, who, source) + _scope(draft, rule, who, audience))


def _select(draft: Draft, key: str, rule: Rule, conditions: Sequence[Condition], who: str, source: str) -> str:
    graves = [
        f"case when c{place}.customer_id is not null then {severity(draft, each, f'c{place}')} end"
        for place, each in enumerate(conditions)
    ]
    grave = graves[0] if len(graves) == 1 else f"greatest({', '.join(graves)})"
    holders = [f"c{place}.customer_id is not null" for place in range(len(conditions))]
    firsts = []
    for name in ("value", "baseline", "change_pct"):
        cases = " ".join(f"when {held} then c{place}.{name}" for place, held in enumerate(holders))
        firsts.append(f"case {cases} end as {name}")
    lists = [
        f"[{', '.join(f'cast(c{place}.{column} as {kind})' for place in range(len(conditions)))}] as {name}"
        for name, column, kind in _LISTS
    ]
    return (
        f"select {draft.bind(key)} as rule_key, {who}.day, {who}.customer_id, {grave} as severity, {', '.join(firsts)},"
        f" pool.customer_value, {', '.join(lists)} from {source}"
    )


def _scope(draft: Draft, rule: Rule, who: str, audience: str | None) -> str:
    text = (
        f" join days on days.day = {who}.day"
        f" join pool on pool.month_end = days.month_end and pool.customer_id = {who}.customer_id"
    )
    where = []
    if rule.audience.customer_type:
        where.append(f"pool.customer_type = {draft.bind(rule.audience.customer_type)}")
    if audience is not None:
        where.append(f"(pool.month_end, pool.customer_id) in (select (month_end, customer_id) from {audience})")
    return text + (f" where {' and '.join(where)}" if where else "")


def combined_sql(bases: Bases, key: str, rule: Rule, audience: str | None) -> list[exp.Query]:
    """The customers of a rule of SQL, a selection a day; whoever the SQL names twice counts once, at his gravest."""
    draft, found = bases.draft, list[exp.Query]()
    tree = sqlglot.parse_one(rule.sql or "", dialect="duckdb")
    own = {each.alias for each in tree.find_all(exp.CTE)}
    draft.tables |= {each.name for each in tree.find_all(exp.Table)} - own
    for day in bases.days:
        marks = {name: day for name in ("day",)}
        inner = draft.absorb(_marked(tree), marks)
        nothing = ", ".join(f"cast([null] as {kind}[]) as {name}" for name, _, kind in _LISTS)
        text = (
            f"select {draft.bind(key)} as rule_key, who.day, who.customer_id, who.severity, who.value,"
            f" cast(null as double) as baseline, cast(null as double) as change_pct, pool.customer_value, {nothing}"
            f" from (select {draft.day(day)} as day, customer_id, max(cast(severity as double)) as severity,"
            " arg_max(cast(value as double), severity) as value from asked where customer_id is not null"
            f" and severity is not null group by customer_id) as who{_scope(draft, rule, 'who', audience)}"
        )
        found.append(_with_asked(parsed(text), inner))
    return found


def _marked(tree: exp.Expr) -> exp.Query:
    """The SQL with $day as a placeholder, however it was read."""

    def renamed(node: exp.Expr) -> exp.Expr:
        return exp.Placeholder(this="day") if isinstance(node, exp.Placeholder | exp.Parameter) else node

    found = tree.transform(renamed)
    if not isinstance(found, exp.Query):
        raise TypeError("a query is expected")
    return found


def _with_asked(query: exp.Query, inner: exp.Query) -> exp.Query:
    """The query with the person's own SELECT in place of the table asked."""

    def placed(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Table) and node.name == "asked":
            return exp.Subquery(this=inner, alias="asked")
        return node

    found = query.transform(placed)
    if not isinstance(found, exp.Query):
        raise TypeError("a query is expected")
    return found
