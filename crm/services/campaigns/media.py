"""Media plans, the brief for the agency, its reports, and plan against fact."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from crm.campaign_messages import PRICE_MODELS
from crm.errors import CrmError
from crm.models import AgencyReport, AgencyReportRow, BudgetEntry, Campaign, MediaPlanLine
from crm.services.accounts import required
from crm.services.actor import Actor, printable
from crm.services.campaigns import ledger
from crm.services.campaigns.agency_files import PlanLine, Refused, ReportRow, plan_lines, report_rows
from crm.services.campaigns.clock import local_day
from crm.services.campaigns.content import write_content
from crm.services.campaigns.stored import locked, row_of
from crm.services.campaigns.values import CHANNELS
from crm.services.versioned import note, touch

_LINE = (
    "code", "channel", "starts_on", "ends_on", "cost", "format", "region_code", "reach", "price_model", "units", "price"
)  # fmt: skip
_FACTS = ("reach", "impressions", "clicks", "leads", "cost")


@dataclass(frozen=True)
class ReportInfo:
    """A file of the agency: of `received` rows some are counted, the others kept aside with why."""

    report_id: int
    file_name: str
    received: int
    accepted: int
    quarantined: int
    actor_login: str
    at: dt.datetime
    withdrawn_at: dt.datetime | None
    withdrawn_reason: str


@dataclass(frozen=True)
class PlanFact:
    """A line of the media plan beside what was reported; `days_reported` of `days` have a row."""

    line: PlanLine
    days: int
    days_reported: int
    reach: int
    impressions: int
    clicks: int
    leads: int
    cost: Decimal

    @property
    def reach_pct(self) -> float | None:
        """Reported reach in per cent of the planned; None when none was planned."""
        return None if not self.line.reach else 100 * self.reach / self.line.reach

    @property
    def cost_pct(self) -> float | None:
        """Reported cost in per cent of the planned; None when it costs nothing."""
        return None if not self.line.cost else float(100 * self.cost / self.line.cost)


def set_media_plan(
    session: Session, campaign: int | str, lines: Iterable[PlanLine], actor: Actor, now: dt.datetime, *, base: int,
    reason: str = "",
) -> list[PlanLine]:  # fmt: skip
    """Make these the placements of a campaign. A change after the approval asks for it again. Raises `CrmError` for a
    line without a code of its own or outside of the campaign's days."""
    row, wanted = locked(session, campaign, base), list(lines)
    for each in wanted:
        _require_sound(row, each)
    if len({each.code for each in wanted}) < len(wanted):
        raise CrmError("media_line")
    session.execute(delete(MediaPlanLine).where(MediaPlanLine.campaign_id == row.campaign_id))
    for position, each in enumerate(wanted):
        values = {name: getattr(each, name) for name in _LINE}
        session.add(MediaPlanLine(campaign_id=row.campaign_id, position=position, **values))
    details = write_content(session, row, actor, now, reason)
    touch(row, actor, now)
    note(session, row, actor, now, "media_plan_saved", reason, lines=len(wanted), **details)
    return media_plan(session, row.campaign_id)


def load_media_plan(
    session: Session, campaign: int | str, file: str, rows: Iterable[tuple[int, list[str]]], actor: Actor,
    now: dt.datetime, *, base: int,
) -> tuple[list[PlanLine], list[Refused]]:  # fmt: skip
    """Take the media plan from the agency's file: all of it, or, when a row is refused, nothing but the refusals."""
    lines, refused = plan_lines(printable(file, 200), rows)
    if refused:
        return [], refused
    return set_media_plan(session, campaign, lines, actor, now, base=base, reason=f"file {file}"), []


def media_plan(session: Session, campaign: int | str) -> list[PlanLine]:
    """The placements of a campaign in their order."""
    query = select(MediaPlanLine).where(MediaPlanLine.campaign_id == row_of(session, campaign).campaign_id)
    return [
        PlanLine(**{name: getattr(each, name) for name in _LINE})
        for each in session.scalars(query.order_by(MediaPlanLine.position))
    ]


