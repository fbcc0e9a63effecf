"""The audit log only grows, and whatever is done to it behind our back is found."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from crm_people import NOW, SYSTEM, later
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from crm.database import Database
from crm.errors import CrmError
from crm.services.actor import Actor
from crm.services.audit import AuditKind, Entry, record
from crm.services.audit_log import AuditFilter, Broken, Head, count, entries, head, kind_of, search, verify

VIEWER = Actor(7, "viewer", "10.1.1.1")


def look(database: Database, customer: str, *classes: str, actor: Actor = VIEWER, at: dt.datetime = NOW) -> None:
    """One look at personal data."""
    entry = Entry(AuditKind.PERSONAL_DATA_VIEWED, "customers", customer, classes, "customer card")
    with database.begin() as session:
        record(session, actor, entry, at)


def tamper(database: Database, *statements: str) -> None:
    """Change the table as somebody who owns the server can: triggers off first."""
    if database.dialect == "sqlite":
        names = ("update", "delete", "replace")
        before: tuple[str, ...] = tuple(f"DROP TRIGGER audit_log_no_{name}" for name in names)
    else:
        before = ("ALTER TABLE audit_log DISABLE TRIGGER ALL",)
    with database.begin() as session:
        for statement in (*before, *statements):
            session.execute(text(statement))


def broken(database: Database, anchor: Head | None = None) -> Broken | None:
    with database.read() as session:
        return verify(session, anchor)


def found(database: Database, **wanted: Any) -> list[str]:
    with database.read() as session:
        return [entry.subject for entry in search(session, AuditFilter(**wanted))]


def test_an_entry_says_who_whose_which_class_why_and_from_where(database: Database) -> None:
    look(database, "42", "contact", "name")
    with database.read() as session:
        [entry] = search(session, AuditFilter())
    assert (entry.seq, entry.at, entry.actor_login, entry.address) == (1, NOW, "viewer", "10.1.1.1")
    assert (entry.subject, entry.classes, entry.reason) == ("42", ("contact", "name"), "customer card")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_log SET reason = 'nothing' WHERE seq = 1",
        "DELETE FROM audit_log WHERE seq = 1",
        "DELETE FROM audit_log",
    ],
)
def test_the_database_itself_refuses_to_change_or_remove_entries(database: Database, statement: str) -> None:
    look(database, "1")
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as session:
        session.execute(text(statement))
    assert broken(database) is None


def test_neither_replacing_nor_emptying_is_a_way_around(database: Database) -> None:
    look(database, "1")
    columns = "seq, at, kind, actor_login, address, object, subject, classes, reason, details, prev_hash, hash"
    other = f"SELECT {columns.replace('reason', repr('x'))} FROM audit_log"
    way = f"REPLACE INTO audit_log ({columns}) {other}" if database.dialect == "sqlite" else "TRUNCATE audit_log"
    with pytest.raises(DBAPIError, match="append-only"), database.begin() as session:
        session.execute(text(way))


def test_entries_of_writers_at_once_are_one_unbroken_chain(database: Database) -> None:
    def write(number: int) -> None:
        for step in range(5):
            look(database, f"{number}-{step}", "name")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))

    assert broken(database) is None
    with database.read() as session:
        assert head(session).seq == 40
        assert len({entry.subject for entry in entries(session, AuditFilter())}) == 40


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE audit_log SET subject = '99' WHERE seq = 3", Broken(3, "changed")),
        ("UPDATE audit_log SET actor_login = 'other' WHERE seq = 5", Broken(5, "changed")),
        ("DELETE FROM audit_log WHERE seq = 2", Broken(2, "missing")),
        ("UPDATE audit_log SET hash = prev_hash WHERE seq = 4", Broken(4, "changed")),
    ],
)
def test_a_changed_or_missing_entry_is_found(database: Database, statement: str, expected: Broken) -> None:
    for number in range(1, 6):
        look(database, str(number), "contact")
    tamper(database, statement)
    assert broken(database) == expected


def test_an_entry_rewritten_with_its_hash_breaks_the_next_one(database: Database) -> None:
    from crm.models import AuditRow
    from crm.services.audit import digest

    for number in range(1, 4):
        look(database, str(number))
    tamper(database)
    with database.begin() as session:
        row = session.get_one(AuditRow, 2)
        row.subject = "99"
        row.hash = digest(row)
    assert broken(database) == Broken(3, "unlinked")


def test_a_log_cut_at_its_end_is_found_by_a_head_that_was_kept(database: Database) -> None:
    for number in range(1, 6):
        look(database, str(number))
    with database.read() as session:
        kept = head(session)
    tamper(database, "DELETE FROM audit_log WHERE seq > 3")
    assert broken(database) is None
    assert broken(database, kept) == Broken(4, "missing")


def test_a_search_narrows_by_every_field_and_pages_backwards(database: Database) -> None:
    for number in range(1, 8):
        actor = VIEWER if number % 2 else SYSTEM
        look(database, str(number), "contact" if number < 4 else "name", actor=actor, at=later(minutes=number))
    assert found(database, actor="viewer") == ["7", "5", "3", "1"]
    assert found(database, column_class="contact") == ["3", "2", "1"]
    assert found(database, subject="5") == ["5"]
    assert found(database, since=later(minutes=2), until=later(minutes=4)) == ["3", "2"]
    assert found(database, kind=AuditKind.EXPORT) == []
    assert found(database, object="customers", address="10.1.1.1", column_class="name") == ["7", "5"]
    with database.read() as session:
        first = search(session, AuditFilter(), limit=3)
        second = search(session, AuditFilter(), limit=3, before=first[-1].seq)
        assert [entry.subject for entry in first + second] == ["7", "6", "5", "4", "3", "2"]
        assert count(session, AuditFilter(actor="viewer")) == 4


def test_an_unknown_kind_is_told() -> None:
    assert kind_of("") is None
    assert kind_of("export") is AuditKind.EXPORT
    with pytest.raises(CrmError, match="no kind of audit entry gossip"):
        kind_of("gossip")


def test_a_percent_sign_is_no_wildcard(database: Database) -> None:
    look(database, "1", "contact")
    assert found(database, column_class="%") == []


def test_signs_that_no_engine_takes_do_not_keep_an_entry_out(database: Database) -> None:
    look(database, "4\x002", actor=Actor(1, "a\x00b", "10.\n1"))
    with database.read() as session:
        [entry] = search(session, AuditFilter())
    assert (entry.subject, entry.actor_login, entry.address) == ("42", "ab", "10.1")
    assert broken(database) is None


def test_details_keep_the_chain_whatever_they_hold(database: Database) -> None:
    details = {"rows": 12, "deep": {"b": [1, None, True], "a": "ў'\"ф"}, "ratio": 0.1, "of": {"b", "a"}, "when": NOW}
    with database.begin() as session:
        record(session, SYSTEM, Entry(AuditKind.EXPORT, "exports", details=details), NOW)
    assert broken(database) is None
