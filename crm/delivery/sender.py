"""One channel's sender: it claims, asks the policy, renders, hands over, writes down; whoever kills it, wherever.

A batch takes three transactions: the claim; the decision, with which every message that may go is marked as being
handed over; and, after the peer has answered, what became of it. Decisions are made one at a time in the whole house,
so that two senders never each allow the last contact that a customer may have.
"""

import datetime as dt
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.orm import Session

from crm.database import OUTBOX_DECISIONS, Database, one_at_a_time
from crm.delivery.channels import Channel, ChannelDown, Outcome, Rejected
from crm.delivery.desk import Desk, Later, Never
from crm.delivery.journal import Journal
from crm.delivery.preparing import Prepared, Sorted, Style, prepare
from crm.delivery.receiving import receive
from crm.delivery.settling import charges_of, confirmations, verdict
from crm.services.delivery import claiming, handing, opt_outs, outbox, reports
from crm.services.delivery.claiming import Pace
from crm.services.delivery.opt_outs import Refusals
from crm.services.delivery.values import Charge, Contact, State, Verdict, Waiting, charge_key

log = logging.getLogger("vitrina.delivery")
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class Options:
    """How a sender works: messages in a batch, the pace of its channel, how often the same message is tried, where its
    journal is, how texts are made."""

    journals: Path
    style: Style
    pace: Pace
    batch: int = 200
    tries: int = 5


@dataclass
class Round:
    """What one round did, by the state that messages came to; `received`: reports and answers that were new."""

    states: dict[State, int] = field(default_factory=dict)
    received: int = 0

    @property
    def is_busy(self) -> bool:
        """Whether there may be more to do at once."""
        return bool(self.states) or self.received > 0

    def count(self, verdicts: Sequence[Verdict]) -> None:
        """Add the verdicts of a transaction."""
        for each in verdicts:
            self.states[each.state] = self.states.get(each.state, 0) + 1


