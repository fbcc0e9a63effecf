"""Digests through a real SMTP server: told in the reader's language, once a period, whatever dies meanwhile."""

import datetime as dt
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from crm_people import NOW, acting, later
from segment_desk import once
from signal_company import FIRST, People, always, company, live_rule, run
from sqlalchemy import update

from crm.database import Database
from crm.errors import CrmError
from crm.models import Digest, User
from crm.services import digests, tasks
from crm.services.digests import Sent, period_of, send_due
from crm.services.notice_settings import choose_notices, notice_settings
from crm.services.notices import notices, notify, unread_count
from vitrina.settings import REPOSITORY
from vitrina.signal_options import MailOptions

ZONE = "Asia/Tashkent"


class Mailbox:
    """What the server was given; it refuses addresses that begin with “full”, and breaks off for “gone”."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.taken = threading.Event()
        self.hold = threading.Event()
        self.hold.set()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address.startswith("full"):
            return "452 4.2.2 Mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.messages.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        self.taken.set()
        self.hold.wait(20)
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, MailOptions]]:
    """A server on a free port, and the settings that name it."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port, ready_timeout=20)
    server.start()
    yield box, MailOptions(
        host="127.0.0.1", port=port, security="plain", sender="Vitrina <vitrina@operator.uz>",
        link="https://vitrina.operator.uz/",
    )  # fmt: skip
    box.hold.set()
    server.stop()


@pytest.fixture
def people(database: Database) -> People:
    """The company; the farmer has signals and a task, and wants a daily digest in Uzbek."""
    found = company(database)
    live_rule(database)
    run(database, always(1, 2), until=FIRST)
    with database.begin() as session:
        tasks.create(session, None, "Call", later(hours=1), acting(found.farmer), NOW, assignee_id="E4")
        choose_notices(session, found.farmer.user_id, acting(found.farmer), NOW, digest="daily", hour=9)
        session.execute(
            update(User).where(User.login == "farida").values(email="farida@operator.uz", language="uz")
        )  # fmt: skip
    return found


def states(database: Database) -> list[tuple[str, str]]:
    with database.read() as session:
        return [(each.period, each.state) for each in session.query(Digest).order_by(Digest.digest_id)]


def test_a_digest_tells_what_waits_and_comes_once_a_day(
    database: Database, people: People, mailbox: tuple[Mailbox, MailOptions]
) -> None:
    box, options = mailbox
    assert send_due(database, options, NOW, ZONE) == Sent(sent=1)
    assert send_due(database, options, later(hours=2), ZONE) == Sent()
    (message,) = box.messages
    assert (message["To"], message["From"]) == ("farida@operator.uz", "Vitrina <vitrina@operator.uz>")
    assert message["Message-ID"] == f"<digest-{people.farmer.user_id}-2026-11-23@operator.uz>"
    assert message["Subject"] == "Vitrina: ochiq signallar 2, muddatli vazifalar 1"
    text = message.get_content()
    assert "“Payments fall” qoidasi boʻyicha: 2" in text
    assert "yuqori muhimlikdagisi: 2, hali koʻrilmagani: 2" in text
    assert "bugungi 1" in text
    assert "https://vitrina.operator.uz/signals" in text
    assert send_due(database, options, later(days=1), ZONE) == Sent(sent=1)
    assert states(database) == [("2026-11-23", "sent"), ("2026-11-24", "sent")]


@once
def test_two_senders_at_once_send_one_e_mail(
    database: Database, people: People, mailbox: tuple[Mailbox, MailOptions]
) -> None:
    box, options = mailbox
    outcomes: list[Sent] = []
    senders = [
        threading.Thread(target=lambda: outcomes.append(send_due(database, options, NOW, ZONE))) for _ in range(4)
    ]  # fmt: skip
    for each in senders:
        each.start()
    for each in senders:
        each.join()
    assert len(box.messages) == sum(each.sent for each in outcomes) == 1


SENDER = """
import datetime as dt, sys
from crm.database import open_database
from crm.services.digests import send_due
from vitrina.signal_options import MailOptions
options = MailOptions(host="127.0.0.1", port=int(sys.argv[2]), security="plain", sender="vitrina@operator.uz")
send_due(open_database(sys.argv[1]), options, dt.datetime.fromisoformat(sys.argv[3]), "Asia/Tashkent")
"""


@once
def test_a_sender_killed_while_the_server_has_the_e_mail_is_not_followed_by_a_second_one(
    url: str, database: Database, people: People, mailbox: tuple[Mailbox, MailOptions]
) -> None:
    box, options = mailbox
    box.hold.clear()
    command = [sys.executable, "-c", SENDER, url, str(options.port), NOW.isoformat()]
    with subprocess.Popen(command, cwd=REPOSITORY) as sender:
        assert box.taken.wait(30)
        sender.kill()
    box.hold.set()
    assert states(database) == [("2026-11-23", "sending")]
    assert send_due(database, options, later(hours=8), ZONE) == Sent()
    assert len(box.messages) == 1