def load_report(
    session: Session, campaign: int | str, file: str, sha256: str, rows: Iterable[tuple[int, list[str]]],
    actor: Actor, now: dt.datetime,
) -> ReportInfo:  # fmt: skip
    """Take a report of the agency. Rows that cannot be counted are kept with why; the others are, once: the same file,
    and the same line and day, are not counted again. Raises `CrmError`."""
    row, name = locked(session, campaign), printable(file, 200)
    plan = {line.code: line for line in media_plan(session, row.campaign_id)}
    same = select(AgencyReport).where(AgencyReport.campaign_id == row.campaign_id, AgencyReport.sha256 == sha256)
    if (before := session.scalar(same)) is not None:
        raise CrmError("media_file_twice", day=local_day(before.at))
    found = report_rows(name, rows, plan, _reported(session, row))
    good = [each for each in found if not each.problems]
    report = AgencyReport(
        campaign_id=row.campaign_id, campaign_key=row.key, file_name=name, sha256=sha256, received=len(found),
        accepted=len(good), quarantined=len(found) - len(good), actor_login=printable(actor.login, 64), at=now,
    )  # fmt: skip
    session.add(report)
    session.flush()
    session.add_all(_row(report.report_id, each) for each in found)
    note(
        session, report, actor, now, "agency_report", report=report.report_id, received=report.received,
        accepted=report.accepted,
    )  # fmt: skip
    return _info(report)


def withdraw_report(session: Session, report_id: int, actor: Actor, now: dt.datetime, reason: str) -> ReportInfo:
    """Count nothing of a report any more (its file was wrong). Raises `CrmError` once its costs are booked."""
    report = _report(session, report_id)
    booked = select(BudgetEntry.entry_id).where(
        BudgetEntry.campaign_id == report.campaign_id, BudgetEntry.key.startswith(f"media:{report_id}:")
    )
    if session.scalar(booked.limit(1)) is not None:
        raise CrmError("media_report_booked")
    report.withdrawn_at, report.withdrawn_by = now, printable(actor.login, 64)
    report.withdrawn_reason = required(reason)
    # So that the mended file, or the same one by intent, can be loaded.
    report.sha256 = f"withdrawn {report.report_id}"
    note(session, report, actor, now, "agency_report_withdrawn", reason, report=report_id)
    return _info(report)


def book_costs(session: Session, report_id: int, actor: Actor, now: dt.datetime) -> Decimal:
    """Spend what a report says that placements cost, from the campaign's budget; how much was new. Raises `CrmError`
    when the budget has not that much."""
    report = _report(session, report_id)
    line = MediaPlanLine
    query = (
        select(AgencyReportRow, line.channel)
        .join(line, (line.campaign_id == report.campaign_id) & (line.code == AgencyReportRow.code))
        .where(AgencyReportRow.report_id == report_id, AgencyReportRow.problems.is_(None), AgencyReportRow.cost > 0)
    )
    charges: dict[str, dict[str, Decimal]] = {}
    for row, channel in session.execute(query).tuples():
        if row.cost is not None:
            charges.setdefault(channel, {})[f"media:{report_id}:{row.row}"] = row.cost
    booked = ledger.ZERO
    for channel, wanted in sorted(charges.items()):
        if ledger.spend_many(session, report.campaign_id, channel, wanted, at=now, actor=actor):
            booked += sum(wanted.values(), ledger.ZERO)
    note(session, report, actor, now, "agency_costs_booked", report=report_id, amount=str(booked))
    return booked


def reports(session: Session, campaign: int | str) -> list[ReportInfo]:
    """The agency's files, newest first, withdrawn ones too."""
    query = select(AgencyReport).where(AgencyReport.campaign_id == row_of(session, campaign).campaign_id)
    return [_info(each) for each in session.scalars(query.order_by(AgencyReport.report_id.desc()))]


def quarantine(session: Session, report_id: int) -> list[Refused]:
    """What is wrong with rows of a report that are not counted; messages are keys of `ROW_PROBLEMS`."""
    query = select(AgencyReportRow).where(AgencyReportRow.report_id == report_id, AgencyReportRow.problems.is_not(None))
    return [
        Refused(row.row, each["field"], each["problem"], each["values"])
        for row in session.scalars(query.order_by(AgencyReportRow.row))
        for each in row.problems or []
    ]


