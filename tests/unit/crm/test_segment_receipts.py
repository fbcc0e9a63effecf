"""Uploaded lists in the register, and receipts of members taken out that prove themselves later."""

import dataclasses
import datetime as dt

import pytest
from crm_people import NOW, SYSTEM, acting, add_user
from segment_desk import draft, once, rule, rules
from sqlalchemy import text

from crm.database import Database
from crm.errors import CrmError
from crm.services import segments
from crm.services.rights import rights_of
from crm.services.segments import ListFacts, Receipt, Taken

FACTS = ListFacts("calls.csv", "a" * 64, 10, 7, {"msisdn": 6, "inn": 2}, {"unknown": 1, "empty": 1}, 3)
FILE = "b" * 64


def taken(**more: object) -> Taken:
    document = rules(rule(value=100.5), rule(field="segment", operator="in", value=["b", "a"]))
    plain = Taken(
        "debtors", 1, document, 3, dt.date(2026, 11, 22), 42, ("customer_id", "debt_amount"), "csv", "debtors.csv", FILE
    )
    return dataclasses.replace(plain, **more)


@pytest.fixture
def receipt(database: Database) -> Receipt:
    """Aziza took her debtors out."""
    user = add_user(database, "aziza", "head_of_marketing")
    draft(database, "Debtors", rule(), by=user)
    with database.begin() as session:
        return segments.record_export(session, taken(), acting(user), NOW)


def test_a_receipt_proves_what_was_taken_from_which_data_by_whom(database: Database, receipt: Receipt) -> None:
    with database.read() as session:
        found = segments.verify(session, None, receipt.receipt_id, FILE.upper())
    assert found.holds
    assert found.receipt == receipt
    assert (receipt.taken.rows, receipt.actor_login, receipt.taken.snapshot_version) == (42, "aziza", 3)
    with database.read() as session:
        other = segments.verify(session, None, receipt.receipt_id, "c" * 64)
        alone = segments.verify(session, None, receipt.receipt_id)
    assert (other.is_same_file, other.holds, alone.is_same_file, alone.holds) == (False, False, None, True)


@once
@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("rows = 43", "is_unchanged"),
        ("actor_login = 'botir'", "is_unchanged"),
        ("file_sha256 = 'c'", "is_unchanged"),
        ("hash = 'c'", "is_in_audit_log"),
    ],
)
def test_a_receipt_that_somebody_changed_no_longer_holds(
    database: Database, receipt: Receipt, change: str, broken: str
) -> None:
    with database.begin() as session:
        session.execute(text(f"UPDATE segment_exports SET {change}"))
    with database.read() as session:
        found = segments.verify(session, None, receipt.receipt_id)
    assert not found.holds
    assert getattr(found, broken) is False


def test_receipts_are_shown_to_who_took_and_to_who_may_change_the_segment(database: Database, receipt: Receipt) -> None:
    head, other = add_user(database, "head", "head_of_marketing"), add_user(database, "other", "product_analyst")
    with database.begin() as session:
        segments.share(session, "debtors", "all", [], SYSTEM, NOW)
    with database.read() as session:
        seen = {
            user.login: segments.exports(session, rights_of(session, user.user_id, NOW.date()), "debtors")
            for user in (head, other)
        }
        with pytest.raises(CrmError) as refused:
            segments.verify(session, rights_of(session, other.user_id, NOW.date()), receipt.receipt_id)
    assert seen == {"head": [receipt], "other": []}
    assert refused.value.code == "receipt_unknown"


def test_a_list_is_registered_replaced_shared_and_put_away(database: Database) -> None:
    user = add_user(database, "aziza", "head_of_marketing")
    with database.begin() as session:
        made = segments.register_list(session, "Обзвон октября", FACTS, acting(user), NOW)
        assert (made.key, made.facts, made.owner_login) == ("obzvon-oktiabria", FACTS, "aziza")
        again = dataclasses.replace(FACTS, members=8, snapshot_version=4)
        assert segments.register_list(session, made.name, again, SYSTEM, NOW, key=made.key).facts.members == 8
        assert len(segments.lists(session, None)) == 1
    analyst = add_user(database, "other", "product_analyst")
    with database.begin() as session:
        rights = rights_of(session, analyst.user_id, NOW.date())
        assert segments.lists(session, rights) == []
        segments.share_list(session, made.key, "roles", ["product_analyst"], SYSTEM, NOW)
        assert [each.key for each in segments.lists(session, rights)] == [made.key]
        with pytest.raises(CrmError) as refused:
            segments.require_list_edit(session, rights, made.key)
        assert refused.value.code == "segment_out_of_reach"


def test_a_list_that_a_segment_stands_on_is_not_put_away(database: Database) -> None:
    with database.begin() as session:
        key = segments.register_list(session, "Calls", FACTS, SYSTEM, NOW).key
    draft(database, "Called", {"kind": "list", "list": key, "operator": "in"})
    with pytest.raises(CrmError) as refused, database.begin() as session:
        segments.archive_list(session, key, SYSTEM, NOW, "old")
    assert (refused.value.code, refused.value.values["segments"]) == ("list_used", "Called")
    with database.begin() as session:
        segments.archive(session, "called", SYSTEM, NOW, "old")
        segments.archive_list(session, key, SYSTEM, NOW, "old")
        assert segments.lists(session, None) == []


@once
def test_a_list_and_a_segment_never_have_one_key(database: Database) -> None:
    draft(database, "Calls", rule())
    with database.begin() as session:
        assert segments.register_list(session, "Calls", FACTS, SYSTEM, NOW).key == "calls-2"
    assert draft(database, "Calls 2", rule()).key == "calls-2-2"
