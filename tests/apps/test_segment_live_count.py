"""The count that goes with the typing: one at a time for a session, remembered for all who see the same data, and
stopped when the definition changes."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from apps.data import segment_catalogue
from apps.data.segments import Bench, Remembered, count_steps, remembered
from apps.gatekeeper import gatekeeper
from apps.segment_workspace import live as module
from apps.segment_workspace.live import Live
from apps.services import services
from crm.services import accounts
from crm.services.rights import RightsCache
from segments.definition import parse
from segments.engine import At
from tests.apps.people import EVERYTHING
from vitrina.access.looks import Purpose

# No index helps here: with it the machine is busy for minutes, unless somebody stops it.
ENDLESS = """select a.customer_id from fct_payments a, fct_payments b, fct_payments c, fct_payments d
             where a.amount * b.amount + c.amount * d.amount = 0.123"""
QUICK = parse({"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": [
    {"kind": "attribute", "field": "customer_type", "operator": "=", "value": "organisation"}]}})  # fmt: skip


@pytest.fixture
def bench(use_home: Path) -> dict[str, Bench]:
    """The same person's benches, by purpose."""
    shared = services()
    with shared.database.read() as session:
        user = accounts.user_by_login(session, EVERYTHING)
    rights = RightsCache(shared.database).of(user.user_id, shared.now().date())
    keeper = gatekeeper()
    gate = keeper.gate(keeper.current_version())
    readers = {each: gate.reader(rights, Purpose(each), "127.0.0.1") for each in ("page", "sql")}
    catalogue = segment_catalogue.catalogue(readers["page"])
    at = At.current(readers["page"].manifest.as_of)
    return {name: Bench(each, catalogue, at) for name, each in readers.items()}


def settled(live: Live, known: Bench, definition) -> dict:
    for _ in range(100):
        progress = live.ask(known, definition)
        if progress.done:
            return dict(progress.answers)
    raise AssertionError("the count never came")


def test_a_count_in_flight_is_stopped_when_the_definition_changes(bench: dict[str, Bench]) -> None:
    live, endless = Live(), parse({"version": 1, "kind": "sql", "sql": ENDLESS})
    first = live.ask(bench["sql"], endless)
    assert not first.done, "the query that is to be stopped has to be under way"
    job = live._job
    time.sleep(0.3)
    started = time.perf_counter()
    assert settled(live, bench["page"], QUICK)["count"] == 15
    assert time.perf_counter() - started < 20
    for _ in range(600):
        if job.is_over:
            break
        time.sleep(0.05)
    assert job.is_over, "nobody waits for it, and it runs on"
    assert job.error.code == "cancelled"
    assert remembered.peek(bench["sql"].key("count", endless)) is None


def test_an_answer_is_remembered_by_what_is_seen_and_by_what_is_asked(bench: dict[str, Bench]) -> None:
    known = bench["page"]
    settled(Live(), known, QUICK)
    assert remembered.peek(known.key("count", QUICK)) == 15
    assert remembered.peek(bench["sql"].key("count", QUICK)) is None
    other = Bench(known.reader, known.catalogue, known.at, {"another": QUICK})
    assert other.key("count", QUICK) != known.key("count", QUICK), "other segments may change what this one means"


def test_the_answers_that_were_longest_unused_are_forgotten_first() -> None:
    kept = Remembered(2)
    for name in ("a", "b"):
        kept.keep((name,), name)
    assert kept.get(("a",), lambda: "new") == "a"
    kept.keep(("c",), "c")
    assert kept.peek(("b",)) is None
    assert kept.peek(("a",)) == "a"


def test_a_list_with_new_contents_has_new_answers(bench: dict[str, Bench]) -> None:
    known = bench["page"]
    before, after = (replace(known, uploads=frozenset({f"vip {digest}"})) for digest in ("a", "b"))
    assert before.key("count", QUICK) != after.key("count", QUICK)


def test_a_waterfall_steps_aside_for_somebody_elses_count_and_comes_all_the_same(
    bench: dict[str, Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_one = parse({"version": 1, "kind": "sql", "sql": "select customer_id from customer_profiles"})
    asked, under_way = [], threading.Event()

    def slow(source) -> int:
        asked.append("waterfall")
        if len(asked) == 1:
            under_way.set()
            source.query(ENDLESS)
        return len(asked)

    steps = [("count", lambda source: 1), ("base", lambda source: 2), ("waterfall", slow)]
    monkeypatch.setattr(
        module, "count_steps", lambda known, asked_of: steps if asked_of == slow_one else count_steps(known, asked_of)
    )
    monkeypatch.setattr(module, "remembered", Remembered(10))
    patient = Live()
    patient.ask(bench["sql"], slow_one)
    assert under_way.wait(10), "the waterfall has to be under way"
    assert settled(Live(), bench["page"], QUICK)["count"] == 15
    assert settled(patient, bench["sql"], slow_one)["waterfall"] == 2
    assert asked == ["waterfall", "waterfall"], "it was interrupted once and answered once"
