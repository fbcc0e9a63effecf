"""Walks through flows: once each, in any order of events, never a control, never after a success."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.flow import (
    DONE,
    WAITING,
    Cancel,
    Facts,
    Flow,
    MakeTask,
    MessageFact,
    Participant,
    Register,
    ResponseFact,
    Send,
    Terms,
    advance,
    advance_many,
    check,
    dump,
    enter,
    fingerprint,
    parse,
    parts_of_key,
    progress,
    restored,
    stop,
)
from campaigns.flow.events import has_succeeded
from campaigns.flow.nodes import CONTACTING, Control, Fallback
from campaigns.policy import Policy
from tests.campaign_reference.flow_worlds import EVENTS, Outbox, flows
from tests.campaign_reference.policy_worlds import POLICIES, broken

MANY = settings(
    max_examples=150, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
T = dt.datetime(2026, 3, 3, 7, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@MANY
@given(flows(), POLICIES, EVENTS, st.integers(1, 50))
def test_no_order_of_events_contacts_twice_or_against_the_policy_or_after_a_success(
    flow: Flow, policy: Policy, events: list[tuple[Any, ...]], customer: int
) -> None:
    assert check(flow) == ()
    box = Outbox(flow, policy, enter(flow, "c", customer, customer // 2, T), T)
    box.advance()
    for kind, *values in events:
        match kind:
            case "time":
                box.now += dt.timedelta(minutes=values[0])
            case "pause":
                box.now += dt.timedelta(minutes=values[0])
                continue
            case "answer":
                box.answer = values[0]
            case "crash":
                lost = advance(flow, box.participant, box.now, box.facts())
                assert lost == advance(flow, box.participant, box.now, box.facts()), "what died is done again alike"
            case _:
                getattr(box, kind)(*values)
        succeeded = _succeeded(box)
        was_control = _is_control(box)
        walk = box.advance()
        assert not was_control or {type(each) for each in walk.intents} <= {Cancel}, "a control was touched"
        assert not _is_control(box) or not isinstance(flow.by_id[box.participant.node_id].data, CONTACTING)
        _nothing_after_success(box, walk.intents, succeeded)
        assert not [each for each in box.advance().intents if not isinstance(each, Cancel)], "nothing new was learnt"
        box.participant = _stored_and_read(box.participant)
    assert broken(policy, box.made) == []
    keys = [each.contact_id for each in box.made]
    assert len(keys) == len(set(keys)), "each charge is of another message"


def _stored_and_read(who: Participant) -> Participant:
    kept = json.loads(json.dumps(progress(who)))
    found = restored(
        who.campaign, who.customer_id, who.cluster_id, who.node_id, who.state, who.entered_at, who.wake_at, kept
    )
    assert found == who
    return found


def _succeeded(box: Outbox) -> set[tuple[str, int]]:
    """(fallback, visit) of which a success is known."""
    found = set()
    for key, message in box.messages.items():
        _, _, node, step, attempt = parts_of_key(key)
        data = box.flow.by_id[node].data
        if isinstance(data, Fallback) and has_succeeded(data.steps[step].success, node, key, message, box.responses):
            found.add((node, attempt))
    return found


def _nothing_after_success(box: Outbox, intents: tuple[Any, ...], succeeded: set[tuple[str, int]]) -> None:
    for each in intents:
        if isinstance(each, Send):
            assert (each.node_id, parts_of_key(each.key)[4]) not in succeeded, "a contact after the success"
    for key, message in box.messages.items():
        _, _, node, _, attempt = parts_of_key(key)
        assert (node, attempt) not in succeeded or message.state not in ("queued", "deferred"), "still queued"


def _is_control(box: Outbox) -> bool:
    drawn = box.participant.assignments.items()
    return any(port == "control" and isinstance(box.flow.by_id[node].data, Control) for node, port in drawn)


def of(*nodes: dict[str, Any], **edges: str) -> Flow:
    """A flow from nodes and edges written as source_port="target"."""
    split = [(*name.rsplit("__", 1), target) for name, target in edges.items()]
    return parse({
        "version": 1, "nodes": [{"id": "a", "kind": "audience"}, *nodes, {"id": "z", "kind": "end"}],
        "edges": [{"source": source, "port": port, "target": target} for source, port, target in split],
    })  # fmt: skip


FALLBACK = of(
    {"id": "f", "kind": "fallback", "data": {"steps": [
        {"channel": "push", "template": "t", "success": "read", "wait_minutes": 60},
        {"channel": "sms", "template": "t", "success": "delivered", "wait_minutes": 120}]}},
    {"id": "r", "kind": "call_register", "data": {"register": "calls"}},
    a__next="f", f__reached="z", f__not_reached="r", r__next="z",
)  # fmt: skip


def sent(key: str, state: str = "sent", at: dt.datetime = T) -> MessageFact:
    channel = "push" if ":0:1" in key else "sms"
    return MessageFact(key, "f", channel, state, at, T if state != "queued" else None)


def test_a_fallback_goes_from_push_to_sms_to_a_call_only_as_each_fails() -> None:
    first = advance(FALLBACK, enter(FALLBACK, "c", 7, 7, T), T)
    assert [each.key for each in first.intents if isinstance(each, Send)] == ["c:7:f:0:1"]
    still = advance(FALLBACK, first.participant, T + HOUR / 2, Facts((sent("c:7:f:0:1"),)))
    assert (still.intents, still.participant.wake_at) == ((), T + HOUR)
    second = advance(FALLBACK, still.participant, T + HOUR, Facts((sent("c:7:f:0:1", "delivered"),)))
    assert second.intents == (Send("c:7:f:1:1", "f", 1, "sms", "t"),), "delivered is not read"
    failed = Facts((sent("c:7:f:0:1", "delivered"), sent("c:7:f:1:1", "failed")))
    third = advance(FALLBACK, second.participant, T + HOUR, failed)
    assert third.intents == (Register("c:7:r:0:1", "r", "calls", "", 3),)
    assert third.participant.state == DONE


def test_a_late_read_receipt_cancels_the_sms_that_is_still_queued() -> None:
    first = advance(FALLBACK, enter(FALLBACK, "c", 7, 7, T), T)
    second = advance(FALLBACK, first.participant, T + HOUR, Facts((sent("c:7:f:0:1"),)))
    facts = Facts((sent("c:7:f:0:1", "read"), sent("c:7:f:1:1", "queued")))
    third = advance(FALLBACK, second.participant, T + 2 * HOUR, facts)
    assert third.intents == (Cancel("c:7:f:1:1"),)
    assert third.transitions[0].port == "reached"


def test_a_message_that_waits_in_the_outbox_keeps_its_step_going() -> None:
    first = advance(FALLBACK, enter(FALLBACK, "c", 7, 7, T), T)
    waiting = advance(FALLBACK, first.participant, T + 100 * HOUR, Facts((sent("c:7:f:0:1", "deferred"),)))
    assert (waiting.intents, waiting.participant.wake_at) == ((), None)


def test_the_cheapest_way_to_a_success_is_tried_first_and_stays_chosen() -> None:
    steps = [{"channel": "sms", "template": "t"}, {"channel": "email", "template": "t"},
             {"channel": "push", "template": "t"}]  # fmt: skip
    flow = of({"id": "f", "kind": "fallback", "data": {"steps": steps, "order": "expected_cost"}},
              a__next="f", f__reached="z", f__not_reached="z")  # fmt: skip
    terms = Terms(prices={"sms": 100, "email": 5}, chances={("sms", "delivered"): 0.98, ("email", "delivered"): 0.1})
    first = advance(flow, enter(flow, "c", 7, 7, T), T, Facts(), terms)
    assert [each.key for each in first.intents if isinstance(each, Send)] == ["c:7:f:1:1"]
    dearer = Terms(prices={"sms": 1, "email": 5}, chances=terms.chances)
    failed = Facts((MessageFact("c:7:f:1:1", "f", "email", "failed", T, T),))
    second = advance(flow, first.participant, T + HOUR, failed, dearer)
    assert [each.channel for each in second.intents if isinstance(each, Send)] == ["sms"], "push has never succeeded"


@pytest.mark.parametrize(
    ("response", "later", "port"),
    [(None, 3, "timed_out"), (1, 1, "happened"), (1, 3, "happened"), (3, 9, "timed_out"), (None, 1, None)],
)
def test_an_event_counts_by_its_own_time_whenever_it_is_heard_of(
    response: int | None, later: int, port: str | None
) -> None:
    wait = {"mode": "until_event", "response": 2, "of": "m", "at_most_minutes": 120}
    flow = of({"id": "m", "kind": "message", "data": {"channel": "sms", "template": "t"}},
              {"id": "w", "kind": "wait", "data": wait},
              a__next="m", m__next="w", w__happened="z", w__timed_out="z")  # fmt: skip
    message = (MessageFact("c:7:m:0:1", "m", "sms", "sent", T, T),)
    begun = advance(flow, advance(flow, enter(flow, "c", 7, 7, T), T).participant, T, Facts(message)).participant
    assert (begun.node_id, begun.wake_at) == ("w", T + 2 * HOUR)
    responses = (ResponseFact(3, T + response * HOUR, "m"),) if response is not None else ()
    walk = advance(flow, begun, T + later * HOUR, Facts(message, responses))
    assert [each.port for each in walk.transitions] == ([port] if port else [])


def test_waits_split_conditions_and_tasks_lead_where_they_say() -> None:
    flow = of(
        {"id": "s", "kind": "split", "data": {"branches": [{"key": "x", "name": "X", "share": 30},
                                                           {"key": "y", "name": "Y", "share": 70}]}},
        {"id": "d", "kind": "wait", "data": {"mode": "until_date", "date": "2026-03-10", "time": "10:00"}},
        {"id": "c", "kind": "condition", "data": {"test": {"kind": "signal", "rule": "churn"}}},
        {"id": "t", "kind": "task", "data": {"title": "Call", "assignee": {"kind": "department",
                                                                           "department_id": "D"}}},
        a__next="s", s__x="z", s__y="d", d__next="c", c__yes="t", c__no="z", t__next="z",
    )  # fmt: skip
    walks = [advance(flow, enter(flow, "c", customer, customer // 2, T), T) for customer in range(4000)]
    ports = [walk.participant.assignments["s"] for walk in walks]
    assert 0.27 < ports.count("x") / 4000 < 0.33
    assert ports[::2] == ports[1::2], "a household gets one variant"
    waiting = next(walk.participant for walk in walks if walk.participant.state == WAITING)
    assert waiting.wake_at == dt.datetime(2026, 3, 10, 5, tzinfo=dt.UTC), "ten in Tashkent"
    unknown = advance(flow, waiting, T + 240 * HOUR)
    assert (unknown.participant.node_id, unknown.participant.wake_at) == ("c", None)
    found = advance(flow, unknown.participant, T + 241 * HOUR, Facts(answers=lambda node: node == "c"))
    assert found.intents == (MakeTask(f"c:{waiting.customer_id}:t:0:1", "t", "Call", "", 3, "D"),)


def test_a_draw_made_when_the_audience_was_frozen_stands() -> None:
    flow = of({"id": "g", "kind": "control", "data": {"share_pct": 99}},
              {"id": "m", "kind": "message", "data": {"channel": "sms", "template": "t"}},
              a__next="g", g__contacted="m", m__next="z")  # fmt: skip
    for customer in range(50):
        begun = enter(flow, "c", customer, customer, T)
        for port in ("contacted", "control"):
            walk = advance(flow, _with(begun, {"g": port}), T)
            assert bool(walk.intents) == (port == "contacted")


def _with(participant: Any, assignments: dict[str, str]) -> Any:
    return participant.__class__(
        participant.campaign, participant.customer_id, participant.cluster_id, participant.node_id,
        participant.state, participant.entered_at, assignments=assignments,
    )  # fmt: skip


def test_even_a_flow_that_was_never_checked_does_not_contact_a_control() -> None:
    flow = of({"id": "g", "kind": "control", "data": {"share_pct": 50}},
              {"id": "m", "kind": "message", "data": {"channel": "sms", "template": "t"}},
              a__next="g", g__contacted="m", g__control="m", m__next="z")  # fmt: skip
    assert [each.message for each in check(flow)] == ["The control group of “{node}” would be contacted here."]
    walk = advance(flow, _with(enter(flow, "c", 1, 1, T), {"g": "control"}), T)
    assert (walk.intents, walk.participant.state) == ((), DONE)


def test_a_loop_contacts_anew_under_another_key_and_a_loop_without_a_wait_is_refused() -> None:
    flow = of({"id": "m", "kind": "message", "data": {"channel": "sms", "template": "t"}},
              {"id": "w", "kind": "wait", "data": {"mode": "for", "minutes": 60}},
              {"id": "c", "kind": "condition", "data": {"test": {"kind": "response", "response": 2, "of": "m"}}},
              a__next="m", m__next="w", w__next="c", c__yes="z", c__no="m")  # fmt: skip
    box = Outbox(flow, parse_policy(), enter(flow, "c", 7, 7, T), T)
    for _ in range(3):
        box.advance()
        box.send()
        box.advance()
        box.now += HOUR
    assert [key for key in box.messages] == ["c:7:m:0:1", "c:7:m:0:2", "c:7:m:0:3"]
    spinning = of({"id": "c", "kind": "condition", "data": {"test": {"kind": "signal", "rule": "r"}}},
                  {"id": "d", "kind": "condition", "data": {"test": {"kind": "signal", "rule": "r"}}},
                  a__next="c", c__yes="z", c__no="d", d__yes="z", d__no="c")  # fmt: skip
    with pytest.raises(ValueError, match="round"):
        advance(spinning, enter(spinning, "c", 7, 7, T), T, Facts(answers=lambda _: False))


def test_an_answer_to_the_first_message_of_a_loop_is_none_to_the_second() -> None:
    flow = of({"id": "m", "kind": "message", "data": {"channel": "sms", "template": "t"}},
              {"id": "w", "kind": "wait", "data": {"mode": "for", "minutes": 60}},
              {"id": "c", "kind": "condition", "data": {"test": {"kind": "response", "response": 2, "of": "m"}}},
              a__next="m", m__next="w", w__next="c", c__yes="m", c__no="z")  # fmt: skip
    box = Outbox(flow, parse_policy(), enter(flow, "c", 7, 7, T), T)
    for _ in range(2):
        box.advance()
        box.send()
        box.advance()
        if len(box.messages) == 1:
            box.responses.append(ResponseFact(2, box.now, "m"))
        box.now += HOUR
    assert box.advance().participant.state == DONE
    assert len(box.messages) == 2


def parse_policy() -> Policy:
    return Policy(quiet=None)


def test_who_is_taken_out_gets_nothing_more() -> None:
    first = advance(FALLBACK, enter(FALLBACK, "c", 7, 7, T), T)
    facts = Facts((sent("c:7:f:0:1", "queued"),))
    out = stop(first.participant, facts)
    assert out.intents == (Cancel("c:7:f:0:1"),)
    assert advance(FALLBACK, out.participant, T + 9 * HOUR, facts).intents == ()


def test_many_are_walked_as_one_is_and_who_does_not_move_stays_the_same_object() -> None:
    begun = [enter(FALLBACK, "c", customer, customer, T) for customer in range(20)]
    walks = list(advance_many(FALLBACK, begun, T))
    assert walks == [advance(FALLBACK, each, T) for each in begun]
    known = {walk.participant.customer_id: Facts((sent(walk.intents[0].key),)) for walk in walks}
    moved = list(advance_many(FALLBACK, [walk.participant for walk in walks], T, known))
    again = list(advance_many(FALLBACK, [walk.participant for walk in moved], T, known))
    assert all(one.participant is two.participant for one, two in zip(moved, again, strict=True))


@given(flows())
@settings(max_examples=40, deadline=None, database=None, derandomize=True)
def test_a_flow_is_read_as_it_was_written_and_its_fingerprint_sees_no_order(flow: Flow) -> None:

    plain = dump(flow)
    assert parse(plain) == flow
    for node in plain["nodes"]:
        node["position"] = {"x": 9, "y": 9}
    plain["nodes"].reverse()
    plain["edges"].reverse()
    assert fingerprint(parse(plain)) == fingerprint(flow)
    plain["nodes"][0]["id"] = "other"
    assert fingerprint(parse(plain)) != fingerprint(flow)
