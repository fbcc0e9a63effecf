"""One participant on his way through a flow, node by node, until he has to wait or is done."""

import datetime as dt
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from campaigns.control.hashing import uniform
from campaigns.flow import events, nodes
from campaigns.flow.choosing import branch_of, by_expected_cost
from campaigns.flow.facts import (
    DONE,
    HANDED_OVER,
    LOST,
    PENDING,
    WAITING,
    Cancel,
    Facts,
    Intent,
    MakeTask,
    MessageFact,
    Participant,
    Register,
    Send,
    Terms,
    Transition,
    Visit,
    Walk,
    message_key,
)
from campaigns.flow.nodes import Flow


class Walker:
    """One participant on his way; what it is told of him does not change meanwhile."""

    def __init__(self, flow: Flow, participant: Participant, moment: dt.datetime, facts: Facts, terms: Terms) -> None:
        self.flow, self.before, self.moment, self.facts, self.terms = flow, participant, moment, facts, terms
        self.node_id, self.entered_at = participant.node_id, participant.entered_at or moment
        self.tried, self.visits, self.assignments = participant.tried, participant.visits, participant.assignments
        self.state = WAITING
        self.wake_at: dt.datetime | None = None
        self.intents: list[Intent] = []
        self.transitions: list[Transition] = []

    def walk(self) -> Walk:
        """Go on until the participant has to wait or is done."""
        for _ in range(len(self.flow.nodes) + 2):
            port = self._through(self.flow.by_id[self.node_id].data)
            if port is None or not self._leave(port):
                return self._result()
        raise ValueError(f"the flow goes round without waiting at {self.node_id}")

    def _result(self) -> Walk:
        before = self.before
        after = Participant(
            before.campaign, before.customer_id, before.cluster_id, self.node_id, self.state, self.entered_at,
            self.wake_at, self.assignments, self.visits, self.tried,
        )  # fmt: skip
        if not self.transitions and not self.intents and after == before:
            after = before
        return Walk(after, tuple(self.intents), tuple(self.transitions))

    def _leave(self, port: str) -> bool:
        """Go to the next node; False when the participant is done."""
        target = self.flow.targets.get((self.node_id, port))
        if target is not None and target not in self.flow.by_id:
            target = None
        self.transitions.append(Transition(self.node_id, port, target, self.moment))
        if target is None or (self._is_control() and isinstance(self.flow.by_id[target].data, nodes.CONTACTING)):
            return self._done()
        self.node_id, self.entered_at, self.tried, self.wake_at = target, self.moment, (), None
        data = self.flow.by_id[target].data
        if isinstance(data, nodes.CONTACTING):
            last = self.visits.get(target)
            self.visits = {**self.visits, target: Visit(last.count + 1 if last else 1, self.moment)}
        return self._done() if isinstance(data, nodes.End) else True

    def _done(self) -> bool:
        self.state, self.wake_at = DONE, None
        return False

    def _is_control(self) -> bool:
        if "control" not in self.assignments.values():
            return False
        drawn = ((self.flow.by_id.get(node), port) for node, port in self.assignments.items())
        return any(
            port == "control" and node is not None and isinstance(node.data, nodes.Control) for node, port in drawn
        )

    def _through(self, data: nodes.Data) -> str | None:
        """The port by which the participant leaves the node now; None while he has to wait."""
        match data:
            case nodes.Message():
                return self._message(data)
            case nodes.Fallback():
                return self._fallback(data)
            case nodes.Wait():
                return self._wait(data)
            case nodes.Condition():
                return self._condition(data)
            case nodes.Split():
                return self._assigned(lambda drawn: branch_of(data, drawn))
            case nodes.Control():
                return self._assigned(lambda drawn: "control" if drawn * 100 < data.share_pct else "contacted")
            case nodes.Task():
                self.intents.append(
                    MakeTask(
                        self._key(0), self.node_id, data.title, data.description, data.due_days, data.department_id
                    )
                )
            case nodes.CallRegister():
                self.intents.append(Register(self._key(0), self.node_id, data.register, data.script, data.attempts))
            case nodes.End():
                self._done()
                return None
        return nodes.NEXT

    def _assigned(self, choose: Callable[[float], str]) -> str:
        port = self.assignments.get(self.node_id)
        if port is None:
            port = choose(uniform(f"{self.before.campaign}:{self.node_id}", self.before.cluster_id))
            self.assignments = {**self.assignments, self.node_id: port}
        return port

    def _message(self, data: nodes.Message) -> str | None:
        if not self.tried:
            self._send(0, data.channel, data.template)
            return None
        found = self._messages().get(self._key(0))
        return nodes.NEXT if found is not None and found.state in HANDED_OVER | LOST else None

    def _fallback(self, data: nodes.Fallback) -> str | None:
        order, sent = self._order(data), self._messages()
        if any(self._succeeded(data.steps[step].success, self._key(step), sent) for step in self.tried):
            for key in map(self._key, self.tried):
                if key not in sent or sent[key].state in PENDING:
                    self.intents.append(Cancel(key))
            return "reached"
        if self.tried:
            last = self.tried[-1]
            deadline = self._deadline(data.steps[last], sent.get(self._key(last)))
            if deadline is None or deadline > self.moment:
                self.wake_at = deadline
                return None
        left = [step for step in order if step not in self.tried]
        if not left:
            return "not_reached"
        self._send(left[0], data.steps[left[0]].channel, data.steps[left[0]].template)
        return None

    def _deadline(self, step: nodes.Step, message: MessageFact | None) -> dt.datetime | None:
        """When the next step begins; None: not before more is known of this one."""
        if message is None or message.state in PENDING:
            return None
        if message.state in LOST:
            return self.moment
        return (message.sent_at or message.at) + dt.timedelta(minutes=step.wait_minutes)

    def _succeeded(self, success: str, key: str, sent: Mapping[str, MessageFact]) -> bool:
        return events.has_succeeded(success, self.node_id, key, sent.get(key), self.facts.responses)

    def _order(self, data: nodes.Fallback) -> tuple[int, ...]:
        if data.order == "given":
            return tuple(range(len(data.steps)))
        chosen = self.assignments.get(self.node_id)
        if chosen is None:
            chosen = ",".join(str(step) for step in by_expected_cost(data, self.terms))
            self.assignments = {**self.assignments, self.node_id: chosen}
        return tuple(int(step) for step in chosen.split(","))

    def _wait(self, data: nodes.Wait) -> str | None:
        if data.mode == "until_event":
            until = self.entered_at + dt.timedelta(minutes=data.at_most_minutes)
            if events.has_responded(data.response, data.of, self.facts, self._since(data.of), until):
                return "happened"
        else:
            until = self._until(data)
        if until <= self.moment:
            return "timed_out" if data.mode == "until_event" else nodes.NEXT
        self.wake_at = until
        return None

    def _until(self, data: nodes.Wait) -> dt.datetime:
        if data.mode == "for":
            return self.entered_at + dt.timedelta(minutes=data.minutes)
        if data.date is None:
            return self.moment
        at_home = dt.datetime.combine(data.date, data.time, ZoneInfo(self.terms.timezone))
        return at_home.astimezone(dt.UTC)

    def _condition(self, data: nodes.Condition) -> str | None:
        if data.kind == "response":
            holds: bool | None = events.has_responded(data.response, data.of, self.facts, self._since(data.of))
        elif data.kind == "status":
            holds = data.of is not None and events.has_status(data.status, self._messages(data.of).values())
        else:
            holds = self.facts.answers(self.node_id)
        return None if holds is None else ("yes" if holds else "no")

    def _since(self, of: str | None) -> dt.datetime | None:
        """Since when responses to a node count: its last visit; for the campaign as a whole, always."""
        if of is None:
            return dt.datetime.min.replace(tzinfo=dt.UTC)
        visit = self.visits.get(of)
        return visit.at if visit is not None else None

    def _send(self, step: int, channel: str, template: str) -> None:
        self.tried = (*self.tried, step)
        self.intents.append(Send(self._key(step), self.node_id, step, channel, template))

    def _key(self, step: int) -> str:
        visit = self.visits.get(self.node_id)
        attempt = visit.count if visit is not None else 1
        return message_key(self.before.campaign, self.before.customer_id, self.node_id, step, attempt)

    def _messages(self, node_id: str | None = None) -> dict[str, MessageFact]:
        """Messages of the last visit of a node, by key."""
        if not self.facts.messages:
            return {}
        node_id = node_id or self.node_id
        visit = self.visits.get(node_id)
        ending = f":{visit.count if visit is not None else 1}"
        return {each.key: each for each in self.facts.messages if each.node_id == node_id and each.key.endswith(ending)}
