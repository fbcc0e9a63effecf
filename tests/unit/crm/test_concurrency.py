"""Everybody at once: no deadlock, no lost change, one unbroken chain."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from company import link, load
from crm_people import HOME, NOW, OPTIONS, PASSWORD, SYSTEM, acting, add_user, later

from crm.database import Database
from crm.errors import CrmError
from crm.services import matrix, organisation, sessions, sign_in, tokens, user_roles
from crm.services.accounts import UserInfo
from crm.services.audit_log import head, verify
from crm.services.matrix_changes import MaskChange
from crm.services.rights import RightsCache
from crm.services.rights_version import rights_version
from vitrina.access.rights import Mask

TODAY = NOW.date()


def test_mixed_work_of_many_ends_whole(database: Database) -> None:
    load(database)
    root = add_user(database, "root", "system_administrator")
    people = [add_user(database, f"person{number}", "farmer") for number in range(6)]
    for number, user in enumerate(people):
        link(database, user.user_id, f"E{number + 2}")
    cache = RightsCache(database)
    with database.read() as session:
        before, entries_before = rights_version(session), head(session).seq

    def enter(user: UserInfo, _round: int) -> None:
        sign_in.authenticate(database, user.login, PASSWORD, HOME, NOW, OPTIONS)
        with database.begin() as session:
            _, session_id = sessions.create(session, user.user_id, HOME, "browser", NOW, OPTIONS)
            sessions.touch(session, session_id, later(minutes=1))

    def promote(user: UserInfo, number: int) -> None:
        roles = ["farmer", "hunter"] if number % 2 else ["farmer"]
        with database.begin() as session:
            user_roles.set_roles(session, user.user_id, roles, acting(root), NOW, "round")

    def move(user: UserInfo, number: int) -> None:
        place = ["G01-farmers", "G02-farmers"][number % 2]
        with database.begin() as session:
            employee_id = f"E{2 + user.user_id % 5}"
            organisation.edit_employee(session, employee_id, {"department_id": place}, SYSTEM, NOW, "round")

    def make_token(user: UserInfo, number: int) -> None:
        with database.begin() as session:
            tokens.create_token(session, f"t{number}", ["sql"], later(days=1), acting(user), NOW, OPTIONS)

    def save(_user: UserInfo, number: int) -> None:
        # Others save the same mask, or another one, at the same time.
        with suppress(CrmError), database.begin() as session:
            base = matrix.matrix(session).version
            change = MaskChange("farmer", "contact", [Mask.ABSENT, Mask.HASHED][number % 2])
            matrix.save_matrix(session, [change], base, acting(root), NOW, "round")

    def look(user: UserInfo, _round: int) -> None:
        assert cache.of(user.user_id, TODAY).login == user.login

    works: list[Callable[[UserInfo, int], None]] = [enter, promote, move, make_token, save, look]
    jobs = [(work, user, number) for number in range(3) for work in works for user in people]
    with ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(work, user, number) for work, user, number in jobs]:
            done.result(timeout=60)

    with database.read() as session:
        assert verify(session) is None
        # Each of the 18 moves raised the counter; each move, sign-in and token left its entry.
        assert rights_version(session) - before >= 18
        assert head(session).seq - entries_before >= 3 * 18
    assert cache.of(people[0].user_id, TODAY).version > before


def test_a_reader_of_rights_never_sees_half_a_change(database: Database) -> None:
    load(database)
    user = add_user(database, "alisher", "farmer")
    link(database, user.user_id, "E4")
    cache = RightsCache(database)

    def swap(number: int) -> None:
        role = ["farmer", "quality_manager"][number % 2]
        with database.begin() as session:
            user_roles.set_roles(session, user.user_id, [role], SYSTEM, NOW, "swap")

    add_user(database, "root", "system_administrator")
    with ThreadPoolExecutor(6) as pool:
        writing = [pool.submit(swap, number) for number in range(12)]
        reading = [pool.submit(cache.of, user.user_id, TODAY) for _ in range(60)]
        seen = {frozenset(each.result().roles) for each in reading}
        for each in writing:
            each.result()
    assert seen <= {frozenset({"farmer"}), frozenset({"quality_manager"})}
