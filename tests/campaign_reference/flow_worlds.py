"""Random flows that `check` finds nothing wrong with, and an outbox with everything that can happen to a message."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import strategies as st

from campaigns.flow import (
    Cancel,
    Facts,
    Flow,
    Intent,
    MessageFact,
    Participant,
    ResponseFact,
    Send,
    Walk,
    advance,
    parse,
)
from campaigns.policy import Allowed, Contact, Deferred, Policy, Request, Standing, decide

MINUTES = st.integers(1, 4000)
CHANNELS = ("sms", "email", "push")
EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("time"), MINUTES), st.tuples(st.just("send"), st.sampled_from(["sent", "sent", "uncertain"])),
        st.tuples(st.just("report"), st.integers(0, 30), st.sampled_from(["delivered", "failed", "read"])),
        st.tuples(st.just("respond"), st.integers(0, 30), st.integers(1, 3), st.sampled_from(["key", "node", "none"]),
                  st.integers(0, 3000)),
        st.tuples(st.just("crash"), st.just(0)), st.tuples(st.just("pause"), MINUTES),
        st.tuples(st.just("answer"), st.booleans()),
    ),
    max_size=30,
)  # fmt: skip


class Builder:
    """Puts a flow together from the end: a block leads to what follows it."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw, self.nodes, self.edges = draw, list[dict[str, Any]](), list[dict[str, str]]()
        self.sending: list[str] = []

    def node(self, kind: str, data: dict[str, Any], **ports: str) -> str:
        """A node that is left by these ports; its id."""
        identity = f"n{len(self.nodes)}"
        self.nodes.append({"id": identity, "kind": kind, "data": data})
        self.edges += [{"source": identity, "port": port, "target": target} for port, target in ports.items()]
        return identity

    def block(self, after: str, depth: int) -> str:
        """A random piece of a flow before `after`; the id to enter it by."""
        kinds = ["message", "fallback", "wait", "event", "task", "call"]
        kind = self.draw(st.sampled_from([*kinds, "condition", "split", "control", "loop"] if depth else kinds))
        return getattr(self, f"_{kind}")(after, depth)

    def _template(self) -> dict[str, str]:
        return {"channel": self.draw(st.sampled_from(CHANNELS)), "template": "t"}

    def _message(self, after: str, _: int) -> str:
        return self._sends(self.node("message", self._template(), next=after))

    def _sends(self, identity: str) -> str:
        self.sending.append(identity)
        return identity

    def _fallback(self, after: str, depth: int) -> str:
        step = st.fixed_dictionaries(
            {"channel": st.sampled_from(CHANNELS), "template": st.just("t"), "wait_minutes": st.integers(1, 2000),
             "success": st.sampled_from(["delivered", "read", "interest"])}
        )  # fmt: skip
        steps = self.draw(st.lists(step, min_size=1, max_size=3))
        other = self.block(after, 0) if depth else after
        order = self.draw(st.sampled_from(["given", "expected_cost"]))
        return self._sends(self.node("fallback", {"steps": steps, "order": order}, reached=after, not_reached=other))

    def _wait(self, after: str, _: int) -> str:
        return self.node("wait", {"mode": "for", "minutes": self.draw(MINUTES)}, next=after)

    def _event(self, after: str, depth: int) -> str:
        of = self.draw(st.sampled_from([None, *self.sending]))
        data = {"mode": "until_event", "response": self.draw(st.integers(1, 3)), "of": of, "at_most_minutes": 600}
        return self.node("wait", data, happened=after, timed_out=self.block(after, 0) if depth else after)

    def _task(self, after: str, _: int) -> str:
        return self.node("task", {"title": "Call"}, next=after)

    def _call(self, after: str, _: int) -> str:
        return self.node("call_register", {"register": "r"}, next=after)

    def _condition(self, after: str, depth: int) -> str:
        of = self.draw(st.sampled_from([None, *self.sending]))
        tests: list[dict[str, Any]] = [{"kind": "response", "response": 2, "of": of}, {"kind": "signal", "rule": "r"}]
        if of is not None:
            tests.append(
                {"kind": "status", "of": of, "is": self.draw(st.sampled_from(["delivered", "failed", "sent"]))}
            )
        yes, no = self.block(after, depth - 1), self.block(after, depth - 1)
        return self.node("condition", {"test": self.draw(st.sampled_from(tests))}, yes=yes, no=no)

    def _split(self, after: str, depth: int) -> str:
        branches = [{"key": "a", "name": "A", "share": 50}, {"key": "b", "name": "B", "share": 50}]
        return self.node(
            "split", {"branches": branches}, a=self.block(after, depth - 1), b=self.block(after, depth - 1)
        )

    def _control(self, after: str, depth: int) -> str:
        contacted = self.block(after, depth - 1)
        ends = {"control": self.node("end", {})} if self.draw(st.booleans()) else {}
        return self.node("control", {"share_pct": 40}, contacted=contacted, **ends)

    def _loop(self, after: str, depth: int) -> str:
        """contact → wait → has he answered? no: again."""
        again = self.node("condition", {"test": {"kind": "response", "response": 2, "of": None}}, yes=after)
        pause = self.node("wait", {"mode": "for", "minutes": self.draw(MINUTES)}, next=again)
        first = self.block(pause, 0)
        self.edges.append({"source": again, "port": "no", "target": first})
        return first


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """A flow of a few blocks one after another."""
    builder = Builder(draw)
    here = builder.node("end", {})
    for _ in range(draw(st.integers(1, 4))):
        here = builder.block(here, 2)
    builder.node("audience", {}, next=here)
    return parse({"version": 1, "nodes": builder.nodes, "edges": builder.edges})


