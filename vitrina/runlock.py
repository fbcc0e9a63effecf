"""One writer at a time: an advisory file lock that the kernel releases when its holder dies."""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AnotherRunIsAtWork(RuntimeError):
    """Some other process holds the lock. `pid` and `since` (seconds since the epoch) say which."""

    def __init__(self, path: Path, pid: int | None, since: float | None) -> None:
        self.path, self.pid, self.since = path, pid, since
        started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(since)) if since else "unknown"
        super().__init__(
            f"another run is at work in {path.parent.parent} (process {pid or 'unknown'}, since {started})"
        )


@contextmanager
def run_lock(path: Path) -> Iterator[None]:
    """Hold the lock file for the duration of the block.

    Raises `AnotherRunIsAtWork` at once when it is taken; never waits. The file stays after release:
    removing it would let two processes lock two different inodes of the same name.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherRunIsAtWork(path, *_holder(path)) from None
        handle.seek(0)
        handle.truncate()
        json.dump({"pid": os.getpid(), "since": time.time()}, handle)
        handle.flush()
        yield


def is_held(path: Path) -> bool:
    """Whether some process holds the lock now. It is tried for a moment, so do not ask where nothing depends on it."""
    if not path.exists():
        return False
    with path.open("r") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _holder(path: Path) -> tuple[int | None, float | None]:
    try:
        holder = json.loads(path.read_text())
        return holder["pid"], holder["since"]
    except (ValueError, KeyError, OSError):
        return None, None
