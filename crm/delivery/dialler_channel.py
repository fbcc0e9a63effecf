"""Call registers: a file of calls for the dialler, and its files of results. Files appear whole or not at all; a result
is known by its message, attempt and outcome, so that a file that comes twice changes nothing."""

import csv
import datetime as dt
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from crm.delivery.channels import Accepted, Answer, ChannelDown, Outcome, Received, Rendered, Report, Touching
from crm.services.delivery.values import Medium, ReportState
from vitrina.channel_options import DiallerOptions

COLUMNS: Final = ("id", "phone", "language", "script", "attempts", "page")
RESULTS: Final = ("id", "attempt", "result", "at", "is_final", "comment")
# Of a call that reached the customer, and of one that did not.
REACHED: Final = frozenset({"yes", "no", "callback", "opt_out"})
MISSED: Final = frozenset({"no_answer", "busy", "switched_off", "wrong_number"})
_NAME = re.compile(r"[^A-Za-z0-9_-]+")


class DiallerChannel:
    """Two folders that the dialler shares with us."""

    name = Medium.CALL.value

    def __init__(self, options: DiallerOptions) -> None:
        self._options = options
        self._open: list[Path] = []

    def measure(self, message: Rendered) -> int:
        """One call. Raises `ValueError` without a script."""
        if not message.text:
            raise ValueError("a call needs a script")
        return 1

    def send(self, messages: Sequence[Rendered], touching: Touching) -> Iterator[Outcome]:
        """One file for every register among the messages."""
        folder = self._options.outgoing
        if folder is None:
            raise ChannelDown("there is no folder for the dialler", 300.0)
        registers: dict[str, list[Rendered]] = {}
        for message in messages:
            registers.setdefault(str(message.details.get("register", "calls")), []).append(message)
        for register, rows in registers.items():
            # The first number of its messages makes the name of a file that no other batch has.
            name = f"{_NAME.sub('_', register)[:60]}-{rows[0].message_id}-{rows[0].token[:8]}.csv"
            try:
                _write(folder, name, rows, touching)
            except OSError as error:
                raise ChannelDown(f"the dialler's folder: {type(error).__name__}", 60.0) from error
            for message in rows:
                yield Accepted(message.message_id, (f"{name}:{message.message_id}",))

    def poll(self, now: dt.datetime) -> Sequence[Received]:
        """The results of the oldest file. Rows that cannot be read are put beside it with the reason."""
        folder = self._options.incoming
        paths = sorted(folder.glob("*.csv")) if folder is not None and folder.is_dir() else []
        self._open = paths[:1]
        if not paths:
            return ()
        came, bad = _results(paths[0], now)
        if bad:
            _write_bad(paths[0], bad)
        if not came:
            self.settled(())
        return came

    def settled(self, received: Sequence[Received]) -> None:
        """The file is read."""
        for path in self._open:
            done = path.parent / "done"
            done.mkdir(exist_ok=True)
            path.replace(done / path.name)
        self._open = []

    def close(self) -> None:
        """Nothing is open."""


def _write(folder: Path, name: str, rows: Sequence[Rendered], touching: Touching) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in rows:
        attempts = int(row.details.get("attempts", 1))
        writer.writerow([row.token, row.address, row.language, _plain(row.text), attempts, row.page])
    hidden = folder / f".{name}.part"
    with hidden.open("w", encoding="utf-8-sig", newline="") as handle:
        handle.write(text.getvalue())
        handle.flush()
        os.fsync(handle.fileno())
    for row in rows:
        touching(row.message_id)
    hidden.replace(folder / name)


def _plain(text: str) -> str:
    """No spreadsheet takes a script for a formula."""
    return f"'{text}" if text[:1] in ("=", "@", "-", "+", "\t") else text


def _results(path: Path, now: dt.datetime) -> tuple[list[Received], list[tuple[int, str, str]]]:
    came: list[Received] = []
    bad: list[tuple[int, str, str]] = []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        for number, row in enumerate(csv.DictReader(handle), start=2):
            try:
                came += _result(row, now)
            except (ValueError, TypeError, AttributeError) as error:
                bad.append((number, str(row.get("id", "")), str(error)))
    return came, bad


def _result(row: Mapping[str, str], now: dt.datetime) -> list[Received]:
    token, result = row["id"].strip(), row["result"].strip().lower()
    attempt = int(row["attempt"])
    at = min(dt.datetime.fromisoformat(row["at"].strip()), now) if row.get("at") else now
    if at.tzinfo is None:
        raise ValueError("the time has no time zone")
    if not re.fullmatch(r"[A-Za-z0-9_-]{16,32}", token) or result not in REACHED | MISSED:
        raise ValueError("the id or the result is not known")
    number = f"{token}:{attempt}:{result}"
    if result in MISSED:
        is_over = result == "wrong_number" or row.get("is_final", "").strip() in ("1", "true", "yes")
        return [Report(number, ReportState.FAILED, at, token=token, code=result)] if is_over else []
    found: list[Received] = [Report(number, ReportState.DELIVERED, at, token=token, code=result)]
    comment = (row.get("comment") or "").strip()[:2000]
    if result == "yes":
        found.append(Answer(number, "yes", at, token=token, text=comment))
    if result == "opt_out":
        found.append(Answer(number, "stop", at, 0, token=token, text=comment))
    return found


def _write_bad(path: Path, bad: Sequence[tuple[int, str, str]]) -> None:
    folder = path.parent / "bad"
    folder.mkdir(exist_ok=True)
    with (folder / path.name).open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle).writerows([("line", "id", "problem"), *bad])
