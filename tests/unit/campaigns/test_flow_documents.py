"""Documents of flows and policies: reading, writing, schemas, what is wrong and where it is told, words, templates."""

import copy
import json
import re
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from campaigns import policy as policies
from campaigns.flow import Flow, Known, check, dump, fingerprint, parse, ports
from campaigns.flow.sentence import phrase, port_label
from campaigns.flow.templates import template, templates
from segments.errors import DefinitionError
from tests.campaign_reference.flow_worlds import flows
from tests.campaign_reference.policy_worlds import POLICIES
from vitrina.i18n import translator
from vitrina.settings import REPOSITORY

FOLDER = REPOSITORY / "campaigns"
SCHEMAS = {
    name: jsonschema.Draft202012Validator(json.loads((FOLDER / name / "schema.json").read_text(encoding="utf-8")))
    for name in ("flow", "policy")
}
WHOLE: dict[str, Any] = {
    "version": 1,
    "nodes": [
        {"id": "a", "kind": "audience", "position": {"x": 0, "y": 0}, "data": {}},
        {"id": "g", "kind": "control", "data": {"share_pct": 10}},
        {"id": "s", "kind": "split", "data": {"branches": [{"key": "x", "name": "X", "share": 50},
                                                           {"key": "y", "name": "Y", "share": 50}]}},
        {"id": "m", "kind": "message", "data": {"channel": "sms", "template": "hello"}},
        {"id": "f", "kind": "fallback", "data": {"order": "expected_cost", "steps": [
            {"channel": "push", "template": "hello", "success": "read", "wait_minutes": 90}]}},
        {"id": "w", "kind": "wait", "data": {"mode": "until_event", "response": 2, "of": "m", "at_most_minutes": 1440}},
        {"id": "d", "kind": "wait", "data": {"mode": "until_date", "date": "2026-12-01", "time": "10:00"}},
        {"id": "c", "kind": "condition", "data": {"test": {"kind": "definition", "root": {
            "combinator": "and", "rules": [{"kind": "segment", "segment": "vip", "operator": "in"}]}}}},
        {"id": "t", "kind": "task", "data": {"title": "Call", "description": "", "due_days": 2,
                                             "assignee": {"kind": "department", "department_id": "D1"}}},
        {"id": "r", "kind": "call_register", "data": {"register": "calls", "script": "Hello", "attempts": 2}},
        {"id": "z", "kind": "end", "data": {"reason": "done"}},
    ],
    "edges": [{"source": one, "port": port, "target": two} for one, port, two in (
        ("a", "next", "g"), ("g", "contacted", "s"), ("s", "x", "m"), ("s", "y", "f"), ("m", "next", "w"),
        ("w", "happened", "z"), ("w", "timed_out", "d"), ("d", "next", "c"), ("c", "yes", "t"), ("c", "no", "r"),
        ("t", "next", "z"), ("r", "next", "z"), ("f", "reached", "z"), ("f", "not_reached", "r"))],
}  # fmt: skip
KNOWN = Known(
    templates={("hello", "sms"): {"ru", "uz"}, ("hello", "push"): {"ru", "uz"}}, segments={"vip"}, rules=set(),
    registers={"calls"}, departments={"D1"},
)  # fmt: skip


def with_data(node: str, **data: Any) -> dict[str, Any]:
    found = copy.deepcopy(WHOLE)
    place = next(each for each in found["nodes"] if each["id"] == node)
    place["data"] = {**place["data"], **data}
    return found


def without_edge(source: str, port: str) -> dict[str, Any]:
    found = copy.deepcopy(WHOLE)
    found["edges"] = [each for each in found["edges"] if (each["source"], each["port"]) != (source, port)]
    return found


def with_edge(source: str, port: str, target: str) -> dict[str, Any]:
    found = without_edge(source, port)
    found["edges"].append({"source": source, "port": port, "target": target})
    return found


