"""A small source of our own, described by YAML alone, and a clock that the tests move."""

from pathlib import Path

import pytest
from ingest_shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    """An empty home with one enabled source, `shop`."""
    return Shop(tmp_path)
