"""Digests by e-mail: who is due, what is told, and that nobody ever gets the same one twice.

A digest is claimed before anything goes out, and marked as being sent before the server is spoken to. Whoever is killed
in between leaves a row that says so: claimed ones are sent by the next who comes, those that may have gone out are not,
and what they would have told is in the next digest.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.database import DIGESTS, Database, one_at_a_time
from crm.errors import CrmError
from crm.models import Digest, Employee, NoticeSettings, User, UserEmployee
from crm.services.notices import notices, unread_count
from crm.services.rights import rights_of
from crm.services.signals.inbox import counts
from crm.services.signals.values import Filter, State
from crm.services.tasks import TaskFilter, Window, task_counts
from crm.signal_messages import MAIL
from vitrina.access.rights import Rights, Scope
from vitrina.i18n import LANGUAGES, translator
from vitrina.mail.digest import DigestContent, Told, compose
from vitrina.mail.smtp import MailRefused, MailUncertain, Send, connected
from vitrina.signal_options import MailOptions

_STALE = dt.timedelta(minutes=15)
_SHOWN = 10


@dataclass(frozen=True)
class Sent:
    """What came of one round: digests sent, with nothing to tell, refused by the server, and uncertain."""

    sent: int = 0
    empty: int = 0
    failed: int = 0
    uncertain: int = 0


@dataclass(frozen=True)
class Claim:
    """A digest that this process, and no other, is to send."""

    digest_id: int
    user_id: int
    attempt: int
    address: str
    message_id: str


def send_due(database: Database, options: MailOptions, now: dt.datetime, timezone: str) -> Sent:
    """Send every digest whose time has come and that nobody sent. Raises `CrmError` when no mail server is set."""
    if not options.is_set:
        raise CrmError("mail_not_set")
    outcomes: list[str] = []
    with connected(options) as send:
        for user_id, period, address in list(_due(database, now, timezone)):
            claim = _claim(database, user_id, period, address, options, now)
            if claim is not None:
                outcomes.append(_send(database, claim, options, send, now, timezone))
    return Sent(*(outcomes.count(state) for state in ("sent", "empty", "failed", "sending")))


def period_of(choice: str, hour: int, weekday: int, now: dt.datetime, timezone: str) -> str:
    """The period whose digest is due at this moment, "" when none is: a working day, or an ISO week (2026-W48)."""
    local = now.astimezone(ZoneInfo(timezone))
    year, week, day = local.isocalendar()
    if choice == "daily" and day <= 5 and local.hour >= hour:
        return local.date().isoformat()
    if choice == "weekly" and (day, local.hour) >= (weekday, hour):
        return f"{year}-W{week:02}"
    return ""


def content_of(session: Session, user_id: int, now: dt.datetime, timezone: str) -> DigestContent:
    """What waits for one person: his own signals and tasks, and notices that he has not read."""
    today = now.astimezone(ZoneInfo(timezone)).date()
    user, rights = session.get_one(User, user_id), rights_of(session, user_id, today)
    unread = notices(session, user_id, unread=True, limit=_SHOWN)
    signals = _signals(session, rights)
    tasks = task_counts(session, rights, now, TaskFilter(mine=True), timezone=timezone)
    may_see = rights.allows("tasks", "view")
    return DigestContent(
        name=user.display_name, signals=signals[0], high=signals[1], unseen=signals[2], by_rule=signals[3],
        overdue=tasks[Window.OVERDUE] if may_see else 0, today=tasks[Window.TODAY] if may_see else 0,
        coming=tasks[Window.COMING] if may_see else 0,
        notices=tuple(Told(each.text, each.values) for each in unread),
        more_notices=unread_count(session, user_id) - len(unread),
    )  # fmt: skip


def _signals(session: Session, rights: Rights) -> tuple[int, int, int, tuple[tuple[str, int], ...]]:
    own = tuple(sorted(rights.employees_in(Scope.OWN)))
    if not own or not rights.allows("signals", "view"):
        return 0, 0, 0, ()
    from crm.models import SignalRule

    found = counts(session, rights, Filter(owners=own))
    names = dict(session.execute(select(SignalRule.key, SignalRule.name)).tuples().all())
    rules = sorted(found.by_rule.items(), key=lambda each: (-each[1], each[0]))
    told = tuple((names.get(key, key), count) for key, count in rules[:_SHOWN])
    return found.waiting, found.by_priority.get("high", 0), found.by_state.get(State.OPEN, 0), told


def _due(database: Database, now: dt.datetime, timezone: str) -> Iterator[tuple[int, str, str]]:
    """Users whose digest is due, its period, and their address; those without an address get none."""
    with database.read() as session:
        wanted = select(NoticeSettings, User).join(User, User.user_id == NoticeSettings.user_id)
        wanted = wanted.where(NoticeSettings.digest != "off", User.is_active.is_(True)).order_by(User.user_id)
        for choice, user in session.execute(wanted).tuples().all():
            period = period_of(choice.digest, choice.digest_hour, choice.digest_weekday, now, timezone)
            address = user.email or _of_employee(session, user.user_id)
            if period and address:
                yield user.user_id, period, address


def _of_employee(session: Session, user_id: int) -> str:
    query = select(func.min(Employee.email)).join(UserEmployee, UserEmployee.employee_id == Employee.employee_id)
    return session.scalar(query.where(UserEmployee.user_id == user_id, Employee.is_employed.is_(True))) or ""


def _claim(
    database: Database, user_id: int, period: str, address: str, options: MailOptions, now: dt.datetime
) -> Claim | None:
    """Take a digest for this process; None when it is somebody else's, sent, or failed too often."""
    with database.begin() as session:
        one_at_a_time(session, DIGESTS)
        query = select(Digest).where(Digest.user_id == user_id, Digest.period == period).with_for_update()
        row = session.scalars(query).one_or_none()
        if row is None:
            domain = options.sender.rpartition("@")[2].strip("> ") or "vitrina"
            before = select(func.max(Digest.until)).where(Digest.user_id == user_id, Digest.state == "sent")
            row = Digest(
                user_id=user_id, period=period, state="claimed", since=session.scalar(before) or now, until=now,
                message_id=f"<digest-{user_id}-{period}@{domain}>", attempts=0, claimed_at=now,
            )  # fmt: skip
            session.add(row)
        elif not _is_free(row, options, now):
            return None
        row.state, row.claimed_at, row.attempts = "claimed", now, row.attempts + 1
        session.flush()
        return Claim(row.digest_id, user_id, row.attempts, address, row.message_id)


