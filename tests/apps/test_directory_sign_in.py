"""Passwords and groups from a real slapd."""

from collections.abc import Iterator

import pytest

from apps.sign_in.errors import DirectoryUnavailable
from apps.sign_in.ldap import Directory
from tests.apps.directory_server import (
    BASE,
    MARKETING,
    PASSWORDS,
    SERVICE_DN,
    SERVICE_PASSWORD,
    SUPERVISORS,
    directory,
)
from vitrina.sign_in_options import LdapOptions


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with directory(tmp_path_factory.mktemp("ldap")) as found:
        yield found


def options(address: str, **other: object) -> LdapOptions:
    """How this directory is reached."""
    return LdapOptions(
        url=address, bind_dn=SERVICE_DN, bind_password=SERVICE_PASSWORD, user_base=f"ou=people,{BASE}", **other
    )


def test_a_right_password_gives_the_person_with_the_groups_of_the_member_of_overlay(address: str) -> None:
    person = Directory(options(address)).check("n.yusupova", PASSWORDS["n.yusupova"])
    assert person is not None
    assert (person.login, person.display_name, person.email) == (
        "n.yusupova",
        "Нигора Юсупова",
        "n.yusupova@operator.uz",
    )
    assert person.groups == (MARKETING, SUPERVISORS)


def test_groups_are_found_by_their_members_where_the_directory_keeps_no_member_of(address: str) -> None:
    searched = options(address, groups_attribute="description", group_base=f"ou=groups,{BASE}")
    person = Directory(searched).check("n.yusupova", PASSWORDS["n.yusupova"])
    assert person is not None
    assert person.groups == (MARKETING, SUPERVISORS)


def test_the_subject_stays_when_the_login_is_looked_up_in_another_case(address: str) -> None:
    known = Directory(options(address))
    first, second = (known.check(login, PASSWORDS["n.yusupova"]) for login in ("n.yusupova", "N.Yusupova"))
    assert first is not None
    assert first == second


def test_a_person_in_no_group_has_none(address: str) -> None:
    person = Directory(options(address)).check("b.aliyev", PASSWORDS["b.aliyev"])
    assert person is not None
    assert person.groups == ()


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("n.yusupova", "wrong"),
        ("n.yusupova", ""),
        ("n.yusupova", PASSWORDS["b.aliyev"]),
        ("nobody", PASSWORDS["n.yusupova"]),
        ("", PASSWORDS["n.yusupova"]),
        ("n.*", PASSWORDS["n.yusupova"]),
        ("*", PASSWORDS["b.aliyev"]),
        ("n.yusupova)(uid=*", PASSWORDS["n.yusupova"]),
        ("n.yusupova\x00", PASSWORDS["n.yusupova"]),
    ],
)
def test_a_wrong_password_and_a_login_that_is_a_filter_are_refused(address: str, login: str, password: str) -> None:
    assert Directory(options(address)).check(login, password) is None


def test_a_directory_that_does_not_answer_is_told_apart_from_a_refusal() -> None:
    with pytest.raises(DirectoryUnavailable):
        Directory(options("ldap://127.0.0.1:9")).check("n.yusupova", PASSWORDS["n.yusupova"])


def test_a_service_account_that_the_directory_refuses_is_no_refusal_of_the_person(address: str) -> None:
    wrong = options(address).model_copy(update={"bind_dn": f"cn=nobody,{BASE}"})
    with pytest.raises(DirectoryUnavailable):
        Directory(wrong).check("n.yusupova", PASSWORDS["n.yusupova"])