def test_a_whole_flow_can_be_launched_and_is_read_as_it_was_written() -> None:
    flow = parse(WHOLE)
    assert check(flow, KNOWN) == ()
    assert parse(dump(flow)) == flow
    assert parse(json.dumps(WHOLE)) == flow
    assert SCHEMAS["flow"].is_valid(WHOLE)
    assert SCHEMAS["flow"].is_valid(dump(flow))


UNREADABLE: dict[str, tuple[Any, tuple[str | int, ...]]] = {
    "no JSON": ("{", ()),
    "version": ({"version": 2}, ("version",)),
    "stranger": ({**WHOLE, "colour": 1}, ("colour",)),
    "kind": ({"version": 1, "nodes": [{"id": "a", "kind": "magic"}]}, ("nodes", "a", "kind")),
    "id": ({"version": 1, "nodes": [{"id": "a:b", "kind": "end"}]}, ("nodes", 0, "id")),
    "twice": ({"version": 1, "nodes": [{"id": "a", "kind": "end"}] * 2}, ("nodes", "a", "id")),
    "channel": (with_data("m", channel="fax"), ("nodes", "m", "channel")),
    "text": (with_data("m", template="x" * 201), ("nodes", "m", "template")),
    "half a sign": (with_data("m", template="\ud800"), ("nodes", "m", "template")),
    "wait": (with_data("f", steps=[{"channel": "sms", "wait_minutes": 0}]), ("nodes", "f", "steps", 0, "wait_minutes")),
    "date": (with_data("d", date="01.12.2026"), ("nodes", "d", "date")),
    "time": (with_data("d", time="25:00"), ("nodes", "d", "time")),
    "share": (with_data("g", share_pct=101), ("nodes", "g", "share_pct")),
    "mode": (with_data("d", minutes=5), ("nodes", "d", "minutes")),
    "response": (with_data("w", response=4), ("nodes", "w", "response")),
    "root": (with_data("c", test={"kind": "definition", "root": {"rules": [{"kind": "x"}]}}),
             ("nodes", "c", "test", "root", "rules", 0, "kind")),
    "edge": ({**WHOLE, "edges": [{"source": "a"}]}, ("edges", 0)),
    "position": ({"version": 1, "nodes": [{"id": "a", "kind": "end", "position": {"x": "1"}}]},
                 ("nodes", "a", "position")),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_told_at_its_place(name: str) -> None:
    document, path = UNREADABLE[name]
    with pytest.raises(DefinitionError) as caught:
        parse(document)
    assert path in [problem.path for problem in caught.value.problems]
    inside = name == "root"  # segments have a schema of their own
    assert inside or name in ("no JSON", "twice", "half a sign") or not SCHEMAS["flow"].is_valid(document)


CANNOT_RUN: dict[str, tuple[dict[str, Any], tuple[str | int, ...], str]] = {
    "no audience": ({"version": 1, "nodes": [{"id": "z", "kind": "end"}]}, ("nodes",), "no audience"),
    "two audiences": ({**WHOLE, "nodes": [*WHOLE["nodes"], {"id": "b", "kind": "audience"}]}, ("nodes", "b"),
                      "more than"),
    "open exit": (without_edge("d", "next"), ("nodes", "d", "ports", "next"), "Nothing follows"),
    "unreachable": (with_edge("s", "y", "m"), ("nodes", "f"), "Nobody can reach"),
    "loop": (with_edge("c", "no", "d"), ("nodes", "c"), "goes round"),
    "no way out": ({"version": 1, "nodes": [{"id": "a", "kind": "audience"},
                                            {"id": "w", "kind": "wait", "data": {"mode": "for", "minutes": 5}}],
                    "edges": [{"source": "a", "port": "next", "target": "w"},
                              {"source": "w", "port": "next", "target": "w"}]}, ("nodes", "w"), "no end"),
    "dead end": (with_edge("d", "next", "gone"), ("edges", 13), "not there"),
    "wrong exit": (with_edge("m", "yes", "z"), ("edges", 14), "no exit"),
    "into audience": (with_edge("t", "next", "a"), ("edges", 13), "to the audience"),
    "two arrows": ({**WHOLE, "edges": [*WHOLE["edges"], {"source": "a", "port": "next", "target": "z"}]},
                   ("nodes", "a", "ports", "next"), "Two arrows"),
    "control is contacted": (with_edge("g", "control", "r"), ("nodes", "r"), "control group"),
    "shares": (with_data("s", branches=[{"key": "x", "name": "", "share": 50}, {"key": "y", "name": "", "share": 49}]),
               ("nodes", "s", "branches"), "sum up"),
    "no control": (with_data("g", share_pct=0), ("nodes", "g", "share_pct"), "more than nobody"),
    "no channel": (with_data("m", channel=None), ("nodes", "m", "channel"), "No channel"),
    "no template": (with_data("m", template=None), ("nodes", "m", "template"), "No template"),
    "channel without template": (with_data("m", channel="email"), ("nodes", "m", "template"), "has no template"),
    "no steps": (with_data("f", steps=[]), ("nodes", "f", "steps"), "no step"),
    "dead reference": (with_data("w", of="gone"), ("nodes", "w", "of"), "is not there"),
    "reference to nothing sent": (with_data("w", of="t"), ("nodes", "w", "of"), "sends nothing"),
    "status of what": (with_data("c", test={"kind": "status"}), ("nodes", "c", "test", "of"), "which message"),
    "unknown rule": (with_data("c", test={"kind": "signal", "rule": "x"}), ("nodes", "c", "test", "rule"), "not there"),
    "unknown register": (with_data("r", register="x"), ("nodes", "r", "register"), "not there"),
    "unknown department": (with_data("t", assignee={"kind": "department", "department_id": "X"}),
                           ("nodes", "t", "assignee", "department_id"), "not there"),
    "no date": (with_data("d", date=None), ("nodes", "d", "date"), "No date"),
    "no title": (with_data("t", title=" "), ("nodes", "t", "title"), "no title"),
    "no condition": (with_data("c", test={"kind": "definition", "root": None}), ("nodes", "c", "test", "root"),
                     "no condition"),
    "unknown segment": (with_data("c", test={"kind": "definition", "root": {"combinator": "and", "rules": [
        {"kind": "segment", "segment": "gone", "operator": "in"}]}}), ("nodes", "c", "test", "root"), "not there"),
}  # fmt: skip


@pytest.mark.parametrize("name", CANNOT_RUN)
def test_what_keeps_a_flow_from_running_is_told_on_its_node(name: str) -> None:
    document, path, said = CANNOT_RUN[name]
    found = check(parse(document), KNOWN)
    assert [problem for problem in found if problem.path == path and said in str(problem)], [
        str(each) for each in found
    ]


def test_a_template_that_lacks_a_language_is_told_with_the_language() -> None:
    known = Known(templates={("hello", "sms"): {"ru"}, ("hello", "push"): {"ru", "uz"}})
    (found,) = check(parse(WHOLE), known)
    assert (found.path, found.values["language"]) == (("nodes", "m", "template"), "uz")


def test_a_missing_arrow_is_told_once_and_not_as_an_end_that_is_out_of_reach() -> None:
    assert [each.message for each in check(parse(without_edge("t", "next")), KNOWN)] == [
        "Nothing follows the exit “{port}”."
    ]


@settings(max_examples=30, deadline=None, database=None, derandomize=True)
@given(flows())
def test_random_flows_are_valid_by_the_schema_and_said_in_three_languages(flow: Flow) -> None:
    assert SCHEMAS["flow"].is_valid(dump(flow))
    for language in ("ru", "uz", "en"):
        speaker = translator(language)
        for node in flow.nodes:
            said = [phrase(node, speaker), *(port_label(node.data, port, speaker) for port in ports(node.data))]
            assert all(said)
            assert not re.search(r"[{}]", "".join(said))


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(POLICIES)
def test_a_policy_is_read_as_it_was_written_and_its_rules_are_said(policy: policies.Policy) -> None:
    document = policies.dump(policy)
    assert policies.parse(document) == policy
    assert SCHEMAS["policy"].is_valid(document)
    document["caps"].reverse()
    assert policies.fingerprint(policies.parse(document)) == policies.fingerprint(policy)
    for rule in (*document["caps"], *document["gaps"]):
        for language in ("ru", "uz", "en"):
            assert "{" not in policies.reason_in_words("cap", rule, translator(language))


WRONG_POLICIES: dict[str, tuple[dict[str, Any], tuple[str | int, ...]]] = {
    "per": ({"caps": [{"per": "year", "at_most": 1}]}, ("caps", 0, "per")),
    "at most": ({"caps": [{"per": "day", "at_most": -1}]}, ("caps", 0, "at_most")),
    "channel": ({"caps": [{"per": "day", "at_most": 1, "channels": ["fax"]}]}, ("caps", 0, "channels")),
    "no words": ({"gaps": [{"minutes": 5, "categories": [7]}]}, ("gaps", 0, "categories")),
    "minutes": ({"gaps": [{"minutes": 0}]}, ("gaps", 0, "minutes")),
    "zone": ({"timezone": "Mars/Olympus"}, ("timezone",)),
    "path as a zone": ({"timezone": "../../etc/passwd"}, ("timezone",)),
    "region": ({"quiet": {"by_region": {"X": "Nowhere"}}}, ("quiet", "by_region", "X")),
    "hour": ({"quiet": {"from": "9:00"}}, ("quiet", "from")),
    "weekday": ({"quiet": {"weekdays": [0]}}, ("quiet", "weekdays")),
    "no day left": ({"quiet": {"weekdays": [1, 2, 3, 4, 5, 6, 7]}}, ("quiet", "weekdays")),
    "days": ({"defer_days": 61}, ("defer_days",)),
    "segments": ({"exclude_segments": [""]}, ("exclude_segments",)),
    "stranger": ({"mood": "good"}, ("mood",)),
}


@pytest.mark.parametrize("name", WRONG_POLICIES)
def test_what_is_wrong_with_a_policy_is_told_at_its_place(name: str) -> None:
    document, path = WRONG_POLICIES[name]
    with pytest.raises(DefinitionError) as caught:
        policies.parse({"version": 1, **document})
    assert path in [problem.path for problem in caught.value.problems]


def test_a_policy_that_can_be_read_but_not_used_is_told_why() -> None:
    cap = {"per": "week", "at_most": 2}
    policy = policies.parse(
        {"version": 1, "exclude_segments": ["vip", "gone"], "caps": [cap, cap, cap | {"at_most": 0}]}
    )
    found = policies.check(policy, {"vip"})
    assert [problem.path for problem in found] == [("exclude_segments", 1), ("caps", 1), ("caps", 2, "at_most")]
    assert policies.check(policies.parse({"version": 1, "caps": [cap]}), set()) == ()


@pytest.mark.parametrize("key", [each.key for each in templates()])
def test_a_delivered_flow_only_lacks_what_is_its_takers_own(key: str) -> None:
    document = template(key).document(translator("ru").text)
    assert SCHEMAS["flow"].is_valid(document)
    left = {each.message for each in check(parse(document))}
    assert left <= {"No template is chosen.", "Nothing is chosen here."}
    for node in document["nodes"]:
        for data in (node["data"], *node["data"].get("steps", ())):
            data |= {name: "mine" for name in ("template", "register") if name in data}
    flow = parse(document)
    assert check(flow) == ()
    assert fingerprint(flow) != fingerprint(parse(WHOLE))
    assert not {"The debt is paid", "The customer answered"} & {
        node["data"].get("reason") for node in document["nodes"]
    }
