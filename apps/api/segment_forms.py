"""What callers of the segment routes send and get: bodies with their limits, and values made plain."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from crm.services.segments import Alarm, Fixture, Mode, RunInfo, Schedule, SegmentInfo, VersionInfo
from vitrina.access.rights import Rights, Scope

Text = Annotated[str, Field(max_length=4000)]
Name = Annotated[str, Field(max_length=200)]
Reason = Annotated[str, Field(max_length=2000)]
Document = Annotated[dict[str, Any], Field(description="A definition; its format is at /v1/segment-schema.")]
Customer = Annotated[int, Field(ge=1, lt=2**63)]


class Body(BaseModel):
    """No field that is not known: a misspelt one would be silently without effect."""

    model_config = ConfigDict(extra="forbid")


class NewSegment(Body):
    """A new segment of the caller's, private, in draft."""

    name: Name
    definition: Document
    description: Text = ""
    folder: Name = ""
    tags: Annotated[list[Name], Field(max_length=50)] = []
    key: Annotated[str, Field(max_length=80)] = ""


class Changes(Body):
    """What is given is changed. `base` is the revision that the caller had before him."""

    base: int
    definition: Document | None = None
    name: Name | None = None
    description: Text | None = None
    folder: Name | None = None
    tags: Annotated[list[Name], Field(max_length=50)] | None = None
    reason: Reason = ""


class Why(Body):
    """The reason of a change, for the audit log."""

    reason: Reason = ""


class Restored(Why):
    """Bringing an old version back, based on a revision."""

    base: int


class Review(Why):
    """Asking for a review; the reviewer named by his login is told."""

    reviewer: Name = ""


class Comment(Body):
    """What a reviewer says."""

    comment: Reason = ""


class SharingBody(Why):
    """private, roles (then which), or all."""

    sharing: str
    roles: Annotated[list[Name], Field(max_length=100)] = []


class ScheduleBody(Why):
    """When a segment runs: manual, on_snapshot, cron, calendar."""

    mode: Mode
    cron: Annotated[str, Field(max_length=120)] = ""
    days: Annotated[list[dt.date], Field(max_length=400)] = []
    time: Annotated[str, Field(max_length=5)] = "06:00"
    timezone: Annotated[str, Field(max_length=64)] = "Asia/Tashkent"

    def value(self) -> Schedule:
        """As the services take it."""
        return Schedule(self.mode, self.cron, tuple(self.days), self.time, self.timezone)


class AlarmBody(Why):
    """Limits of the size alarm in per cent; null is the installation's own."""

    min_share_pct: float | None = None
    max_change_pct: float | None = None

    def value(self) -> Alarm:
        """As the services take it."""
        return Alarm(self.min_share_pct, self.max_change_pct)


class FixtureBody(Body):
    """A customer who has to be in (or out)."""

    customer_id: Customer
    expected_in: bool
    note: Annotated[str, Field(max_length=500)] = ""

    def value(self) -> Fixture:
        """As the services take it."""
        return Fixture(self.customer_id, self.expected_in, self.note)


class Fixtures(Why):
    """All tests of a segment: those that are not named go."""

    fixtures: Annotated[list[FixtureBody], Field(max_length=1000)]


class Asked(Body):
    """What a question is about: a definition, or a stored segment (its published version, else its newest, unless
    `version` says which), on the snapshot's day or an earlier `date`."""

    definition: Document | None = None
    segment: Annotated[str, Field(max_length=80)] | None = None
    version: int | None = None
    date: dt.date | None = None


def segment_form(info: SegmentInfo, rights: Rights) -> dict[str, Any]:
    """A segment for a caller."""
    form: dict[str, Any] = plain(info)
    form["last_run"] = run_form(info.last_run, rights) if info.last_run else None
    return form


def version_form(info: VersionInfo, rights: Rights) -> dict[str, Any]:
    """A version for a caller, its figures only for who sees all customers."""
    form: dict[str, Any] = plain(info)
    if form["verdict"] and not sees_all(rights):
        form["verdict"] = {**form["verdict"], "difference": {}}
    return form


def run_form(info: RunInfo, rights: Rights) -> dict[str, Any]:
    """A run for a caller. Figures of the whole company are for who sees all customers: a count of one customer's
    segment would tell of him."""
    form: dict[str, Any] = plain(info)
    return form if sees_all(rights) else {**form, **dict.fromkeys(("members", "base", "entered", "left"))}


def sees_all(rights: Rights) -> bool:
    """Whether nobody's figures are hidden from him."""
    return rights.scope("customers", "view") is Scope.ALL


def plain(value: Any) -> Any:
    """Dataclasses, mappings and sequences as JSON has them; amounts as numbers, days and moments as ISO text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, dt.date) else value
