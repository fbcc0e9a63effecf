"""What a sender is doing with the peer right now, written before it is done: when the sender is killed, the next one
reads here which messages were touched and what the peer had answered.

Every line is one write of the system, so it outlives the process, though not the machine: after a restart of the
machine only what stands here is believed, not what is missing.
"""

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crm.delivery.channels import Accepted, Outcome, Rejected

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_SUFFIX = ".journal"


class Journal:
    """The journal of one worker; its lock on the file tells that it lives."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        host = "".join(sign for sign in socket.gethostname() if sign.isalnum() or sign == "-")[:32]
        self.worker = f"{name}-{host}-{os.getpid()}-{secrets.token_hex(4)}"
        self._path = folder / f"{self.worker}{_SUFFIX}"
        # Locked under another name first: nobody may find it unlocked and take its worker for dead.
        fresh = folder / f".{self.worker}.new"
        self._handle = os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        self._begin()
        fresh.rename(self._path)

    def touching(self, message_id: int) -> None:
        """The next byte to the peer may be this message's."""
        os.write(self._handle, b"T %d\n" % message_id)

    def noted(self, outcome: Outcome) -> None:
        """The peer's answer, before it is in the database."""
        if isinstance(outcome, Accepted):
            line = f"A {outcome.message_id} {json.dumps([outcome.is_delivered, *outcome.provider_ids])}\n"
        else:
            said = [outcome.code, outcome.text, outcome.permanent, outcome.seconds]
            said += [outcome.is_throttled, outcome.is_blocked]
            line = f"R {outcome.message_id} {json.dumps(said)}\n"
        os.write(self._handle, line.encode())

    def clear(self) -> None:
        """Everything is in the database."""
        os.ftruncate(self._handle, 0)
        self._begin()

    def close(self) -> None:
        """The worker ends orderly, with nothing in its hands."""
        self._path.unlink(missing_ok=True)
        os.close(self._handle)

    def abandon(self) -> None:
        """The worker ends, and what it had in its hands is settled from this journal."""
        os.close(self._handle)

    def _begin(self) -> None:
        os.write(self._handle, f"B {boot_id()}\n".encode())


@dataclass(frozen=True)
class Left:
    """What a dead worker left. `is_whole`: nothing can be missing, so what is not `touched` was not sent."""

    worker: str
    is_whole: bool
    touched: frozenset[int]
    outcomes: dict[int, Outcome]


def boot_id() -> str:
    """Tells one start of the machine from the next; a name that never comes again where the system has none."""
    return _BOOT.read_text().strip() if _BOOT.exists() else secrets.token_hex(16)


def left_behind(folder: Path) -> Iterator[Left]:
    """Journals of workers of this machine that are dead. Each is removed when the caller asks for the next one."""
    for path in _journals(folder):
        with _unlocked(path) as handle:
            if handle is not None:
                yield _read(path.name.removesuffix(_SUFFIX), handle.read())
                path.unlink(missing_ok=True)


def living(folder: Path) -> frozenset[str]:
    """Workers of this machine that are alive."""
    found = set()
    for path in _journals(folder):
        with _unlocked(path) as handle:
            if handle is None and path.exists():
                found.add(path.name.removesuffix(_SUFFIX))
    return frozenset(found)


def _journals(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{_SUFFIX}")) if folder.is_dir() else []


@contextmanager
def _unlocked(path: Path) -> Iterator[BinaryIO | None]:
    """The journal, locked for us; None while its worker has it, or when somebody else has settled it meanwhile."""
    with ExitStack() as stack:
        try:
            handle = stack.enter_context(path.open("rb"))
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (FileNotFoundError, BlockingIOError):
            yield None
            return
        yield handle


def _read(worker: str, content: bytes) -> Left:
    """A line without its end was not written whole: what it was to announce had not begun."""
    touched: set[int] = set()
    outcomes: dict[int, Outcome] = {}
    is_whole = False
    for line in content.decode(errors="replace").split("\n")[:-1]:
        kind, _, rest = line.partition(" ")
        if kind == "B":
            is_whole = rest == boot_id()
        elif kind == "T":
            touched.add(int(rest))
        elif kind in ("A", "R"):
            number, _, said = rest.partition(" ")
            outcomes[int(number)] = _outcome(kind, int(number), json.loads(said))
    return Left(worker, is_whole, frozenset(touched), outcomes)


def _outcome(kind: str, message_id: int, said: list[object]) -> Outcome:
    if kind == "A":
        return Accepted(message_id, tuple(str(each) for each in said[1:]), bool(said[0]))
    code, text, permanent, seconds, is_throttled, is_blocked = said
    wait = float(str(seconds)) if seconds is not None else None
    return Rejected(message_id, str(code), str(text), bool(permanent), wait, bool(is_throttled), bool(is_blocked))