def _is_free(row: Digest, options: MailOptions, now: dt.datetime) -> bool:
    """Whether a digest that was claimed before may be claimed again: nothing of it can have gone out."""
    if row.state == "claimed":
        return now - row.claimed_at >= _STALE
    return row.state == "failed" and row.attempts < options.attempts


def _send(database: Database, claim: Claim, options: MailOptions, send: Send, now: dt.datetime, timezone: str) -> str:
    with database.read() as session:
        content = content_of(session, claim.user_id, now, timezone)
        language = session.get_one(User, claim.user_id).language
    if content.is_empty:
        return _mark(database, claim, "empty", now)
    say = translator(language if language in LANGUAGES else "ru")
    message = compose(
        content, MAIL, say, sender=options.sender, address=claim.address, message_id=claim.message_id,
        link=options.link.rstrip("/"), now=now,
    )  # fmt: skip
    if not _mark(database, claim, "sending", now):
        return ""
    try:
        send(message)
    except MailRefused as error:
        return _mark(database, claim, "failed", now, str(error))
    except MailUncertain as error:
        return _mark(database, claim, "sending", now, str(error))
    return _mark(database, claim, "sent", now, entries=content.signals + content.overdue + content.today)


def _mark(database: Database, claim: Claim, state: str, now: dt.datetime, error: str = "", entries: int = 0) -> str:
    """Write down how far a digest came; "" when another process took it over meanwhile."""
    with database.begin() as session:
        row = session.get(Digest, claim.digest_id, with_for_update=True)
        if row is None or row.attempts != claim.attempt:
            return ""
        row.state, row.error, row.entries = state, error[:2000], entries
        row.sent_at = now if state == "sent" else None
    return state
