"""Processes of the demo: nothing outlives it, and two demos take different ports and folders."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from vitrina.cli.demo import claimed
from vitrina.cli.processes import child, free_port, wait_for_port

# The parent ignores what the kernel ends the child with, as a shell may have told it to.
PARENT = """
import signal, sys, time
from pathlib import Path
from vitrina.cli.processes import child
signal.signal(signal.SIGTERM, signal.SIG_IGN)
with child([sys.executable, "-c", "import time; time.sleep(120)"], Path(sys.argv[1]), {}) as process:
    print(process.pid, flush=True)
    time.sleep(120)
"""


def _gone(process: psutil.Process, seconds: float = 10) -> bool:
    """Whether this very process ends; another may get its number at once."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.05)
    return False


def test_a_child_ends_with_the_block(tmp_path: Path) -> None:
    with child([sys.executable, "-c", "import time; time.sleep(120)"], tmp_path / "log", {}) as process:
        assert process.poll() is None
        watched = psutil.Process(process.pid)
    assert _gone(watched)


def test_a_child_ends_even_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    watched = psutil.Process(int(parent.stdout.readline()))
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert _gone(watched)


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) > port


def test_waiting_for_a_server_that_died_ends_at_once(tmp_path: Path) -> None:
    with child([sys.executable, "-c", "raise SystemExit(3)"], tmp_path / "log", {}) as process:
        started = time.monotonic()
        assert not wait_for_port(free_port(18500), process, seconds=30)
        assert time.monotonic() - started < 20


def test_two_demos_take_different_folders(tmp_path: Path) -> None:
    with claimed(tmp_path / "demo") as first, claimed(tmp_path / "demo") as second:
        assert first.name == "demo"
        assert second.name == "demo-2"
    with claimed(tmp_path / "demo") as again:
        assert again == first
