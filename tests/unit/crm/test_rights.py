"""What each scope means for a person: himself, his group, his unit, and whom he stands in for."""

import datetime as dt

import pytest
from company import employee, employees, link, load
from crm_people import NOW, OPTIONS, SYSTEM, add_user

from crm.database import Database
from crm.errors import CrmError
from crm.services import accounts, organisation, stand_ins
from crm.services.rights import RightsCache, rights_of, seen_through
from vitrina.access.rights import Mask, Rights, Scope

TODAY = dt.date(2026, 11, 23)
OWN, GROUP, UNIT = Scope.OWN, Scope.GROUP, Scope.UNIT
# E1 HQ; region 01: E2 head, E3 head of sales, E4 and E5 farmers, E6 hunter, E7 care; region 02: E8 … E13 alike.
REGION_1 = {"E2", "E3", "E4", "E5", "E6", "E7"}


def rights(database: Database, user_id: int, day: dt.date = TODAY) -> Rights:
    with database.read() as session:
        return rights_of(session, user_id, day)


def person(database: Database, login: str, employee_id: str, role: str = "farmer") -> int:
    user = add_user(database, login, role)
    link(database, user.user_id, employee_id)
    return user.user_id


def replace(database: Database, absent: str, substitute: str, first: dt.date, last: dt.date) -> int:
    with database.begin() as session:
        return stand_ins.add_stand_in(session, absent, substitute, first, last, SYSTEM, NOW, "leave").stand_in_id


@pytest.mark.parametrize(
    ("employee_id", "group", "unit", "group_regions", "unit_regions"),
    [
        ("E4", {"E4", "E5"}, {"E3", "E4", "E5", "E6"}, {"01"}, {"01"}),
        ("E3", {"E3"}, {"E3", "E4", "E5", "E6"}, {"01"}, {"01"}),
        ("E2", {"E2"}, REGION_1, {"01"}, {"01"}),
        ("E1", {"E1"}, {f"E{number}" for number in range(1, 14)}, set(), {"01", "02"}),
    ],
    ids=["farmer", "head of sales", "head of a region", "director"],
)
def test_group_and_unit_follow_the_tree(
    database: Database, employee_id: str, group: set[str], unit: set[str], group_regions: set, unit_regions: set
) -> None:
    load(database)
    found = rights(database, person(database, "somebody", employee_id))
    assert found.employees[OWN] == {employee_id}
    assert (found.employees[GROUP], found.employees[UNIT]) == (group, unit)
    assert (found.regions[OWN], found.regions[GROUP], found.regions[UNIT]) == (set(), group_regions, unit_regions)


def test_a_user_who_is_no_employee_reaches_nobody(database: Database) -> None:
    load(database)
    found = rights(database, add_user(database, "guest", "farmer").user_id)
    assert found.employees_in(UNIT) == found.regions_in(UNIT) == frozenset()


def test_customers_of_who_left_stay_with_his_unit(database: Database) -> None:
    load(database, people=[*employees(), employee("E90", "G01-farmers", employed=False)])
    found = rights(database, person(database, "head", "E3"))
    assert "E90" in found.employees[UNIT]


def test_a_stand_in_adds_the_absent_colleague_from_the_first_day_to_the_last(database: Database) -> None:
    load(database)
    user_id = person(database, "deputy", "E4")
    replace(database, "E10", "E4", TODAY, TODAY + dt.timedelta(days=2))
    days = [rights(database, user_id, TODAY + dt.timedelta(days=shift)).employees[OWN] for shift in range(-1, 4)]
    assert days == [{"E4"}, {"E4", "E10"}, {"E4", "E10"}, {"E4", "E10"}, {"E4"}]
    found = rights(database, user_id)
    assert found.employees[GROUP] == {"E4", "E5", "E10", "E11"}
    assert found.regions[GROUP] == {"01", "02"}


