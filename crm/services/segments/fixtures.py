"""Customers who have to be in a segment, or out of it: tests that run before a version is published."""

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.models import SegmentFixture
from crm.services.actor import Actor, printable
from crm.services.segments.stored import locked
from crm.services.segments.values import Fixture
from crm.services.versioned import note

MOST = 1_000


def fixtures(session: Session, key: str) -> list[Fixture]:
    """The tests of a segment, by customer."""
    query = select(SegmentFixture).where(SegmentFixture.segment_key == key).order_by(SegmentFixture.customer_id)
    return [Fixture(row.customer_id, row.expected_in, row.note) for row in session.scalars(query)]


def set_fixtures(
    session: Session, key: str, wanted: Sequence[Fixture], actor: Actor, now: dt.datetime, reason: str = ""
) -> list[Fixture]:
    """Make these the tests of a segment. Raises `CrmError` for a customer who is named twice or cannot be."""
    row, before = locked(session, key), {each.customer_id: each for each in fixtures(session, key)}
    after = {each.customer_id: each for each in wanted}
    if len(after) != len(wanted) or len(wanted) > MOST or not all(0 < each < 2**63 for each in after):
        raise CrmError("segment_fixture_customers", limit=MOST)
    changed = {each for each in before.keys() | after.keys() if before.get(each) != after.get(each)}
    if not changed:
        return list(before.values())
    gone = delete(SegmentFixture).where(
        SegmentFixture.segment_key == key, SegmentFixture.customer_id.in_(sorted(changed))
    )
    session.execute(gone)
    session.add_all(_row(key, after[each], actor, now) for each in sorted(changed & after.keys()))
    note(session, row, actor, now, "fixtures", reason, added=sorted(changed & after.keys()),
         removed=sorted(changed - after.keys()))  # fmt: skip
    return fixtures(session, key)


def _row(key: str, each: Fixture, actor: Actor, now: dt.datetime) -> SegmentFixture:
    return SegmentFixture(
        segment_key=key, customer_id=each.customer_id, expected_in=each.expected_in, note=printable(each.note, 500),
        author_login=printable(actor.login, 64), at=now,
    )  # fmt: skip
