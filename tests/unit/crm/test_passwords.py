"""What a password must be."""

import pytest
from crm_people import NOW, OPTIONS, PASSWORD, later

from crm.errors import CrmError
from crm.models import User
from crm.services import passwords


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Short-1", "password_short"),
        ("A1-" + "x" * 130, "password_long"),
        ("onlysmallletters", "password_simple"),
        ("SMALLandLARGEonly", "password_simple"),
        ("Blue-Karimov-77", "password_holds_login"),
        ("7-oybek.K-lake", "password_holds_login"),
        ("Password-2026!!", "password_common"),
        ("P@$$w0rd-20-26", "password_common"),
        ("Йцукен-2026!!", "password_common"),
        ("aA1-aA1-aA1-", "password_common"),
    ],
)
def test_a_weak_password_is_refused_for_what_it_lacks(password: str, code: str) -> None:
    with pytest.raises(CrmError) as refused:
        passwords.check(password, "oybek.k", "Oybek Karimov", OPTIONS)
    assert refused.value.code == code


@pytest.mark.parametrize("password", [PASSWORD, "Кўл-Бўйида-9-Оққуш", "correct horse 9 Battery"])
def test_a_strong_password_is_taken_in_any_alphabet(password: str) -> None:
    passwords.check(password, "oybek.k", "Oybek Karimov", OPTIONS)
    assert passwords.matches(passwords.hashed(password), password)


def test_generated_passwords_keep_the_rules_and_never_repeat() -> None:
    made = {passwords.generated() for _ in range(300)}
    assert len(made) == 300
    for password in made:
        passwords.check(password, "somebody", "Some Body", OPTIONS)


def test_a_hash_is_argon2id_with_a_salt_of_its_own() -> None:
    first, second = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)
    assert first.startswith("$argon2id$")
    assert first != second


def test_the_product_s_own_parameters_are_not_weaker_than_the_recommended_ones() -> None:
    from argon2 import PasswordHasher

    ours = PasswordHasher()
    assert ours.memory_cost >= 47_104 or (ours.memory_cost >= 19_456 and ours.time_cost >= 2)


def test_no_hash_matches_nothing() -> None:
    assert not passwords.matches(None, PASSWORD)
    assert not passwords.matches("no hash at all", PASSWORD)


def test_two_spellings_of_the_same_letters_are_one_password() -> None:
    assert passwords.matches(passwords.hashed("Caf\u00e9-Terrace-9"), "Cafe\u0301-Terrace-9")


def test_a_password_grows_old_on_the_day_the_settings_name() -> None:
    user = User(provider="local", must_change=False, password_set_at=NOW, created_at=NOW)
    assert passwords.why_change(user, later(days=89), OPTIONS) == ""
    assert passwords.why_change(user, later(days=90), OPTIONS) == "expired"
    user.must_change = True
    assert passwords.why_change(user, NOW, OPTIONS) == "first_use"
