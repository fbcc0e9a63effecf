"""Tables come from migrations, transactions are whole, and what cannot be opened is told in a sentence."""

import threading

import pytest
from crm_people import NOW, SYSTEM, add_user
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from crm.database import Database, open_database
from crm.errors import CrmError
from crm.models import Base, MatrixVersion, User
from crm.services import matrix
from crm.services.audit import AuditKind, Entry, record
from crm.services.audit_log import head
from crm.start import prepare


def test_migrations_make_exactly_the_tables_of_the_models(empty_url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    database = prepare(empty_url, NOW)
    with database.read() as session:
        context = MigrationContext.configure(session.connection(), opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    database.close()


def test_migrations_can_be_taken_back_and_run_again(empty_url: str) -> None:
    database = prepare(empty_url, NOW)
    database.downgrade("base")
    with database.read() as session:
        assert set(inspect(session.connection()).get_table_names()) <= {"alembic_version"}
    database.upgrade()
    database.check()
    database.close()


def test_several_starts_at_once_upgrade_once(empty_url: str) -> None:
    errors: list[Exception] = []

    def start() -> None:
        try:
            prepare(empty_url, NOW).close()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert errors == []
    database = open_database(empty_url)
    with database.read() as session:
        assert list(session.scalars(select(MatrixVersion.version))) == [1]
    database.close()


def test_a_database_of_another_release_is_told_and_not_used(empty_url: str) -> None:
    database = open_database(empty_url)
    with pytest.raises(CrmError, match="vitrina crm upgrade"):
        database.check()
    database.close()


def test_a_block_that_raises_leaves_nothing_not_even_an_audit_entry(database: Database) -> None:
    def fail_late() -> None:
        with database.begin() as session:
            session.add(User(login="ghost", display_name="Ghost", provider="ldap", subject="1", created_at=NOW))
            record(session, SYSTEM, Entry(AuditKind.DATA_CHANGED, "users"), NOW)
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_late()
    with database.read() as session:
        assert session.scalar(select(User.login)) is None
        assert head(session).seq == 0


def test_what_a_reading_session_changes_is_given_up(database: Database) -> None:
    user = add_user(database, "reader")
    with database.read() as session:
        row = session.get_one(User, user.user_id)
        row.display_name = "Changed"
    with database.read() as session:
        assert session.get_one(User, user.user_id).display_name == user.display_name


def test_a_reader_keeps_one_state_while_others_write(database: Database) -> None:
    with database.read() as session:
        before = session.scalar(select(MatrixVersion.version))
        add_user(database, "newcomer")
        assert session.scalar(select(User.login)) is None
        assert session.scalar(select(MatrixVersion.version)) == before
    with database.read() as session:
        assert session.scalar(select(User.login)) == "newcomer"


def test_moments_come_back_in_utc_and_naive_ones_are_refused(database: Database) -> None:
    user = add_user(database, "clock")
    with database.read() as session:
        assert session.get_one(User, user.user_id).created_at == NOW
        assert session.get_one(User, user.user_id).created_at.utcoffset() == NOW.utcoffset()
        with pytest.raises(Exception, match="without a time zone"):
            session.scalar(select(User).where(User.created_at == NOW.replace(tzinfo=None)))


def test_error_texts_never_hold_the_values_of_a_statement(database: Database) -> None:
    secret = "value-nobody-may-read"
    with pytest.raises(DBAPIError) as failed, database.begin() as session:
        session.execute(text("INSERT INTO users (login) VALUES (:value)"), {"value": secret})
    assert secret not in str(failed.value)


@pytest.mark.parametrize("url", ["mysql://host/base", "sqlite://", "not an address", "postgresql://host/base"])
def test_only_sqlite_files_and_postgresql_are_taken(url: str) -> None:
    with pytest.raises(CrmError, match="must be SQLite or PostgreSQL"):
        open_database(url)


def test_a_server_that_is_not_there_is_told_in_one_sentence() -> None:
    with pytest.raises(CrmError, match="does not answer"):
        open_database("postgresql+psycopg://nobody@127.0.0.1:9/none?connect_timeout=2").upgrade()


def test_a_second_start_changes_nothing(database: Database, url: str) -> None:
    prepare(url, NOW).close()
    with database.read() as session:
        assert [each.version for each in matrix.versions(session)] == [1]
        assert matrix.versions(session)[0].actor_login == "installation"
    with database.begin() as session:
        assert not matrix.install(session, SYSTEM, NOW)
