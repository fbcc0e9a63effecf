"""What all test processes of a session share."""

import os
from pathlib import Path

import pytest

from tests.made_once import made_once


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of a session share; under xdist each has one of its own below it."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def small_published(shared_folder: Path) -> Path:
    """The small operator, published. Read only: copy it to change it."""
    from tests.apps.small_operator import publish_small_operator

    return made_once(shared_folder, "small_operator", publish_small_operator)
