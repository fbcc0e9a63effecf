"""The register of segments as the computing of members asks it: what is in use and due, whose size is not believed, and
how runs went (`vitrina.members.plan.Register`)."""

import datetime as dt
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session

from crm.database import Database
from crm.errors import CrmError
from crm.services.segments.listing import segments, version
from crm.services.segments.runs import record_run
from crm.services.segments.schedules import due
from crm.services.segments.stored import documents
from crm.services.segments.values import RunState, Status
from vitrina.members.plan import Outcome, Plan, Wanted
from vitrina.segment_options import SegmentOptions


class Keeper:
    """Segments of one database; `now` is the clock."""

    def __init__(self, database: Database, options: SegmentOptions, now: Callable[[], dt.datetime]) -> None:
        self._database, self._options, self._now = database, options, now

    def plan(self, snapshot: int, keys: Sequence[str] = ()) -> Plan:
        """What is in use, and what is due on the snapshot or asked for. Raises `CrmError` for what is not in use."""
        with self._database.read() as session:
            used = [each for each in segments(session, None) if each.status == Status.ACTIVE and each.published]
            active = {
                each.key: Wanted(each.published or 0, version(session, each.key, each.published).document)
                for each in used
            }
            # Who released a size wants it to be the one in use, and not only from the next snapshot on.
            released = [each.key for each in used if each.last_run and each.last_run.state == RunState.RELEASED]
            timely = [each.segment for each in due(session, self._now(), snapshot, self._options)]
            drafts = {key: document for key, document in documents(session).items() if key not in active}
        for key in keys:
            if key not in active:
                raise CrmError("segment_unknown", segment=key)
        return Plan(active, tuple(dict.fromkeys(keys or (*timely, *released))), drafts)

    def held(self, outcomes: Sequence[Outcome], snapshot: int) -> frozenset[str]:
        """Keys whose size the alarm does not believe: found by writing the runs down, and giving that up."""
        found: frozenset[str] = frozenset()
        try:
            with self._database.begin() as session:
                found = self._record(session, outcomes, snapshot)
                raise _GivenUp
        except _GivenUp:
            return found

    def record(self, outcomes: Sequence[Outcome], snapshot: int) -> None:
        """Write the runs down; owners are told of what was held or failed."""
        with self._database.begin() as session:
            self._record(session, outcomes, snapshot)

    def _record(self, session: Session, outcomes: Sequence[Outcome], snapshot: int) -> frozenset[str]:
        runs = [
            record_run(
                session, each.key, each.version, snapshot, dt.date.fromisoformat(each.as_of), each.members,
                each.entered, each.left, each.state, each.message, dt.datetime.fromisoformat(each.at), base=each.base,
                options=self._options,
            )
            for each in outcomes
        ]  # fmt: skip
        return frozenset(run.segment for run in runs if run.state == RunState.HELD)


class _GivenUp(Exception):
    """What was written is not to be kept."""
