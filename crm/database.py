"""The operational database: SQLite (WAL) or PostgreSQL, told by one address.

Writers are one at a time on SQLite (BEGIN IMMEDIATE, so that no transaction finds out at its end that it came second);
readers never wait for them. Deliberately not here: what the tables mean.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session

from crm.errors import CrmError

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_HOOKS = "before_commit"
# Numbers of PostgreSQL's advisory locks, all of them in one place so that no two are the same.
_UPGRADE_LOCK, AUDIT_CHAIN, ADMINISTRATORS, ROLE_MATRIX = 4_812_001, 4_812_002, 4_812_003, 4_812_004
SEGMENT_KEYS, SEGMENT_GRAPH = 4_812_005, 4_812_006
RULE_KEYS, SIGNAL_DAYS, DIGESTS = 4_812_007, 4_812_008, 4_812_009
PERFORMANCE_PLANS = 4_812_020
CAMPAIGN_KEYS, CAMPAIGN_BUDGETS, CAMPAIGN_ROUTES, TEMPLATE_KEYS = 4_812_041, 4_812_042, 4_812_043, 4_812_044
OUTBOX_DECISIONS = 4_812_030
_BUSY_SECONDS = 30


class Database:
    """Sessions in a transaction, for writing or for reading; safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._write = engine.execution_options(writes=True)
        consistent = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self._read = engine.execution_options(**consistent) if self.dialect == "postgresql" else engine

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._engine.dialect.name

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """A session whose changes are committed together at the end of the block, or not at all when it raises."""
        with Session(self._write, expire_on_commit=False) as session, session.begin():
            yield session
            session.flush()
            for hook in _in_order(session):
                hook(session)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session on one consistent state that waits for nobody; what it changes is given up."""
        with Session(self._read, expire_on_commit=False) as session:
            yield session

    def upgrade(self, revision: str = "head") -> None:
        """Bring the tables to this release. Of several processes that start at once one works, the others wait."""
        with self._upgrading() as connection:
            self._alembic("upgrade", connection, revision)

    def downgrade(self, revision: str) -> None:
        """Take migrations back to a revision (`base` is the empty database)."""
        with self._upgrading() as connection:
            self._alembic("downgrade", connection, revision)

    def check(self) -> None:
        """Raises `CrmError` when the database does not answer, or holds another release's tables."""
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory

        try:
            with self._engine.connect() as connection:
                found = MigrationContext.configure(connection).get_current_revision()
        except OperationalError as error:
            raise CrmError("database_unreachable", reason=type(error.orig).__name__) from None
        if found != ScriptDirectory(str(MIGRATIONS)).get_current_head():
            raise CrmError("database_behind")

    def close(self) -> None:
        """Close pooled connections."""
        self._engine.dispose()

    def _alembic(self, command: str, connection: Connection, revision: str) -> None:
        from alembic import command as commands
        from alembic.config import Config

        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        getattr(commands, command)(config, revision)

    @contextmanager
    def _upgrading(self) -> Iterator[Connection]:
        try:
            with _file_lock(self._engine.url), self._write.connect() as connection, connection.begin():
                if self.dialect == "postgresql":
                    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
                yield connection
        except OperationalError as error:
            raise CrmError("database_unreachable", reason=type(error.orig).__name__) from None


def open_database(url: str) -> Database:
    """The database at an SQLAlchemy address (``sqlite:///…`` or ``postgresql+psycopg://…``); makes a missing folder.

    Raises `CrmError` for any other kind of address. Opens no connection yet.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise CrmError("database_unsafe_url") from None
    if address.get_backend_name() == "sqlite" and address.database:
        return Database(_sqlite(address))
    if address.drivername == "postgresql+psycopg":
        return Database(_postgresql(address))
    raise CrmError("database_unsafe_url")


def before_commit(session: Session, name: str, order: int, hook: Callable[[Session], None]) -> None:
    """Run `hook` once at the end of the session's transaction; a second one of the same name is ignored.

    For locks that all writers share (the audit chain, the rights counter): taken last and in one order, they
    are held shortly and never in a circle.
    """
    session.info.setdefault(_HOOKS, {}).setdefault(name, (order, hook))


def one_at_a_time(session: Session, lock: int) -> None:
    """Until its end, this transaction is the only one with the lock; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": lock})


def _in_order(session: Session) -> list[Callable[[Session], None]]:
    hooks = session.info.pop(_HOOKS, {})
    return [hook for _, hook in sorted(hooks.values(), key=lambda entry: entry[0])]


def _postgresql(url: URL) -> Engine:
    engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=5, max_overflow=15)
    event.listen(engine, "handle_error", _without_values)
    return engine


def _without_values(context: ExceptionContext) -> None:
    """Parameters of a failing statement are hashes and names: the server's "Failing row contains …" is taken out of the
    error, as `hide_parameters` takes out SQLAlchemy's own."""
    diagnosis = getattr(context.original_exception, "diag", None)
    if diagnosis is None or not diagnosis.message_detail:
        return
    context.original_exception.args = (diagnosis.message_primary,)
    if context.sqlalchemy_exception is not None:
        kind = type(context.original_exception).__name__
        context.sqlalchemy_exception.args = (f"({kind}) {diagnosis.message_primary}",)


def _sqlite(url: URL) -> Engine:
    path = Path(str(url.database))
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_connection(connection: Any, _record: object) -> None:
    # The driver's own BEGIN comes too late (not before a SELECT): `_begin` says it instead.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")
    # SQLite's own knows Latin letters alone: searches would not find «Акция» by «акция».
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def _file_lock(url: URL) -> Iterator[None]:
    """Waits for other processes that migrate the same SQLite file; nothing for a server."""
    if url.get_backend_name() != "sqlite":
        yield
        return
    with Path(f"{url.database}.upgrade").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
