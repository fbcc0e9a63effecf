"""What the services of plans and bonuses take and return."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from crm.services.performance.periods import Period

EMPLOYEE, DEPARTMENT = "employee", "department"
WHOLE = 100


class Subject(NamedTuple):
    """Whose figure it is: an employee, or a department with all below it."""

    kind: str
    id: str


Lines = Mapping[tuple[Subject, str], int]
"""Figures in hundredths (of a soʻm, of a piece) by subject and indicator."""


class PlanState(StrEnum):
    """Where a version of a plan is on its way."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"


@dataclass(frozen=True)
class Kpi:
    """An indicator as the marts define it. `kind` is flow or level, `unit` sum or count, `better` up or down."""

    code: str
    kind: str = "flow"
    unit: str = "sum"
    better: str = "up"


@dataclass(frozen=True)
class VersionInfo:
    """A version of a plan. `editors` wrote it; `origin` says how its figures came about."""

    plan_id: int
    number: int
    state: PlanState
    editors: tuple[str, ...]
    origin: Mapping[str, Any]
    author_login: str
    at: dt.datetime
    submitted_by: str
    submitted_at: dt.datetime | None
    reviewer_login: str
    reviewed_at: dt.datetime | None


@dataclass(frozen=True)
class PlanInfo:
    """A plan with its newest version. `approved` is the number of the version that counts, None before the first."""

    plan_id: int
    period: Period
    department_id: str
    newest: VersionInfo
    approved: int | None
    revision: int
    updated_at: dt.datetime
    updated_by: str


@dataclass(frozen=True)
class PlanEvent:
    """Something that happened to a plan, and what was said of it."""

    version: int
    what: str
    comment: str
    login: str
    at: dt.datetime
