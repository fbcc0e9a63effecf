"""Plans on their way: written by one, approved by another, one version that counts, each employee planned once."""

import datetime as dt
from collections.abc import Mapping

import pytest
from company import link, load
from crm_people import NOW, acting, add_user, later
from sqlalchemy import select

from crm.database import Database
from crm.errors import CrmError
from crm.models import AuditRow
from crm.services import notices, performance
from crm.services.performance import DEPARTMENT, EMPLOYEE, Lines, Period, PeriodKind, PlanInfo, PlanState, Subject
from crm.services.rights import rights_of

NOVEMBER = Period(dt.date(2026, 11, 1))
KPIS = frozenset({"revenue", "sims"})
UNIT = "U01-sales"


@pytest.fixture
def people(database: Database) -> dict[str, int]:
    """The company with a head of each sales unit, a farmer and a director."""
    load(database)
    roles = {"head": "head_of_b2b", "other": "head_of_b2b", "farmer": "farmer", "director": "commercial_director",
             "deputy": "commercial_director"}  # fmt: skip
    made = {login: add_user(database, login, role).user_id for login, role in roles.items()}
    for login, employee in {"head": "E3", "farmer": "E4", "director": "E1", "other": "E9"}.items():
        link(database, made[login], employee)
    return made


def figures(**amounts: int) -> dict[tuple[Subject, str], int]:
    return {(Subject(EMPLOYEE, employee), "revenue"): amount for employee, amount in amounts.items()}


def actor(database: Database, people: Mapping[str, int], login: str):
    from crm.services import accounts

    with database.read() as session:
        return acting(accounts.user_by_login(session, login))


def written(database: Database, people: Mapping[str, int], lines: Lines, login: str = "head") -> PlanInfo:
    with database.begin() as session:
        made = performance.new_plan(session, NOVEMBER, UNIT, actor(database, people, login), NOW)
        return performance.save_lines(
            session, made.plan_id, lines, actor(database, people, login), NOW, base=made.revision, origin={}, kpis=KPIS
        )  # fmt: skip


def test_departments_are_the_sum_of_their_parts(database: Database, people: dict[str, int]) -> None:
    plan = written(database, people, {**figures(E4=100, E5=250, E6=50), (Subject(DEPARTMENT, UNIT), "revenue"): 7})
    with database.read() as session:
        lines = performance.plan_lines(session, plan.plan_id, 1)
    assert lines[Subject(DEPARTMENT, UNIT), "revenue"] == 400
    assert lines[Subject(DEPARTMENT, "G01-farmers"), "revenue"] == 350
    assert lines[Subject(DEPARTMENT, "G01-hunters"), "revenue"] == 50


def test_the_whole_way_with_four_eyes(database: Database, people: dict[str, int]) -> None:
    plan = written(database, people, figures(E4=100))
    head, director = (actor(database, people, login) for login in ("head", "director"))
    with database.begin() as session:
        assert performance.submit(session, plan.plan_id, head, NOW).newest.state is PlanState.SUBMITTED
    with pytest.raises(CrmError, match="himself"), database.begin() as session:
        performance.approve(session, plan.plan_id, head, NOW)
    with database.read() as session:
        assert performance.approved_lines(session, [NOVEMBER])[NOVEMBER] == {}
    with pytest.raises(CrmError, match="Say why"), database.begin() as session:
        performance.return_plan(session, plan.plan_id, director, NOW, " ")
    with database.begin() as session:
        back = performance.return_plan(session, plan.plan_id, director, NOW, "too low")
        assert back.newest.state is PlanState.RETURNED
    with database.begin() as session:
        performance.submit(session, plan.plan_id, head, later(hours=1))
        done = performance.approve(session, plan.plan_id, director, later(hours=2), "good")
    assert (done.approved, done.newest.state) == (1, PlanState.APPROVED)
    with database.read() as session:
        counted = performance.approved_lines(session, [NOVEMBER])[NOVEMBER]
        told = [each.kind for each in notices.notices(session, people["head"])]
        asked = [each.kind for each in notices.notices(session, people["director"])]
        events = [(each.what, each.comment) for each in performance.plan_events(session, plan.plan_id)]
        rows = session.scalars(select(AuditRow).where(AuditRow.object == "kpis"))
        log = [each.details["what"] for each in rows]
    assert counted[Subject(EMPLOYEE, "E4"), "revenue"] == 100
    assert told == ["plan_approved", "plan_returned"]
    assert asked == ["plan_submitted"] * 2
    assert events[:2] == [("approved", "good"), ("submitted", "")]
    assert ("returned", "too low") in events
    assert set(log) == {"plan_created", "plan_saved", "plan_submitted", "plan_returned", "plan_approved"}


