"""The operator that whole-pipeline tests share, its marts, and a second computation of them."""

import os
from pathlib import Path

import polars as pl
import pytest

from tests.integration.independent.billing import Sources
from tests.integration.independent.profile import Profiles
from tests.integration.published_marts import Marts
from tests.integration.whole_operator import made_once, reader, simulate_and_run


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of a session share; under xdist each has one of its own below it."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def operator_home(shared_folder: Path) -> Path:
    """Home of an operator that was simulated and run once to a published snapshot. Read only: copy it to change it."""
    return made_once(shared_folder, "operator_home", simulate_and_run)


@pytest.fixture(scope="session")
def marts(operator_home: Path) -> Marts:
    """Reads a published mart whole."""
    return Marts(reader(operator_home))


@pytest.fixture(scope="session")
def sources(operator_home: Path) -> Sources:
    """The sources of the same home, read without the product."""
    return Sources(operator_home)


@pytest.fixture(scope="session")
def profiles(sources: Sources, marts: Marts) -> Profiles:
    """The second computation, given which billing records are one customer."""
    records = marts("customer_identities").filter(pl.col("source") == "foris")
    owners = dict(records.select(pl.col("source_id").cast(pl.Int64), "customer_id").iter_rows())
    return Profiles(sources, owners)
