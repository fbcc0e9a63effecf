"""A flow in words, node by node, in the reader's language; nothing is read, words come from a `Speaker`."""

from collections.abc import Callable, Sequence
from typing import Final

from campaigns.flow import nodes
from campaigns.flow.nodes import Node
from campaigns.flow.sentence import words
from campaigns.policy.words import CHANNELS
from segments.catalogue import Catalogue
from segments.definition import Definition
from segments.sentence import sentence as segment_sentence
from segments.sentence.clauses import Name
from segments.sentence.words import Speaker, ValueLabel, listed

__all__ = ["MESSAGES", "phrase", "port_label"]

Label = Callable[[str], str | None]
MESSAGES: Final = words.MESSAGES


def phrase(
    node: Node,
    speaker: Speaker,
    name: Name | None = None,
    catalogue: Catalogue | None = None,
    value_label: ValueLabel | None = None,
    node_label: Label | None = None,
) -> str:
    """What happens at a node, without a full stop: «SMS “welcome”».

    `name(kind, key)` says what a template, segment, rule, register or department of that key is called, or None;
    `node_label(id)` what another node is called. With a `catalogue`, conditions of segments are said out.
    """
    return _Sayer(speaker, name, catalogue, value_label, node_label).said(node.data)


def port_label(data: nodes.Data, port: str, speaker: Speaker) -> str:
    """What is written at an exit of a node."""
    if isinstance(data, nodes.Split):
        branch = next((each for each in data.branches if each.key == port), None)
        if branch is None:
            return port
        return speaker.text(words.BRANCH, name=branch.name or branch.key, share=words.number(branch.share, speaker))
    return speaker.text(words.PORTS[port]) if port in words.PORTS else port


class _Sayer:
    def __init__(
        self, speaker: Speaker, name: Name | None, catalogue: Catalogue | None, value_label: ValueLabel | None,
        node_label: Label | None,
    ) -> None:  # fmt: skip
        self._speaker, self._name, self._catalogue = speaker, name, catalogue
        self._value_label, self._node_label = value_label, node_label

    def said(self, data: nodes.Data) -> str:
        say = self._speaker
        match data:
            case nodes.Audience():
                return say.text("Everybody in the campaign's audience")
            case nodes.Message(channel, template):
                return self._message(channel, template)
            case nodes.Fallback():
                return self._fallback(data)
            case nodes.Wait():
                return self._wait(data)
            case nodes.Condition():
                return self._condition(data)
            case nodes.Split(branches):
                return say.text("Divided by chance: {parts}", parts=self._parts(branches))
            case nodes.Control(share):
                return say.text("{share} % are left alone, for comparison", share=words.number(share, say))
            case nodes.Task():
                return self._task(data)
            case nodes.CallRegister(register, _, attempts):
                return say.plural(
                    "On the call register “{name}”, {count} attempt", "On the call register “{name}”, {count} attempts",
                    attempts, name=self._called("register", register),
                )  # fmt: skip
            case nodes.End(reason):
                return say.text("The end: {reason}", reason=reason) if reason else say.text("The end")

    def _message(self, channel: str, template: str) -> str:
        if not channel:
            return self._speaker.text("A message, its channel is not chosen yet")
        said = self._speaker.text(CHANNELS[channel])
        if not template:
            return self._speaker.text("{channel}, its text is not chosen yet", channel=said[:1].upper() + said[1:])
        return self._speaker.text(
            "{channel} “{name}”", channel=said[:1].upper() + said[1:], name=self._called("template", template)
        )

    def _fallback(self, data: nodes.Fallback) -> str:
        say = self._speaker
        steps = [
            say.text(
                words.STEPS[step.success], channel=say.text(CHANNELS[step.channel] if step.channel else "message"),
                wait=words.duration(step.wait_minutes, say),
            )
            for step in data.steps
        ]  # fmt: skip
        if data.order == "expected_cost":
            return say.text("Until one succeeds, the cheapest way first: {steps}", steps=", ".join(steps))
        return say.text("One after another until one succeeds: {steps}", steps=" → ".join(steps))

    def _wait(self, data: nodes.Wait) -> str:
        say = self._speaker
        match data.mode:
            case "for":
                return say.text("Wait {time}", time=words.duration(data.minutes, say))
            case "until_date":
                return say.text("Wait until {date}, {time}", date=say.date(data.date), time=f"{data.time:%H:%M}")
        return say.text(
            "Wait for {response} {of}, at most {time}", response=say.text(words.RESPONSES[data.response]),
            of=self._of(data.of), time=words.duration(data.at_most_minutes, say),
        )  # fmt: skip

    def _condition(self, data: nodes.Condition) -> str:
        say = self._speaker
        match data.kind:
            case "response":
                return say.text(
                    "Is there {response} {of}?", response=say.text(words.RESPONSES[data.response]), of=self._of(data.of)
                )
            case "status":
                return say.text(words.STATUSES[data.status], node=self._node(data.of))
            case "signal":
                return say.text("Is there a signal “{name}”?", name=self._called("rule", data.rule))
        if self._catalogue is None or data.root is None or not data.root.rules:
            return say.text("Do the conditions hold?")
        definition = Definition("rules", data.root)
        said = segment_sentence(definition, self._catalogue, say, self._value_label, self._name)
        return say.text("Is he among these: {conditions}?", conditions=said)

    def _task(self, data: nodes.Task) -> str:
        say = self._speaker
        if data.department_id is not None:
            return say.plural(
                "Task for the department “{name}”: “{title}”, {count} day",
                "Task for the department “{name}”: “{title}”, {count} days",
                data.due_days, name=self._called("department", data.department_id), title=data.title,
            )  # fmt: skip
        return say.plural(
            "Task for the customer's manager: “{title}”, {count} day",
            "Task for the customer's manager: “{title}”, {count} days", data.due_days, title=data.title,
        )  # fmt: skip

    def _parts(self, branches: Sequence[nodes.Branch]) -> str:
        say = self._speaker
        parts = [
            say.text(words.BRANCH, name=each.name or each.key, share=words.number(each.share, say)) for each in branches
        ]
        return listed(say, parts, "and")

    def _of(self, of: str | None) -> str:
        if of is None:
            return self._speaker.text("(to any message)")
        return self._speaker.text("(to “{node}”)", node=self._node(of))

    def _node(self, of: str | None) -> str:
        return (self._node_label(of) if self._node_label is not None and of else None) or of or "…"

    def _called(self, kind: str, key: str) -> str:
        return (self._name(kind, key) if self._name is not None and key else None) or key or "…"
