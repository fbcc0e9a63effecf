"""Money of campaigns: nothing is promised twice, nothing spent that was not set aside, every sum is in the ledger."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from campaign_desk import DECEMBER, MONTH, approved, designed, limit, look, people, submitted, template
from crm_people import NOW, SYSTEM, acting
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from crm.database import Database
from crm.errors import CrmError
from crm.models import BudgetEntry, CampaignBudgetLine
from crm.services.audit_log import verify
from crm.services.campaigns import approvals, budgets, figures, register, stages
from crm.services.campaigns.budgets import BudgetNeed
from segments.errors import DefinitionError


def sums_of_ledger(database: Database) -> None:
    """Every line is what its entries say."""
    with database.read() as session:
        for line in session.scalars(select(CampaignBudgetLine)):
            of = dict.fromkeys(("reserve", "release", "commit", "uncommit", "spend", "invoice"), Decimal(0))
            for entry in session.scalars(select(BudgetEntry).where(BudgetEntry.line_id == line.line_id)):
                of[entry.kind] += entry.amount
            assert line.reserved == of["reserve"] - of["release"]
            assert line.committed == of["commit"] - of["uncommit"]
            assert (line.spent, line.invoiced) == (of["spend"], of["invoice"])


def test_the_need_is_computed_from_contacts_and_prices_and_no_contact_is_lost(database: Database) -> None:
    with database.begin() as session:
        budgets.set_cost(session, "sms", Decimal("85.5"), dt.date(2026, 11, 1), SYSTEM, NOW, "agreement")
        budgets.set_cost(session, "sms", Decimal("90"), dt.date(2027, 1, 1), SYSTEM, NOW, "new year")
        budgets.set_cost(session, "push", 0, dt.date(2026, 11, 1), SYSTEM, NOW, "own channel")
        contacts = {"sms": 1000, "push": 7}
        needs = budgets.need_of(session, contacts, dt.date(2026, 12, 17), dt.date(2027, 1, 15))
        with pytest.raises(CrmError, match="no price"):
            budgets.need_of(session, {"call": 1}, MONTH, MONTH)
    assert {(each.channel, each.month): (each.contacts, each.need) for each in needs} == {
        ("push", dt.date(2026, 12, 1)): (3, 0), ("push", dt.date(2027, 1, 1)): (4, 0),
        ("sms", dt.date(2026, 12, 1)): (500, 500 * Decimal("85.5")),
        ("sms", dt.date(2027, 1, 1)): (500, 500 * Decimal("85.5")),
    }  # fmt: skip


def test_a_channel_that_costs_money_needs_a_line_and_the_most_it_can_need_is_suggested(database: Database) -> None:
    who = people(database)
    template(database)
    made = designed(database, who.aziza, need=0, audience_size=500)
    with database.begin() as session:
        budgets.set_cost(session, "sms", 80, dt.date(2026, 11, 1), SYSTEM, NOW, "agreement")
        suggested = budgets.suggested_need(session, made.key)
        assert [(each.channel, each.month, each.need) for each in suggested] == [("sms", MONTH, 40_000)]
    with pytest.raises(DefinitionError) as error, database.begin() as session:
        stages.submit(session, made.key, acting(who.aziza), NOW)
    assert [each.path for each in error.value.problems] == [("budget", "sms")]


def test_an_overrun_is_refused_on_every_limit_that_covers_it(database: Database) -> None:
    who = people(database)
    template(database)
    made = designed(database, who.aziza, need=100)
    with pytest.raises(CrmError, match="No budget covers"), database.begin() as session:
        stages.submit(session, made.key, acting(who.aziza), NOW)
    limit(database, 1000)
    limit(database, 99, "sms")
    with pytest.raises(CrmError, match="99 are free") as error, database.begin() as session:
        stages.submit(session, made.key, acting(who.aziza), NOW)
    assert error.value.code == "budget_overrun"
    assert look(database, made.key).stage.value == "design"
    limit(database, 100, "sms")
    submitted(database, who.aziza, need=0)
    with database.begin() as session:
        stages.submit(session, made.key, acting(who.aziza), NOW)
        with pytest.raises(CrmError, match="cannot be lower"):
            budgets.set_limit(session, "month", MONTH, 50, SYSTEM, NOW, "less")


def test_two_campaigns_at_once_never_get_the_same_money(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database, 250)
    keys = [designed(database, who.aziza, need=100, key=f"race-{number}").key for number in range(5)]

    def submit(key: str) -> str:
        try:
            with database.begin() as session:
                return str(stages.submit(session, key, acting(who.aziza), NOW).stage)
        except CrmError as error:
            return error.code

    with ThreadPoolExecutor(5) as pool:
        assert sorted(pool.map(submit, keys)) == ["approval"] * 2 + ["budget_overrun"] * 3
    with database.read() as session:
        assert budgets.limits(session)[0].reserved == 200
    sums_of_ledger(database)


def test_writers_at_once_never_overdraw_a_campaign_nor_book_a_key_twice(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    key = approved(database, who, need=100).key

    def pay(number: int) -> str:
        try:
            with database.begin() as session:
                # Every charge is asked for twice, as after a crash.
                booked = budgets.spend(session, key, "sms", f"m{number // 2}", 7, at=DECEMBER)
        except CrmError as error:
            return error.code
        return "new" if booked else "known"

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(pay, range(40)))
    assert told.count("new") == 14
    assert set(told) == {"new", "known", "budget_overdraft"}
    with database.read() as session:
        line = budgets.budget(session, key)[0]
        assert (line.spent, line.free) == (98, 2)
    sums_of_ledger(database)


def test_editors_senders_and_approvers_at_once_end_whole(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database, 10_000)
    keys = [approved(database, who, need=500, key=f"busy-{number}").key for number in range(2)]
    codes: list[str] = []

    def work(number: int) -> None:
        key = keys[number % 2]
        try:
            with database.begin() as session:
                match number % 5:
                    case 0:
                        base = register.campaign(session, None, key).revision
                        need = [BudgetNeed("sms", MONTH, Decimal(500 + number))]
                        budgets.set_budget(session, key, need, acting(who.bobur), NOW, base=base)
                    case 1:
                        stages.submit(session, key, acting(who.aziza), NOW)
                    case 2:
                        seen = register.version(session, key).fingerprint
                        approvals.approve(session, key, acting(who.dilnoza), NOW, seen=seen)
                    case 3:
                        budgets.commit(session, key, "sms", {f"c{number}": 5}, at=DECEMBER)
                    case _:
                        budgets.spend(session, key, "sms", f"c{number - 1}", 5, at=DECEMBER)
        except CrmError as error:
            codes.append(error.code)

    with ThreadPoolExecutor(8) as pool:
        # A deadlock, or a lock that is waited for too long, is no refusal and fails here.
        for done in [pool.submit(work, number) for number in range(60)]:
            done.result(timeout=60)
    sums_of_ledger(database)
    allowed = {"campaign_stage", "approval_none", "approval_moved", "budget_overdraft", "campaign_changed"}
    assert set(codes) <= allowed
    with database.read() as session:
        assert verify(session) is None


def test_a_promise_is_spent_once_and_what_is_not_sent_is_free_again(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    key = approved(database, who, need=100).key
    with database.begin() as session:
        assert budgets.commit(session, key, "sms", {"a": 60, "b": 40}, at=DECEMBER) == 2
        with pytest.raises(CrmError, match="0 left for sms"):
            budgets.commit(session, key, "sms", {"c": 1}, at=DECEMBER)
        # Fewer parts than were promised.
        assert budgets.spend(session, key, "sms", "a", 30, at=DECEMBER)
        assert not budgets.spend(session, key, "sms", "a", 30, at=DECEMBER)
        assert budgets.uncommit(session, key, "sms", ["b", "never"], at=DECEMBER) == 1
        with pytest.raises(CrmError, match="another amount"):
            budgets.spend(session, key, "sms", "a", 31, at=DECEMBER)
        line = budgets.budget(session, key)[0]
        assert (line.committed, line.spent, line.free) == (0, 30, 70)
        assert budgets.invoice(session, key, "sms", "INV-1", 30, at=DECEMBER, actor=SYSTEM)
        with pytest.raises(CrmError, match="what was spent"):
            budgets.invoice(session, key, "sms", "INV-2", 1, at=DECEMBER, actor=SYSTEM)
        sums = figures.campaign_figures(session, key, {"sms": 3})
        assert [(each.spent, each.invoiced, each.sac) for each in sums] == [(30, 30, 10)]
        assert figures.spent_by_day(session, key) == [(DECEMBER.date(), "sms", 30)]
    sums_of_ledger(database)


def test_a_stopped_campaign_gives_back_all_that_it_does_not_owe(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database, 100)
    key = approved(database, who, need=100).key
    with database.begin() as session:
        stages.transit(session, key, "start", acting(who.aziza), DECEMBER)
        budgets.commit(session, key, "sms", {"a": 20, "b": 20}, at=DECEMBER)
        stages.transit(session, key, "stop", acting(who.aziza), DECEMBER, reason="wrong price")
        assert budgets.limits(session)[0].free == 60
        # What was on its way is settled afterwards.
        budgets.spend(session, key, "sms", "a", 20, at=DECEMBER)
        budgets.uncommit(session, key, "sms", ["b"], at=DECEMBER)
        assert budgets.limits(session)[0].free == 80
    sums_of_ledger(database)


def test_money_of_a_later_month_is_not_spent_before_and_of_an_earlier_one_still_is(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    made = designed(database, who.aziza, need=10)
    with database.begin() as session:
        budgets.set_limit(session, "month", dt.date(2027, 1, 1), 1000, SYSTEM, NOW, "January")
        needs = [BudgetNeed("sms", MONTH, Decimal(10)), BudgetNeed("sms", dt.date(2027, 1, 1), Decimal(10))]
        budgets.set_budget(session, made.key, needs, acting(who.aziza), NOW, base=made.revision)
        stages.submit(session, made.key, acting(who.aziza), NOW)
        january = dt.datetime(2026, 12, 31, 20, 0, tzinfo=dt.UTC)  # in Tashkent the year has begun
        with pytest.raises(CrmError, match="10 left"):
            budgets.spend(session, made.key, "sms", "x", 11, at=DECEMBER)
        assert budgets.spend_many(session, made.key, "sms", {"y": 10, "z": 10}, at=january) == 2


def test_the_ledger_takes_no_changes_and_the_database_itself_no_overdraft(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    key = approved(database, who, need=100).key
    with database.begin() as session:
        budgets.spend(session, key, "sms", "a", 10, at=DECEMBER)
    for statement in (
        "UPDATE budget_entries SET amount = 0", "DELETE FROM budget_entries", "DELETE FROM campaign_events",
        "UPDATE campaign_budget_lines SET spent = reserved + 1",
    ):  # fmt: skip
        with pytest.raises(DBAPIError), database.begin() as session:
            session.execute(text(statement))
