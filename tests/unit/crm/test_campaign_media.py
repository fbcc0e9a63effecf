"""Media plans and the agency's files: every row is counted once or kept with why; plan beside fact."""

import datetime as dt
from decimal import Decimal

import pytest
from campaign_desk import DECEMBER, FIRST, LAST, MONTH, designed, limit, look, people
from crm_people import NOW, acting

from crm.database import Database
from crm.errors import CrmError
from crm.services.accounts import UserInfo
from crm.services.actor import Actor
from crm.services.campaigns import approvals, budgets, media, register, stages
from crm.services.campaigns.agency_files import PlanLine, plan_lines
from crm.services.campaigns.budgets import BudgetNeed
from segments.errors import DefinitionError

PLAN = [
    PlanLine("TV-1", "tv", FIRST, LAST, Decimal(600), "30 s", "", 100_000, "spot", 20, Decimal(30)),
    PlanLine("OUT-1", "outdoor", FIRST, dt.date(2026, 12, 15), Decimal(400), "6x3", "UZ-TK", 50_000),
]
REPORT = [
    ["Строка", "Дата", "Охват", "Показы", "Клики", "Стоимость"],
    ["TV-1", "05.12.2026", "4 000", "5000", "10", "30"],
    ["TV-1", "2026-12-06", "6000", "5000", "0", "30,5"],
    ["OUT-1", "2026-12-05", "1000", "", "", ""],
    ["", "", "", "", "", ""],
    ["RADIO-9", "2026-12-05", "1", "", "", ""],
    ["OUT-1", "2026-12-16", "1", "", "", ""],
    ["TV-1", "32.12.2026", "1", "", "", ""],
    ["TV-1", "2026-12-06", "7", "", "", ""],
    ["TV-1", "2026-12-07", "-7", "", "", ""],
    ["TV-1", "2026-12-08", "", "5", "6", ""],
    ["TV-1", "2026-12-09", "", "", "", ""],
]


def mass(database: Database, by: UserInfo) -> str:
    """A mass-reach campaign with its media plan and the money for it."""
    made = designed(database, by, kind="mass", flow=None, audience={}, need=0)
    with database.begin() as session:
        media.set_media_plan(session, made.key, PLAN, acting(by), NOW, base=made.revision)
        needs = [BudgetNeed("tv", MONTH, Decimal(600)), BudgetNeed("outdoor", MONTH, Decimal(400))]
        base = register.campaign(session, None, made.key).revision
        budgets.set_budget(session, made.key, needs, acting(by), NOW, base=base)
    return made.key


def loaded(database: Database, key: str, actor: Actor, rows: list[list[str]], sha: str = "a") -> media.ReportInfo:
    """The file's report."""
    with database.begin() as session:
        return media.load_report(session, key, "report.xlsx", sha * 64, enumerate(rows, 1), actor, DECEMBER)


def test_every_row_of_a_report_is_counted_or_kept_with_row_and_field(database: Database) -> None:
    who = people(database)
    key, actor = mass(database, who.aziza), acting(who.aziza)
    report = loaded(database, key, actor, REPORT)
    assert (report.received, report.accepted, report.quarantined) == (10, 3, 7)
    with database.read() as session:
        wrong = {(each.row, each.field): each.problem for each in media.quarantine(session, report.report_id)}
        facts = {each.line.code: each for each in media.plan_fact(session, key)}
    assert wrong == {
        (6, "code"): "code", (7, "day"): "date_outside", (8, "day"): "date", (9, "code"): "twice",
        (10, "reach"): "count", (11, "clicks"): "clicks", (12, "reach"): "empty",
    }  # fmt: skip
    television = facts["TV-1"]
    assert (television.reach, television.impressions, television.clicks) == (10_000, 10_000, 10)
    assert (television.cost, television.days, television.days_reported) == (Decimal("60.5"), 31, 2)
    assert (television.reach_pct, facts["OUT-1"].reach) == (10.0, 1000)


def test_nothing_is_counted_twice_neither_a_file_nor_a_day(database: Database) -> None:
    who = people(database)
    key, actor = mass(database, who.aziza), acting(who.aziza)
    first = loaded(database, key, actor, REPORT[:3])
    with pytest.raises(CrmError, match="loaded on"):
        loaded(database, key, actor, REPORT[:3])
    again = loaded(database, key, actor, [*REPORT[:3], ["OUT-1", "2026-12-05", "5", "", "", ""]], "b")
    assert (again.accepted, again.quarantined) == (1, 2)
    with database.begin() as session:
        media.withdraw_report(session, first.report_id, actor, DECEMBER, "wrong month")
        assert [each.reach for each in media.plan_fact(session, key)] == [0, 5]
    assert loaded(database, key, actor, REPORT[:3]).accepted == 2


