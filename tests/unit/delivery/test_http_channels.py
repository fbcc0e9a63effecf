"""Telegram and push over real HTTP, and call registers over real files."""

import csv
import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from crm.delivery.channels import Accepted, Answer, ChannelDown, Received, Rejected, Rendered, Report
from crm.delivery.dialler_channel import DiallerChannel
from crm.delivery.push_channel import PushChannel
from crm.delivery.telegram_channel import TelegramChannel
from crm.services.delivery.values import ReportState
from simulator.channels import dialler
from simulator.channels.conduct import Conduct
from simulator.channels.http_peers import BLOCKED_CHAT, GONE_CHAT, PushPeer, TelegramPeer
from vitrina.channel_options import DiallerOptions, PushOptions, TelegramOptions

NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
TOKEN = "AbCdEfGh_IjKl-MnOpQr"
SILENT = Conduct(delivered=1.0, answer=0.0, stop=0.0)


@pytest.fixture
def serve() -> Iterator[Callable[[Any], str]]:
    """Serves an application; its address."""
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: Any) -> str:
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    yield start
    for server, thread in servers:
        server.should_exit = True
        thread.join(5)


def message(number: int, channel: str, address: str, **other: Any) -> Rendered:
    """A text to somebody."""
    given = {"text": "Salom", "page": f"https://x.uz/l/{TOKEN}{number:02d}", **other}
    return Rendered(number, f"k{number}", f"{TOKEN}{number:02d}", channel, "marketing", address, "uz", **given)


def test_telegram_takes_messages_with_buttons_and_says_who_is_not_there(serve: Callable[[Any], str]) -> None:
    peer = TelegramPeer(SILENT, "1:abc")
    channel = TelegramChannel(TelegramOptions(token="1:abc", api=serve(peer.app)))  # type: ignore[arg-type]
    chats = ["1001", str(GONE_CHAT), str(BLOCKED_CHAT), "1002"]
    sent = list(channel.send([message(n, "telegram", chat) for n, chat in enumerate(chats, 1)], lambda _: None))
    assert [type(each) for each in sent] == [Accepted, Rejected, Rejected, Accepted]
    assert [(each.permanent, each.is_blocked) for each in sent if isinstance(each, Rejected)] == [
        (True, False),
        (True, True),
    ]
    assert all(each.is_delivered for each in sent if isinstance(each, Accepted))
    buttons = peer.taken[0]["reply_markup"]["inline_keyboard"]
    assert [row[0]["callback_data"] for row in buttons] == [f"yes:{TOKEN}01", f"stop:{TOKEN}01"]
    assert buttons[0][0]["text"] not in ("", "I am interested")
    channel.close()


def test_telegram_wants_a_slower_pace_and_gets_it(serve: Callable[[Any], str]) -> None:
    peer = TelegramPeer(SILENT, "1:abc", flood_after=2)
    channel = TelegramChannel(TelegramOptions(token="1:abc", api=serve(peer.app)))  # type: ignore[arg-type]
    touched: list[int] = []
    sent = list(channel.send([message(n, "telegram", str(1000 + n)) for n in range(1, 9)], touched.append))
    assert len(sent) == len(touched) == 3
    last = sent[-1]
    assert isinstance(last, Rejected)
    assert (last.is_throttled, last.seconds, last.permanent) == (True, 1.0, False)
    channel.close()


def test_telegram_answers_are_kept_by_the_api_until_they_are_settled(serve: Callable[[Any], str]) -> None:
    peer = TelegramPeer(SILENT, "1:abc")
    options = TelegramOptions(token="1:abc", api=serve(peer.app))  # type: ignore[arg-type]
    channel = TelegramChannel(options)
    (accepted,) = channel.send([message(1, "telegram", "1001")], lambda _: None)
    assert isinstance(accepted, Accepted)
    number = peer.taken[0]["message_id"]
    peer.press(1001, number, f"yes:{TOKEN}01")
    peer.write(1001, "Qancha turadi?", answered=number)
    peer.write(1002, "/stop")
    peer.write(1003, "/start ref")
    peer.block(1004)
    first = channel.poll(NOW)
    again = TelegramChannel(options).poll(NOW)
    assert first == again
    told = [(each.kind, each.token, each.provider_id, each.address) for each in first if isinstance(each, Answer)]
    assert told == [
        ("yes", f"{TOKEN}01", None, "1001"), ("reply", None, accepted.provider_ids[0], "1001"),
        ("reply", None, None, "1002"), ("blocked", None, None, "1004"),
    ]  # fmt: skip
    channel.settled(first)
    assert channel.poll(NOW) == []
    channel.close()


