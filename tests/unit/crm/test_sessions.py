"""Sessions live on the server, end by themselves or at once, and only their hash is kept."""

import pytest
from crm_people import HOME, NOW, OPTIONS, SYSTEM, acting, add_user, later
from sqlalchemy import text

from crm.database import Database, open_database
from crm.errors import CrmError
from crm.services import sessions, view_as
from crm.services.accounts import UserInfo
from crm.services.audit import AuditKind
from crm.services.audit_log import AuditFilter, search


def enter(database: Database, user: UserInfo, agent: str = "browser") -> tuple[str, int]:
    with database.begin() as session:
        return sessions.create(session, user.user_id, HOME, agent, NOW, OPTIONS)


def who(database: Database, token: str, **after: float) -> str | None:
    with database.read() as session:
        signed_in = sessions.resolve(session, token, later(**after), OPTIONS)
    return signed_in.login if signed_in else None


def touch(database: Database, session_id: int, **after: float) -> None:
    with database.begin() as session:
        sessions.touch(session, session_id, later(**after))


def test_a_token_is_its_owner_s_and_a_forged_one_nobody_s(database: Database) -> None:
    token, _ = enter(database, add_user(database, "owner"))
    assert who(database, token) == "owner"
    for forged in ("", token[:-1], token + "x", sessions.token_hash(token), "\ud800", "' OR 1=1 --"):
        assert who(database, forged) is None


def test_only_the_hash_of_a_token_is_in_the_database(database: Database) -> None:
    token, _ = enter(database, add_user(database, "owner"))
    with database.read() as session:
        rows = session.execute(text("SELECT * FROM user_sessions")).all()
    assert len(token) >= 43
    assert token not in str(rows)


def test_an_idle_session_ends_and_activity_keeps_it(database: Database) -> None:
    token, session_id = enter(database, add_user(database, "owner"))
    assert who(database, token, minutes=29) == "owner"
    assert who(database, token, minutes=30) is None
    touch(database, session_id, minutes=20)
    assert who(database, token, minutes=49) == "owner"


def test_no_activity_carries_a_session_over_its_longest_time(database: Database) -> None:
    token, session_id = enter(database, add_user(database, "owner"))
    for quarter in range(1, 48):
        touch(database, session_id, minutes=15 * quarter)
    assert who(database, token, minutes=15 * 47) == "owner"
    touch(database, session_id, minutes=15 * 48)
    assert who(database, token, minutes=15 * 48) is None


def test_an_ended_session_is_not_revived_by_activity(database: Database) -> None:
    user = add_user(database, "owner")
    token, session_id = enter(database, user)
    with database.begin() as session:
        sessions.sign_out(session, session_id, acting(user), NOW)
    touch(database, session_id, minutes=5)
    assert who(database, token, minutes=5) is None


def test_an_administrator_ends_one_session_or_all_at_once(database: Database) -> None:
    user = add_user(database, "owner")
    (one, first), (two, _), (three, third) = (enter(database, user) for _ in range(3))
    with database.begin() as session:
        sessions.revoke(session, first, SYSTEM, NOW, "lost phone")
    assert [who(database, token) for token in (one, two, three)] == [None, "owner", "owner"]
    with database.begin() as session:
        assert sessions.revoke_user(session, user.user_id, acting(user), NOW, "everywhere else", but=third) == 1
    assert [who(database, token) for token in (one, two, three)] == [None, None, "owner"]
    with database.read() as session:
        assert not sessions.is_live(session, first, NOW, OPTIONS)
        assert sessions.is_live(session, third, NOW, OPTIONS)
    with pytest.raises(CrmError), database.begin() as session:
        sessions.revoke(session, first, SYSTEM, NOW, "again")


def test_a_session_survives_a_restart(database: Database, url: str) -> None:
    token, _ = enter(database, add_user(database, "owner"))
    database.close()
    again = open_database(url)
    assert who(again, token) == "owner"
    again.close()


def test_the_list_says_who_since_when_from_where_and_with_what(database: Database) -> None:
    user = add_user(database, "owner")
    _, session_id = enter(database, user, agent="Firefox\n" + "x" * 400)
    enter(database, add_user(database, "guest"))
    touch(database, session_id, minutes=3)
    with database.read() as session:
        listed = sessions.live_sessions(session, later(minutes=4), OPTIONS)
        own = sessions.live_sessions(session, later(minutes=4), OPTIONS, user.user_id)
    assert [each.login for each in listed] == ["owner", "guest"]
    assert (listed[0].created_at, listed[0].last_seen_at, listed[0].address) == (NOW, later(minutes=3), HOME)
    assert listed[0].agent.startswith("Firefoxxx")
    assert own == listed[:1]


def test_looking_through_anothers_eyes_stays_with_the_session_and_on_record(database: Database) -> None:
    root, other = add_user(database, "root", "system_administrator"), add_user(database, "other")
    token, session_id = enter(database, root)
    with database.begin() as session:
        view_as.start_view_as(session, session_id, other.user_id, acting(root), NOW, "a complaint")
    with database.read() as session:
        signed_in = sessions.resolve(session, token, NOW, OPTIONS)
    assert signed_in is not None
    assert (signed_in.login, signed_in.view_as_user_id) == ("root", other.user_id)
    with database.begin() as session:
        view_as.end_view_as(session, session_id, acting(root), NOW)
    with database.read() as session:
        told = search(session, AuditFilter(kind=AuditKind.VIEW_AS))
    assert [(each.subject, each.details["what"]) for each in told] == [
        (str(other.user_id), "end"),
        (str(other.user_id), "start"),
    ]


def test_view_as_needs_somebody_else_and_a_reason(database: Database) -> None:
    root, other = add_user(database, "root", "system_administrator"), add_user(database, "other")
    _, session_id = enter(database, root)
    for target, reason in ((root.user_id, "why not"), (other.user_id, " "), (999, "nobody")):
        with pytest.raises(CrmError), database.begin() as session:
            view_as.start_view_as(session, session_id, target, acting(root), NOW, reason)
