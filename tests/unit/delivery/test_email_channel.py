"""E-mail over a real SMTP server, and what comes back into a real Maildir."""

import datetime as dt
import email
import mailbox
import time
from collections.abc import Callable, Iterator, Sequence
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from crm.delivery.channels import Accepted, Answer, ChannelDown, Outcome, Received, Rejected, Rendered, Report
from crm.delivery.email_channel import EmailChannel
from crm.delivery.mailboxes import MaildirBox
from crm.services.delivery.values import ReportState
from simulator.channels.conduct import Conduct
from simulator.channels.mail import NOWHERE, MailPeer, delivery_status, reply
from vitrina.channel_options import EmailOptions

DOMAIN = "mail.operator.uz"
TOKEN = "AbCdEfGh_IjKl-MnOpQr01"
NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)
PAGE = f"https://x.uz/l/{TOKEN}"
QUICK = Conduct(delivered=1.0, answer=0.0, stop=0.0, seconds=0.0)
Serve = Callable[..., tuple[MailPeer, EmailChannel]]


def message(number: int, address: str = "", **other: Any) -> Rendered:
    """An e-mail to somebody."""
    token = other.pop("token", f"{TOKEN[:-2]}{number:02d}")
    given = {"subject": "Yangi tarif", "text": "Salom!\n\nYangilik", "html": "<p>Salom!</p>", **other}
    address = address or f"c{number}@people.example"
    page = f"https://x.uz/l/{token}"
    return Rendered(
        number, f"k{number}", token, "email", "marketing", address, "uz", page=page, stop=f"{page}/stop", **given
    )


@pytest.fixture
def serve(in_loop: Any, tmp_path: Path) -> Iterator[Serve]:
    """A server with people behind it, and our channel to it."""
    peers: list[MailPeer] = []

    def start(conduct: Conduct = QUICK, maildir: bool = True) -> tuple[MailPeer, EmailChannel]:
        folder = tmp_path / "maildir"
        peer = MailPeer(conduct, folder if maildir else None)
        peers.append(peer)
        port = in_loop(peer.start())
        options = EmailOptions(
            host="127.0.0.1", port=port, security="plain", sender="Operator <news@operator.uz>", domain=DOMAIN,
            timeout_seconds=3,
        )  # fmt: skip
        return peer, EmailChannel(options, MaildirBox(folder, DOMAIN) if maildir else None)

    yield start
    for peer in peers:
        in_loop(peer.stop())


def sent(channel: EmailChannel, messages: Sequence[Rendered]) -> list[Outcome]:
    """What came of them."""
    return list(channel.send(messages, lambda _: None))


def polled(channel: EmailChannel, count: int) -> list[Received]:
    """What comes in until there is so much of it; everything is settled."""
    came: list[Received] = []
    ends = time.monotonic() + 3
    while len(came) < count and time.monotonic() < ends:
        found = channel.poll(NOW)
        channel.settled(found)
        came += found
        time.sleep(0.01)
    return came


def test_an_email_carries_the_way_back_and_the_way_out(serve: Serve) -> None:
    peer, channel = serve()
    (outcome,) = sent(channel, [message(1, subject="Тариф", text="Салом, мижоз", html="<p>Салом &lt;b&gt;</p>")])
    token = f"{TOKEN[:-2]}01"
    assert outcome == Accepted(1, (f"{token}@{DOMAIN}",))
    ((returns, to, content),) = peer.taken
    assert (returns, to) == (f"bounce+{token}@{DOMAIN}", "c1@people.example")
    mail = email.message_from_bytes(content, policy=default)
    assert mail["Message-ID"] == f"<{token}@{DOMAIN}>"
    assert mail["Reply-To"] == f"reply+{token}@{DOMAIN}"
    assert mail["List-Unsubscribe"] == f"<https://x.uz/l/{token}/stop>, <mailto:stop+{token}@{DOMAIN}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert (mail["Subject"], mail["To"]) == ("Тариф", "c1@people.example")
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().strip() == "Салом, мижоз"
    assert f"https://x.uz/l/{token}/o.gif" in html.get_content()
    channel.close()


def test_a_refused_recipient_is_final_and_the_others_go(serve: Serve) -> None:
    peer, channel = serve()
    outcomes = sent(channel, [message(1), message(2, f"gone@{NOWHERE}"), message(3)])
    assert [type(each) for each in outcomes] == [Accepted, Rejected, Accepted]
    refused = outcomes[1]
    assert isinstance(refused, Rejected)
    assert (refused.permanent, refused.code) == (True, "SMTP 550")
    assert "gone@" not in refused.text
    assert peer.count == 2
    channel.close()


def test_nobody_writes_headers_through_a_subject(serve: Serve) -> None:
    peer, channel = serve()
    (outcome,) = sent(channel, [message(1, subject="Hi\r\nBcc: other@people.example")])
    assert isinstance(outcome, Rejected)
    assert outcome.permanent
    assert peer.taken == []
    channel.close()


def test_a_server_that_is_not_there_is_down_and_nothing_is_touched(free_port: int) -> None:
    options = EmailOptions(host="127.0.0.1", port=free_port, security="plain", sender="a@b.uz", domain=DOMAIN)
    touched: list[int] = []
    with pytest.raises(ChannelDown):
        list(EmailChannel(options, None).send([message(1)], touched.append))
    assert touched == []


