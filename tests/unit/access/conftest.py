"""One published snapshot of every mart for all tests of the gate, and a gate whose audit log is a list."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.unit.access.contract_operator import Row, publish_contract_operator
from vitrina.access.gate import Access, Gate, Limits

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
SECRET = b"a secret of the tests"


@dataclass(frozen=True)
class Snapshot:
    """Where it is published, and its rows by table."""

    published: Path
    raw: dict[str, list[Row]]


@pytest.fixture(scope="session")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Every mart of the contracts, published."""
    published = tmp_path_factory.mktemp("gate") / "published"
    return Snapshot(published, publish_contract_operator(published))


class Log(list[Access]):
    """An audit log that can be out of order."""

    broken = False

    def __call__(self, access: Access) -> None:
        if self.broken:
            raise OSError("the audit log cannot be written")
        self.append(access)


@pytest.fixture
def log() -> Log:
    """What the gate told."""
    return Log()


class Clock:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Stands still until it is moved."""
    return Clock()


@pytest.fixture
def open_gate(snapshot: Snapshot, log: Log, clock: Clock) -> Iterator[Callable[..., Gate]]:
    """Opens gates on the snapshot, with the limits given."""
    opened: list[Gate] = []

    def open_one(limits: Limits | None = None) -> Gate:
        opened.append(Gate.open(snapshot.published, log, SECRET, clock, limits=limits))
        return opened[-1]

    yield open_one
    for gate in opened:
        gate.close()


@pytest.fixture
def gate(open_gate: Callable[..., Gate]) -> Gate:
    """A gate with the limits of every day, but for looks, of which the tests take many."""
    return open_gate(Limits(looks=1_000_000))
