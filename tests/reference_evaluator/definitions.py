"""Random definitions over the made-up operators: every rule kind, operator, window, value and nesting that is right."""

from typing import Any

from hypothesis import strategies as st

from tests.reference_evaluator.worlds import ATTRIBUTES, ENTITIES, FIELDS, SEGMENTS, STATUSES, TEXTS

Document = dict[str, Any]
UNITS = ("day", "week", "month", "quarter", "year")
EQUAL, SETS = ("=", "!="), ("in", "notIn")
PARTS = ("contains", "doesNotContain", "beginsWith", "doesNotBeginWith", "endsWith", "doesNotEndWith")
ORDER, BETWEEN, NULLS = ("<", "<=", ">", ">="), ("between", "notBetween"), ("null", "notNull")
WORDS = (*(text for text in TEXTS if text), "ташк", "o'", "%", "_", "\\", "ДРОП", "drop")
CODES = (*SEGMENTS, *STATUSES, "nobody's")
DATES = ("2025-12-31", "2026-01-01", "2026-02-28", "2026-03-31", "2024-02-29", "2024-01-31", "2023-03-01")

units = st.sampled_from(UNITS)
counts = st.integers(1, 14)
numbers = st.sampled_from([0, 1, 2, 3, -2, 0.1, 0.3, 0.5, 1.25, 6.75, 100000])
whole = st.integers(-2, 6)
relatives = st.builds(lambda offset, unit: {"relative": {"offset": offset, "unit": unit}}, st.integers(-14, 3), units)
dates = st.sampled_from(DATES) | relatives


@st.composite
def windows(draw: st.DrawFn) -> Document:
    """Every kind of period."""
    match draw(st.sampled_from(("all", "last", "next", "this", "previous", "between", "dates"))):
        case "all":
            return {"all": True}
        case "last" | "next" as kind:
            return {kind: draw(counts), "unit": draw(units)}
        case "this" | "previous" as kind:
            return {kind: draw(units)}
        case "between":
            near = draw(st.integers(0, 6))
            return {"between": [near, near + draw(counts)], "unit": draw(units)}
    first, last = sorted((draw(st.sampled_from(DATES)), draw(st.sampled_from(DATES))))
    return draw(
        st.sampled_from(({"from": first, "to": last}, {"from": first}, {"to": last}, {"from": first, "to": None}))
    )


def _kind(kind: str, unit: str) -> str:
    if unit in ("code", "id"):
        return unit
    return {"varchar": "text", "boolean": "boolean", "date": "date", "timestamp": "date"}.get(kind, "number")


def _family(kind: str, unit: str) -> str:
    return {"code": "text", "id": "text"}.get(_kind(kind, unit), _kind(kind, unit))


def _values(kind: str) -> st.SearchStrategy[Any]:
    ids = st.integers(0, 6).map(str) | st.integers(0, 12)
    known: dict[str, st.SearchStrategy[Any]] = {
        "text": st.sampled_from(WORDS), "code": st.sampled_from(CODES), "id": ids, "boolean": st.booleans(),
        "number": numbers, "date": dates, "whole": whole,
    }  # fmt: skip
    return known[kind]


@st.composite
def comparisons(draw: st.DrawFn, kind: str, nulls: bool = True) -> Document:
    """An operator that the kind of field allows, with a value that fits."""
    allowed: dict[str, tuple[str, ...]] = {
        "text": (*EQUAL, *SETS, *PARTS), "code": (*EQUAL, *SETS, *PARTS), "id": (*EQUAL, *SETS, *PARTS),
        "boolean": ("=",),
        "number": (*EQUAL, *ORDER, *BETWEEN, *SETS), "whole": (*EQUAL, *ORDER, *BETWEEN, *SETS),
        "date": (*EQUAL, *ORDER, *BETWEEN, "within", "notWithin"),
    }  # fmt: skip
    operator = draw(st.sampled_from((*allowed[kind], *(NULLS if nulls else ()))))
    found: Document = {"operator": operator}
    if operator in NULLS:
        return found
    found |= draw(st.sampled_from(({}, {"nulls": "in"}, {"nulls": "out"}))) if nulls else {}
    if operator in SETS:
        return found | {"value": draw(st.lists(_values(kind), min_size=1, max_size=3))}
    if operator in ("within", "notWithin"):
        return found | {"value": draw(windows())}
    if operator in BETWEEN:
        return found | {"value": draw(_pairs(kind))}
    return found | {"value": draw(_values(kind))}


