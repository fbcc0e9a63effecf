"""People of a directory: their groups decide, at every sign-in anew."""

from dataclasses import replace

import pytest
from crm_people import HOME, NOW, OPTIONS, PASSWORD, SYSTEM, acting, add_user, later

from crm.database import Database
from crm.errors import CrmError
from crm.services import accounts, sessions, sign_in, user_roles
from crm.services.audit import AuditKind
from crm.services.audit_log import AuditFilter, search
from crm.services.external import ExternalPerson, sign_in_external
from crm.services.sign_in import Authenticated, Refused

DILSHOD = ExternalPerson("ldap", "entry-1", "dilshod.r", "Dilshod R", "d@operator.uz", ("CN=Sales,DC=op", "CN=All"))


@pytest.fixture
def mapped(database: Database) -> Database:
    """A database where the directory's sales group gives the role of a farmer."""
    with database.begin() as session:
        user_roles.set_group_roles(session, "ldap", "cn=sales,dc=op", ["farmer"], SYSTEM, NOW, "directory")
    return database


def enter(database: Database, person: ExternalPerson = DILSHOD, **after: float) -> Authenticated | Refused:
    return sign_in_external(database, person, HOME, later(**after))


def test_the_first_sign_in_makes_an_account_with_the_roles_of_the_groups(mapped: Database) -> None:
    entered = enter(mapped)
    assert isinstance(entered, Authenticated)
    with mapped.read() as session:
        user = accounts.user_by_login(session, "dilshod.r")
    assert (user.user_id, user.provider, user.roles) == (entered.user_id, "ldap", {"farmer"})
    assert (user.display_name, user.email, user.must_change) == ("Dilshod R", "d@operator.uz", False)


def test_a_person_without_a_mapped_group_is_refused_and_on_record(mapped: Database) -> None:
    assert enter(mapped, replace(DILSHOD, groups=("CN=All",))) == Refused("no_role")
    with mapped.read() as session:
        assert [each.details["code"] for each in search(session, AuditFilter(kind=AuditKind.REFUSED))] == ["no_role"]
        assert accounts.users(session) == []


def test_another_directory_s_group_of_the_same_name_gives_nothing(mapped: Database) -> None:
    assert enter(mapped, replace(DILSHOD, provider="oidc")) == Refused("no_role")


def test_roles_follow_the_groups_and_roles_given_by_hand_stay(mapped: Database) -> None:
    entered = enter(mapped)
    assert isinstance(entered, Authenticated)
    with mapped.begin() as session:
        user_roles.set_roles(session, entered.user_id, ["quality_manager"], SYSTEM, NOW, "extra")
        user_roles.set_group_roles(session, "ldap", "CN=Care", ["supervisor"], SYSTEM, NOW, "directory")
    enter(mapped, replace(DILSHOD, groups=("cn=care",)))
    with mapped.read() as session:
        assert accounts.user_by_id(session, entered.user_id).roles == {"supervisor", "quality_manager"}


def test_who_lost_his_groups_is_refused_and_his_sessions_end(mapped: Database) -> None:
    entered = enter(mapped)
    assert isinstance(entered, Authenticated)
    with mapped.begin() as session:
        token, _ = sessions.create(session, entered.user_id, HOME, "browser", NOW, OPTIONS)
    assert enter(mapped, replace(DILSHOD, groups=())) == Refused("no_role")
    with mapped.read() as session:
        assert sessions.resolve(session, token, NOW, OPTIONS) is None
        assert accounts.user_by_id(session, entered.user_id).roles == frozenset()


def test_the_same_person_under_a_new_login_is_the_same_user(mapped: Database) -> None:
    first = enter(mapped)
    second = enter(mapped, replace(DILSHOD, login="dilshod.new", display_name="Dilshod Renamed"))
    assert isinstance(first, Authenticated)
    assert isinstance(second, Authenticated)
    assert first.user_id == second.user_id
    with mapped.read() as session:
        assert accounts.user_by_id(session, first.user_id).display_name == "Dilshod Renamed"


def test_a_directory_never_takes_over_a_local_account_or_another_person_s(mapped: Database) -> None:
    add_user(mapped, "dilshod.r", "system_administrator")
    assert enter(mapped) == Refused("login_taken")
    assert isinstance(enter(mapped, replace(DILSHOD, subject="entry-2", login="free")), Authenticated)
    assert enter(mapped, replace(DILSHOD, subject="entry-3", login="free")) == Refused("login_taken")


def test_a_disabled_outside_account_stays_out(mapped: Database) -> None:
    add_user(mapped, "root", "system_administrator")
    entered = enter(mapped)
    assert isinstance(entered, Authenticated)
    with mapped.begin() as session:
        accounts.disable_user(session, entered.user_id, SYSTEM, NOW, "left")
    assert enter(mapped) == Refused("disabled")


def test_no_password_opens_an_outside_account(mapped: Database) -> None:
    entered = enter(mapped)
    assert isinstance(entered, Authenticated)
    assert sign_in.authenticate(mapped, "dilshod.r", PASSWORD, HOME, NOW, OPTIONS) == Refused("wrong")
    with pytest.raises(CrmError) as refused, mapped.begin() as session:
        accounts.reset_password(session, entered.user_id, SYSTEM, NOW, "asked", OPTIONS)
    assert refused.value.code == "external_account"


def test_the_table_of_groups_is_edited_and_on_record(mapped: Database) -> None:
    root = add_user(mapped, "root", "system_administrator")
    with mapped.begin() as session:
        changed = user_roles.set_group_roles(
            session, "ldap", "CN=Sales,DC=op", ["hunter", "farmer"], acting(root), NOW, "both"
        )
    assert [(each.group_name, each.role_code) for each in changed] == [
        ("cn=sales,dc=op", "farmer"),
        ("cn=sales,dc=op", "hunter"),
    ]
    with mapped.begin() as session:
        assert user_roles.set_group_roles(session, "ldap", "cn=sales,dc=op", [], acting(root), NOW, "closed") == []
    assert enter(mapped) == Refused("no_role")