class Sender:
    """Sends on one channel; for one thread. `close` when nothing is being sent."""

    def __init__(self, database: Database, channel: Channel, desk: Desk, options: Options, clock: Clock) -> None:
        self._database, self._channel, self._desk, self._options, self._clock = database, channel, desk, options, clock
        self._journal = Journal(options.journals, channel.name)

    def run_once(self) -> Round:
        """Hand over one batch, and take in what came back."""
        done = Round()
        waiting = self._claim()
        if waiting:
            found = prepare(waiting, self._desk, self._channel, self._options.style, self._clock())
            going = self._decide(waiting, found, done)
            if going:
                self._hand_over(going, done)
        done.received = self._receive()
        return done

    def close(self) -> None:
        """Leave the peer; the journal goes, since nothing is in hand."""
        self._channel.close()
        self.close_journal()

    def close_journal(self) -> None:
        """End as a worker, and leave the channel open."""
        self._journal.close()

    def abandon(self) -> None:
        """End in the middle of something: the journal stays for whoever settles it."""
        self._channel.close()
        self._journal.abandon()

    @property
    def worker(self) -> str:
        """The name under which messages are in its hands."""
        return self._journal.worker

    def _claim(self) -> list[Waiting]:
        with self._database.begin() as session:
            return claiming.claim(
                session, self.worker, self._channel.name, self._clock(), self._options.batch, self._options.pace
            )

    def _decide(self, waiting: Sequence[Waiting], found: Sorted, done: Round) -> list[Prepared]:
        """The second transaction: what may go is `handing` when it ends."""
        now = self._clock()
        with self._database.begin() as session:
            one_at_a_time(session, OUTBOX_DECISIONS)
            mine = handing.still_mine(session, self.worker, [each.message_id for each in waiting])
            going, out = self._allowed(session, [each for each in found.ready if each.waiting.message_id in mine], now)
            charges = [_charge(each) for each in going]
            broke = self._desk.hold(session, charges, now)
            out += [Verdict(each.waiting.message_id, State.REFUSED, "budget") for each in _of(going, broke)]
            going = [each for each in going if _charge(each).key not in broke]
            out += [each for each in found.out if each.message_id in mine]
            handing.begin(session, self.worker, [each.handing for each in going], now, self._options.pace.lease)
            handing.settle(session, self.worker, out, now)
            # Paused meanwhile: back to the queue, where a pause keeps them.
            claiming.release(session, self.worker, [each.message_id for each in waiting], now)
        done.count(out)
        return going

    def _allowed(
        self, session: Session, ready: Sequence[Prepared], now: dt.datetime
    ) -> tuple[list[Prepared], list[Verdict]]:
        messages = [each.waiting for each in ready]
        refusals = opt_outs.refusals(
            session, [each.customer_id for each in messages], [each.handing.address_digest for each in ready]
        )
        history = _History(session, messages, now - self._desk.memory())
        rulings = self._desk.rulings(session, messages, now)
        going: list[Prepared] = []
        out: list[Verdict] = []
        for each in ready:
            message = each.waiting
            if _is_refused(refusals, each):
                out.append(Verdict(message.message_id, State.REFUSED, "opted_out"))
                continue
            ruling = rulings.ruling(message, history.of(message))
            if isinstance(ruling, Later):
                values = dict(ruling.values)
                out.append(Verdict(message.message_id, State.DEFERRED, ruling.reason, values, ruling.until))
            elif isinstance(ruling, Never):
                out.append(Verdict(message.message_id, State.REFUSED, ruling.reason, dict(ruling.values)))
            else:
                going.append(each)
                history.add(message, now)
        return going, out

    def _hand_over(self, going: Sequence[Prepared], done: Round) -> None:
        touched: set[int] = set()
        outcomes: dict[int, Outcome] = {}
        down: ChannelDown | None = None

        def touching(message_id: int) -> None:
            self._journal.touching(message_id)
            touched.add(message_id)

        try:
            for outcome in self._channel.send([each.rendered for each in going], touching):
                self._journal.noted(outcome)
                outcomes[outcome.message_id] = outcome
        except ChannelDown as error:
            down = error
        self._write_down(going, touched, outcomes, down, done)
        self._journal.clear()

    def _write_down(
        self, going: Sequence[Prepared], touched: Collection[int], outcomes: dict[int, Outcome],
        down: ChannelDown | None, done: Round,
    ) -> None:  # fmt: skip
        now = self._clock()
        verdicts = [self._verdict(each, touched, outcomes, down, now) for each in going]
        channel = self._channel.name
        with self._database.begin() as session:
            handing.settle(session, self.worker, verdicts, now)
            taken, back = charges_of({each.waiting.message_id: _charge(each) for each in going}, verdicts)
            self._desk.book(session, taken, now)
            self._desk.give_back(session, back, now)
            reports.record(session, confirmations(channel, outcomes.values(), now), now)
            reports.apply_early(session, [(channel, each) for one in verdicts for each in one.provider_ids], now)
            self._shut(session, going, outcomes, now)
            self._slow_down(session, outcomes, down, now)
        done.count(verdicts)

    def _verdict(
        self, each: Prepared, touched: Collection[int], outcomes: dict[int, Outcome], down: ChannelDown | None,
        now: dt.datetime,
    ) -> Verdict:  # fmt: skip
        message = each.waiting
        if message.message_id in outcomes:
            return verdict(outcomes[message.message_id], message.tries, self._options.tries, now)
        if message.message_id in touched:
            return Verdict(message.message_id, State.UNCERTAIN, "hand_over_broken")
        later = now + dt.timedelta(seconds=down.seconds if down is not None else 0.0)
        return Verdict(message.message_id, State.DEFERRED, "channel_trouble", due_at=later)

    def _shut(
        self, session: Session, going: Sequence[Prepared], outcomes: dict[int, Outcome], now: dt.datetime
    ) -> None:
        """Who has shut the channel to us is asked no more."""
        for each in going:
            outcome = outcomes.get(each.waiting.message_id)
            if isinstance(outcome, Rejected) and outcome.is_blocked:
                opt_outs.opt_out(
                    session, each.waiting.customer_id, self._channel.name, now, self._channel.name,
                    category=opt_outs.ALL, address_digest=each.handing.address_digest,
                    message_id=each.waiting.message_id,
                )  # fmt: skip

    def _slow_down(
        self, session: Session, outcomes: dict[int, Outcome], down: ChannelDown | None, now: dt.datetime
    ) -> None:
        """Leave the peer alone as long as it asked for."""
        waits = [each.seconds or 1.0 for each in outcomes.values() if isinstance(each, Rejected) and each.is_throttled]
        if down is not None:
            log.warning("channel is down", extra={"channel": self._channel.name, "trouble": str(down)})
            waits.append(down.seconds)
        if waits:
            trouble = str(down) if down is not None else "throttled"
            until = now + dt.timedelta(seconds=max(waits))
            claiming.block(session, self._channel.name, until, trouble, now)

    def _receive(self) -> int:
        now = self._clock()
        try:
            return receive(self._database, self._desk, self._channel, self._options.style.address_key, now)
        except ChannelDown as error:
            log.warning("channel is down", extra={"channel": self._channel.name, "trouble": str(error)})
            return 0


class _History:
    """Past contacts with the customers and clusters of a batch; what the batch itself sends is added."""

    def __init__(self, session: Session, messages: Sequence[Waiting], since: dt.datetime) -> None:
        customers, clusters = [each.customer_id for each in messages], [each.cluster_id for each in messages]
        self._by_customer: dict[int, list[Contact]] = {}
        self._by_cluster: dict[int, list[Contact]] = {}
        for contact in outbox.contacts(session, customers, clusters, since):
            self._put(contact)

    def of(self, message: Waiting) -> list[Contact]:
        """Contacts with the message's customer and with everybody of his cluster, each once."""
        own = self._by_customer.get(message.customer_id, [])
        others = self._by_cluster.get(message.cluster_id, [])
        return own + [each for each in others if each.customer_id != message.customer_id]

    def add(self, message: Waiting, now: dt.datetime) -> None:
        """The message goes."""
        self._put(
            Contact(
                message.message_id, message.customer_id, message.cluster_id, message.channel, message.category,
                message.campaign, now,
            )
        )  # fmt: skip

    def _put(self, contact: Contact) -> None:
        self._by_customer.setdefault(contact.customer_id, []).append(contact)
        self._by_cluster.setdefault(contact.cluster_id, []).append(contact)


def _charge(each: Prepared) -> Charge:
    message = each.waiting
    return Charge(
        message.campaign, message.channel, charge_key(message.key, message.handovers + 1), each.handing.charge
    )


def _of(going: Sequence[Prepared], keys: Collection[str]) -> list[Prepared]:
    return [each for each in going if _charge(each).key in keys]


def _is_refused(refusals: Refusals, each: Prepared) -> bool:
    message = each.waiting
    return refusals.forbid(message.customer_id, each.handing.address_digest, message.channel, message.category)