def plan_fact(session: Session, campaign: int | str) -> list[PlanFact]:
    """The media plan beside what reports that count say."""
    row, of = row_of(session, campaign), AgencyReportRow
    sums = [func.sum(getattr(of, name)) for name in _FACTS]
    query = (
        select(of.code, func.count(), *sums)
        .join(AgencyReport, AgencyReport.report_id == of.report_id)
        .where(AgencyReport.campaign_id == row.campaign_id, AgencyReport.withdrawn_at.is_(None), of.problems.is_(None))
        .group_by(of.code)
    )
    facts = {each[0]: each[1:] for each in session.execute(query).all()}
    found = []
    for line in media_plan(session, row.campaign_id):
        days, reach, impressions, clicks, leads, cost = facts.get(line.code, (0,) * 6)
        found.append(
            PlanFact(
                line, (line.ends_on - line.starts_on).days + 1, days, int(reach or 0), int(impressions or 0),
                int(clicks or 0), int(leads or 0), Decimal(cost or 0),
            )
        )  # fmt: skip
    return found


def brief(session: Session, campaign: int | str) -> dict[str, Any]:
    """What the agency is told, by the codes of `BRIEF`: goal, days, audience, regions, money. The media plan follows it
    in the file, so that the agency fills it in there and sends it back (`load_media_plan` finds it)."""
    row = row_of(session, campaign)
    lines = media_plan(session, row.campaign_id)
    return {
        "name": row.name, "goal": row.goal, "description": row.description, "starts_on": row.starts_on,
        "ends_on": row.ends_on, "audience_size": row.audience_size,
        "channels": ", ".join(sorted({each.channel for each in lines})),
        "regions": ", ".join(sorted({each.region_code for each in lines if each.region_code})),
        "reach": sum(each.reach or 0 for each in lines) or None,
        "cost": sum((each.cost for each in lines), ledger.ZERO), "responsible": row.responsible_login,
    }  # fmt: skip


def require_report_of(session: Session, campaign: int | str, report_id: int) -> None:
    """Raises `CrmError` for a report that is not one of this campaign's."""
    report = session.get(AgencyReport, report_id)
    if report is None or report.campaign_id != row_of(session, campaign).campaign_id:
        raise CrmError("media_report_unknown")


def _require_sound(row: Campaign, line: PlanLine) -> None:
    known = line.channel in CHANNELS and line.price_model in PRICE_MODELS
    first, last = row.starts_on or dt.date.min, row.ends_on or dt.date.max
    within = first <= line.starts_on <= line.ends_on <= last
    counts = all(each is None or 0 <= each < 2**31 for each in (line.reach, line.units))
    if not line.code.strip() or len(line.code) > 40 or not known or not within or not counts:
        raise CrmError("media_line")
    ledger.money(line.cost)
    ledger.money(line.price or 0)


def _reported(session: Session, row: Campaign) -> dict[tuple[str, dt.date], str]:
    query = (
        select(AgencyReportRow.code, AgencyReportRow.day, AgencyReport.file_name)
        .join(AgencyReport, AgencyReport.report_id == AgencyReportRow.report_id)
        .where(
            AgencyReport.campaign_id == row.campaign_id, AgencyReport.withdrawn_at.is_(None),
            AgencyReportRow.problems.is_(None),
        )
    )  # fmt: skip
    return {(code, day): file for code, day, file in session.execute(query).tuples() if day is not None}


def _report(session: Session, report_id: int) -> AgencyReport:
    report = session.get(AgencyReport, report_id, with_for_update=True, populate_existing=True)
    if report is None or report.withdrawn_at is not None:
        raise CrmError("media_report_unknown")
    return report


def _row(report_id: int, each: ReportRow) -> AgencyReportRow:
    values = {} if each.problems else dict(each.values)
    problems = [{"field": one.field, "problem": one.problem, "values": dict(one.values)} for one in each.problems]
    return AgencyReportRow(
        report_id=report_id, row=each.row, code=values.get("code", ""), day=values.get("day"),
        **{name: values.get(name) for name in _FACTS}, raw=dict(each.raw), problems=problems or None,
    )  # fmt: skip


def _info(row: AgencyReport) -> ReportInfo:
    return ReportInfo(
        row.report_id, row.file_name, row.received, row.accepted, row.quarantined, row.actor_login, row.at,
        row.withdrawn_at, row.withdrawn_reason,
    )  # fmt: skip