def test_standing_in_is_not_passed_on(database: Database) -> None:
    load(database)
    user_id = person(database, "deputy", "E4")
    replace(database, "E5", "E4", TODAY, TODAY)
    replace(database, "E10", "E5", TODAY, TODAY)
    assert rights(database, user_id).employees[OWN] == {"E4", "E5"}


def test_a_cancelled_stand_in_ends_at_once(database: Database) -> None:
    load(database)
    user_id = person(database, "deputy", "E4")
    number = replace(database, "E5", "E4", TODAY, TODAY)
    with database.begin() as session:
        stand_ins.cancel_stand_in(session, number, SYSTEM, NOW, "came back")
    assert rights(database, user_id).employees[OWN] == {"E4"}
    with pytest.raises(CrmError), database.begin() as session:
        stand_ins.cancel_stand_in(session, number, SYSTEM, NOW, "again")
    with database.read() as session:
        assert stand_ins.stand_ins(session, TODAY) == []
        assert len(stand_ins.stand_ins(session)) == 1


@pytest.mark.parametrize(
    ("absent", "substitute", "days", "code"),
    [("E4", "E4", 1, "stand_in_self"), ("E4", "E5", -1, "stand_in_dates"), ("E4", "E99", 1, "employee_unknown")],
)
def test_a_stand_in_that_makes_no_sense_is_refused(
    database: Database, absent: str, substitute: str, days: int, code: str
) -> None:
    load(database)
    with pytest.raises(CrmError) as refused:
        replace(database, absent, substitute, TODAY, TODAY + dt.timedelta(days=days))
    assert refused.value.code == code


def test_the_cache_shows_every_change_at_its_next_use(database: Database) -> None:
    load(database)
    add_user(database, "root", "system_administrator")
    user_id = person(database, "alisher", "E4")
    cache = RightsCache(database)
    first = cache.of(user_id, TODAY)
    assert cache.of(user_id, TODAY) is first
    with database.begin() as session:
        organisation.edit_employee(session, "E4", {"department_id": "G02-farmers"}, SYSTEM, NOW, "moved")
    assert cache.of(user_id, TODAY).regions[GROUP] == {"02"}
    replace(database, "E5", "E4", TODAY + dt.timedelta(days=1), TODAY + dt.timedelta(days=1))
    assert cache.of(user_id, TODAY).employees[OWN] == {"E4"}
    assert cache.of(user_id, TODAY + dt.timedelta(days=1)).employees[OWN] == {"E4", "E5"}
    with database.begin() as session:
        accounts.disable_user(session, user_id, SYSTEM, NOW, "left")
    assert dict(cache.of(user_id, TODAY).grants) == {}


def test_a_sign_in_makes_nobody_s_rights_anew(database: Database) -> None:
    from crm.services import sessions, sign_in

    user_id = add_user(database, "alisher", "farmer").user_id
    cache = RightsCache(database)
    first = cache.of(user_id, TODAY)
    sign_in.authenticate(database, "alisher", "Wrong-Guess-1!", "10.0.0.1", NOW, OPTIONS)
    with database.begin() as session:
        sessions.create(session, user_id, "10.0.0.1", "browser", NOW, OPTIONS)
    assert cache.of(user_id, TODAY) is first


def test_looking_through_anothers_eyes_only_looks_and_uncovers_nothing(database: Database) -> None:
    load(database)
    farmer = rights(database, person(database, "alisher", "E4"))
    root = rights(database, add_user(database, "root", "system_administrator").user_id)
    seen = seen_through(farmer, root)
    assert (seen.user_id, seen.acting_for, seen.employees) == (farmer.user_id, root.user_id, farmer.employees)
    assert {action for _, action in seen.grants} <= {"view", "query"}
    assert seen.scope("customers", "view") is Scope.OWN
    assert {seen.mask(each) for each in ("name", "contact", "identity")} == {Mask.ABSENT}
    assert seen_through(farmer, farmer).mask("name") is Mask.OPEN
