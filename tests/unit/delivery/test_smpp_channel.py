"""SMS over real SMPP sessions: with our own centre, written from the specification, and with one of other hands."""

import asyncio
import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import smpp34

from crm.delivery.channels import Accepted, Answer, ChannelDown, Outcome, Received, Rejected, Rendered, Report
from crm.delivery.smpp_channel import SmppChannel
from crm.delivery.sms_text import decode
from crm.services.delivery.values import ReportState
from simulator.channels import smpp_pdu
from simulator.channels.conduct import Conduct
from simulator.channels.smsc import SmsCentre
from vitrina.channel_options import SmppOptions

QUICK = Conduct(delivered=1.0, answer=0.0, stop=0.0, seconds=0.0)
RU = "Уважаемый абонент, " * 8


def options(port: int, **other: Any) -> SmppOptions:
    """A session that waits for nobody long."""
    given = {"system_id": "vitrina", "password": "secret", "window": 10, "timeout_seconds": 2, **other}
    return SmppOptions(host="127.0.0.1", port=port, **given)


def message(number: int, text: str = "Salom", address: str = "") -> Rendered:
    """A text to somebody."""
    address = address or f"+99890{number:07d}"
    return Rendered(number, f"k{number}", f"token-{number:012d}", "sms", "marketing", address, "uz", text)


def sent(channel: SmppChannel, messages: Sequence[Rendered]) -> list[Outcome]:
    """What came of them."""
    return list(channel.send(messages, lambda _: None))


def polled(channel: SmppChannel, count: int, seconds: float = 3.0) -> list[Received]:
    """What comes in until there is so much of it; everything is settled."""
    came: list[Received] = []
    ends = time.monotonic() + seconds
    while len(came) < count and time.monotonic() < ends:
        found = channel.poll(dt.datetime.now(dt.UTC))
        channel.settled(found)
        came += found
        time.sleep(0.005)
    return came


@pytest.fixture
def serve(in_loop: Any) -> Iterator[Callable[..., tuple[SmsCentre, int]]]:
    """Starts centres, and stops them in the end."""
    centres: list[SmsCentre] = []

    def start(conduct: Conduct = QUICK, **other: Any) -> tuple[SmsCentre, int]:
        centre = SmsCentre(conduct, **other)
        centres.append(centre)
        return centre, in_loop(centre.start())

    yield start
    for centre in centres:
        in_loop(centre.stop())


def test_texts_arrive_whole_in_both_alphabets_and_in_parts(serve: Any) -> None:
    centre, port = serve()
    channel = SmppChannel(options(port))
    texts = ["Salom, {narx} €5 [aksiya]", RU, "x" * 152 + "€" + "y" * 20, "👍 bepul"]
    outcomes = sent(channel, [message(number, text) for number, text in enumerate(texts, start=1)])
    assert [type(each) for each in outcomes] == [Accepted] * 4
    ids = {each.message_id: each.provider_ids for each in outcomes if isinstance(each, Accepted)}
    assert [len(ids[number]) for number in (1, 2, 3, 4)] == [1, 3, 2, 1]
    for number, text in enumerate(texts, start=1):
        parts = [(taken, key) for taken, key in centre.taken if taken.destination == f"99890{number:07d}"]
        assert [key for _, key in parts] == list(ids[number])
        bodies = [taken.body[6:] if taken.esm_class & 0x40 else taken.body for taken, _ in parts]
        assert "".join(decode(body, parts[0][0].data_coding) for body in bodies) == text
        headers = [taken.body[:6] for taken, _ in parts if taken.esm_class & 0x40]
        assert headers == [bytes((5, 0, 3, number, len(parts), n + 1)) for n in range(len(headers))]
    channel.close()


def test_receipts_come_back_with_the_peers_id_and_our_reference(serve: Any) -> None:
    _, port = serve(Conduct(delivered=0.5, answer=0.0, stop=0.0, seconds=0.0))
    channel = SmppChannel(options(port))
    accepted = [each for each in sent(channel, [message(number) for number in range(1, 41)])]
    reports = polled(channel, 40)
    assert len(reports) == 40
    by_id = {each.provider_ids[0]: each.message_id for each in accepted if isinstance(each, Accepted)}
    for report in reports:
        assert isinstance(report, Report)
        assert report.reference == by_id[str(report.provider_id)]
    assert {report.state for report in reports if isinstance(report, Report)} == {
        ReportState.DELIVERED, ReportState.FAILED,
    }  # fmt: skip
    channel.close()


def test_a_receipt_that_was_not_settled_is_delivered_again(serve: Any) -> None:
    _, port = serve()
    channel = SmppChannel(options(port))
    sent(channel, [message(1)])
    time.sleep(0.1)
    first = channel.poll(dt.datetime.now(dt.UTC))
    assert len(first) == 1
    channel.close()
    again = polled(channel, 1)
    assert again[0].report_key == first[0].report_key  # type: ignore[union-attr]
    assert polled(channel, 1, 0.3) == []
    channel.close()


def test_an_answer_in_any_alphabet_is_read(serve: Any, in_loop: Any) -> None:
    centre, port = serve()
    channel = SmppChannel(options(port))
    channel.poll(dt.datetime.now(dt.UTC))

    async def write_back() -> None:
        centre.write_back("998901112233", "Vitrina", "Отпишите меня, oʻzim")

    in_loop(write_back())
    (answer,) = polled(channel, 1)
    assert isinstance(answer, Answer)
    assert (answer.text, answer.address, answer.kind) == ("Отпишите меня, oʻzim", "998901112233", "reply")
    channel.close()


