"""Files of agencies as values: media plans and reports, every row accepted or refused with its place. Pure; reading the
file into rows is not here (`vitrina.lists.reading`)."""

import dataclasses
import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from crm.campaign_messages import PRICE_MODELS
from crm.errors import CrmError
from crm.models.money import PLACES
from crm.services.actor import printable
from crm.services.campaigns.values import CHANNELS

# Column headings as people write them, besides our own.
HEADINGS: Final[dict[str, frozenset[str]]] = {
    "code": frozenset({"code", "line", "код", "строка", "позиция", "kod", "qator"}),
    "channel": frozenset({"channel", "канал", "kanal"}),
    "format": frozenset({"format", "формат"}),
    "region_code": frozenset({"region", "region_code", "регион", "hudud"}),
    "starts_on": frozenset({"from", "starts_on", "начало", "с", "boshlanishi"}),
    "ends_on": frozenset({"to", "ends_on", "окончание", "конец", "по", "tugashi"}),
    "reach": frozenset({"reach", "охват", "qamrov"}),
    "price_model": frozenset({"price model", "price_model", "модель оплаты", "ценовая модель", "narx modeli"}),
    "units": frozenset({"units", "количество", "объём", "объем", "miqdor"}),
    "price": frozenset({"price", "цена", "narx"}),
    "cost": frozenset({"cost", "стоимость", "сумма", "бюджет", "qiymat", "summa"}),
    "day": frozenset({"date", "day", "дата", "день", "sana"}),
    "impressions": frozenset({"impressions", "показы", "namoyishlar"}),
    "clicks": frozenset({"clicks", "клики", "bosishlar"}),
    "leads": frozenset({"leads", "лиды", "заявки", "lidlar"}),
}
PLAN: Final = (
    "code", "channel", "format", "region_code", "starts_on", "ends_on", "reach", "price_model", "units", "price", "cost"
)  # fmt: skip
REPORT: Final = ("code", "day", "reach", "impressions", "clicks", "leads", "cost")
_NEEDED: Final = {PLAN: {"code", "channel", "starts_on", "ends_on", "cost"}, REPORT: {"code", "day"}}
# A brief stands above the table in the file that the agency was sent.
_LOOKED_THROUGH: Final = 60


@dataclass(frozen=True)
class Refused:
    """Why a row is not counted: its number in the file, the field, a key of `ROW_PROBLEMS` with its values."""

    row: int
    field: str
    problem: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class PlanLine:
    """One placement of a media plan. `code` is how reports name it; `region_code` empty: everywhere."""

    code: str
    channel: str
    starts_on: dt.date
    ends_on: dt.date
    cost: Decimal
    format: str = ""
    region_code: str = ""
    reach: int | None = None
    price_model: str = "fixed"
    units: int | None = None
    price: Decimal | None = None


@dataclass(frozen=True)
class ReportRow:
    """One row of a report as it was sent, with what it says (`values`, by field) or why it is not counted."""

    row: int
    raw: Mapping[str, str] = dataclasses.field(hash=False)
    values: Mapping[str, Any] = dataclasses.field(hash=False)
    problems: tuple[Refused, ...] = ()


def plan_lines(file: str, rows: Iterable[tuple[int, list[str]]]) -> tuple[list[PlanLine], list[Refused]]:
    """The lines of a media plan and the rows that are none. Raises `CrmError` when the columns are not named."""
    lines, refused, rows_of = list[PlanLine](), list[Refused](), dict[str, int]()
    for number, raw in _table(file, rows, PLAN):
        values, problems = _read(number, raw, _PLAN_FIELDS)
        if not problems and values["code"] in rows_of:
            problems = [Refused(number, "code", "twice", {"row": rows_of[values["code"]]})]
        if not problems and values["ends_on"] < values["starts_on"]:
            problems = [Refused(number, "ends_on", "date_outside", {"value": str(values["ends_on"])})]
        if problems:
            refused += problems
            continue
        rows_of[values["code"]] = number
        given = {name: value for name, value in values.items() if value is not None}
        lines.append(PlanLine(**{"region_code": "", "format": "", "price_model": "fixed", **given}))
    return lines, refused


def report_rows(
    file: str, rows: Iterable[tuple[int, list[str]]], plan: Mapping[str, PlanLine],
    reported: Mapping[tuple[str, dt.date], str],
) -> list[ReportRow]:  # fmt: skip
    """Every row of a report, those that cannot be counted with why. `reported` names the file in which a line and day
    were reported before. Raises `CrmError` when the columns are not named."""
    found, rows_of = list[ReportRow](), dict[tuple[str, dt.date], int]()
    for number, raw in _table(file, rows, REPORT):
        values, problems = _read(number, raw, _REPORT_FIELDS)
        problems = problems or _report_problems(number, values, plan, reported, rows_of)
        if not problems:
            rows_of[values["code"], values["day"]] = number
        found.append(ReportRow(number, raw, values, tuple(problems)))
    return found


