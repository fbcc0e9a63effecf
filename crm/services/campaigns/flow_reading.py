"""What a flow stands on: its messages with their channels, segments and rules that its conditions name.

Tolerant of a flow that is still being drawn; whether it is sound is `campaigns.flow`'s matter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Used:
    """`messages` are (node, channel, template); `segments` are keys that conditions name."""

    messages: tuple[tuple[str, str, str], ...] = ()
    channels: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    rules: frozenset[str] = frozenset()

    @property
    def templates(self) -> frozenset[str]:
        """Keys of all templates."""
        return frozenset(template for _, _, template in self.messages if template)


def used(flow: Mapping[str, Any] | None) -> Used:
    """What a flow stands on."""
    nodes = [each for each in (flow or {}).get("nodes", []) if isinstance(each, Mapping)]
    messages = tuple(message for node in nodes for message in _messages(node))
    called = {"call"} if any(node.get("kind") == "call_register" for node in nodes) else set()
    tests = [test for node in nodes if isinstance(test := _data(node).get("test"), Mapping)]
    return Used(
        messages,
        frozenset({channel for _, channel, _ in messages if channel} | called),
        frozenset(
            key for test in tests if test.get("kind") == "definition" for key in named_segments(test.get("root"))
        ),
        frozenset(str(test["rule"]) for test in tests if test.get("kind") == "signal" and test.get("rule")),
    )


def _data(node: Mapping[str, Any]) -> Mapping[str, Any]:
    data = node.get("data")
    return data if isinstance(data, Mapping) else {}


def _messages(node: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    data = _data(node)
    steps = data.get("steps") if node.get("kind") == "fallback" else [data] if node.get("kind") == "message" else []
    for step in steps if isinstance(steps, list) else []:
        if isinstance(step, Mapping):
            yield str(node.get("id", "")), str(step.get("channel") or ""), str(step.get("template") or "")


def named_segments(conditions: Any) -> frozenset[str]:
    """Keys of segments that a definition, or a group of conditions, names, however deep."""
    return frozenset(_segments(conditions))


def _segments(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        if isinstance(key := part.get("segment"), str):
            yield key
        for each in part.values():
            yield from _segments(each)
    elif isinstance(part, list):
        for each in part:
            yield from _segments(each)
