"""The operator that whole-pipeline tests share."""

import os
from pathlib import Path

import pytest

from tests.integration.whole_operator import made_once


@pytest.fixture(scope="session")
def operator_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Home of an operator that was simulated and run once to a published snapshot. Read only: copy it to change it."""
    base = tmp_path_factory.getbasetemp()
    # Under xdist every worker has a folder of its own below one that they share.
    return made_once(base.parent if "PYTEST_XDIST_WORKER" in os.environ else base, "operator_home")
