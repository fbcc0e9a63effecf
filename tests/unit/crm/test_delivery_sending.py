"""A sender hands each message over once, asks the policy every time, and knows after any break what it knows not."""

import datetime as dt
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.database import Database
from crm.delivery import courier
from crm.delivery.addresses import digest
from crm.delivery.channels import Answer, Report
from crm.delivery.recovering import recover
from crm.delivery.sender import Sender
from crm.models import CampaignResponse, DeliveryReport, OptOut, OutboxMessage
from crm.services.actor import system
from crm.services.delivery import handing, opt_outs, outbox, pauses
from crm.services.delivery.values import NewMessage, ReportState
from tests.delivery_desk import KEY, NOW, Clock, MemoryPeer, TestDesk, address_of, new, options

ACTOR = system("tests")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk() -> TestDesk:
    return TestDesk()


@pytest.fixture
def peer() -> MemoryPeer:
    return MemoryPeer()


@pytest.fixture
def sender(database: Database, peer: MemoryPeer, desk: TestDesk, clock: Clock, tmp_path: Path) -> Sender:
    return Sender(database, peer, desk, options(tmp_path), clock)


def put(database: Database, *messages: NewMessage) -> outbox.Put:
    with database.begin() as session:
        return outbox.put(session, messages, NOW)


def rows(database: Database) -> dict[int, OutboxMessage]:
    with database.read() as session:
        return {row.customer_id: row for row in session.scalars(select(OutboxMessage))}


def states(database: Database) -> dict[int, str]:
    return {customer: row.state for customer, row in rows(database).items()}


def test_a_message_that_is_put_twice_is_sent_once(database: Database, sender: Sender, peer: MemoryPeer) -> None:
    assert put(database, new(1), new(2)) == outbox.Put(2, 0)
    assert put(database, new(2), new(3)) == outbox.Put(1, 1)
    sender.run_once()
    sender.run_once()
    assert sorted(message.address for message in peer.taken) == [address_of("sms", each) for each in (1, 2, 3)]
    row = rows(database)[1]
    assert (row.state, row.parts, row.language) == ("sent", 1, "uz")
    assert row.provider_id == "p1-1"
    assert row.content_hash
    assert row.address_digest == digest(KEY, "sms", address_of("sms", 1))


def test_a_text_is_made_at_sending_with_the_links_of_its_message(
    database: Database, sender: Sender, peer: MemoryPeer
) -> None:
    put(database, new(1))
    sender.run_once()
    row = rows(database)[1]
    assert peer.taken[0].text == f"Salom, N1! https://x.uz/l/{row.token}"


def test_what_cannot_be_made_is_refused_with_the_reason(database: Database, sender: Sender, desk: TestDesk) -> None:
    from crm.delivery.desk import Text

    desk.nobody.add(1)
    desk.controls.add(4)
    desk.texts["gap"] = Text("{{ nothing }}")
    put(database, new(1), new(2, template="none"), new(3, template="gap"), new(4))
    sender.run_once()
    reasons = {customer: (row.state, row.reason) for customer, row in rows(database).items()}
    assert reasons == {
        1: ("refused", "no_address"), 2: ("refused", "no_template"), 3: ("refused", "template_error"),
        4: ("refused", "control_group"),
    }  # fmt: skip


def test_a_cap_holds_inside_one_batch_over_the_household_and_the_rest_waits(
    database: Database, sender: Sender, desk: TestDesk, peer: MemoryPeer, clock: Clock
) -> None:
    desk.cap = 1
    put(database, new(1, cluster_id=7), new(2, cluster_id=7, priority=90), new(3))
    sender.run_once()
    assert {message.address for message in peer.taken} == {address_of("sms", 2), address_of("sms", 3)}
    row = rows(database)[1]
    assert (row.state, row.reason, row.reason_values) == ("deferred", "cap", {"cap": 1})
    clock.move(hours=12)
    sender.run_once()
    assert len(peer.taken) == 2
    clock.move(hours=13)
    sender.run_once()
    assert len(peer.taken) == 3


