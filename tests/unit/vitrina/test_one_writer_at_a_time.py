"""The run lock: one holder, a refusal that says who, and no lock that outlives its holder."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from vitrina.runlock import AnotherRunIsAtWork, run_lock

HOLDER = """
import sys, time
from pathlib import Path
from vitrina.runlock import run_lock
with run_lock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def _holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "held"
    return process


def test_a_second_run_is_refused_and_told_whose_process_is_at_work(tmp_path: Path) -> None:
    path = tmp_path / "state" / "run.lock"
    process = _holder(path)
    try:
        with pytest.raises(AnotherRunIsAtWork) as refusal, run_lock(path):
            pytest.fail("two runs hold one lock")
        assert refusal.value.pid == process.pid
        assert str(process.pid) in str(refusal.value)
    finally:
        process.kill()
        process.wait()


def test_the_lock_of_a_killed_run_is_free_at_once(tmp_path: Path) -> None:
    path = tmp_path / "state" / "run.lock"
    process = _holder(path)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with run_lock(path):
        assert str(os.getpid()) in path.read_text()


def test_the_lock_can_be_taken_again_after_release(tmp_path: Path) -> None:
    path = tmp_path / "run.lock"
    for _ in range(3):
        with run_lock(path):
            time.sleep(0)
