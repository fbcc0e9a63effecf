"""A gate over the small operator of the workspace's tests, in a home of its own, and people with other rights."""

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.unit.access.people import person
from vitrina.access.gate import Access, Gate, GatedReader, Purpose
from vitrina.access.rights import COLUMN_CLASSES, Mask, Scope

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def home(small_published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small operator published."""
    folder = tmp_path_factory.mktemp("lists_home")
    shutil.copytree(small_published, folder / "published")
    return folder


@pytest.fixture(scope="module")
def log() -> list[Access]:
    """What the gate told the audit log."""
    return []


@pytest.fixture(scope="module")
def gate(home: Path, log: list[Access]) -> Iterator[Gate]:
    """The gate of the home."""
    opened = Gate.open(home / "published", log.append, b"a secret of the tests", lambda: NOW)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def reader(gate: Gate) -> Callable[..., GatedReader]:
    """Readers of people who see customers as far as a scope reaches, with every class under one mask or as given."""

    def one(scope: Scope = Scope.ALL, mask: Mask = Mask.PARTIAL, **masks: Mask) -> GatedReader:
        grants = {(subject, "view"): scope for subject in ("customers", "services", "contacts")}
        covered = {**dict.fromkeys(COLUMN_CLASSES - {"open"}, mask), **masks}
        return gate.reader(person(grants, covered), Purpose.PAGE, "127.0.0.1", "lists")

    return one