def test_two_senders_at_once_share_the_queue_and_the_cap(
    database: Database, desk: TestDesk, clock: Clock, tmp_path: Path
) -> None:
    desk.cap = 1
    put(database, *(new(each, cluster_id=each // 2, campaign=name) for each in range(60) for name in ("a", "b")))
    peers = [MemoryPeer(), MemoryPeer(), MemoryPeer()]
    senders = [Sender(database, each, desk, options(tmp_path, batch=7), clock) for each in peers]

    def work(sender: Sender) -> None:
        while sender.run_once().states:
            pass

    threads = [threading.Thread(target=work, args=(each,)) for each in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = [message for each in peers for message in each.taken]
    assert len(taken) == 30
    assert len({message.key.split(":")[1] for message in taken}) == 30


def test_a_paused_campaign_or_step_stays_in_the_house_even_when_it_was_claimed(
    database: Database, sender: Sender, peer: MemoryPeer, clock: Clock
) -> None:
    put(database, new(1), new(2, node_id="n2"), new(3, campaign="other"))
    with database.begin() as session:
        pauses.pause(session, "other", "why not", ACTOR, NOW)
        pauses.pause(session, "spring", "why not", ACTOR, NOW, "n2")
    sender.run_once()
    assert states(database) == {1: "sent", 2: "queued", 3: "queued"}
    with database.begin() as session:
        pauses.resume(session, "other", "go on", ACTOR, NOW)
    sender.run_once()
    assert states(database) == {1: "sent", 2: "queued", 3: "sent"}
    put(database, new(4))
    claimed = sender._claim()
    assert [each.customer_id for each in claimed] == [4]
    with database.begin() as session:
        pauses.pause(session, "spring", "stop", ACTOR, NOW)
    from crm.delivery.preparing import prepare
    from crm.delivery.sender import Round

    found = prepare(claimed, sender._desk, peer, sender._options.style, clock())
    assert sender._decide(claimed, found, Round()) == []
    assert states(database)[4] == "queued"


def test_what_was_cancelled_is_not_sent_and_what_was_sent_is_not_cancelled(
    database: Database, sender: Sender, peer: MemoryPeer
) -> None:
    put(database, new(1))
    sender.run_once()
    put(database, new(2))
    with database.begin() as session:
        called = outbox.cancel(session, [new(1).key, new(2).key], "reached", NOW)
    assert called == {new(2).key}
    sender.run_once()
    assert states(database) == {1: "sent", 2: "cancelled"}
    assert len(peer.taken) == 1


def test_an_expired_message_is_put_aside(database: Database, sender: Sender, peer: MemoryPeer, clock: Clock) -> None:
    put(database, new(1, expires_at=NOW + dt.timedelta(hours=1), due_at=NOW + dt.timedelta(minutes=30)))
    sender.run_once()
    clock.move(hours=2)
    sender.run_once()
    assert states(database) == {1: "expired"}
    assert peer.taken == []


def test_the_pace_of_a_channel_is_kept_by_all_its_senders(
    database: Database, desk: TestDesk, clock: Clock, tmp_path: Path
) -> None:
    put(database, *(new(each) for each in range(50)))
    peers = [MemoryPeer(), MemoryPeer()]
    senders = [Sender(database, each, desk, options(tmp_path, per_second=2, burst=10), clock) for each in peers]
    for each in senders:
        each.run_once()
    assert sum(len(each.taken) for each in peers) == 10
    clock.move(seconds=3)
    for each in senders:
        each.run_once()
    assert sum(len(each.taken) for each in peers) == 16


def test_a_refusal_is_final_or_tried_again_and_costs_nothing(
    database: Database, sender: Sender, desk: TestDesk, peer: MemoryPeer, clock: Clock
) -> None:
    desk.cost = Decimal(5)
    peer.script = {1: "refuse", 2: "later", 3: "throttle", 4: "block"}
    put(database, *(new(each) for each in range(1, 6)))
    sender.run_once()
    found = {customer: (row.state, row.reason) for customer, row in rows(database).items()}
    assert found == {
        1: ("failed", "rejected"), 2: ("queued", "channel_trouble"), 3: ("deferred", "throttled"),
        4: ("refused", "opted_out"), 5: ("sent", ""),
    }  # fmt: skip
    assert list(desk.spent) == [f"{new(5).key}#1"]
    assert desk.held == {}
    clock.move(minutes=5)
    sender.run_once()
    assert [states(database)[each] for each in (2, 3)] == ["sent", "sent"]
    assert sorted(desk.spent) == sorted([f"{new(2).key}#2", f"{new(3).key}#2", f"{new(5).key}#1"])
    with database.read() as session:
        assert [row.customer_id for row in session.scalars(select(OptOut))] == [4]


def test_a_message_that_is_refused_again_and_again_is_given_up(
    database: Database, sender: Sender, peer: MemoryPeer, clock: Clock
) -> None:
    peer.script = dict.fromkeys(range(1, 20), "later")
    put(database, new(1))
    for _ in range(6):
        sender.run_once()
        clock.move(hours=2)
    assert (rows(database)[1].state, rows(database)[1].reason, peer.count) == ("failed", "gave_up", 3)


def test_money_that_is_not_there_is_not_spent(database: Database, sender: Sender, desk: TestDesk) -> None:
    desk.cost, desk.money = Decimal(10), Decimal(35)
    put(database, *(new(each) for each in range(1, 6)))
    sender.run_once()
    found = sorted((row.state, row.reason) for row in rows(database).values())
    assert found == [("refused", "budget")] * 2 + [("sent", "")] * 3
    assert sum(desk.spent.values()) == 30


@pytest.mark.parametrize("does", ["die", "vanish"])
def test_a_connection_that_breaks_leaves_one_uncertain_message_that_is_not_sent_again(
    database: Database, sender: Sender, peer: MemoryPeer, desk: TestDesk, clock: Clock, does: str
) -> None:
    desk.cost = Decimal(5)
    peer.script = {2: does}
    put(database, new(1), new(2), new(3))
    sender.run_once()
    assert states(database) == {1: "sent", 2: "uncertain", 3: "deferred"}
    assert list(desk.held) == [f"{new(2).key}#1"]
    for _ in range(3):
        clock.move(hours=2)
        sender.run_once()
    assert states(database) == {1: "sent", 2: "uncertain", 3: "sent"}
    keys = [message.key for message in peer.taken]
    assert len(keys) == len(set(keys))


def test_the_peers_own_word_settles_what_was_uncertain(
    database: Database, sender: Sender, peer: MemoryPeer, desk: TestDesk
) -> None:
    desk.cost = Decimal(5)
    peer.script = {1: "vanish"}
    put(database, new(1), new(2))
    sender.run_once()
    row = rows(database)[1]
    address = address_of("sms", 1)
    peer.inbox = [Report("r1", ReportState.DELIVERED, NOW, provider_id="x9", address=address, reference=row.message_id)]
    sender.run_once()
    assert (states(database)[1], rows(database)[1].provider_id) == ("delivered", "x9")
    assert desk.spent[f"{new(1).key}#1"] == 5
    assert peer.acknowledged


def test_a_person_may_have_an_uncertain_message_sent_again(
    database: Database, sender: Sender, peer: MemoryPeer, desk: TestDesk
) -> None:
    peer.script = {1: "die"}
    put(database, new(1))
    sender.run_once()
    with database.begin() as session:
        desk.give_back(session, [handing.send_again(session, new(1).key, "the centre says no", ACTOR, NOW)], NOW)
    sender.run_once()
    assert states(database) == {1: "sent"}
    assert len(peer.taken) == 1


def test_reports_move_a_message_once_whatever_their_order(database: Database, sender: Sender, peer: MemoryPeer) -> None:
    put(database, new(1), new(2), new(3))
    sender.run_once()
    ids = {each: rows(database)[each].provider_id for each in (1, 2, 3)}
    failed, delivered, read = ReportState.FAILED, ReportState.DELIVERED, ReportState.READ
    told = [(1, failed), (1, delivered), (1, failed), (2, delivered), (2, failed), (3, read), (3, delivered)]
    peer.inbox = [Report(f"r{n}", state, NOW, provider_id=ids[each]) for n, (each, state) in enumerate(told)]
    peer.inbox += [
        Report("r3", delivered, NOW, provider_id=ids[2]),
        Report("r9", delivered, NOW, provider_id="unknown"),
    ]
    assert sender.run_once().received == 8
    assert states(database) == {1: "delivered", 2: "delivered", 3: "delivered"}
    with database.read() as session:
        found = sorted((row.customer_id, row.type) for row in session.scalars(select(CampaignResponse)))
        assert found == [(1, 1), (2, 1), (3, 1), (3, 2)]
        effects = {row.report_key: row.effect for row in session.scalars(select(DeliveryReport))}
        assert effects["r9"] == "unknown"
        assert effects["r4"] == "late"
    facts = _facts(database, [1, 3])
    assert facts[1][0][0].state == "delivered"
    assert [response.type for response in facts[3][1]] == [1, 2]


def test_a_failed_message_is_no_contact_and_the_next_step_of_a_fallback_may_go(
    database: Database, sender: Sender, peer: MemoryPeer, desk: TestDesk
) -> None:
    desk.cap = 1
    put(database, new(1))
    sender.run_once()
    peer.inbox = [Report("r", ReportState.FAILED, NOW, provider_id=rows(database)[1].provider_id, code="UNDELIV 001")]
    sender.run_once()
    assert (rows(database)[1].reason, rows(database)[1].contacted_at) == ("UNDELIV 001", None)
    put(database, new(1, key="spring:1:n1:1:1", step=1))
    sender.run_once()
    assert len(peer.taken) == 2


def test_a_receipt_that_is_faster_than_our_note_is_kept_for_it(
    database: Database, sender: Sender, peer: MemoryPeer
) -> None:
    with database.begin() as session:
        from crm.services.delivery import reports
        from crm.services.delivery.values import NewReport

        reports.record(session, [NewReport("sms", "early", ReportState.DELIVERED, NOW, provider_id="p1-1")], NOW)
    put(database, new(1))
    sender.run_once()
    assert states(database) == {1: "delivered"}


@pytest.mark.parametrize("text", ["STOP", "Стоп!", " toʻxtating iltimos", "/stop", "Отпишите меня"])
def test_stop_is_an_opt_out_at_once_and_calls_back_what_is_queued(
    database: Database, sender: Sender, peer: MemoryPeer, text: str
) -> None:
    put(database, new(1), new(1, campaign="later", due_at=NOW + dt.timedelta(hours=1)))
    sender.run_once()
    peer.inbox = [Answer("a1", "reply", NOW, address=address_of("sms", 1), text=text)]
    sender.run_once()
    with database.read() as session:
        found = {row.campaign: (row.state, row.reason) for row in session.scalars(select(OutboxMessage))}
        assert found == {"spring": ("sent", ""), "later": ("refused", "opted_out")}
        assert list(session.scalars(select(CampaignResponse.kind))) == []
    put(database, new(1, campaign="third"), new(1, campaign="bill", category="service"))
    sender.run_once()
    assert [message.key.split(":")[0] for message in peer.taken] == ["spring", "bill"]


def test_stop_from_a_number_that_nobody_knows_holds_for_whoever_has_it(
    database: Database, sender: Sender, peer: MemoryPeer
) -> None:
    peer.inbox = [Answer("a1", "reply", NOW, address=address_of("sms", 5).lstrip("+"), text="stop")]
    sender.run_once()
    put(database, new(5))
    sender.run_once()
    assert (states(database), peer.taken) == ({5: "refused"}, [])


def test_an_opt_out_between_claim_and_hand_over_holds(database: Database, sender: Sender, peer: MemoryPeer) -> None:
    put(database, new(1))
    original = sender._claim

    def claim_then_opt_out() -> list[object]:
        claimed = original()
        with database.begin() as session:
            opt_outs.opt_out(session, 1, "all", NOW, "tests")
        return list(claimed)

    sender._claim = claim_then_opt_out  # type: ignore[method-assign, assignment]
    sender.run_once()
    assert (states(database), peer.taken) == ({1: "refused"}, [])


def test_a_sender_that_is_killed_is_settled_from_its_journal(
    database: Database, desk: TestDesk, clock: Clock, tmp_path: Path
) -> None:
    desk.cost = Decimal(5)

    class Killed(MemoryPeer):
        def send(self, messages, touching):  # type: ignore[no-untyped-def]
            for number, outcome in enumerate(super().send(messages, touching), start=1):
                yield outcome
                if number == 3:
                    touching(messages[3].message_id)
                    raise KeyboardInterrupt

    put(database, *(new(each) for each in range(1, 7)))
    peer = Killed()
    sender = Sender(database, peer, desk, options(tmp_path), clock)
    with pytest.raises(KeyboardInterrupt):
        sender.run_once()
    assert set(states(database).values()) == {"handing"}
    assert recover(database, desk, tmp_path / "journals", clock(), 3) == 0, "it is alive as long as it has its lock"
    sender._journal.abandon()
    assert recover(database, desk, tmp_path / "journals", clock(), 3) == 6
    assert states(database) == {1: "sent", 2: "sent", 3: "sent", 4: "uncertain", 5: "deferred", 6: "deferred"}
    assert sorted(desk.spent) == [f"{new(each).key}#1" for each in (1, 2, 3)]
    assert list(desk.held) == [f"{new(4).key}#1"]
    other = MemoryPeer()
    courier.run_once(database, {"sms": other}, desk, {"sms": options(tmp_path)}, clock)
    assert [message.key for message in other.taken] == [new(5).key, new(6).key]
    assert rows(database)[1].provider_id == "p1-1"


def test_after_a_restart_of_the_machine_nothing_is_believed_that_is_missing(
    database: Database, desk: TestDesk, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crm.delivery import journal

    put(database, new(1))
    peer = MemoryPeer()

    def send(messages: object, touching: object) -> object:
        raise KeyboardInterrupt

    peer.send = send  # type: ignore[method-assign, assignment]
    sender = Sender(database, peer, desk, options(tmp_path), clock)
    with pytest.raises(KeyboardInterrupt):
        sender.run_once()
    sender._journal.abandon()
    monkeypatch.setattr(journal, "boot_id", lambda: "another start")
    recover(database, desk, tmp_path / "journals", clock(), 3)
    assert states(database) == {1: "uncertain"}


def test_senders_of_other_machines_are_uncertain_when_their_lease_is_over(
    database: Database, desk: TestDesk, clock: Clock, tmp_path: Path
) -> None:
    put(database, new(1), new(2))
    peer = MemoryPeer()

    def send(messages: object, touching: object) -> object:
        raise KeyboardInterrupt

    peer.send = send  # type: ignore[method-assign, assignment]
    sender = Sender(database, peer, desk, options(tmp_path / "elsewhere"), clock)
    with pytest.raises(KeyboardInterrupt):
        sender.run_once()
    assert recover(database, desk, tmp_path / "journals", clock(), 3) == 0
    clock.move(minutes=6)
    assert recover(database, desk, tmp_path / "journals", clock(), 3) == 2
    assert states(database) == {1: "uncertain", 2: "uncertain"}


def test_messages_that_a_dead_worker_had_only_claimed_go_back_to_the_queue(
    database: Database, desk: TestDesk, clock: Clock, tmp_path: Path
) -> None:
    put(database, new(1))
    Sender(database, MemoryPeer(), desk, options(tmp_path / "elsewhere"), clock)._claim()
    peer = MemoryPeer()
    other = Sender(database, peer, desk, options(tmp_path), clock)
    other.run_once()
    assert states(database) == {1: "claimed"}
    clock.move(minutes=6)
    other.run_once()
    assert states(database) == {1: "sent"}


def _facts(database: Database, customers: list[int]) -> dict:  # type: ignore[type-arg]
    with database.read() as session:
        return outbox.facts(session, "spring", customers)


def test_an_answer_is_taken_from_the_peer_only_after_it_is_written_down(
    database: Database, sender: Sender, peer: MemoryPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database, new(1))
    sender.run_once()
    peer.inbox = [Answer("a1", "reply", NOW, address=address_of("sms", 1), text="Ha")]
    monkeypatch.setattr("crm.delivery.receiving.take", _fails)
    with pytest.raises(RuntimeError):
        sender.run_once()
    assert peer.acknowledged == []
    monkeypatch.undo()
    assert sender.run_once().received == 1
    assert peer.acknowledged
    with database.read() as session:
        assert [(row.kind, row.text, row.campaign) for row in session.scalars(select(CampaignResponse))] == [
            ("reply", "Ha", "spring")
        ]


def _fails(*_arguments: object) -> int:
    raise RuntimeError("the database is away")


def test_what_a_peer_says_never_holds_up_what_comes_after_it(
    database: Database, sender: Sender, peer: MemoryPeer
) -> None:
    put(database, new(1))
    sender.run_once()
    odd, ours = "\x00\ud800" + "x" * 500, rows(database)[1].provider_id
    peer.inbox = [
        Report(odd, ReportState.FAILED, NOW, provider_id=odd, token=odd, address=odd, code=odd, text=odd),
        Answer(odd, "reply", NOW, token=odd, provider_id=odd, address=odd, text=odd),
        Report("fine", ReportState.DELIVERED, NOW, provider_id=ours),
    ]
    assert sender.run_once().received == 3
    assert states(database) == {1: "delivered"}


def test_where_acceptance_is_delivery_the_message_is_delivered_also_when_its_sender_dies(
    database: Database, desk: TestDesk, peer: MemoryPeer, clock: Clock, tmp_path: Path
) -> None:
    put(database, new(1), new(2))
    peer.delivers_at_once = True
    sender = Sender(database, peer, desk, options(tmp_path, batch=1), clock)
    sender.run_once()
    sender._write_down = _dies  # type: ignore[method-assign, assignment]
    with pytest.raises(KeyboardInterrupt):
        sender.run_once()
    sender._journal.abandon()
    recover(database, desk, tmp_path / "journals", clock(), 3)
    assert states(database) == {1: "delivered", 2: "delivered"}
    with database.read() as session:
        assert [row.kind for row in session.scalars(select(CampaignResponse))] == ["delivered"] * 2


def _dies(*_arguments: object) -> None:
    raise KeyboardInterrupt
