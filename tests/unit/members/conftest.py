"""A home with the small operator published, as a copy for each test that computes segments in it."""

import shutil
from pathlib import Path

import pytest

from tests.apps.small_operator import publish_small_operator
from vitrina.settings import Settings


@pytest.fixture(scope="session")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small operator, published."""
    folder = tmp_path_factory.mktemp("members_home")
    publish_small_operator(folder / "published")
    return folder


@pytest.fixture
def settings(published_once: Path, tmp_path: Path) -> Settings:
    """A home of the test's own."""
    shutil.copytree(published_once, tmp_path / "home")
    return Settings(home=tmp_path / "home", memory_limit="500MB", threads=1)
