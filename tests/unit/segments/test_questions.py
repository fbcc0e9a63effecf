"""What one can ask of a segment, against sets of customers found by the independent evaluation."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import hypothesis.strategies as st
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from segments.catalogue import Catalogue
from segments.compiler.tree import Always
from segments.definition import parse
from segments.engine import At, Compiled, compile_segment
from segments.errors import DefinitionError
from segments.questions import (
    Explained,
    base_count,
    count,
    difference,
    distribution,
    materialise,
    members,
    overlap,
    profile,
    quality,
    replay,
    sample_ids,
    stored_month_ends,
    values,
    waterfall,
    why,
)
from tests.reference_evaluator import members as expected
from tests.reference_evaluator.definitions import Document, documents
from tests.reference_evaluator.worlds import attribute_rows, database, entity_rows, field_rows, world

CATALOGUE = Catalogue.from_rows(attribute_rows(), entity_rows(), field_rows())
WORLDS = st.integers(0, 7)
few = settings(max_examples=25, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))


@dataclass(frozen=True)
class Operator:
    """The small operator of a seed as a source of answers."""

    seed: int

    def query(self, sql: str, params: Mapping[str, Any] | None = None) -> pa.Table:
        return database(self.seed).sql(sql, params=params or {}).to_arrow_table()

    @property
    def at(self) -> At:
        return At(world(self.seed).as_of, world(self.seed).month_end)

    def compiled(self, document: Document) -> Compiled:
        return compile_segment(parse(document), CATALOGUE, self.at)


def rules(*found: dict[str, Any], combinator: str = "and") -> Document:
    return {"version": 1, "kind": "rules", "root": {"combinator": combinator, "rules": list(found)}}


def attribute(field: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"kind": "attribute", "field": field, "operator": operator, "value": value, **more}


@few
@given(documents(), WORLDS)
def test_count_members_and_sample_agree_with_the_evaluation(document: Document, seed: int) -> None:
    operator, wanted = Operator(seed), expected(document, world(seed))
    compiled = operator.compiled(document)
    pages = [members(operator, compiled, ["segment"], 7, offset) for offset in range(0, 35, 7)]
    found = [row["customer_id"] for page in pages for row in page.to_pylist()]
    assert count(operator, compiled) == len(wanted)
    assert found == sorted(wanted)
    assert set(sample_ids(operator, compiled, 5)) <= wanted
    assert len(sample_ids(operator, compiled, 5)) == min(5, len(wanted))
    assert base_count(operator, operator.at) == len(world(seed).everybody)


@few
@given(documents(), WORLDS)
def test_a_waterfall_counts_each_condition_alone_after_and_without(document: Document, seed: int) -> None:
    known, root = world(seed), document["root"]
    told = waterfall(Operator(seed), parse(document), CATALOGUE, Operator(seed).at)

    def size(found: list[Any]) -> int:
        return len(expected({**document, "root": {**root, "rules": found}}, known))

    assert (told.base, told.total) == (len(known.everybody), len(expected(document, known)))
    live = [place for place, each in enumerate(root["rules"]) if _counts(each)]
    assert [step.path for step in told.steps] == [("root", "rules", place) for place in live]
    for number, (step, place) in enumerate(zip(told.steps, live, strict=True)):
        assert step.alone == len(expected(rules(root["rules"][place]), known))
        assert step.after == size([root["rules"][each] for each in live[: number + 1]])
        assert step.without == size([root["rules"][each] for each in live if each != place])


def _counts(node: dict[str, Any]) -> bool:
    return not node.get("disabled") and ("rules" not in node or any(_counts(each) for each in node["rules"]))


@few
@given(st.lists(documents(), min_size=2, max_size=4), WORLDS)
def test_overlap_and_materialisation_agree_with_set_arithmetic(found: list[Document], seed: int) -> None:
    operator, sets = Operator(seed), [expected(each, world(seed)) for each in found]
    segments = {f"s{place}": operator.compiled(each) for place, each in enumerate(found)}
    told = overlap(operator, segments)
    assert told.matrix == tuple(tuple(len(one & other) for other in sets) for one in sets)
    alone = [one - frozenset().union(*(sets[:place] + sets[place + 1 :])) for place, one in enumerate(sets)]
    assert told.exclusive == tuple(map(len, alone))
    memberships = [sum(customer in each for each in sets) for customer in world(seed).everybody]
    assert told.in_several == tuple(memberships.count(number) for number in range(len(sets) + 1))
    rows = materialise(operator, segments).to_pylist()
    for place, wanted in enumerate(sets):
        inside = [row["customer_id"] for row in rows if row["segment_key"] == f"s{place}"]
        assert sorted(inside) == sorted(wanted)


@few
@given(documents(), documents(), WORLDS)
def test_a_difference_adds_up_to_both_sides(old: Document, new: Document, seed: int) -> None:
    operator, known = Operator(seed), world(seed)
    before, after = expected(old, known), expected(new, known)
    told = difference(operator, operator.compiled(old), operator.compiled(new), "debt_amount", movers=100)
    worth = dict(known.profiles.select("customer_id", "debt_amount").iter_rows())
    for side, wanted in (
        (told.before, before), (told.after, after), (told.entered, after - before), (told.left, before - after),
        (told.kept, before & after),
    ):  # fmt: skip
        known_values = [worth[each] for each in wanted if worth[each] is not None]
        assert side.customers == len(wanted)
        assert side.value == (sum(known_values, Decimal(0)) if known_values else None)
    assert {each.customer_id for each in told.movers if each.entered} == after - before
    assert {each.customer_id for each in told.movers if not each.entered} == before - after


@few
@given(documents(), WORLDS, st.integers(1, 31))
def test_why_says_in_exactly_where_the_evaluation_has_the_customer(document: Document, seed: int, who: int) -> None:
    operator, known = Operator(seed), world(seed)
    told = why(operator, parse(document), CATALOGUE, operator.at, {}, who)
    assert told.known == (who in known.everybody)
    assert told.holds == (who in expected(document, known))
    if told.root is not None:
        _check(told.root, document, known, who)


def _check(found: Explained, document: Document, known: Any, who: int) -> None:
    node: Any = document
    for step in found.path:
        node = node[step]
    if found.kind != "group":
        assert found.holds == (who in expected(rules(node), known)), found.path
        if found.kind == "attribute" and node.get("valueSource") != "field":
            row = known.profiles.filter(pl.col("customer_id") == who)
            assert found.value == row[node["field"]][0]
    for each in found.of:
        _check(each, document, known, who)


def test_why_on_another_segment_explains_that_segment_too() -> None:
    inner = rules(attribute("age_years", ">=", 0))
    outer = rules({"kind": "segment", "segment": "grown", "operator": "notIn"})
    told = why(Operator(0), parse(outer), CATALOGUE, Operator(0).at, {"grown": parse(inner)}, 1)
    assert told.root is not None
    (rule,) = told.root.of
    assert (rule.segment, rule.kind) == ("grown", "segment")
    assert rule.of[0].holds != rule.holds
    assert rule.of[0].of[0].path == ("root", "rules", 0)


@few
@given(documents())
def test_a_replay_counts_every_stored_month_as_on_that_day(document: Document) -> None:
    operator = Operator(2)
    stored = stored_month_ends(operator)
    told = replay(operator, parse(document), CATALOGUE, stored)
    assert [point.month_end for point in told] == sorted(stored)
    for point in told:
        on_that_day = compile_segment(parse(document), CATALOGUE, At.stored(point.month_end))
        assert point.count == count(operator, on_that_day)
        history = world(2).frames["customer_profiles_history"]
        assert point.base == history.filter(pl.col("month_end") == point.month_end).height


def test_a_profile_compares_members_with_everybody() -> None:
    operator, frame = Operator(0), world(0).frames["customer_profiles"]
    told = profile(operator, operator.compiled(rules(attribute("segment", "=", "premium"))))
    found = {each.field: each for each in told.differing}
    inside = frame.filter(pl.col("segment") == "premium")
    assert (told.members, told.base) == (inside.height, frame.height)
    assert found["age_years"].inside == pytest.approx(inside["age_years"].mean())
    assert found["age_years"].base == pytest.approx(frame["age_years"].mean())
    assert found["is_inactive"].effect == pytest.approx(
        abs(inside["is_inactive"].cast(pl.Int8).mean() - frame["is_inactive"].cast(pl.Int8).mean())
    )
    segment = found["segment"]
    base = [frame.filter(pl.col("segment").eq_missing(share.value)).height / frame.height for share in segment.shares]
    assert [share.base for share in segment.shares] == pytest.approx(base)
    assert segment.effect == pytest.approx(1 - inside.height / frame.height)
    assert told.differing[0].field == "segment", "what defines the segment differs most"


def test_the_audience_of_nobody_has_no_profile() -> None:
    operator = Operator(0)
    told = profile(operator, operator.compiled(rules(attribute("age_years", ">", 1000))))
    assert (told.members, told.differing) == (0, ())


def test_quality_names_what_does_nothing_and_what_never_holds() -> None:
    operator = Operator(0)

    def found(document: Document, **more: Any) -> set[tuple[tuple[Any, ...], str]]:
        told = quality(operator, parse(document), CATALOGUE, operator.at, **more)
        return {(each.path, each.message) for each in told}

    assert found(rules()) == {(("root",), "Without conditions the segment holds everybody.")}
    never = found(rules(attribute("segment", "in", ["premium", "gold"]), attribute("age_years", ">", 1000)))
    assert (("root", "rules", 0, "value"), "The value “{value}” does not occur.") in never
    assert (("root", "rules", 1), "Nobody meets this condition.") in never
    assert (("root", "rules", 0), "{share} % of customers have no value here and are left out.") in never
    idle = found(rules(attribute("age_years", ">", 0), attribute("age_years", ">", -2)))
    assert (("root", "rules", 1), "This condition excludes nobody: without it the segment is the same.") in idle
    against = found(rules(attribute("age_years", ">", 2), attribute("age_years", "<", 2)))
    assert (("root",), "Each condition holds for somebody, but nobody meets them all.") in against
    old = found(rules(attribute("age_years", ">", 2)), freshness={"x": dt.date(2020, 1, 1)})
    assert (("root", "rules", 0), "The data behind this end on {date} (source {source}).") in old


def test_a_distribution_accounts_for_every_row() -> None:
    operator, frame = Operator(0), world(0).frames["customer_profiles"]
    for name in ("age_years", "debt_amount", "data_mb_avg_3m"):
        told = distribution(operator, CATALOGUE, name)
        assert told.unknown == frame[name].null_count()
        assert sum(each.rows for each in told.bins) == frame.height - told.unknown
        assert (told.minimum, told.maximum) == (frame[name].min(), frame[name].max())
    codes = distribution(operator, CATALOGUE, "segment")
    assert sum(each.rows for each in codes.values) + codes.unknown == frame.height
    assert distribution(operator, CATALOGUE, "status", "subscriptions").rows == 70


def test_pick_lists_are_searched_without_regard_to_case_and_to_hostile_text() -> None:
    operator = Operator(0)
    assert {each.value for each in values(operator, CATALOGUE, "district", search="ташк")} <= {"Ташкент", "ТАШКЕНТ"}
    assert values(operator, CATALOGUE, "district", search="' or 1=1 --") == ()
    with pytest.raises(DefinitionError, match="Did you mean “district”"):
        values(operator, CATALOGUE, "distrikt")


def test_a_part_that_says_the_same_twice_is_read_once() -> None:
    event = {"kind": "event", "event": "payments", "operator": ">=", "window": {"last": 30, "unit": "day"}}
    both = rules(
        {**event, "measure": {"function": "count"}, "value": 2},
        {**event, "measure": {"function": "sum", "field": "amount"}, "value": 1},
    )
    assert Operator(0).compiled(both).sql.count("fct_payments") == 1


def test_a_chain_of_segments_that_double_each_other_stays_small() -> None:
    others: dict[str, Any] = {"s0": parse(rules(attribute("age_years", ">", 1)))}
    for place in range(1, 40):
        below = {"kind": "segment", "segment": f"s{place - 1}"}
        others[f"s{place}"] = parse(rules({**below, "operator": "in"}, {"combinator": "or", "rules": [
            {**below, "operator": "notIn"}, attribute("age_years", ">", place % 5)]}))  # fmt: skip
    compiled = compile_segment(others["s39"], CATALOGUE, Operator(0).at, others)
    assert len(compiled.sql) < 40 * 500
    assert count(Operator(0), compiled) >= 0


def test_a_contradiction_is_known_without_a_database() -> None:
    same = attribute("age_years", ">", 2)
    never = rules(same, {"combinator": "and", "not": True, "rules": [same]})
    assert compile_segment(parse(never), CATALOGUE, At.current(dt.date(2026, 1, 1))).tree == Always(False)
