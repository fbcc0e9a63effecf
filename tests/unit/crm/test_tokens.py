"""Personal tokens: shown once, bounded by scopes and time, ended at once."""

import pytest
from crm_people import NOW, OPTIONS, SYSTEM, acting, add_user, later
from sqlalchemy import text

from crm.database import Database
from crm.errors import CrmError
from crm.services import accounts, tokens
from crm.services.accounts import UserInfo
from crm.services.audit_log import AuditFilter, search


def make(database: Database, user: UserInfo, *scopes: str, days: float = 30, name: str = "script") -> tuple[str, int]:
    with database.begin() as session:
        token, info = tokens.create_token(session, name, scopes, later(days=days), acting(user), NOW, OPTIONS)
    return token, info.token_id


def test_a_token_works_within_its_scopes_until_its_end(database: Database) -> None:
    user = add_user(database, "engineer")
    token, _ = make(database, user, "tables", "sql", days=1)
    with database.read() as session:
        owner = tokens.resolve_token(session, token, later(hours=23))
        assert owner is not None
        assert (owner.login, owner.scopes) == ("engineer", {"tables", "sql"})
        assert tokens.resolve_token(session, token, later(hours=24)) is None
        assert tokens.resolve_token(session, token[:-1], NOW) is None


def test_a_token_is_told_once_and_recognised_by_its_beginning(database: Database) -> None:
    user = add_user(database, "engineer")
    token, _ = make(database, user, "tables")
    with database.read() as session:
        [listed] = tokens.tokens_of(session, user.user_id)
        everything = [session.execute(text(f"SELECT * FROM {name}")).all() for name in ("api_tokens", "audit_log")]
    assert token.startswith(listed.prefix)
    assert len(token) - len(listed.prefix) >= 36
    assert token not in str(everything)


@pytest.mark.parametrize(
    ("scopes", "days", "name", "code"),
    [
        ([], 5, "x", "token_scopes"),
        (["everything"], 5, "x", "token_scopes"),
        (["sql"], 0, "x", "token_expiry"),
        (["sql"], 366, "x", "token_expiry"),
        (["sql"], 5, " ", "token_name_missing"),
    ],
)
def test_a_token_without_bounds_is_not_made(
    database: Database, scopes: list[str], days: float, name: str, code: str
) -> None:
    user = add_user(database, "engineer")
    with pytest.raises(CrmError) as refused:
        make(database, user, *scopes, days=days, name=name)
    assert refused.value.code == code


def test_only_its_owner_s_token_is_revoked_and_only_once(database: Database) -> None:
    user, other = add_user(database, "engineer"), add_user(database, "other")
    token, token_id = make(database, user, "tables")
    with pytest.raises(CrmError), database.begin() as session:
        tokens.revoke_token(session, token_id, other.user_id, acting(other), NOW)
    with database.begin() as session:
        tokens.revoke_token(session, token_id, user.user_id, acting(user), NOW)
    with database.read() as session:
        assert tokens.resolve_token(session, token, NOW) is None
        assert [each.details["what"] for each in search(session, AuditFilter(object="api"))] == [
            "token_revoked",
            "token_created",
        ]
    with pytest.raises(CrmError), database.begin() as session:
        tokens.revoke_token(session, token_id, user.user_id, acting(user), NOW)


def test_a_token_of_a_reset_account_waits_for_the_new_password(database: Database) -> None:
    user = add_user(database, "engineer")
    token, _ = make(database, user, "tables")
    with database.begin() as session:
        accounts.reset_password(session, user.user_id, SYSTEM, NOW, "suspicion", OPTIONS)
    with database.read() as session:
        assert tokens.resolve_token(session, token, NOW) is None


def test_the_last_use_is_noted_once_a_minute(database: Database) -> None:
    user = add_user(database, "engineer")
    token, token_id = make(database, user, "tables")
    with database.begin() as session:
        tokens.touch_token(session, token_id, NOW)
    with database.read() as session:
        owner = tokens.resolve_token(session, token, NOW)
    assert owner is not None
    assert not tokens.needs_touch(owner.last_used_at, later(seconds=59))
    assert tokens.needs_touch(owner.last_used_at, later(seconds=61))
