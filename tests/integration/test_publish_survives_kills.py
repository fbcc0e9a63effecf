"""The crash harness of the benchmarks, short: kill -9 in mid-publish must never be seen by a reader."""

import json
import subprocess
import sys

import pytest

from vitrina.settings import REPOSITORY


@pytest.mark.slow
def test_readers_see_whole_snapshots_while_the_publisher_is_killed_again_and_again():
    command = [sys.executable, "-m", "benchmarks.crash_publish", "--seconds", "6", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, timeout=120, check=False)
    outcome = json.loads(done.stdout or "{}")
    assert done.returncode == 0, (outcome, done.stderr[-2000:])
    assert outcome["kills"] >= 3
    assert outcome["kills_in_mid_write"] >= 1
    assert outcome["reads"] >= 20
