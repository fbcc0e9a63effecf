"""A plan from a file: every row is accepted, or refused with its file, row and field. Pure; reading the file is not."""

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from crm.errors import CrmError
from crm.services.performance.periods import Period
from crm.services.performance.tree import Below, above
from crm.services.performance.values import DEPARTMENT, EMPLOYEE, WHOLE, Kpi, Subject

FIELDS: Final = ("period", "subject", "kpi", "amount")
_LIMIT = Decimal(10) ** 15
# Column headings as people write them, besides our own.
_HEADINGS: Final = {
    "period": {"period", "период", "davr"},
    "subject": {"subject", "employee", "department", "region", "сотрудник", "отдел", "регион", "кто", "xodim", "boʻlim",
                "bo'lim", "hudud"},
    "kpi": {"kpi", "показатель", "koʻrsatkich", "ko'rsatkich"},
    "amount": {"amount", "plan", "план", "сумма", "reja", "summa"},
}  # fmt: skip


@dataclass(frozen=True)
class Refused:
    """A row that is not taken: its number in the file, the field, what is wrong (a key of `LOADING`) with values."""

    file: str
    row: int
    field: str
    message: str
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Loaded:
    """What a file came to: `received` rows are `accepted` plus the refused ones."""

    received: int
    accepted: int
    lines: Mapping[tuple[Subject, str], int]
    refused: tuple[Refused, ...]


@dataclass(frozen=True)
class Known:
    """What rows may name: the period, the tree of the plan, indicators by every name, subjects by every name."""

    period: Period
    below: Below
    kpis: Mapping[str, Kpi]
    subjects: Mapping[str, Subject]


def load(file: str, rows: Iterable[tuple[int, list[str]]], known: Known) -> Loaded:
    """Read rows (number in the file, cells), the first of which names the columns.

    Raises `CrmError` when it does not name `FIELDS`: then no row can be told apart from another.
    """
    numbered = [(number, [cell.strip() for cell in cells]) for number, cells in rows]
    numbered = [(number, cells) for number, cells in numbered if any(cells)]
    if not numbered:
        raise CrmError("plan_file_empty", file=file)
    columns = _columns(file, numbered[0][1])
    lines: dict[tuple[Subject, str], int] = {}
    rows_of: dict[tuple[Subject, str], int] = {}
    refused: list[Refused] = []
    for number, cells in numbered[1:]:
        taken = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
        found = _row(file, number, taken, known, rows_of)
        if isinstance(found, Refused):
            refused.append(found)
        else:
            key, amount = found
            lines[key], rows_of[key] = amount, number
    wrong = _unequal(file, lines, rows_of, known.below)
    for each in wrong:
        del lines[each[0]]
    refused += [each for _, each in wrong]
    received = len(numbered) - 1
    return Loaded(received, len(lines), lines, tuple(sorted(refused, key=lambda each: each.row)))


def _columns(file: str, headings: list[str]) -> dict[str, int]:
    found = {
        name: place
        for place, heading in enumerate(headings)
        for name in FIELDS
        if heading.casefold() in _HEADINGS[name]
    }
    if missing := [name for name in FIELDS if name not in found]:
        raise CrmError("plan_file_columns", file=file, columns=", ".join(missing))
    return found


def _row(
    file: str, number: int, taken: Mapping[str, str], known: Known, before: Mapping[tuple[Subject, str], int]
) -> Refused | tuple[tuple[Subject, str], int]:
    if _month(taken["period"]) != known.period.start:
        return Refused(file, number, "period", "plan_row_period", {"value": taken["period"][:60]})
    subject = known.subjects.get(taken["subject"].casefold())
    if subject is None:
        return Refused(file, number, "subject", "plan_row_subject", {"value": taken["subject"][:60]})
    kpi = known.kpis.get(taken["kpi"].casefold())
    if kpi is None:
        return Refused(file, number, "kpi", "plan_row_kpi", {"value": taken["kpi"][:60]})
    amount = _amount(taken["amount"], kpi)
    if amount is None:
        return Refused(file, number, "amount", "plan_row_amount", {"value": taken["amount"][:60]})
    key = (subject, kpi.code)
    if key in before:
        return Refused(file, number, "subject", "plan_row_twice", {"row": before[key]})
    return key, amount


def _month(text: str) -> dt.date | None:
    """First day of a month written as 2026-11, 11.2026, 01.11.2026 or 2026-11-01 (workbooks add a time)."""
    for pattern in (r"(?P<y>\d{4})-(?P<m>\d\d)(-\d\d.*)?", r"(\d\d\.)?(?P<m>\d\d)\.(?P<y>\d{4})"):
        if (found := re.fullmatch(pattern, text)) and 1 <= int(found["m"]) <= 12:
            return dt.date(int(found["y"]), int(found["m"]), 1)
    return None


def _amount(text: str, kpi: Kpi) -> int | None:
    """Hundredths; pieces are whole. Spaces group digits, a comma is a decimal point."""
    try:
        value = Decimal(re.sub(r"[\s\u202f\u00a0]", "", text).replace(",", "."))
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) >= _LIMIT:
        return None
    hundredths = value * WHOLE
    if hundredths != hundredths.to_integral_value() or (kpi.unit == "count" and value != value.to_integral_value()):
        return None
    return int(hundredths)


def _unequal(
    file: str, lines: Mapping[tuple[Subject, str], int], rows_of: Mapping[tuple[Subject, str], int], below: Below
) -> list[tuple[tuple[Subject, str], Refused]]:
    """Departments whose own figure is not what their parts add up to."""
    upper = above(below)
    sums: dict[tuple[Subject, str], int] = {}
    for (subject, kpi), amount in lines.items():
        if subject.kind == EMPLOYEE:
            here = upper.get(subject)
            while here is not None:
                sums[here, kpi] = sums.get((here, kpi), 0) + amount
                here = upper.get(here)
    return [
        (key, Refused(file, rows_of[key], "amount", "plan_row_sum", {"sum": sums[key] / WHOLE}))
        for key, amount in lines.items()
        if key[0].kind == DEPARTMENT and key in sums and sums[key] != amount
    ]
