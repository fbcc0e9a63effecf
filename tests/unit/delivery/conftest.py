"""A fresh operational database per test, and an event loop in a thread for peers that speak real protocols."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from crm.database import Database, open_database
from crm.start import prepare
from tests.delivery_desk import NOW

Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture(scope="session")
def delivery_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    path = tmp_path_factory.mktemp("delivery_template") / "crm.sqlite"
    prepare(f"sqlite:///{path}", NOW).close()
    return path


@pytest.fixture
def crm_url(tmp_path: Path, delivery_template: Path) -> str:
    """Address of a database of this release, empty but for the delivered roles."""
    path = tmp_path / "crm.sqlite"
    path.write_bytes(delivery_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture
def database(crm_url: str) -> Iterator[Database]:
    """The open database."""
    opened = open_database(crm_url)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def in_loop() -> Iterator[Run]:
    """Runs a coroutine in a loop of another thread, where peers serve while the test sends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield lambda coroutine: asyncio.run_coroutine_threadsafe(coroutine, loop).result(20)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
