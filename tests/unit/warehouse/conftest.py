"""A fresh build and a place to publish it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from snapshot_builds import AS_OF, CATALOGUE, NOW, make_build

from vitrina.warehouse.publish import Published, PublishRequest, publish


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """Path of a fresh build."""
    return make_build(tmp_path / "build" / "build.duckdb")


@pytest.fixture
def published_dir(tmp_path: Path) -> Path:
    """Where the tests publish; does not exist yet."""
    return tmp_path / "published"


Publisher = Callable[..., Published]


@pytest.fixture
def publish_build(build: Path, published_dir: Path) -> Publisher:
    """Publish the build; keyword arguments go to the request."""

    def run(**options: object) -> Published:
        request = PublishRequest(**{"as_of": AS_OF, "now": NOW, **options})
        return publish(build, published_dir, request, CATALOGUE)

    return run