def test_a_director_who_changed_a_plan_does_not_approve_it(database: Database, people: dict[str, int]) -> None:
    plan = written(database, people, figures(E4=100))
    head, director, deputy = (actor(database, people, login) for login in ("head", "director", "deputy"))
    with database.begin() as session:
        changed = performance.save_lines(
            session, plan.plan_id, figures(E4=120), director, NOW, base=plan.revision, origin={}, kpis=KPIS
        )
        performance.submit(session, plan.plan_id, head, NOW)
    assert set(changed.newest.editors) == {"head", "director"}
    with pytest.raises(CrmError, match="himself"), database.begin() as session:
        performance.approve(session, plan.plan_id, director, NOW)
    with database.begin() as session:
        assert performance.approve(session, plan.plan_id, deputy, NOW).approved == 1


def test_a_change_after_approval_asks_again_and_the_old_one_counts_meanwhile(
    database: Database, people: dict[str, int]
) -> None:
    plan = written(database, people, figures(E4=100))
    head, director = (actor(database, people, login) for login in ("head", "director"))
    with database.begin() as session:
        performance.submit(session, plan.plan_id, head, NOW)
        approved = performance.approve(session, plan.plan_id, director, NOW)
        changed = performance.save_lines(
            session, plan.plan_id, figures(E4=130), head, NOW, base=approved.revision, origin={}, kpis=KPIS
        )
        assert (changed.newest.number, changed.newest.state, changed.approved) == (2, PlanState.DRAFT, 1)
        assert performance.approved_lines(session, [NOVEMBER])[NOVEMBER][Subject(EMPLOYEE, "E4"), "revenue"] == 100
        performance.submit(session, plan.plan_id, head, NOW)
        performance.approve(session, plan.plan_id, director, NOW)
        assert performance.approved_lines(session, [NOVEMBER])[NOVEMBER][Subject(EMPLOYEE, "E4"), "revenue"] == 130
        assert performance.plan_lines(session, plan.plan_id, 1)[Subject(EMPLOYEE, "E4"), "revenue"] == 100
        assert [each.number for each in performance.plan_versions(session, plan.plan_id)] == [2, 1]


def test_a_change_of_what_is_submitted_takes_it_back(database: Database, people: dict[str, int]) -> None:
    plan = written(database, people, figures(E4=100))
    head, director = (actor(database, people, login) for login in ("head", "director"))
    with database.begin() as session:
        asked = performance.submit(session, plan.plan_id, head, NOW)
        performance.save_lines(
            session, plan.plan_id, figures(E4=1), head, NOW, base=asked.revision, origin={}, kpis=KPIS
        )  # fmt: skip
    with pytest.raises(CrmError, match="moved on"), database.begin() as session:
        performance.approve(session, plan.plan_id, director, NOW)


def test_two_who_edit_at_once_do_not_overwrite_each_other(database: Database, people: dict[str, int]) -> None:
    plan = written(database, people, figures(E4=100))
    head = actor(database, people, "head")
    with pytest.raises(CrmError, match="in the meantime"), database.begin() as session:
        performance.save_lines(session, plan.plan_id, figures(E4=1), head, NOW, base=1, origin={}, kpis=KPIS)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (figures(E9=1), "does not belong"),
        ({(Subject(DEPARTMENT, "U02-sales"), "revenue"): 1}, "does not belong"),
        ({(Subject("customer", "E4"), "revenue"): 1}, "does not belong"),
        ({(Subject(EMPLOYEE, "E4"), "profit"): 1}, "no indicator"),
        (figures(E4=10**18), "too large"),
    ],
)
def test_a_line_that_is_not_of_the_plan_is_refused(
    database: Database, people: dict[str, int], lines: Lines, message: str
) -> None:
    with pytest.raises(CrmError, match=message):
        written(database, people, lines)