def test_delivery_statuses_come_back_to_their_messages_once(serve: Serve) -> None:
    _, channel = serve(Conduct(delivered=0.5, answer=0.0, stop=0.0, seconds=0.0))
    sent(channel, [message(number) for number in range(1, 21)])
    reports = polled(channel, 20)
    assert {report.token for report in reports} == {f"{TOKEN[:-2]}{number:02d}" for number in range(1, 21)}
    states = {report.state for report in reports if isinstance(report, Report)}
    assert states == {ReportState.DELIVERED, ReportState.FAILED}
    assert channel.poll(NOW) == []
    channel.close()


def test_a_mail_that_was_not_settled_is_read_again(tmp_path: Path) -> None:
    box = MaildirBox(tmp_path / "m", DOMAIN)
    mailbox.Maildir(tmp_path / "m", create=True).add(reply("a@b.uz", _ours(), "Ha").as_bytes())
    (first,) = box.poll(NOW)
    (again,) = box.poll(NOW)
    assert first == again
    box.settled([again])
    assert box.poll(NOW) == []


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (lambda: reply("ali@people.example", _ours(), "Ha, kerak"), ("reply", TOKEN, "Ha, kerak")),
        (lambda: _mail(f"stop+{TOKEN}@{DOMAIN}", "unsubscribe", ""), ("stop", TOKEN, "")),
        (
            lambda: _mail(f"news@{DOMAIN}", "Savol", "Narxi?", References=f"<{TOKEN}@{DOMAIN}>"),
            ("reply", TOKEN, "Narxi?"),
        ),
        (lambda: _mail(f"news@{DOMAIN}", "Savol", "Narxi?"), ("reply", None, "Narxi?")),
        (lambda: _mail(f"reply+{TOKEN}@evil.example", "Savol", "Narxi?"), ("reply", None, "Narxi?")),
    ],
)
def test_what_people_write_is_told_from_what_it_answers(
    mail: Callable[[], EmailMessage], expected: tuple[str, str | None, str], tmp_path: Path
) -> None:
    (found,) = _read(tmp_path, mail())
    assert isinstance(found, Answer)
    assert (found.kind, found.token, found.text) == expected


@pytest.mark.parametrize(
    "mail",
    [
        lambda: _mail(f"reply+{TOKEN}@{DOMAIN}", "Out of office", "I am away", **{"Auto-Submitted": "auto-replied"}),
        lambda: _mail(f"reply+{TOKEN}@{DOMAIN}", "Re:", "Spam", **{"List-Id": "<x.y>"}),
        lambda: delivery_status(f"bounce+{TOKEN}@{DOMAIN}", "a@b.uz", _ours(), "", "delayed"),
    ],
)
def test_what_machines_write_is_no_answer(mail: Callable[[], EmailMessage], tmp_path: Path) -> None:
    assert _read(tmp_path, mail()) == []
    assert len(list((tmp_path / "m" / "cur").iterdir())) == 1


def test_a_status_is_known_by_its_envelope_when_the_address_was_lost(tmp_path: Path) -> None:
    (found,) = _read(tmp_path, delivery_status(f"postmaster@{DOMAIN}", "a@b.uz", _ours(), TOKEN, "failed"))
    assert isinstance(found, Report)
    assert (found.state, found.token, found.code) == (ReportState.FAILED, TOKEN, "5.1.1")


def test_a_complaint_is_an_opt_out(tmp_path: Path) -> None:
    made = delivery_status(f"abuse@{DOMAIN}", "a@b.uz", _ours(), "", "failed")
    made.set_param("report-type", "feedback-report")
    (found,) = _read(tmp_path, made)
    assert isinstance(found, Answer)
    assert (found.kind, found.type, found.token) == ("stop", 0, TOKEN)


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe", b"From: =?x?q?\n\n", b"Content-Type: multipart/report\n\nx" * 3]
)
def test_no_mail_is_so_broken_that_the_others_wait(content: bytes, tmp_path: Path) -> None:
    folder = mailbox.Maildir(tmp_path / "m", create=True)
    folder.add(content)
    folder.add(reply("a@b.uz", _ours(), "Ha").as_bytes())
    assert any(
        isinstance(each, Answer) and each.token == TOKEN for each in MaildirBox(tmp_path / "m", DOMAIN).poll(NOW)
    )


def _read(folder: Path, mail: EmailMessage) -> list[Received]:
    mailbox.Maildir(folder / "m", create=True).add(mail.as_bytes())
    return list(MaildirBox(folder / "m", DOMAIN).poll(NOW))


def _ours() -> bytes:
    made = _mail("ali@people.example", "Yangi tarif", "Salom")
    made["Reply-To"], made["Message-ID"] = f"reply+{TOKEN}@{DOMAIN}", f"<{TOKEN}@{DOMAIN}>"
    return made.as_bytes(policy=default.clone(linesep="\r\n"))


def _mail(to: str, subject: str, text: str, **headers: str) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "ali@people.example", to, subject
    for name, value in headers.items():
        made[name] = value
    made.set_content(text)
    return made