def _report_problems(
    number: int, values: Mapping[str, Any], plan: Mapping[str, PlanLine],
    reported: Mapping[tuple[str, dt.date], str], rows_of: Mapping[tuple[str, dt.date], int],
) -> list[Refused]:  # fmt: skip
    line, key = plan.get(values["code"]), (values["code"], values["day"])
    if line is None:
        return [Refused(number, "code", "code", {"value": values["code"]})]
    if not line.starts_on <= values["day"] <= line.ends_on:
        return [Refused(number, "day", "date_outside", {"value": values["day"].isoformat()})]
    if key in rows_of:
        return [Refused(number, "code", "twice", {"row": rows_of[key]})]
    if key in reported:
        return [Refused(number, "code", "reported", {"file": reported[key]})]
    if all(values.get(name) is None for name in REPORT[2:]):
        return [Refused(number, "reach", "empty")]
    if (values.get("clicks") or 0) > (values["impressions"] if values.get("impressions") is not None else 10**18):
        return [Refused(number, "clicks", "clicks")]
    return []


def _table(
    file: str, rows: Iterable[tuple[int, list[str]]], fields: Sequence[str]
) -> list[tuple[int, dict[str, str]]]:  # fmt: skip
    """The rows below the headings, cells by field; blank rows are none."""
    numbered = [(number, [printable(cell, 400).strip() for cell in cells]) for number, cells in rows]
    numbered = [(number, cells) for number, cells in numbered if any(cells)]
    if not numbered:
        raise CrmError("media_file_empty", file=file)
    needed, missing = _NEEDED[tuple(fields)], set[str]()
    for place, (_, cells) in enumerate(numbered[:_LOOKED_THROUGH]):
        columns = {
            name: column for column, cell in enumerate(cells) for name in fields if cell.casefold() in HEADINGS[name]
        }
        if needed <= columns.keys():
            return [
                (number, {name: cells[at] if at < len(cells) else "" for name, at in columns.items()})
                for number, cells in numbered[place + 1 :]
            ]
        if not missing or len(needed - columns.keys()) < len(missing):
            missing = needed - columns.keys()
    raise CrmError("media_file_columns", file=file, columns=", ".join(sorted(missing)))


def _read(
    number: int, raw: Mapping[str, str], readers: Mapping[str, tuple[Callable[[str], Any], str, bool]]
) -> tuple[dict[str, Any], list[Refused]]:
    values, problems = dict[str, Any](), list[Refused]()
    for name, (read, problem, is_needed) in readers.items():
        text = raw.get(name, "")
        try:
            values[name] = read(text) if text else None
        except (ValueError, InvalidOperation):
            problems.append(Refused(number, name, problem, {"value": text[:60]}))
            continue
        if is_needed and values[name] is None:
            problems.append(Refused(number, name, "text"))
    return values, problems


def _code(text: str) -> str:
    if len(text) > 40:
        raise ValueError
    return text


def _channel(text: str) -> str:
    return _one_of(text, CHANNELS)


def _price_model(text: str) -> str:
    return _one_of(text, PRICE_MODELS)


def _one_of(text: str, known: Iterable[str]) -> str:
    if (found := text.casefold()) not in set(known):
        raise ValueError
    return found


def _text(length: int) -> Callable[[str], str]:
    return lambda text: text[:length]


def _day(text: str) -> dt.date:
    """2026-12-31 or 31.12.2026; workbooks add a time."""
    if found := re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})", text):
        return dt.date(int(found[3]), int(found[2]), int(found[1]))
    if re.fullmatch(r"\d{4}-\d\d-\d\d([ T].*)?", text):
        return dt.date.fromisoformat(text[:10])
    raise ValueError


def _number(text: str) -> Decimal:
    """Spaces group digits, a comma is a decimal point."""
    value = Decimal(re.sub(r"[\s\u202f\u00a0]", "", text).replace(",", "."))
    if not value.is_finite() or not 0 <= value < Decimal(10) ** 13:
        raise ValueError
    return value


def _count(text: str) -> int:
    value = _number(text)
    if value != value.to_integral_value() or value >= 2**31:
        raise ValueError
    return int(value)


def _amount(text: str) -> Decimal:
    value = _number(text)
    if value != round(value, PLACES):
        raise ValueError
    return value


_PLAN_FIELDS: Final[Mapping[str, tuple[Callable[[str], Any], str, bool]]] = {
    "code": (_code, "code", True), "channel": (_channel, "channel", True), "format": (_text(200), "text", False),
    "region_code": (_text(16), "text", False), "starts_on": (_day, "date", True), "ends_on": (_day, "date", True),
    "reach": (_count, "count", False), "price_model": (_price_model, "price_model", False),
    "units": (_count, "count", False), "price": (_amount, "amount", False), "cost": (_amount, "amount", True),
}  # fmt: skip
_REPORT_FIELDS: Final[Mapping[str, tuple[Callable[[str], Any], str, bool]]] = {
    "code": (_code, "code", True), "day": (_day, "date", True), "reach": (_count, "count", False),
    "impressions": (_count, "count", False), "clicks": (_count, "count", False), "leads": (_count, "count", False),
    "cost": (_amount, "amount", False),
}  # fmt: skip