@dataclass
class Outbox:
    """What the runner and the sender keep, in one participant's small world."""

    flow: Flow
    policy: Policy
    participant: Participant
    now: dt.datetime
    messages: dict[str, MessageFact] = field(default_factory=dict)
    responses: list[ResponseFact] = field(default_factory=list)
    made: list[Contact] = field(default_factory=list)
    due: dict[str, dt.datetime] = field(default_factory=dict)
    asked: list[tuple[dt.datetime, str, Intent]] = field(default_factory=list)
    answer: bool | None = None

    def facts(self) -> Facts:
        """Everything known now."""
        return Facts(tuple(self.messages.values()), tuple(self.responses), lambda _: self.answer)

    def advance(self) -> Walk:
        """One step of the runner, written down as one transaction."""
        before = self.participant
        walk = advance(self.flow, before, self.now, self.facts())
        self.participant = walk.participant
        for intent in walk.intents:
            self.asked.append((self.now, before.node_id, intent))
            if isinstance(intent, Send):
                assert intent.key not in self.messages, f"{intent.key} was asked for twice"
                self.messages[intent.key] = MessageFact(intent.key, intent.node_id, intent.channel, "queued", self.now)
                self.due[intent.key] = self.now
            if isinstance(intent, Cancel) and self.messages[intent.key].state in ("queued", "deferred"):
                self._mark(intent.key, "cancelled")
        return walk

    def _mark(self, key: str, state: str, **more: Any) -> None:
        self.messages[key] = replace(self.messages[key], state=state, at=self.now, **more)

    def send(self, state: str = "sent") -> None:
        """The sender takes what is due; each is decided anew. When it dies over it, nobody knows whether it is gone."""
        for key, message in list(self.messages.items()):
            if message.state not in ("queued", "deferred") or self.due[key] > self.now:
                continue
            who = self.participant
            request = Request(
                who.customer_id, who.cluster_id, message.channel, "marketing", who.campaign, 50, self.now,
                contact_id=key,
            )  # fmt: skip
            verdict = decide(self.policy, request, self.made, Standing(frozenset({"marketing"})))
            if isinstance(verdict, Allowed):
                self._mark(key, state, sent_at=self.now)
                self.made.append(
                    Contact(key, who.customer_id, who.cluster_id, message.channel, "marketing", who.campaign, self.now)
                )
            elif isinstance(verdict, Deferred):
                self._mark(key, "deferred")
                self.due[key] = verdict.until
            else:
                self._mark(key, "refused")

    def report(self, place: int, state: str) -> None:
        """A peer reports of something that was sent, be it long ago, be it for the second time."""
        sent = [key for key, each in self.messages.items() if each.sent_at is not None]
        if sent and not (state == "failed" and self.messages[sent[place % len(sent)]].state in ("delivered", "read")):
            self._mark(sent[place % len(sent)], state)

    def respond(self, place: int, kind: int, how: str, ago: int) -> None:
        """The customer answers to something that was sent; it may be heard of later than it was."""
        sent = [each for each in self.messages.values() if each.sent_at is not None]
        if not sent:
            return
        message = sent[place % len(sent)]
        at = max(message.sent_at or self.now, self.now - dt.timedelta(minutes=ago))
        named = {"key": (message.node_id, message.key), "node": (message.node_id, None), "none": (None, None)}[how]
        self.responses.append(ResponseFact(kind, at, *named))
