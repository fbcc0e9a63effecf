"""Peak resident memory: of a command with its children, or of this process while it does something."""

import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import psutil

Answer = TypeVar("Answer")


def peak_of(command: Sequence[str], env: Mapping[str, str] | None = None) -> tuple[float, str]:
    """Run a command to its end; returns its peak memory in GB and its output. Raises when it fails."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env)
    peak = [0]
    watcher = threading.Thread(target=_watch, args=(process, peak), daemon=True)
    watcher.start()
    output, _ = process.communicate()
    watcher.join(2)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output)
    return peak[0] / 1e9, output


def measured(action: Callable[[], Answer]) -> tuple[float, float, Answer]:
    """Seconds, peak resident memory of this process in GB, and the answer."""
    process, done, peak = psutil.Process(), threading.Event(), [0]

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    started = time.perf_counter()
    try:
        answer = action()
    finally:
        done.set()
        watcher.join()
    return time.perf_counter() - started, peak[0] / 1e9, answer


def _watch(process: subprocess.Popen[str], peak: list[int]) -> None:
    root = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            members = [root, *root.children(recursive=True)]
            peak[0] = max(peak[0], sum(member.memory_info().rss for member in members))
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.05)
