"""The operator that whole-pipeline tests share, its marts, and a second computation of them."""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.integration.independent.billing import Sources
from tests.integration.independent.profile import Profiles
from tests.integration.operator_states import LATER, go_on, offer_again_without_portal, rebuild
from tests.integration.published_marts import Marts
from tests.integration.whole_operator import reader, run, simulate_and_run
from tests.made_once import made_once


@pytest.fixture(scope="session")
def operator_home(shared_folder: Path) -> Path:
    """Home of an operator that was simulated and run once to a published snapshot. Read only: copy it to change it."""
    return made_once(shared_folder, "operator_home", simulate_and_run)


@pytest.fixture(scope="session")
def home_of(shared_folder: Path) -> Callable[..., Path]:
    """Makes a named state of the operator from another one, once in a session."""

    def make(name: str, start: Path, change: Callable[[Path], object]) -> Path:
        def build(home: Path) -> None:
            shutil.copytree(start, home)
            change(home)

        return made_once(shared_folder, name, build)

    return make


@pytest.fixture(scope="session")
def offered_again(operator_home: Path, home_of: Callable[..., Path]) -> Path:
    """The operator after a second run that brought old files under new names while the tax portal was down."""
    return home_of("offered_again", operator_home, offer_again_without_portal)


@pytest.fixture(scope="session")
def ahead(operator_home: Path, home_of: Callable[..., Path]) -> Path:
    """The sources two days later, with some late rows; not run yet."""
    return home_of("ahead", operator_home, go_on)


@pytest.fixture(scope="session")
def later(ahead: Path, home_of: Callable[..., Path]) -> Path:
    """The operator after the run of the two new days: the delta."""
    return home_of("later", ahead, lambda home: run(home, LATER))


@pytest.fixture(scope="session")
def rebuilt(later: Path, home_of: Callable[..., Path]) -> Path:
    """The same deliveries, with everything behind them built from nothing."""
    return home_of("rebuilt", later, rebuild)


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
