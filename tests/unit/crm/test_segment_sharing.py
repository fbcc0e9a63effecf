"""Who sees which segment and list, and who may change it: sharing, roles, and the scope around the owner's place."""

import datetime as dt

import pytest
from company import link, load
from crm_people import NOW, SYSTEM, add_user
from segment_desk import draft, once, publish, rule

from crm.database import Database
from crm.errors import CrmError
from crm.services import segments, stand_ins
from crm.services.accounts import UserInfo
from crm.services.notices import notices
from crm.services.rights import rights_of
from crm.services.segments import Filter, Status

# Owner and people around him: a specialist's right to edit reaches his group, a farmer's to view does.
PLACES = {"owner": "E4", "colleague": "E5", "elsewhere": "E11"}


@pytest.fixture
def people(database: Database) -> dict[str, UserInfo]:
    """Two specialists of one group, one of another region, a head of marketing, an operator."""
    load(database)
    roles = {
        "owner": "b2c_specialist", "colleague": "b2c_specialist", "elsewhere": "b2c_specialist",
        "head": "head_of_marketing", "operator": "first_line_operator",
    }  # fmt: skip
    made = {login: add_user(database, login, role) for login, role in roles.items()}
    for login, employee in PLACES.items():
        link(database, made[login].user_id, employee)
    return made


def sees(database: Database, people: dict[str, UserInfo]) -> set[str]:
    """Logins of those who see any segment."""
    with database.read() as session:
        return {
            login
            for login, user in people.items()
            if segments.segments(session, rights_of(session, user.user_id, NOW.date()))
        }


def edits(database: Database, people: dict[str, UserInfo], key: str) -> set[str]:
    with database.read() as session:
        return {
            login
            for login, user in people.items()
            if segments.may_edit(session, rights_of(session, user.user_id, NOW.date()), key)
        }


def share(database: Database, key: str, sharing: str, *roles: str) -> None:
    with database.begin() as session:
        segments.share(session, key, sharing, roles, SYSTEM, NOW)


def test_a_private_segment_is_its_owner_s_alone(database: Database, people: dict[str, UserInfo]) -> None:
    key = draft(database, "Debtors", rule(), by=people["owner"]).key
    assert sees(database, people) == {"owner"}
    assert edits(database, people, key) == {"owner"}
    with database.read() as session:
        for check in (segments.require_view, segments.require_edit):
            with pytest.raises(CrmError) as refused:
                check(session, rights_of(session, people["colleague"].user_id, NOW.date()), key)
            assert refused.value.code == "segment_unknown"


def test_a_shared_segment_is_seen_by_the_right_and_changed_within_its_scope(
    database: Database, people: dict[str, UserInfo]
) -> None:
    key = draft(database, "Debtors", rule(), by=people["owner"]).key
    share(database, key, "all")
    assert sees(database, people) == set(people) - {"operator"}
    assert edits(database, people, key) == {"owner", "colleague", "head"}
    with database.read() as session, pytest.raises(CrmError) as refused:
        segments.require_edit(session, rights_of(session, people["elsewhere"].user_id, NOW.date()), key)
    assert refused.value.code == "segment_out_of_reach"


@once
def test_a_segment_shared_with_roles_is_seen_by_people_of_them(database: Database, people: dict[str, UserInfo]) -> None:
    key = draft(database, "Debtors", rule(), by=people["owner"]).key
    share(database, key, "roles", "head_of_marketing", "first_line_operator")
    assert sees(database, people) == {"owner", "head"}
    assert edits(database, people, key) == {"owner", "head"}


@once
def test_a_right_that_reaches_a_group_does_not_show_what_others_shared_with_all(
    database: Database, people: dict[str, UserInfo]
) -> None:
    near, far = add_user(database, "near", "farmer"), add_user(database, "far", "farmer")
    link(database, people["colleague"].user_id)
    link(database, near.user_id, "E5")
    link(database, far.user_id, "E12")
    key = draft(database, "Debtors", rule(), by=people["owner"]).key
    share(database, key, "all")
    assert sees(database, {"near": near, "far": far}) == {"near"}


def test_who_stands_in_has_the_private_segments_of_the_absent_as_well(
    database: Database, people: dict[str, UserInfo]
) -> None:
    key = draft(database, "Debtors", rule(), by=people["owner"]).key
    with database.begin() as session:
        day = NOW.date()
        stand_ins.add_stand_in(session, "E4", "E5", day, day, SYSTEM, NOW, "leave")
    assert sees(database, people) == {"owner", "colleague"}
    assert edits(database, people, key) == {"owner", "colleague"}
    with database.read() as session:
        later = rights_of(session, people["colleague"].user_id, day + dt.timedelta(days=1))
        assert segments.segments(session, later) == []


@once
@pytest.mark.parametrize(
    ("sharing", "roles", "code"),
    [("everybody", [], "segment_sharing"), ("roles", [], "segment_sharing_roles"), ("roles", ["king"], "role_unknown")],
)
def test_sharing_with_what_is_not_there_is_refused(
    database: Database, sharing: str, roles: list[str], code: str
) -> None:
    key = draft(database, "Debtors", rule()).key
    with pytest.raises(CrmError) as refused:
        share(database, key, sharing, *roles)
    assert refused.value.code == code


def test_segments_are_found_by_folder_tag_owner_and_words_in_any_alphabet(
    database: Database, people: dict[str, UserInfo]
) -> None:
    draft(database, "Должники", rule(), by=people["owner"], folder="b2c/debt", tags=["debt"], description="Риск")
    draft(database, "Sleepers", rule(), folder="b2b", tags=["sleep", "debt"])
    publish(database, "sleepers")
    wanted = {
        "dolzhniki sleepers": Filter(), "dolzhniki": Filter(folder="b2c"), "sleepers": Filter(status=Status.ACTIVE),
        "": Filter(folder="b"), "dolzhniki sleepers ": Filter(tag="debt"), "dolzhniki ": Filter(text="ДОЛЖ риск"),
        " dolzhniki": Filter(owner_id=people["owner"].user_id),
    }  # fmt: skip
    with database.read() as session:
        for keys, each in wanted.items():
            found = [info.key for info in segments.segments(session, None, each)]
            assert sorted(found) == sorted(keys.split()), each
        assert segments.folders(session, None) == {"b2b": 1, "b2c": 1, "b2c/debt": 1}
        assert segments.tags(session, None) == {"debt": 2, "sleep": 1}


def test_a_segment_goes_to_another_owner_with_a_reason(database: Database, people: dict[str, UserInfo]) -> None:
    key = draft(database, "Debtors", rule(), by=people["owner"]).key
    with database.begin() as session:
        info = segments.hand_over(session, key, people["elsewhere"].user_id, SYSTEM, NOW, "moved")
    assert info.owner_login == "elsewhere"
    assert sees(database, people) == {"elsewhere"}


def test_nobody_is_given_a_segment_who_may_not_change_it(database: Database, people: dict[str, UserInfo]) -> None:
    key = draft(database, "Debtors", rule(), by=people["owner"]).key
    operator = people["operator"]
    with database.read() as session:
        assert operator.user_id not in [each.user_id for each in segments.possible_owners(session)]
    with pytest.raises(CrmError, match="cannot own one"), database.begin() as session:
        segments.hand_over(session, key, operator.user_id, SYSTEM, NOW, "moved")
    with database.begin() as session:
        segments.hand_over(session, key, people["elsewhere"].user_id, SYSTEM, NOW, "moved")
        (told,) = notices(session, people["elsewhere"].user_id)
    assert (told.kind, told.values) == ("segment_yours", {"segment": "Debtors"})
