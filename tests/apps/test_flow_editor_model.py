"""What the flow editor's browser side does to a flow, by its own tests in node."""

import shutil
import subprocess

import pytest

from apps.components.flow_editor import HERE


def test_flows_stay_sound_in_the_editor() -> None:
    if shutil.which("node") is None or not (HERE / "node_modules").exists():
        pytest.skip("node or the editor's packages are not installed here (make setup)")
    done = subprocess.run(
        ["node", "--test", "tests/"], cwd=HERE, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert "pass 7" in done.stdout
