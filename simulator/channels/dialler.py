"""A dialler: takes files of calls out of one folder, and puts its results into another."""

import csv
import datetime as dt
from pathlib import Path

from simulator.channels.conduct import Conduct


def call_all(outgoing: Path, incoming: Path, conduct: Conduct, now: dt.datetime) -> int:
    """Make the calls of every file there is; returns how many. A file is put aside when its results are written."""
    count = 0
    for path in sorted(outgoing.glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = [_result(row, conduct, now) for row in csv.DictReader(handle)]
        incoming.mkdir(parents=True, exist_ok=True)
        hidden = incoming / f".{path.name}.part"
        with hidden.open("w", encoding="utf-8", newline="") as written:
            writer = csv.writer(written)
            writer.writerow(("id", "attempt", "result", "at", "is_final", "comment"))
            writer.writerows(rows)
        hidden.replace(incoming / path.name)
        called = outgoing / "called"
        called.mkdir(exist_ok=True)
        path.replace(called / path.name)
        count += len(rows)
    return count


def _result(row: dict[str, str], conduct: Conduct, now: dt.datetime) -> tuple[str, int, str, str, int, str]:
    roll = conduct.chance("call", row["phone"], row["script"])
    result = "yes" if roll < 0.12 else "opt_out" if roll < 0.125 else "no" if roll < 0.5 else "no_answer"
    attempt = int(row["attempts"]) if result == "no_answer" else 1
    return row["id"], attempt, result, now.isoformat(), int(result == "no_answer"), ""
