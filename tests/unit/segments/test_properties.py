"""Random segments over random data: the engine finds whom an independent evaluation finds, however they are written."""

import copy
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from segments.catalogue import Catalogue
from segments.definition import dump, fingerprint, parse
from segments.engine import At, compile_segment
from tests.reference_evaluator import members
from tests.reference_evaluator.definitions import Document, documents
from tests.reference_evaluator.evaluator import Customers, World
from tests.reference_evaluator.worlds import attribute_rows, database, entity_rows, field_rows, with_segments, world

CATALOGUE = Catalogue.from_rows(attribute_rows(), entity_rows(), field_rows())
WORLDS = st.integers(0, 7)
CALM = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck), "derandomize": True}
many, some = settings(max_examples=100, **CALM), settings(max_examples=25, **CALM)


def engine_members(document: Document, seed: int, segments: dict[str, Document]) -> Customers:
    known = world(seed)
    others = {key: parse(each) for key, each in segments.items()}
    compiled = compile_segment(parse(document), CATALOGUE, At(known.as_of, known.month_end), others)
    rows = database(seed).execute(compiled.sql, compiled.params).fetchall()
    assert len(rows) == len(set(rows)), "a customer is given once"
    return frozenset(customer for (customer,) in rows)


def expected(document: Document, seed: int, segments: dict[str, Document]) -> Customers:
    known: World = with_segments(world(seed), segments)
    return members(document, known)


@many
@given(documents(("loyal", "silent")), documents(), documents(("loyal",)), WORLDS)
def test_the_engine_finds_whom_the_reference_evaluation_finds(
    document: Document, loyal: Document, silent: Document, seed: int
) -> None:
    segments = {"loyal": loyal, "silent": silent}
    assert engine_members(document, seed, segments) == expected(document, seed, segments)


@some
@given(documents(), st.randoms(use_true_random=False), WORLDS)
def test_order_ids_and_disabled_parts_change_neither_fingerprint_nor_members(
    document: Document, chance: Any, seed: int
) -> None:
    other = shuffled(document, chance)
    assert fingerprint(parse(other)) == fingerprint(parse(document))
    assert engine_members(other, seed, {}) == engine_members(document, seed, {})


@some
@given(documents(("loyal",)))
def test_a_definition_that_was_written_is_read_back_the_same(document: Document) -> None:
    definition = parse(document)
    again = parse(dump(definition))
    assert again == definition
    assert fingerprint(again) == fingerprint(definition)


@some
@given(documents(), documents(), WORLDS)
def test_definitions_with_one_fingerprint_take_the_same_customers(one: Document, two: Document, seed: int) -> None:
    """Two random definitions seldom have one fingerprint, so the second is also tried less one of its conditions."""
    shorter = copy.deepcopy(two)
    shorter["root"]["rules"] = shorter["root"]["rules"][1:]
    for left, right in ((one, two), (two, shorter)):
        if expected(left, seed, {}) != expected(right, seed, {}):
            assert fingerprint(parse(left)) != fingerprint(parse(right))


@some
@given(documents(), WORLDS)
def test_the_complement_of_a_segment_is_everybody_else(document: Document, seed: int) -> None:
    root = document["root"]
    if not any(isinstance(each, dict) and not each.get("disabled") for each in root["rules"]):
        return
    turned = {**document, "root": {"combinator": "and", "not": True, "rules": [root]}}
    everybody = frozenset(world(seed).everybody)
    found = engine_members(turned, seed, {})
    # An empty group is as if absent, and so is its complement: then both take everybody.
    assert found in (everybody - engine_members(document, seed, {}), everybody)
    assert found == expected(turned, seed, {})


def shuffled(document: Document, chance: Any) -> Document:
    """The same definition in another order, with other ids, with a disabled condition and an empty group put in."""
    found = copy.deepcopy(document)
    found["root"] = _stirred(found["root"], chance)
    return found


def _stirred(node: Document, chance: Any) -> Document:
    if "rules" in node:
        rules = [_stirred(each, chance) for each in node["rules"]]
        idle = {"kind": "list", "list": "vip", "operator": "in", "disabled": True}
        rules += chance.sample([idle, {"combinator": "or", "rules": [idle]}, {"combinator": "and", "rules": []}], 1)
        chance.shuffle(rules)
        node = {**node, "rules": rules}
    if "where" in node:
        node = {
            **node,
            "where": {**node["where"], "rules": chance.sample(node["where"]["rules"], len(node["where"]["rules"]))},
        }
    if isinstance(node.get("value"), list) and node["operator"] in ("in", "notIn"):
        node = {**node, "value": chance.sample(node["value"], len(node["value"]))}
    return {**node, "id": f"id{chance.randint(1, 999)}"}