def _pairs(kind: str) -> st.SearchStrategy[list[Any]]:
    if kind != "date":
        return st.tuples(_values(kind), _values(kind)).map(sorted)
    offsets = st.tuples(st.integers(-40, 3), st.integers(-40, 3)).map(sorted)
    moving = offsets.map(lambda pair: [{"relative": {"offset": each, "unit": "day"}} for each in pair])
    return st.tuples(st.sampled_from(DATES), st.sampled_from(DATES)).map(sorted) | moving


@st.composite
def attribute_rules(draw: st.DrawFn, fields: dict[str, tuple[str, str]]) -> Document:
    """A field against a value or another field."""
    name = draw(st.sampled_from(sorted(fields)))
    kind = _kind(*fields[name])
    others = [each for each in sorted(fields) if _family(*fields[each]) == _family(*fields[name]) and each != name]
    if others and draw(st.integers(0, 5)) == 0:
        operators = EQUAL if kind in ("text", "code", "id") else ("=",) if kind == "boolean" else (*EQUAL, *ORDER)
        compared = {"operator": draw(st.sampled_from(operators)), "value": draw(st.sampled_from(others))}
        found = {"valueSource": "field", **compared, **draw(st.sampled_from(({}, {"nulls": "in"})))}
    else:
        found = draw(comparisons(kind))
    return {"kind": "attribute", "field": name, **found}


@st.composite
def event_rules(draw: st.DrawFn) -> Document:
    """Every measure of the events of one kind."""
    event = draw(st.sampled_from([name for name, kind, *_ in ENTITIES if kind == "event"]))
    fields = FIELDS[event]
    functions = ("count", "days", "sum", "average", "minimum", "maximum", "first", "last", "never", "stopped")
    function = draw(st.sampled_from(functions))
    found: Document = {"kind": "event", "event": event, "measure": {"function": function}, "window": draw(windows())}
    if function in ("sum", "average", "minimum", "maximum"):
        numeric = sorted(name for name, each in fields.items() if _kind(*each) == "number")
        found["measure"]["field"] = draw(st.sampled_from(numeric))
    if function in ("first", "last"):
        found |= draw(comparisons("date"))
    elif function == "stopped":
        found |= draw(st.sampled_from(({}, {"before": {"last": 6, "unit": "month"}}, {"before": {"all": True}})))
    elif function in ("count", "days"):
        found |= draw(comparisons("whole", nulls=False))
    elif function != "never":
        found |= draw(comparisons("number", nulls=function != "sum"))
    return found | draw(st.just({}) | st.builds(lambda where: {"where": where}, groups(attribute_rules(fields), 1)))


@st.composite
def related_rules(draw: st.DrawFn) -> Document:
    """Every quantifier over the related objects of one kind."""
    entity = draw(st.sampled_from([name for name, kind, *_ in ENTITIES if kind == "related"]))
    quantifier = draw(st.sampled_from(("any", "all", "none", "count")))
    found: Document = {"kind": "related", "entity": entity, "quantifier": quantifier}
    found |= draw(comparisons("whole", nulls=False)) if quantifier == "count" else {}
    inside = groups(attribute_rules(FIELDS[entity]), 1)
    return found | draw(st.just({}) | st.builds(lambda where: {"where": where}, inside))


def reference_rules(segments: tuple[str, ...]) -> st.SearchStrategy[Document]:
    """Rules that name uploaded lists, and segments where there are any."""
    signs = st.sampled_from(SETS)
    lists = st.builds(
        lambda key, sign: {"kind": "list", "list": key, "operator": sign},
        st.sampled_from(("vip", "spring-2026")),
        signs,
    )
    if not segments:
        return lists
    chosen = st.builds(
        lambda key, sign: {"kind": "segment", "segment": key, "operator": sign}, st.sampled_from(segments), signs
    )
    return lists | chosen


@st.composite
def groups(draw: st.DrawFn, rules: st.SearchStrategy[Document], depth: int) -> Document:
    """Rules and smaller groups, joined, negated, with disabled parts and empty groups among them."""
    inner = rules if depth == 0 else rules | rules | groups(rules, depth - 1)
    found: Document = {"combinator": draw(st.sampled_from(("and", "or"))), "rules": draw(st.lists(inner, max_size=3))}
    found["rules"] = [{**each, "disabled": True} if draw(st.integers(0, 9)) == 0 else each for each in found["rules"]]
    return found | draw(st.sampled_from(({}, {}, {"not": True}, {"not": False})))


def rules(segments: tuple[str, ...] = ()) -> st.SearchStrategy[Document]:
    """A rule of any kind."""
    return attribute_rules(ATTRIBUTES) | event_rules() | related_rules() | reference_rules(segments)


def documents(segments: tuple[str, ...] = ()) -> st.SearchStrategy[Document]:
    """A whole definition."""
    return groups(rules(segments), 2).map(lambda root: {"version": 1, "kind": "rules", "root": root})