def test_reported_costs_are_spent_from_the_budget_once_and_never_beyond_it(database: Database) -> None:
    who = people(database)
    limit(database, 1000)
    key, actor = mass(database, who.aziza), acting(who.aziza)
    with database.begin() as session:
        stages.submit(session, key, actor, NOW)
    report = loaded(database, key, actor, REPORT)
    with database.begin() as session:
        assert media.book_costs(session, report.report_id, actor, DECEMBER) == Decimal("60.5")
        assert media.book_costs(session, report.report_id, actor, DECEMBER) == 0
        with pytest.raises(CrmError, match="booked already"):
            media.withdraw_report(session, report.report_id, actor, DECEMBER, "no")
    rows = [REPORT[0], ["OUT-1", "2026-12-06", "1", "", "", "401"]]
    expensive = loaded(database, key, actor, rows, "c")
    with pytest.raises(CrmError, match="400 left"), database.begin() as session:
        media.book_costs(session, expensive.report_id, actor, DECEMBER)


def test_a_mass_campaign_takes_a_media_plan_and_money_for_it(database: Database) -> None:
    who = people(database)
    limit(database, 1000)
    made = designed(database, who.aziza, kind="mass", flow=None, audience={}, need=0)
    actor = acting(who.aziza)
    with pytest.raises(DefinitionError) as error, database.begin() as session:
        stages.submit(session, made.key, actor, NOW)
    assert [each.path for each in error.value.problems] == [("media_plan",)]
    with database.begin() as session:
        media.set_media_plan(session, made.key, PLAN, actor, NOW, base=made.revision)
    with pytest.raises(DefinitionError) as error, database.begin() as session:
        stages.submit(session, made.key, actor, NOW)
    assert {each.path for each in error.value.problems} == {("budget", "tv"), ("budget", "outdoor")}
    assert mass(database, who.bobur) != made.key


def test_the_agencys_plan_is_taken_whole_or_not_at_all(database: Database) -> None:
    who = people(database)
    made = designed(database, who.aziza, kind="mass", flow=None, audience={}, need=0)
    heading = ["code", "channel", "format", "region", "from", "to", "reach", "price model", "units", "price", "cost"]
    good = ["TV-1", "tv", "30 s", "", "2026-12-01", "31.12.2026", "100000", "spot", "20", "30", "600"]
    rows = [["Кампания", "Bundles"], ["Цель", "More"], [], heading, good]
    bad = ["", "cinema", "", "", "2026-12-01", "2026-11-30", "many", "barter", "", "", "-1"]
    with database.begin() as session:
        base = made.revision
        lines, refused = media.load_media_plan(
            session, made.key, "plan.csv", enumerate([*rows, bad, good], 1), acting(who.aziza), NOW, base=base
        )
        assert lines == []
        assert {(each.row, each.field): each.problem for each in refused} == {
            (6, "code"): "text", (6, "channel"): "channel", (6, "reach"): "count", (6, "price_model"): "price_model",
            (6, "cost"): "amount", (7, "code"): "twice",
        }  # fmt: skip
        assert media.media_plan(session, made.key) == []
        lines, refused = media.load_media_plan(
            session, made.key, "plan.csv", enumerate(rows, 1), acting(who.aziza), NOW, base=base
        )
    assert (lines, refused) == ([PLAN[0]], [])
    assert look(database, made.key).channels == ("tv",)
    with pytest.raises(CrmError, match="does not name"):
        plan_lines("plan.csv", enumerate([["TV-1", "tv"]], 1))


def test_a_media_plan_changed_after_the_approval_asks_again(database: Database) -> None:
    who = people(database)
    limit(database, 1000)
    key = mass(database, who.aziza)
    with database.begin() as session:
        submitted = stages.submit(session, key, acting(who.aziza), NOW)
        assert [each.role_code for each in approvals.steps(session, key)] == [
            "head_of_marketing", "commercial_director"
        ]  # fmt: skip
        media.set_media_plan(session, key, PLAN[:1], acting(who.bobur), NOW, base=submitted.revision)
    assert look(database, key).stage.value == "design"
