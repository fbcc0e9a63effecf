"""From a draft to what counts: review by somebody else, tests by named customers, publication."""

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from crm.database import SEGMENT_GRAPH, one_at_a_time
from crm.errors import CrmError
from crm.models import Segment, SegmentVersion, User
from crm.services.accounts import required
from crm.services.actor import Actor, printable
from crm.services.notices import notify
from crm.services.segments.checking import Author, checked
from crm.services.segments.fixtures import fixtures
from crm.services.segments.stored import info, locked, open_version, version_info
from crm.services.segments.values import SegmentInfo, Status, Verdict, VersionInfo, VersionState
from crm.services.versioned import note, touch
from segments.definition import parse, used_segments
from vitrina.segment_options import SegmentOptions


def request_review(
    session: Session, key: str, actor: Actor, now: dt.datetime, verdict: Verdict, *, reviewer_id: int | None = None,
    reason: str = "",
) -> VersionInfo:  # fmt: skip
    """Ask for a look at the open version; `verdict` is what its author shows, `reviewer_id` who is told. Raises
    `CrmError` when there is none, or the tests were run on another text."""
    row = locked(session, key)
    version = _tested(session, row, verdict)
    version.state, version.verdict = VersionState.IN_REVIEW, _kept(session, key, verdict)
    version.reviewer_login, version.reviewed_at, version.comment = "", None, ""
    notify(session, reviewer_id, "review_asked", {"segment": row.name, "login": actor.login}, _link(key), now)
    touch(row, actor, now)
    note(session, row, actor, now, "review_asked", reason, version=version.number)
    return version_info(version)


def approve(session: Session, key: str, actor: Actor, now: dt.datetime, comment: str = "") -> VersionInfo:
    """Agree with the version in review. Nobody who wrote a part of it may."""
    row, version = _in_review(session, key)
    if printable(actor.login, 64) in version.editors:
        raise CrmError("segment_own_review")
    return _reviewed(session, row, version, VersionState.APPROVED, actor, now, comment)


def return_review(session: Session, key: str, actor: Actor, now: dt.datetime, comment: str) -> VersionInfo:
    """Send the version in review back to its author, saying why."""
    row, version = _in_review(session, key)
    return _reviewed(session, row, version, VersionState.RETURNED, actor, now, required(comment))


def publish_version(
    session: Session, key: str, actor: Actor, now: dt.datetime, reason: str, *, author: Author, verdict: Verdict,
    options: SegmentOptions,
) -> SegmentInfo:  # fmt: skip
    """Make the open version the one that counts from the next run on.

    It is checked once more, since what it names may have changed since it was saved. Raises `CrmError` when its tests
    fail or were run on another text, when it lacks a review that is required, or names what is not published.
    """
    one_at_a_time(session, SEGMENT_GRAPH)
    row = locked(session, key)
    version = _tested(session, row, verdict)
    if options.four_eyes and version.state != VersionState.APPROVED:
        raise CrmError("segment_not_approved")
    _require_tests_passed(session, key, verdict)
    used = used_segments(parse(version.document))
    checked(session, key, version.document, author, used)
    _require_published(session, used)
    version.state, version.published_at, version.published_by = VersionState.PUBLISHED, now, printable(actor.login, 64)
    version.verdict = _kept(session, key, verdict)
    before, row.published, row.status = row.published, version.number, Status.ACTIVE
    touch(row, actor, now)
    details = {"version": version.number, "before": before, "fingerprint": version.fingerprint}
    note(session, row, actor, now, "version_published", required(reason), **details)
    return info(session, key)


def _tested(session: Session, row: Segment, verdict: Verdict) -> SegmentVersion:
    version = open_version(session, row.key)
    if version is None:
        raise CrmError("segment_no_draft")
    if version.state == VersionState.RETURNED:
        raise CrmError("segment_returned")
    if version.fingerprint != verdict.fingerprint:
        raise CrmError("segment_untested")
    return version


def _kept(session: Session, key: str, verdict: Verdict) -> dict[str, Any]:
    known = fixtures(session, key)
    passed = sum(each.expected_in == (each.customer_id in verdict.inside) for each in known)
    return {"fixtures": len(known), "passed": passed, "difference": dict(verdict.difference)}


def _require_tests_passed(session: Session, key: str, verdict: Verdict) -> None:
    wrong = [
        each.customer_id for each in fixtures(session, key) if each.expected_in != (each.customer_id in verdict.inside)
    ]
    if wrong:
        raise CrmError("segment_fixtures", customers=", ".join(str(each) for each in wrong[:10]))


def _require_published(session: Session, keys: frozenset[str]) -> None:
    rows = [row for key in sorted(keys) if (row := session.get(Segment, key)) and row.published is None]
    if rows:
        raise CrmError("segment_needs_published", segments=", ".join(row.name for row in rows))


def _in_review(session: Session, key: str) -> tuple[Segment, SegmentVersion]:
    row = locked(session, key)
    version = open_version(session, key)
    if version is None or version.state != VersionState.IN_REVIEW:
        raise CrmError("segment_not_in_review")
    return row, version


def _reviewed(
    session: Session, row: Segment, version: SegmentVersion, state: VersionState, actor: Actor, now: dt.datetime,
    comment: str,
) -> VersionInfo:  # fmt: skip
    version.state, version.comment = state, printable(comment, 2000)
    version.reviewer_login, version.reviewed_at = printable(actor.login, 64), now
    kind = "review_approved" if state is VersionState.APPROVED else "review_returned"
    author = session.get(User, version.author_id) if version.author_id is not None else None
    told = {"segment": row.name, "login": actor.login}
    notify(session, author.user_id if author else None, kind, told, _link(row.key), now)
    touch(row, actor, now)
    note(session, row, actor, now, kind, comment, version=version.number)
    return version_info(version)


def _link(key: str) -> str:
    return f"/segment?key={key}"