@once
def test_a_sender_killed_before_anything_went_out_is_followed_by_the_next(
    database: Database, people: People, mailbox: tuple[Mailbox, MailOptions], monkeypatch: pytest.MonkeyPatch
) -> None:
    box, options = mailbox

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(digests, "content_of", killed)
        with pytest.raises(KeyboardInterrupt):
            send_due(database, options, NOW, ZONE)
    assert states(database) == [("2026-11-23", "claimed")]
    # For a while it may only be slow.
    assert send_due(database, options, later(minutes=10), ZONE) == Sent()
    assert send_due(database, options, later(minutes=20), ZONE) == Sent(sent=1)
    assert len(box.messages) == 1


@once
def test_what_the_server_refuses_is_tried_again_and_then_given_up(
    database: Database, people: People, mailbox: tuple[Mailbox, MailOptions]
) -> None:
    box, options = mailbox
    with database.begin() as session:
        session.execute(update(User).where(User.login == "farida").values(email="full@operator.uz"))
    told = [send_due(database, options, later(minutes=5 * number), ZONE).failed for number in range(5)]
    assert (told, box.messages) == ([1, 1, 1, 0, 0], [])
    with database.read() as session:
        assert "full@" not in session.query(Digest.error).scalar()
    away = MailOptions(host="127.0.0.1", port=1, security="plain", sender="vitrina@operator.uz")
    assert send_due(database, away, later(days=1), ZONE) == Sent(failed=1)
    assert send_due(database, options.model_copy(update={"sender": "a@b.uz"}), later(days=1), ZONE).failed == 1
    with pytest.raises(CrmError) as refused:
        send_due(database, MailOptions(), NOW, ZONE)
    assert refused.value.code == "mail_not_set"


@once
def test_who_has_nothing_waiting_or_no_address_gets_no_e_mail(
    database: Database, people: People, mailbox: tuple[Mailbox, MailOptions]
) -> None:
    box, options = mailbox
    with database.begin() as session:
        for user in (people.other, people.colleague):
            choose_notices(session, user.user_id, acting(user), NOW, digest="daily", hour=0)
            session.execute(update(User).where(User.user_id == user.user_id).values(is_active=user is people.other))
    assert send_due(database, options, NOW, ZONE) == Sent(sent=1, empty=1)
    assert [each["To"] for each in box.messages] == ["farida@operator.uz"]


@pytest.mark.parametrize(
    ("choice", "hour", "weekday", "moment", "period"),
    [
        ("daily", 9, 1, "2026-11-23T03:59+00:00", ""),
        ("daily", 9, 1, "2026-11-23T04:00+00:00", "2026-11-23"),
        ("daily", 9, 1, "2026-11-28T08:00+00:00", ""),  # a Saturday
        ("weekly", 9, 2, "2026-11-23T08:00+00:00", ""),
        ("weekly", 9, 2, "2026-11-24T04:00+00:00", "2026-W48"),
        ("weekly", 9, 2, "2026-11-29T12:00+00:00", "2026-W48"),
        ("weekly", 9, 2, "2026-12-31T12:00+00:00", "2026-W53"),
        ("off", 0, 1, "2026-11-24T04:00+00:00", ""),
    ],
)
def test_periods_are_working_days_and_iso_weeks_by_the_clock_of_the_installation(
    choice: str, hour: int, weekday: int, moment: str, period: str
) -> None:
    assert period_of(choice, hour, weekday, dt.datetime.fromisoformat(moment), ZONE) == period


def test_kinds_that_one_switched_off_are_not_told_and_priorities_are_kept(database: Database, people: People) -> None:
    user, actor = people.farmer.user_id, acting(people.farmer)
    with database.begin() as session:
        choose_notices(session, user, actor, NOW, muted=["list_ready"])
        assert not notify(session, user, "list_ready", {"list": "a", "members": 1, "rows": 2}, "", NOW)
        assert notify(session, user, "list_failed", {"list": "a"}, "", NOW, "high")
        assert (unread_count(session, user), unread_count(session, user, "low")) == (2, 0)
        assert [each.kind for each in notices(session, user, priority="high", kinds=["list_failed"])] == ["list_failed"]
    with database.read() as session:
        assert notice_settings(session, user).muted == {"list_ready"}
        assert notice_settings(session, user).digest == "daily"


@once
def test_choices_are_ones_own_and_of_what_there_is(database: Database, people: People) -> None:
    user = people.farmer.user_id
    for who, more, code in (
        (people.head, {"digest": "off"}, "viewing_only"),
        (people.farmer, {"digest": "hourly"}, "digest_choice"),
        (people.farmer, {"hour": 24}, "digest_time"),
        (people.farmer, {"muted": ["gossip"]}, "notice_kind"),
    ):
        with pytest.raises(CrmError) as refused, database.begin() as session:
            choose_notices(session, user, acting(who), NOW, **more)  # type: ignore[arg-type]
        assert refused.value.code == code