def test_an_empty_plan_is_not_submitted_and_a_second_one_not_made(database: Database, people: dict[str, int]) -> None:
    head = actor(database, people, "head")
    with database.begin() as session:
        plan = performance.new_plan(session, NOVEMBER, UNIT, head, NOW)
    with pytest.raises(CrmError, match="no figures"), database.begin() as session:
        performance.submit(session, plan.plan_id, head, NOW)
    with pytest.raises(CrmError, match="already"), database.begin() as session:
        performance.new_plan(session, NOVEMBER, UNIT, head, NOW)
    with database.begin() as session:
        performance.new_plan(session, Period(dt.date(2026, 10, 1), PeriodKind.QUARTER), UNIT, head, NOW)


def test_nobody_is_planned_twice_in_a_period(database: Database, people: dict[str, int]) -> None:
    plan = written(database, people, figures(E4=100))
    head, director, deputy = (actor(database, people, login) for login in ("head", "director", "deputy"))
    with database.begin() as session:
        performance.submit(session, plan.plan_id, head, NOW)
        performance.approve(session, plan.plan_id, director, NOW)
        whole = performance.new_plan(session, NOVEMBER, "HQ", deputy, NOW)
        performance.save_lines(
            session, whole.plan_id, figures(E4=90, E10=80), deputy, NOW, base=1, origin={}, kpis=KPIS
        )  # fmt: skip
    with pytest.raises(CrmError, match=r"another approved plan.*E4"), database.begin() as session:
        performance.submit(session, whole.plan_id, deputy, NOW)


def test_rights_reach_the_own_unit_and_approval_takes_administering(database: Database, people: dict[str, int]) -> None:
    with database.read() as session:
        rights = {login: rights_of(session, user, NOW.date()) for login, user in people.items()}
        assert performance.departments_seen(session, rights["head"]) == {UNIT, "G01-farmers", "G01-hunters"}
        assert performance.departments_seen(session, rights["farmer"]) == frozenset()
        assert "HQ" in performance.departments_seen(session, rights["director"])
        performance.require_write(session, rights["head"], UNIT)
        performance.require_approve(session, rights["director"], UNIT)
        for login, check in (("other", performance.require_write), ("farmer", performance.require_write),
                             ("head", performance.require_approve)):  # fmt: skip
            with pytest.raises(CrmError, match="does not reach"):
                check(session, rights[login], UNIT)
        with pytest.raises(CrmError, match="does not reach"):
            performance.require_schemes(rights["head"])
        performance.require_schemes(rights["director"])


def test_a_scheme_begins_on_its_day_and_keeps_its_versions(database: Database, people: dict[str, int]) -> None:
    director = actor(database, people, "director")
    document = {
        "version": 1, "period": "month", "positions": ["manager"], "base": {"kind": "amount", "usual": 1000},
        "kpis": [{"kpi": "revenue", "weight": 100}], "cap_pct": 100,
    }  # fmt: skip
    first, second = dt.date(2026, 1, 1), dt.date(2026, 12, 1)
    with database.begin() as session:
        performance.save_scheme(session, "managers", "Managers", first, document, director, NOW, "first", KPIS)
        performance.save_scheme(
            session, "managers", "Managers", second, {**document, "cap_pct": 150}, director, NOW, "raise", KPIS
        )
        versions = performance.scheme_versions(session, KPIS)
        assert [(each.number, int(each.scheme.cap_pct)) for each in versions] == [(2, 150), (1, 100)]
        for day, number in ((dt.date(2026, 11, 30), 1), (second, 2)):
            found = performance.scheme_for(versions, "manager", day, "month")
            assert found is not None
            assert found.number == number
    for name, day, message in (("", second, "needs a name"), ("Managers", first, "cannot begin earlier")):
        with pytest.raises(CrmError, match=message), database.begin() as session:
            performance.save_scheme(session, "managers", name, day, document, director, NOW, "x", KPIS)
