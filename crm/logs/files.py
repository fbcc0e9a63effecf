"""A log file of JSON lines that several processes may write: closed by size and by day, kept as gzip."""

import datetime as dt
import fcntl
import gzip
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Clock = Callable[[], dt.datetime]


class JsonLinesFile(logging.Handler):
    """Appends a line per record to `<folder>/<name>.jsonl`; full or past files go to `<folder>/archive`.

    Writers hold a shared lock for a line, who rotates an exclusive one, so that no line ever lands in a file that is
    being archived. Days are those of UTC.
    """

    def __init__(self, folder: Path, name: str, max_bytes: int, keep_days: int, clock: Clock) -> None:
        super().__init__()
        self._path, self._archive = folder / f"{name}.jsonl", folder / "archive"
        self._lock_path = folder / f".{name}.lock"
        self._max_bytes, self._keep_days, self._clock = max_bytes, keep_days, clock
        self._archive.mkdir(parents=True, exist_ok=True)
        self._file: int | None = None
        compress_archive(self._archive, keep_days, clock())

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record; what goes wrong is told by `handleError`, never to who logs."""
        try:
            line = (self.format(record) + "\n").encode("utf-8", "replace")
            if self._is_over(len(line)):
                self._rotate(len(line))
            with _locked(self._lock_path, fcntl.LOCK_SH):
                os.write(self._open(), line)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Close the file; the next record opens it again."""
        with self.lock or threading.RLock():
            if self._file is not None:
                os.close(self._file)
                self._file = None
        super().close()

    def _open(self) -> int:
        """The descriptor of the present file: another process may have put a new one in its place."""
        if self._file is not None and not _is_same(self._file, self._path):
            os.close(self._file)
            self._file = None
        if self._file is None:
            # Logs are for those who run the server.
            self._file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
        return self._file

    def _is_over(self, coming: int) -> bool:
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return False
        written = dt.datetime.fromtimestamp(status.st_mtime, dt.UTC).date()
        return status.st_size > 0 and (status.st_size + coming > self._max_bytes or written != self._clock().date())

    def _rotate(self, coming: int) -> None:
        with _locked(self._lock_path, fcntl.LOCK_EX):
            if not self._is_over(coming):
                return
            written = dt.datetime.fromtimestamp(self._path.stat().st_mtime, dt.UTC)
            for number in range(1, 100_000):
                target = self._archive / f"{self._path.stem}-{written:%Y-%m-%d}-{number:03d}.jsonl"
                if not target.exists() and not target.with_suffix(".jsonl.gz").exists():
                    self._path.rename(target)
                    break
        # Compressing takes about a second for a full file: not at the expense of who happens to log now.
        arguments = (self._archive, self._keep_days, self._clock())
        threading.Thread(target=compress_archive, args=arguments, daemon=True).start()


def compress_archive(folder: Path, keep_days: int, now: dt.datetime) -> None:
    """Make gzip files of the closed logs of a folder, and remove those older than `keep_days`.

    Does nothing while another process is at it. A file that a killed process left half compressed is done anew.
    """
    try:
        with _locked(folder / ".lock", fcntl.LOCK_EX | fcntl.LOCK_NB):
            for path in sorted(folder.glob("*.jsonl")):
                _compress(path)
            oldest = now - dt.timedelta(days=keep_days)
            for path in folder.glob("*.jsonl.gz"):
                if dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC) < oldest:
                    path.unlink()
    except BlockingIOError:
        return


def _compress(path: Path) -> None:
    temporary, target = path.with_suffix(".tmp"), path.with_suffix(".jsonl.gz")
    status = path.stat()
    with path.open("rb") as source, gzip.open(temporary, "wb", compresslevel=6) as sink:
        shutil.copyfileobj(source, sink, 1024 * 1024)
    # The age of an archive is that of its last line.
    os.utime(temporary, (status.st_atime, status.st_mtime))
    temporary.rename(target)
    path.unlink()


def _is_same(descriptor: int, path: Path) -> bool:
    try:
        found, ours = path.stat(), os.fstat(descriptor)
    except FileNotFoundError:
        return False
    return (found.st_dev, found.st_ino) == (ours.st_dev, ours.st_ino)


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[None]:
    with path.open("a") as handle:
        fcntl.flock(handle, kind)
        yield