def test_a_bot_that_nobody_knows_and_an_api_that_is_away_are_down(serve: Callable[[Any], str], free_port: int) -> None:
    address = serve(TelegramPeer(SILENT, "1:abc").app)
    for options in (
        TelegramOptions(token="2:other", api=address),  # type: ignore[arg-type]
        TelegramOptions(token="1:abc", api=f"http://127.0.0.1:{free_port}"),  # type: ignore[arg-type]
    ):
        with pytest.raises(ChannelDown):
            list(TelegramChannel(options).send([message(1, "telegram", "1001")], lambda _: None))


def test_push_reaches_devices_and_says_which_are_gone(serve: Callable[[Any], str], tmp_path: Path) -> None:
    peer = PushPeer("shop", "access")
    (tmp_path / "token").write_text("access\n")
    channel = PushChannel(PushOptions(project="shop", api=serve(peer.app), access_token_file=tmp_path / "token"))
    sent = list(
        channel.send([message(1, "push", "device-1", subject="Tarif"), message(2, "push", "gone-2")], lambda _: None)
    )
    assert sent[0] == Accepted(1, ("projects/shop/messages/1",))
    assert isinstance(sent[1], Rejected)
    assert (sent[1].permanent, sent[1].code) == (True, "HTTP 404 UNREGISTERED")
    assert peer.taken[0]["notification"] == {"title": "Tarif", "body": "Salom"}
    assert peer.taken[0]["data"]["id"] == f"{TOKEN}01"
    (tmp_path / "token").write_text("old")
    with pytest.raises(ChannelDown, match="401"):
        list(channel.send([message(3, "push", "device-3")], lambda _: None))
    channel.close()


def test_calls_go_out_in_files_and_results_come_back_once(tmp_path: Path) -> None:
    outgoing, incoming = tmp_path / "out", tmp_path / "in"
    channel = DiallerChannel(DiallerOptions(outgoing=outgoing, incoming=incoming))
    details = {"register": "spring/../x", "attempts": 3}
    calls = [
        message(n, "call", f"+99890{n:07d}", text="=1+1 Salom", details=details) for n in range(1, 61)
    ]  # fmt: skip
    sent = list(channel.send(calls, lambda _: None))
    assert len(sent) == 60
    (path,) = outgoing.iterdir()
    assert path.parent == outgoing
    with path.open(encoding="utf-8-sig", newline="") as handle:
        first = next(csv.DictReader(handle))
    assert (first["id"], first["phone"], first["attempts"]) == (f"{TOKEN}01", "+998900000001", "3")
    assert first["script"] == "'=1+1 Salom"
    assert dialler.call_all(outgoing, incoming, Conduct(), NOW) == 60
    assert dialler.call_all(outgoing, incoming, Conduct(), NOW) == 0
    came = channel.poll(NOW)
    assert channel.poll(NOW) == came
    reports = [each for each in came if isinstance(each, Report)]
    assert len({report.token for report in reports}) == 60
    yes = {each.token for each in came if isinstance(each, Answer) and each.kind == "yes"}
    assert yes
    assert yes < {report.token for report in reports if report.state == ReportState.DELIVERED}
    channel.settled(came)
    assert channel.poll(NOW) == ()
    assert len(list((incoming / "done").iterdir())) == 1


def test_rows_of_results_that_cannot_be_read_are_put_aside_with_their_line(tmp_path: Path) -> None:
    channel = DiallerChannel(DiallerOptions(outgoing=tmp_path / "out", incoming=tmp_path))
    rows = [
        "id,attempt,result,at,is_final,comment", f"{TOKEN},1,yes,2026-11-24T07:00:00+00:00,1,STOP deb aytdi",
        f"{TOKEN},x,yes,,1,", f"{TOKEN},1,maybe,,1,", "short,1,no,,1,",
        f"{TOKEN},2,no,2026-11-24T07:00:00,1,", f"{TOKEN}",
        f"{TOKEN},2,opt_out,,1,", f"{TOKEN},3,no_answer,,0,", f"{TOKEN},4,busy,,1,",
    ]  # fmt: skip
    (tmp_path / "a.csv").write_text("\n".join(rows), encoding="utf-8")
    came: list[Received] = list(channel.poll(NOW))
    assert [(type(each).__name__, getattr(each, "kind", getattr(each, "code", ""))) for each in came] == [
        ("Report", "yes"), ("Answer", "yes"), ("Report", "opt_out"), ("Answer", "stop"), ("Report", "busy"),
    ]  # fmt: skip
    with (tmp_path / "bad" / "a.csv").open(encoding="utf-8", newline="") as handle:
        assert [row["line"] for row in csv.DictReader(handle)] == ["3", "4", "5", "6", "7"]
