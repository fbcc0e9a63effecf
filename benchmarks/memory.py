"""Peak resident memory of a command, its children included."""

import subprocess
import threading
import time
from collections.abc import Mapping, Sequence

import psutil


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


def _watch(process: subprocess.Popen[str], peak: list[int]) -> None:
    root = psutil.Process(process.pid)
    while process.poll() is None:
        try:
            members = [root, *root.children(recursive=True)]
            peak[0] = max(peak[0], sum(member.memory_info().rss for member in members))
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.05)
