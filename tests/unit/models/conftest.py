"""The made-up customers, once for all tests of models."""

import polars as pl
import pytest
from churn_world import world


@pytest.fixture(scope="session")
def customers() -> pl.DataFrame:
    """Customers whose leaving is known."""
    return world()
