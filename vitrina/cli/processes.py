"""Child processes that never outlive the command that started them, and ports that nobody else has."""

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


def end_on_signals() -> None:
    """Make SIGINT and SIGTERM end this process as Ctrl-C does, children included, even when it was started in the
    background by a shell that hands its jobs an ignored SIGINT."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)


def free_port(preferred: int) -> int:
    """The preferred port, or the next one of the following hundred that is free on this machine."""
    for port in range(preferred, preferred + 100):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port between {preferred} and {preferred + 99}")


@contextmanager
def child(command: Sequence[str], log: Path | None, env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process for the length of the block; its output goes to `log`, or to the terminal where there is none.

    The kernel ends it when this process dies, whatever the reason, so that nothing is left behind.
    """
    with ExitStack() as stack:
        streams: dict[str, Any] = {}
        if log is not None:
            log.parent.mkdir(parents=True, exist_ok=True)
            streams = {"stdout": stack.enter_context(log.open("ab")), "stderr": subprocess.STDOUT}
        process = subprocess.Popen(command, env={**os.environ, **env}, preexec_fn=_die_with_parent, **streams)
    try:
        yield process
    finally:
        _stop(process)


def wait_for_port(port: int, process: subprocess.Popen[bytes], seconds: float = 60) -> bool:
    """True as soon as something listens; False when the process ended or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    return False


def _die_with_parent() -> None:
    os.setpgrp()
    # A signal that whoever started us ignores or holds back would be ignored by the child as well.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, signal.SIGTERM))
    if hasattr(ctypes.CDLL(None), "prctl"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(process: subprocess.Popen[bytes]) -> None:
    # SIGINT first: Dagster's development server ignores SIGTERM.
    for number, patience in ((signal.SIGINT, 5), (signal.SIGTERM, 3), (signal.SIGKILL, 3)):
        if process.poll() is not None:
            return
        try:
            os.killpg(process.pid, number)
            process.wait(patience)
        except (subprocess.TimeoutExpired, ProcessLookupError):
            continue