def test_a_centre_that_throttles_is_asked_for_no_more_in_this_batch(serve: Any) -> None:
    centre, port = serve(per_second=15)
    channel = SmppChannel(options(port, window=5))
    outcomes = sent(channel, [message(number) for number in range(1, 101)])
    assert sum(isinstance(each, Accepted) for each in outcomes) == centre.count == 15
    throttled = [each for each in outcomes if isinstance(each, Rejected)]
    assert throttled
    assert all(each.is_throttled and not each.permanent for each in throttled)
    assert len(outcomes) < 30
    channel.close()


def test_a_refused_address_is_final_and_the_others_go(serve: Any) -> None:
    _, port = serve()
    channel = SmppChannel(options(port))
    outcomes = sent(channel, [message(1, address="+abc"), message(2)])
    assert isinstance(outcomes[0], Rejected)
    assert outcomes[0].permanent
    assert isinstance(outcomes[1], Accepted)
    channel.close()


def test_a_centre_that_is_gone_or_refuses_the_password_is_down(serve: Any, in_loop: Any) -> None:
    centre, port = serve()
    with pytest.raises(ChannelDown, match="PDUError"):
        sent(SmppChannel(options(port, password="wrong")), [message(1)])
    channel = SmppChannel(options(port))
    sent(channel, [message(1)])
    in_loop(centre.stop())
    touched: list[int] = []
    with pytest.raises(ChannelDown):
        list(channel.send([message(2)], touched.append))
    assert touched == [], "nothing is touched that nobody can take"


def test_a_session_that_breaks_is_opened_anew(serve: Any, in_loop: Any) -> None:
    centre, port = serve()
    channel = SmppChannel(options(port))
    sent(channel, [message(1)])

    async def cut() -> None:
        for session in list(centre._sessions):
            session.cut()

    in_loop(cut())
    time.sleep(0.05)
    assert [type(each) for each in sent(channel, [message(2)])] == [Accepted]
    assert centre.count == 2
    channel.close()


def test_enquire_link_is_answered_and_asked_for(serve: Any, in_loop: Any) -> None:
    centre, port = serve()
    channel = SmppChannel(options(port, enquire_seconds=0.05, timeout_seconds=0.2))
    channel.poll(dt.datetime.now(dt.UTC))

    async def ask() -> None:
        pdu = smpp_pdu.Pdu(smpp_pdu.ENQUIRE_LINK, 0, 777)
        centre._sessions[0]._writer.write(pdu.encode())

    in_loop(ask())
    for _ in range(20):
        channel.poll(dt.datetime.now(dt.UTC))
        time.sleep(0.02)
    assert [type(each) for each in sent(channel, [message(1)])] == [Accepted]
    channel.close()


class OtherCentre:
    """A centre by smpp34, a library in Rust that shares no line with our client or our centre."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self._receipts: list[asyncio.Future[Any]] = []

    async def serve(self, port: int) -> None:
        """Takes everything, and delivers a receipt for each."""
        server = smpp34.Server(host="127.0.0.1", port=port, system_id="OtherSMSC")
        await server.start()
        sessions: dict[str, Any] = {}
        while True:
            event = await server.next()
            if isinstance(event, smpp34.Esme):
                sessions[event.session_id] = event
            elif isinstance(event, smpp34.SubmitSmEvent):
                number = f"AB{len(self.taken):06X}"
                self.taken.append(event)
                event.accept(message_id=number)
                text = f"id:{number} sub:001 dlvrd:001 submit date:2611240800 done date:2611240801 stat:DELIVRD err:000"
                receipt = sessions[event.session_id].deliver_sm(
                    source_addr=event.destination_addr, destination_addr=event.source_addr, esm_class=0x04,
                    short_message=text.encode(),
                )  # fmt: skip
                # Its own work: it is answered when we have written it down.
                self._receipts.append(asyncio.ensure_future(receipt))


def test_a_centre_of_other_hands_understands_us_and_we_understand_it(in_loop: Any, free_port: int) -> None:
    other = OtherCentre()

    async def begin() -> asyncio.Task[None]:
        task = asyncio.create_task(other.serve(free_port))
        await asyncio.sleep(0.2)
        return task

    task = in_loop(begin())
    channel = SmppChannel(options(free_port))
    outcomes = sent(channel, [message(1, "Salom [dunyo]"), message(2, RU)])
    # It works on several at once, so their order is its own.
    numbers = {each.message_id: each.provider_ids for each in outcomes if isinstance(each, Accepted)}
    assert sorted(numbers[1] + numbers[2]) == ["AB000000", "AB000001", "AB000002", "AB000003"]
    assert (len(numbers[1]), len(numbers[2])) == (1, 3)
    single = next(event for event in other.taken if not event.esm_class)
    assert decode(single.short_message, single.data_coding) == "Salom [dunyo]"
    parts = sorted((event.short_message for event in other.taken if event.esm_class == 0x40), key=lambda body: body[5])
    assert b"".join(body[6:] for body in parts).decode("utf-16-be") == RU
    reports = polled(channel, 4)
    assert sorted(str(each.provider_id) for each in reports if isinstance(each, Report)) == [
        "AB000000", "AB000001", "AB000002", "AB000003",
    ]  # fmt: skip
    assert {each.state for each in reports if isinstance(each, Report)} == {ReportState.DELIVERED}
    channel.close()

    async def end() -> None:
        task.cancel()

    in_loop(end())
