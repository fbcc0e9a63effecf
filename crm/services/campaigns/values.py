"""What the services of campaigns take and give: the register and its stages, versions, approvals, figures to reach."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What kind of initiative it is: to chosen customers, to everybody, or whenever a condition comes true."""

    TARGETED = "targeted"
    MASS = "mass"
    TRIGGER = "trigger"


class Category(StrEnum):
    """What messages are about: caps and consents go by it."""

    MARKETING = "marketing"
    SERVICE = "service"
    COLLECTION = "collection"


class Stage(StrEnum):
    """Where a campaign stands; `transitions` says what follows what."""

    CONCEPT = "concept"
    DESIGN = "design"
    APPROVAL = "approval"
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    ANALYSED = "analysed"
    STOPPED = "stopped"


class VersionState(StrEnum):
    """A version of the content. `DROPPED`: it was submitted or approved, and the content changed afterwards."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    DROPPED = "dropped"


class StepState(StrEnum):
    """A step of an approval."""

    WAITING = "waiting"
    OPEN = "open"
    APPROVED = "approved"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"


class Part(StrEnum):
    """What of a campaign an approval step, or a comment, is about."""

    CONCEPT = "concept"
    AUDIENCE = "audience"
    CONTENT = "content"
    MEDIA_PLAN = "media_plan"
    BUDGET = "budget"
    RESULT = "result"


# Channels that reach a known customer, and those that reach whoever passes by.
PERSONAL = ("sms", "email", "telegram", "push", "call")
MASS_CHANNELS = ("tv", "radio", "outdoor", "digital", "press", "office")
CHANNELS = (*PERSONAL, *MASS_CHANNELS, "other")
CUSTOMER_TYPES = ("", "person", "organisation")


@dataclass(frozen=True)
class CampaignInfo:
    """One campaign. `fingerprint` is the hash of its content now, `version_state` that of its newest version;
    `open_step` is the approval step that is waited for, `is_overdue` whether longer than its deadline."""

    campaign_id: int
    key: str
    name: str
    description: str
    kind: Kind
    goal: str
    customer_type: str
    category: Category
    priority: int
    audience: Mapping[str, Any] = field(hash=False)
    audience_size: int | None
    flow: Mapping[str, Any] | None = field(hash=False)
    channels: tuple[str, ...]
    starts_on: dt.date | None
    ends_on: dt.date | None
    responsible_login: str
    responsible_name: str
    owner_id: int | None
    owner_login: str
    owner_name: str
    author_login: str
    stage: Stage
    stage_at: dt.datetime
    version: int
    version_state: VersionState
    fingerprint: str
    approved: int | None
    pins: Mapping[str, Any] = field(hash=False)
    copied_from: int | None
    revision: int
    created_at: dt.datetime
    updated_at: dt.datetime
    updated_by: str
    open_step: str
    is_overdue: bool


@dataclass(frozen=True)
class VersionInfo:
    """One version of a campaign's content as one document."""

    campaign_id: int
    number: int
    document: Mapping[str, Any] = field(hash=False)
    fingerprint: str
    state: VersionState
    author_login: str
    editors: tuple[str, ...]
    reason: str
    at: dt.datetime
    submitted_by: str
    submitted_at: dt.datetime | None
    approved_at: dt.datetime | None
    route_key: str
    route_revision: int | None
    parameters: Mapping[str, Any] | None = field(hash=False)


@dataclass(frozen=True)
class EventInfo:
    """Something that happened to a campaign: who, when, why, from which stage to which."""

    event_id: int
    what: str
    from_stage: Stage
    to_stage: Stage
    version: int
    fingerprint: str
    reason: str
    actor_login: str
    at: dt.datetime
    details: Mapping[str, Any] = field(hash=False)


@dataclass(frozen=True)
class StepInfo:
    """One step of an approval: who has to agree with what by when, and what came of it."""

    approval_id: int
    campaign_id: int
    version: int
    round: int
    step: int
    name: str
    role_code: str
    employee_id: str | None
    parts: tuple[str, ...]
    state: StepState
    fingerprint: str
    opened_at: dt.datetime | None
    due_at: dt.datetime | None
    decided_at: dt.datetime | None
    decided_login: str
    on_behalf_of: str | None
    comment: str


@dataclass(frozen=True)
class CommentInfo:
    """What somebody said about a part of a campaign."""

    comment_id: int
    version: int
    part: str
    node_id: str
    text: str
    author_login: str
    at: dt.datetime


@dataclass(frozen=True)
class Kpi:
    """A figure to reach. `direction` is at_least or at_most; `fact` is None until it was measured."""

    code: str
    name: str
    unit: str
    target: float
    direction: str = "at_least"
    fact: float | None = None
    fact_at: dt.datetime | None = None
    fact_source: str = ""

    @property
    def is_reached(self) -> bool | None:
        """Whether the fact meets the target; None while there is no fact."""
        if self.fact is None:
            return None
        return self.fact >= self.target if self.direction == "at_least" else self.fact <= self.target


@dataclass(frozen=True)
class ConclusionInfo:
    """What people learnt from a campaign; `figures` are those that they had before them."""

    conclusion_id: int
    verdict: str
    text: str
    proposals: str
    figures: Mapping[str, Any] = field(hash=False)
    author_login: str
    at: dt.datetime


@dataclass(frozen=True)
class Filter:
    """What to look for in the register; what is left empty does not narrow. `since` and `until` bound the days on which
    a campaign goes on; `mine` is the user id of an owner or responsible, `overdue` asks for late approvals."""

    text: str = ""
    stages: tuple[Stage, ...] = ()
    kinds: tuple[Kind, ...] = ()
    categories: tuple[Category, ...] = ()
    channels: tuple[str, ...] = ()
    customer_type: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    mine: int | None = None
    responsible_login: str = ""
    overdue: bool = False


@dataclass(frozen=True)
class Page:
    """A page of the register, and how many there are in all."""

    campaigns: tuple[CampaignInfo, ...]
    total: int


@dataclass(frozen=True)
class Runnable:
    """What may be carried out: the approved content, proved by its hash."""

    campaign_id: int
    key: str
    version: int
    fingerprint: str
    stage: Stage
    document: Mapping[str, Any] = field(hash=False)
    priority: int = 50
