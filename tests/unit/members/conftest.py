"""A home with the small operator published, as a copy for each test that computes segments in it."""

import shutil
from pathlib import Path

import pytest

from vitrina.settings import Settings


@pytest.fixture
def settings(small_published: Path, tmp_path: Path) -> Settings:
    """A home of the test's own."""
    shutil.copytree(small_published, tmp_path / "home" / "published")
    return Settings(home=tmp_path / "home", memory_limit="500MB", threads=1)
