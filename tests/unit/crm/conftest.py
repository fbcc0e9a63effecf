"""A fresh operational database per test, on SQLite and on a real PostgreSQL server: the same tests on both."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from as_delivered import AsDelivered
from crm_people import NOW
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from crm.database import Database, open_database
from crm.services import passwords
from crm.start import prepare
from tests.integration.postgres_server import running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server."""
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_as_delivered(postgres: str) -> Iterator[AsDelivered]:
    """A migrated database of the server, which every test finds as it was at first."""
    administer(postgres, "CREATE DATABASE tests")
    address = database_url(postgres, "tests")
    prepare(address, NOW).close()
    made = AsDelivered(address)
    yield made
    made.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("crm_template") / "crm.sqlite"
    prepare(f"sqlite:///{path}", NOW).close()
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database of this release with the delivered roles."""
    if request.param == "sqlite":
        path = tmp_path / "crm.sqlite"
        path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
        yield f"sqlite:///{path}"
        return
    made = request.getfixturevalue("postgres_as_delivered")
    made.restore()
    yield made.url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'state' / 'crm.sqlite'}"
        return
    server, name = request.getfixturevalue("postgres"), f"test_{uuid.uuid4().hex}"
    administer(server, f"CREATE DATABASE {name}")
    # Not dropped: the whole server goes when the tests are over.
    yield database_url(server, name)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """The open database."""
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2id as in the product, with parameters that cost a test nothing."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    passwords._nobodys_hash.cache_clear()


def administer(url: str, statement: str) -> None:
    """Run a statement on the server outside a transaction."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def database_url(url: str, name: str) -> str:
    """The same server, another database."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)
