"""What the builder's browser side does to a definition, by its own tests in node."""

import shutil
import subprocess

import pytest

from apps.components.segment_builder import HERE


def test_definitions_pass_through_the_builder_without_loss() -> None:
    if shutil.which("node") is None or not (HERE / "node_modules").exists():
        pytest.skip("node or the builder's packages are not installed here (make setup)")
    done = subprocess.run(
        ["node", "--test", "tests/"], cwd=HERE, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "# pass 5" in done.stdout or "pass 5" in done.stdout
