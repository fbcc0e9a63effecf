"""What an administrator does with accounts, and what nobody may do."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from crm_people import HOME, NOW, OPTIONS, OTHER, PASSWORD, SYSTEM, acting, add_user, later

from crm.database import Database
from crm.errors import CrmError
from crm.services import accounts, sessions, sign_in, tokens, user_roles
from crm.services.accounts import NewUser
from crm.services.audit_log import AuditFilter, search
from crm.services.sign_in import Authenticated, Refused


def code_of(refused: pytest.ExceptionInfo[CrmError]) -> str:
    return refused.value.code


def create(database: Database, login: str, name: str = "New Person", password: str = PASSWORD) -> int:
    with database.begin() as session:
        return accounts.create_user(session, NewUser(login, name), password, SYSTEM, NOW, OPTIONS).user_id


def test_a_new_user_has_to_change_his_password_first(database: Database) -> None:
    user_id = create(database, "newcomer")
    assert sign_in.authenticate(database, "newcomer", PASSWORD, HOME, NOW, OPTIONS) == Authenticated(
        user_id, "newcomer", "first_use"
    )
    with database.begin() as session:
        accounts.change_password(session, user_id, PASSWORD, OTHER, SYSTEM, NOW, OPTIONS)
    assert sign_in.authenticate(database, "newcomer", OTHER, HOME, NOW, OPTIONS) == Authenticated(
        user_id, "newcomer", ""
    )
    assert sign_in.authenticate(database, "newcomer", PASSWORD, HOME, NOW, OPTIONS) == Refused("wrong")


def test_an_expired_password_has_to_be_changed(database: Database) -> None:
    add_user(database, "sleepy")
    entered = sign_in.authenticate(database, "sleepy", PASSWORD, HOME, later(days=91), OPTIONS)
    assert isinstance(entered, Authenticated)
    assert entered.must_change == "expired"


@pytest.mark.parametrize("login", ["ab", "two words", "аdmin", "-dash", "x" * 65, "semi;colon", ""])
def test_logins_that_could_be_taken_for_others_are_refused(database: Database, login: str) -> None:
    with pytest.raises(CrmError) as refused:
        create(database, login)
    assert code_of(refused) == "login_wrong"


def test_one_login_is_one_person_whatever_the_letters_size(database: Database) -> None:
    create(database, "Oybek.K")
    with pytest.raises(CrmError) as refused:
        create(database, "oybek.k")
    assert code_of(refused) == "login_taken"


def test_a_name_and_a_good_password_are_needed(database: Database) -> None:
    with pytest.raises(CrmError) as refused:
        create(database, "nameless", name="  ")
    assert code_of(refused) == "display_name_missing"
    with pytest.raises(CrmError) as refused:
        create(database, "weak", password="weak")
    assert code_of(refused) == "password_short"


def test_a_change_needs_the_present_password(database: Database) -> None:
    user = add_user(database, "owner")
    with pytest.raises(CrmError) as refused, database.begin() as session:
        accounts.change_password(session, user.user_id, "Wrong-Guess-1!", OTHER, acting(user), NOW, OPTIONS)
    assert code_of(refused) == "password_wrong"


def test_the_last_ten_passwords_do_not_come_back_and_the_eleventh_does(database: Database) -> None:
    user = add_user(database, "owner")
    made = [PASSWORD, *(f"Lake-{number}-Of-Swans" for number in range(10))]
    for old, new in itertools.pairwise(made):
        with database.begin() as session:
            accounts.change_password(session, user.user_id, old, new, acting(user), NOW, OPTIONS)
    for old in made[1:]:
        with pytest.raises(CrmError) as refused, database.begin() as session:
            accounts.change_password(session, user.user_id, made[-1], old, acting(user), NOW, OPTIONS)
        assert code_of(refused) == "password_used"
    with database.begin() as session:
        accounts.change_password(session, user.user_id, made[-1], PASSWORD, acting(user), NOW, OPTIONS)


def test_a_reset_is_told_once_ends_sessions_and_lifts_the_lock(database: Database) -> None:
    user = add_user(database, "forgetful")
    for _ in range(6):
        sign_in.authenticate(database, "forgetful", "Wrong-Guess-1!", HOME, NOW, OPTIONS)
    with database.begin() as session:
        token, _ = sessions.create(session, user.user_id, HOME, "browser", NOW, OPTIONS)
        password = accounts.reset_password(session, user.user_id, SYSTEM, NOW, "forgot", OPTIONS)
    with database.read() as session:
        assert sessions.resolve(session, token, NOW, OPTIONS) is None
        assert password not in str(search(session, AuditFilter()))
    entered = sign_in.authenticate(database, "forgetful", password, HOME, NOW, OPTIONS)
    assert isinstance(entered, Authenticated)
    assert entered.must_change == "first_use"


def test_disabling_ends_sessions_and_tokens_at_once(database: Database) -> None:
    user = add_user(database, "leaver")
    add_user(database, "root", "system_administrator")
    with database.begin() as session:
        token, _ = sessions.create(session, user.user_id, HOME, "browser", NOW, OPTIONS)
        api, _ = tokens.create_token(session, "script", ["tables"], later(days=5), acting(user), NOW, OPTIONS)
        info = accounts.disable_user(session, user.user_id, SYSTEM, NOW, "left the company")
    assert (info.is_active, info.disabled_reason) == (False, "left the company")
    with database.begin() as session:
        accounts.enable_user(session, user.user_id, SYSTEM, NOW, "came back")
    with database.read() as session:
        assert sessions.resolve(session, token, NOW, OPTIONS) is None
        assert tokens.resolve_token(session, api, NOW) is None


def test_changes_without_a_reason_are_refused(database: Database) -> None:
    user = add_user(database, "somebody")
    add_user(database, "root", "system_administrator")
    with pytest.raises(CrmError) as refused, database.begin() as session:
        accounts.disable_user(session, user.user_id, SYSTEM, NOW, "  ")
    assert code_of(refused) == "reason_missing"


def test_nobody_disables_or_demotes_himself(database: Database) -> None:
    root = add_user(database, "root", "system_administrator")
    add_user(database, "other", "system_administrator")
    with pytest.raises(CrmError) as refused, database.begin() as session:
        accounts.disable_user(session, root.user_id, acting(root), NOW, "bye")
    assert code_of(refused) == "own_account"
    with pytest.raises(CrmError) as refused, database.begin() as session:
        user_roles.set_roles(session, root.user_id, [], acting(root), NOW, "bye")
    assert code_of(refused) == "own_account"


def test_the_last_administrator_stays(database: Database) -> None:
    root = add_user(database, "root", "system_administrator")
    with pytest.raises(CrmError) as refused, database.begin() as session:
        accounts.disable_user(session, root.user_id, SYSTEM, NOW, "bye")
    assert code_of(refused) == "last_administrator"
    with pytest.raises(CrmError) as refused, database.begin() as session:
        user_roles.set_roles(session, root.user_id, ["farmer"], SYSTEM, NOW, "bye")
    assert code_of(refused) == "last_administrator"


def test_two_administrators_who_remove_each_other_at_once_do_not_both_succeed(database: Database) -> None:
    pair = [add_user(database, name, "system_administrator") for name in ("first", "second")]

    def remove(one: int) -> str:
        try:
            with database.begin() as session:
                actor, target = acting(pair[one]), pair[1 - one].user_id
                accounts.disable_user(session, target, actor, NOW, "coup")
        except CrmError as error:
            return error.code
        return "removed"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(remove, (0, 1))) == ["last_administrator", "removed"]


def test_accounts_are_found_by_part_of_login_or_name(database: Database) -> None:
    add_user(database, "aziza.t", "farmer")
    add_user(database, "botir.k")
    with database.read() as session:
        assert [user.login for user in accounts.users(session, search="ZIZ")] == ["aziza.t"]
        assert [user.login for user in accounts.users(session)] == ["aziza.t", "botir.k"]
        assert accounts.users(session)[0].roles == {"farmer"}
        assert accounts.users(session, search="%") == []


def test_names_are_found_in_any_alphabet_and_size_of_letters(database: Database) -> None:
    create(database, "shahnoza", name="Шаҳноза Қодирова")
    with database.read() as session:
        assert [user.login for user in accounts.users(session, search="қОДИР")] == ["shahnoza"]


def test_an_unknown_user_is_told(database: Database) -> None:
    with pytest.raises(CrmError, match="no user nobody"), database.read() as session:
        accounts.user_by_login(session, "nobody")
