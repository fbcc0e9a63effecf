"""An administrator of a part of the company touches that part alone."""

import pytest
from company import link, load
from crm_people import NOW, SYSTEM, add_user

from crm.database import Database
from crm.errors import CrmError
from crm.services import matrix, reach
from crm.services.matrix_changes import GrantChange
from crm.services.rights import rights_of
from vitrina.access.rights import Rights, Scope


@pytest.fixture
def people(database: Database) -> dict[str, int]:
    """Users who are employees: two of region 01, one of region 02; a head of sales of 01 who administers accounts."""
    load(database)
    add_user(database, "root", "system_administrator")
    made = {}
    for login, employee_id in (("head", "E3"), ("farmer1", "E4"), ("care1", "E7"), ("farmer2", "E10")):
        made[login] = add_user(database, login, "head_of_b2b").user_id
        link(database, made[login], employee_id)
    return made


def rights(database: Database, user_id: int, scope: Scope | None) -> Rights:
    """The user's rights after his role administers accounts and edits the organisation as far as `scope`."""
    with database.begin() as session:
        changes = [
            GrantChange("head_of_b2b", "users", "administer", scope),
            GrantChange("head_of_b2b", "organisation", "edit", scope),
        ]
        matrix.save_matrix(session, changes, 1, SYSTEM, NOW, "test")
        return rights_of(session, user_id, NOW.date())


@pytest.mark.parametrize(
    ("scope", "users", "places"),
    [
        (None, set(), set()),
        (Scope.OWN, {"head"}, set()),
        (Scope.GROUP, {"head"}, {"U01-sales"}),
        (Scope.ALL, None, None),
    ],
)
def test_a_scope_reaches_its_people_and_departments(
    database: Database, people: dict[str, int], scope: Scope | None, users: set | None, places: set | None
) -> None:
    mine = rights(database, people["head"], scope)
    with database.read() as session:
        reached = reach.users_in_reach(session, mine, "users", "administer")
        assert reached == (None if users is None else {people[login] for login in users})
        assert reach.departments_in_reach(session, mine, "edit") == places


def test_a_unit_reaches_all_below_it_and_nobody_beside(database: Database, people: dict[str, int]) -> None:
    with database.read() as session:
        mine = rights_of(session, people["head"], NOW.date())
        assert mine.scope("organisation", "edit") is Scope.UNIT
        places = {"U01-sales", "G01-hunters", "G01-farmers"}
        assert reach.departments_in_reach(session, mine, "edit") == places
        reach.require_department_in_reach(session, mine, "edit", "G01-farmers")
        for other in ("U01-care", "R01", "U02-sales", None):
            with pytest.raises(CrmError) as refused:
                reach.require_department_in_reach(session, mine, "edit", other)
            assert refused.value.code == "out_of_reach"


def test_accounts_of_the_unit_are_in_reach_and_others_are_not(database: Database, people: dict[str, int]) -> None:
    with database.begin() as session:
        change = GrantChange("head_of_b2b", "users", "administer", Scope.UNIT)
        matrix.save_matrix(session, [change], 1, SYSTEM, NOW, "test")
        mine = rights_of(session, people["head"], NOW.date())
        reach.require_user_in_reach(session, mine, "users", "administer", people["farmer1"])
        for other in (people["care1"], people["farmer2"]):
            with pytest.raises(CrmError):
                reach.require_user_in_reach(session, mine, "users", "administer", other)
