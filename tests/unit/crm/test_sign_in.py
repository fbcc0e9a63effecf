"""Signing in with a password: what is let in, what is refused, and what guessing costs."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from crm_people import HOME, NOW, OPTIONS, PASSWORD, SYSTEM, add_user, later

from crm.database import Database
from crm.services import accounts, passwords, sign_in
from crm.services.attempts import lock_seconds
from crm.services.audit import AuditKind
from crm.services.audit_log import AuditFilter, count, search
from crm.services.sign_in import Authenticated, Refused
from vitrina.account_options import AccountOptions

GUESS = "Wrong-Guess-1!"


def attempt(
    database: Database, login: str, password: str = GUESS, address: str = HOME, after: float = 0
) -> Authenticated | Refused:
    return sign_in.authenticate(database, login, password, address, later(seconds=after), OPTIONS)


def test_the_owner_is_let_in_however_he_writes_his_login(database: Database) -> None:
    user = add_user(database, "oybek.k")
    assert attempt(database, " Oybek.K ", PASSWORD) == Authenticated(user.user_id, "oybek.k", "")
    with database.read() as session:
        assert accounts.user_by_id(session, user.user_id).last_sign_in_at == NOW


def test_unknown_wrong_and_foreign_accounts_get_one_and_the_same_answer(database: Database) -> None:
    add_user(database, "known")
    assert attempt(database, "known") == attempt(database, "unknown") == Refused("wrong")


def test_an_unknown_login_costs_a_hash_like_a_known_one(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    add_user(database, "known")
    checked: list[str | None] = []
    real = passwords._hasher.verify
    monkeypatch.setattr(
        passwords, "_hasher", type("Counting", (), {
            "verify": staticmethod(lambda hash_, text: (checked.append(hash_), real(hash_, text))[1]),
            "hash": staticmethod(passwords._hasher.hash),
        })(),
    )  # fmt: skip
    attempt(database, "known")
    attempt(database, "unknown")
    assert len(checked) == 2
    assert all(str(each).startswith("$argon2id$") for each in checked)


def test_a_disabled_account_is_told_only_to_who_knows_the_password(database: Database) -> None:
    user = add_user(database, "gone")
    add_user(database, "root", "system_administrator")
    with database.begin() as session:
        accounts.disable_user(session, user.user_id, SYSTEM, NOW, "left")
    assert attempt(database, "gone") == Refused("wrong")
    assert attempt(database, "gone", PASSWORD) == Refused("disabled")


def test_each_further_failure_doubles_the_wait_up_to_a_limit() -> None:
    waits = [lock_seconds(failures, 5, OPTIONS) for failures in range(4, 15)]
    assert waits == [0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert lock_seconds(10_000, 5, OPTIONS) == 3600


@pytest.mark.parametrize("login", ["known", "unknown"])
def test_guessing_locks_an_account_alike_whether_it_exists_or_not(database: Database, login: str) -> None:
    add_user(database, "known")
    answers = [attempt(database, login) for _ in range(6)]
    assert answers == [Refused("wrong")] * 5 + [Refused("locked", 30)]
    assert attempt(database, login, after=29) == Refused("locked", 1)
    assert attempt(database, login, after=30) == Refused("wrong")
    assert attempt(database, login, after=31) == Refused("locked", 59)


def test_during_a_lock_even_the_right_password_waits_and_later_clears_the_count(database: Database) -> None:
    add_user(database, "owner")
    for _ in range(5):
        attempt(database, "owner")
    assert attempt(database, "owner", PASSWORD, after=1) == Refused("locked", 29)
    assert isinstance(attempt(database, "owner", PASSWORD, after=31), Authenticated)
    assert attempt(database, "owner", after=32) == Refused("wrong")


def test_a_hundred_guesses_at_once_are_no_more_than_five(database: Database) -> None:
    add_user(database, "target")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: attempt(database, "target"), range(40)))
    assert sum(answer == Refused("wrong") for answer in answers) == 5
    assert sum(isinstance(answer, Refused) and answer.code == "locked" for answer in answers) == 35


def test_an_address_that_tries_many_logins_is_locked_too(database: Database) -> None:
    limit = OPTIONS.attempts_per_address
    answers = [attempt(database, f"name{number}") for number in range(limit + 1)]
    assert answers[:limit] == [Refused("wrong")] * limit
    assert answers[limit] == Refused("locked", 30)
    assert attempt(database, "another", address="10.0.0.6") == Refused("wrong")


def test_one_good_account_does_not_free_its_address_for_guesses(database: Database) -> None:
    add_user(database, "insider")
    for number in range(OPTIONS.attempts_per_address - 1):
        attempt(database, f"name{number}")
    assert isinstance(attempt(database, "insider", PASSWORD), Authenticated)
    assert attempt(database, "one-more") == Refused("wrong")
    assert attempt(database, "and-more") == Refused("locked", 30)


def test_people_behind_one_address_who_sign_in_rightly_are_never_locked(database: Database) -> None:
    add_user(database, "operator")
    few = AccountOptions(attempts_per_address=3)
    for _ in range(10):
        entered = sign_in.authenticate(database, "operator", PASSWORD, HOME, NOW, few)
        assert isinstance(entered, Authenticated)


def test_old_failures_are_forgotten(database: Database) -> None:
    add_user(database, "owner")
    for _ in range(4):
        attempt(database, "owner")
    a_day_later = 25 * 3600
    assert [attempt(database, "owner", after=a_day_later) for _ in range(4)] == [Refused("wrong")] * 4


def test_every_outcome_is_on_record_and_never_a_password_typed_as_login(database: Database) -> None:
    user = add_user(database, "owner")
    attempt(database, "owner", PASSWORD)
    attempt(database, "owner")
    attempt(database, "My-Secret-Password-1")
    with database.read() as session:
        [entered] = search(session, AuditFilter(kind=AuditKind.SIGN_IN))
        refused = search(session, AuditFilter(kind=AuditKind.REFUSED))
    assert (entered.actor_id, entered.address) == (user.user_id, HOME)
    assert [entry.actor_login for entry in refused] == ["", "owner"]
    assert "Secret" not in str(refused)


def test_knocking_at_a_locked_account_does_not_fill_the_audit_log(database: Database) -> None:
    add_user(database, "target")
    for _ in range(30):
        attempt(database, "target")
    with database.read() as session:
        assert count(session, AuditFilter(kind=AuditKind.REFUSED)) == 6


def test_a_password_of_weaker_parameters_is_hashed_anew_at_sign_in(database: Database) -> None:
    from argon2 import PasswordHasher

    from crm.models import User

    user = add_user(database, "veteran")
    weak = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    with database.begin() as session:
        session.get_one(User, user.user_id).password_hash = weak
    assert isinstance(attempt(database, "veteran", PASSWORD), Authenticated)
    with database.read() as session:
        assert session.get_one(User, user.user_id).password_hash != weak
    assert isinstance(attempt(database, "veteran", PASSWORD), Authenticated)
