"""What the segment commands work with: the operational database and the unfiltered snapshot of a home, together.

Whoever is at the command line of the server is its administrator: he sees every segment and every customer.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vitrina.cli.operational import actor, moment, opened
from vitrina.cli.segment_files import SegmentFile
from vitrina.errors import UserError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crm.database import Database
    from crm.services.segments import Author, Fixture, Schedule, SegmentInfo, Verdict
    from segments.catalogue import Catalogue
    from segments.definition import Definition
    from segments.engine import At
    from vitrina.settings import Settings
    from vitrina.warehouse.reader import SnapshotReader


@dataclass(frozen=True)
class Desk:
    """The database, the snapshot, and its catalogue."""

    settings: "Settings"
    database: "Database"
    reader: "SnapshotReader"
    author: "Author"

    def at(self, date: str) -> "At":
        """The day of a question: the snapshot's own, or an earlier one. Raises `UserError`, `DefinitionError`."""
        from segments.engine import At, at_date
        from segments.questions import stored_month_ends

        as_of = self.reader.manifest.as_of
        if not date:
            return At.current(as_of)
        try:
            day = dt.date.fromisoformat(date)
        except ValueError:
            raise UserError(f"--date is YYYY-MM-DD, not {date}") from None
        return at_date(as_of, stored_month_ends(self.reader), day)

    def stored(self, key: str, version: int | None = None) -> "tuple[Definition, Mapping[str, Definition]]":
        """A segment's definition (its published version, else its newest, unless one is named) and all the others."""
        from crm.services import segments
        from segments.definition import parse

        with self.database.read() as session:
            number = version or segments.info(session, key).published
            return parse(segments.version(session, key, number).document), segments.definitions(session)


@contextmanager
def desk(settings: "Settings") -> Iterator[Desk]:
    """Everything a command needs. Raises `NothingPublished`."""
    from crm.services.segments import Author
    from segments.engine import At
    from vitrina.warehouse.reader import SnapshotReader

    with opened(settings) as database, SnapshotReader.open(settings.published_dir) as reader:
        # Every column is open here; what is asked all the same is that SQL reads these tables and nothing else.
        columns = {
            name: frozenset(each.name for each in table.columns) for name, table in reader.manifest.tables.items()
        }
        author = Author(catalogue(reader), At.current(reader.manifest.as_of), None, columns)
        yield Desk(settings, database, reader, author)


def catalogue(reader: "SnapshotReader") -> "Catalogue":
    """What conditions may name in a snapshot."""
    from segments.questions import read_catalogue

    return read_catalogue(reader, reader.manifest.tables)


def content(session: "Session", info: "SegmentInfo") -> dict[str, Any]:
    """A segment as a file holds it, with its newest definition."""
    from crm.services import segments

    plan = info.schedule
    schedule = {
        "mode": plan.mode.value, "cron": plan.cron, "days": [day.isoformat() for day in plan.days], "time": plan.time,
        "timezone": plan.timezone,
    }  # fmt: skip
    fixtures = [
        {"customer_id": each.customer_id, "expected_in": each.expected_in, "note": each.note}
        for each in segments.fixtures(session, info.key)
    ]
    return {
        "name": info.name, "description": info.description, "folder": info.folder, "tags": sorted(info.tags),
        "schedule": schedule, "fixtures": fixtures, "definition": dict(segments.version(session, info.key).document),
    }  # fmt: skip


def try_file(found: Desk, each: SegmentFile, others: "Mapping[str, Definition]") -> "Verdict":
    """Run the tests of a file's definition, and count who enters and leaves. Raises `DefinitionError`, `UserError`."""
    from crm.services import segments
    from segments.definition import parse
    from segments.errors import DefinitionError

    with found.database.read() as session:
        known = {info.key: info for info in segments.segments(session, None)}
        before = segments.published_version(session, each.key) if each.key in known else None
    definition = parse(each.content["definition"])
    # SQL is looked at before it runs.
    if wrong := tuple(segments.hidden_from(definition, found.author)):
        raise DefinitionError(wrong)
    published = parse(before.document) if before is not None else None
    return segments.verdict(found.reader, definition, published, fixtures_of(each), found.author, others)


def save_file(session: "Session", found: Desk, each: SegmentFile, reason: str, owner_id: int | None) -> None:
    """Make the database hold what a file does; what is new gets its key and this owner. Raises what services refuse."""
    from crm.services import segments

    what, who, now = each.content, actor(), moment()
    if each.key in {info.key for info in segments.segments(session, None)}:
        segments.save_draft(
            session, each.key, who, now, base=segments.info(session, each.key).revision, author=found.author,
            document=what["definition"], name=what["name"], description=what["description"], folder=what["folder"],
            tags=what["tags"], reason=reason,
        )  # fmt: skip
    else:
        segments.create_draft(
            session, what["name"], what["definition"], who, now, author=found.author, folder=what["folder"],
            tags=what["tags"], description=what["description"], key=each.key, owner_id=owner_id,
        )  # fmt: skip
    segments.set_fixtures(session, each.key, fixtures_of(each), who, now, reason)
    if what["schedule"]:
        segments.set_schedule(session, each.key, _schedule(each), who, now, reason)


def fixtures_of(each: SegmentFile) -> "list[Fixture]":
    """The tests that a file names. Raises `UserError`."""
    from crm.services.segments import Fixture

    try:
        return [
            Fixture(int(one["customer_id"]), bool(one["expected_in"]), str(one.get("note", "")))
            for one in each.content["fixtures"]
        ]
    except (KeyError, TypeError, ValueError):
        raise UserError(f"{each.key}: a test has customer_id, expected_in and a note") from None


def _schedule(each: SegmentFile) -> "Schedule":
    from crm.services.segments import Mode, Schedule

    plan = each.content["schedule"]
    try:
        days = tuple(dt.date.fromisoformat(day) for day in plan.get("days", ()))
        return Schedule(
            Mode(plan.get("mode", Mode.ON_SNAPSHOT)), str(plan.get("cron", "")), days, str(plan.get("time", "06:00")),
            str(plan.get("timezone", "Asia/Tashkent")),
        )  # fmt: skip
    except (TypeError, ValueError):
        raise UserError(f"{each.key}: the schedule has no such mode or day: {plan}") from None
