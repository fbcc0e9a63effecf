"""What one user wants to be told, and how often he gets an e-mail with what waits for him."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.messages import NOTICES
from crm.models import NoticeSettings
from crm.services.actor import Actor
from crm.services.audit import AuditKind, Entry, record

CHOICES = ("off", "daily", "weekly")


@dataclass(frozen=True)
class NoticeChoice:
    """`muted` are kinds switched off; `digest` is off, daily (Monday to Friday) or weekly (on `weekday`, 1 is Monday),
    at `hour` by the clock of the installation."""

    muted: frozenset[str] = frozenset()
    digest: str = "off"
    hour: int = 8
    weekday: int = 1


def notice_settings(session: Session, user_id: int) -> NoticeChoice:
    """What a user chose; everything and no e-mails when he chose nothing."""
    row = session.get(NoticeSettings, user_id)
    if row is None:
        return NoticeChoice()
    return NoticeChoice(frozenset(row.muted), row.digest, row.digest_hour, row.digest_weekday)


def choose_notices(
    session: Session, user_id: int, actor: Actor, now: dt.datetime, *, muted: Iterable[str] | None = None,
    digest: str | None = None, hour: int | None = None, weekday: int | None = None,
) -> NoticeChoice:  # fmt: skip
    """Change what is given. Raises `CrmError` for what cannot be chosen, and for anybody's but one's own."""
    if actor.acting_for is not None or actor.user_id not in (None, user_id):
        raise CrmError("viewing_only")
    present = notice_settings(session, user_id)
    wanted = NoticeChoice(
        present.muted if muted is None else frozenset(muted), present.digest if digest is None else digest,
        present.hour if hour is None else hour, present.weekday if weekday is None else weekday,
    )  # fmt: skip
    if unknown := sorted(wanted.muted - NOTICES.keys()):
        raise CrmError("notice_kind", kind=unknown[0][:40])
    if wanted.digest not in CHOICES:
        raise CrmError("digest_choice", digest=wanted.digest[:40])
    if not (0 <= wanted.hour <= 23 and 1 <= wanted.weekday <= 7):
        raise CrmError("digest_time")
    row = session.get(NoticeSettings, user_id, with_for_update=True)
    if row is None:
        row = NoticeSettings(user_id=user_id, muted=[], digest="off", digest_hour=8, digest_weekday=1, updated_at=now)
        session.add(row)
    row.muted, row.digest, row.updated_at = sorted(wanted.muted), wanted.digest, now
    row.digest_hour, row.digest_weekday = wanted.hour, wanted.weekday
    session.flush()
    told = {"what": "notice_settings", "muted": sorted(wanted.muted), "digest": wanted.digest}
    record(session, actor, Entry(AuditKind.DATA_CHANGED, "users", str(user_id), (), "", told), now)
    return wanted
