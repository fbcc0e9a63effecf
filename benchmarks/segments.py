"""What the segment engine costs beside SQL that a person writes, on the same snapshot, in one run.

    python -m benchmarks.segments [--customers 3000000] [--payments 1000000] [--times 9] [--keep FOLDER] [--history all]

Each question is asked in turn of the engine (with its compilation) and by hand; read the ratios of the medians. Both
answers must be the same.
"""

import argparse
import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import segment_data as data
from benchmarks.gate import RESOURCES
from benchmarks.segment_data import Segment
from segments.catalogue import Catalogue
from segments.definition import parse
from segments.engine import At, Compiled, compile_segment
from segments.questions import count, difference, materialise, members, overlap, replay, stored_month_ends, why
from tests.reference_evaluator.project import project_catalogue
from vitrina.warehouse.reader import SnapshotReader

TODAY = At(data.AS_OF)


def main() -> None:
    """Publish unless there is something to use again, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=3_000_000)
    parser.add_argument("--payments", type=int, default=1_000_000, help="a month")
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--history", choices=("used", "all"), default="used", help="attributes of the stored months")
    parser.add_argument("--keep", type=Path, help="folder to build in, and to use again when it is there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = given.keep or Path(folder)
        if not (home / "published").exists():
            data.make(home, given.customers, given.payments, given.history == "all")
        with SnapshotReader.open(home / "published", resources=RESOURCES) as reader:
            _Bench(reader, project_catalogue(), given.times).run()


class _Bench:
    def __init__(self, reader: SnapshotReader, catalogue: Catalogue, times: int) -> None:
        self.reader, self.catalogue, self.times = reader, catalogue, times

    def run(self) -> None:
        """Every question, one line each."""
        head = f"milliseconds, median of {self.times}"
        print(f"{head:38} {'engine':>9} {'by hand':>9} {'ratio':>6} {'compile':>8}")
        for segment in data.QUESTIONS:
            self._count(segment)
        self._fifty(data.fifty())
        self._why()
        self._difference()
        self._replay(Segment("replay of 5 conditions", data.FIVE))

    def compiled(self, segment: Segment) -> Compiled:
        """Parsed and compiled anew, as when a definition changes under a marketer's hands."""
        found = compile_segment(parse(segment.document), self.catalogue, TODAY)
        _ = found.sql
        return found

    def scalar(self, sql: str) -> int:
        """The number that a query by hand gives."""
        return int(self.reader.query(sql).column(0)[0].as_py())

    def _count(self, segment: Segment) -> None:
        by_hand = f"SELECT count(*) FROM customer_profiles WHERE {segment.where}"
        compiling = self._median(partial(self.compiled, segment))
        asked = partial(lambda: count(self.reader, self.compiled(segment)))
        self._compare(f"count, {segment.name}", asked, partial(self.scalar, by_hand), f"{compiling:8.1f}")

    def _fifty(self, fifty: tuple[Segment, ...]) -> None:
        def engine() -> int:
            return materialise(self.reader, {each.name: self.compiled(each) for each in fifty}).num_rows

        chosen = [f"SELECT '{each.name}', customer_id FROM customer_profiles WHERE {each.where}" for each in fifty]
        self._compare(
            "50 segments materialised together", engine, lambda: self.reader.query(" UNION ALL ".join(chosen)).num_rows
        )

        def alone(segments: tuple[Segment, ...]) -> int:
            return sum(members(self.reader, self.compiled(each)).num_rows for each in segments)

        ten = (*fifty[::8], *fifty[43:46])
        together, apart = self._medians(engine, partial(alone, ten))
        print(
            f"{'50 together / 10 of them one by one':38} {together:9.1f} {apart:9.1f} {together / apart:6.2f}",
            flush=True,
        )
        everything = self._median(partial(alone, fifty))
        print(
            f"{'50 together / 50 one by one':38} {together:9.1f} {everything:9.1f} {together / everything:6.2f}",
            flush=True,
        )
        self._overlap(fifty, chosen)

    def _overlap(self, fifty: tuple[Segment, ...], chosen: list[str]) -> None:
        named = " UNION ALL ".join(each.replace("', ", "' AS k, ", 1) for each in chosen)
        pairs = "SELECT a.k, b.k, count(*) FROM m a JOIN m b USING (customer_id) GROUP BY 1, 2"
        by_hand = f"WITH m AS MATERIALIZED ({named}) {pairs}"

        def engine() -> int:
            return sum(
                sum(row) for row in overlap(self.reader, {each.name: self.compiled(each) for each in fifty}).matrix
            )

        self._compare(
            "overlap of 50, pairs counted", engine, lambda: sum(self.reader.query(by_hand).column(2).to_pylist())
        )

    def _why(self) -> None:
        segment = data.QUESTIONS[-1]
        customer = self.scalar("SELECT max(customer_id) // 2 FROM customer_profiles")
        definition = parse(segment.document)
        told = ", ".join(each.sql for each in segment.conditions)
        by_hand = f"SELECT {told} FROM customer_profiles WHERE customer_id = {customer}"

        def engine() -> bool:
            return why(self.reader, definition, self.catalogue, TODAY, {}, customer).holds

        self._compare(
            "why, 5 conditions of one customer", engine, lambda: all(self.reader.query(by_hand).to_pylist()[0].values())
        )

    def _difference(self) -> None:
        old, new = data.QUESTIONS[2], data.QUESTIONS[10]
        by_hand = (
            "SELECT is_old, is_new, count(*), sum(arpu_3m), count(arpu_3m) FROM (SELECT coalesce("
            f"{old.where}, false) AS is_old, coalesce({new.where}, false) AS is_new, arpu_3m FROM customer_profiles)"
            " GROUP BY 1, 2"
        )
        movers = (
            f"SELECT customer_id, arpu_3m FROM customer_profiles WHERE coalesce({old.where}, false) <>"
            f" coalesce({new.where}, false) ORDER BY abs(arpu_3m) DESC NULLS LAST, customer_id LIMIT 20"
        )

        def engine() -> tuple[int, ...]:
            found = difference(self.reader, self.compiled(old), self.compiled(new))
            return found.entered.customers, found.left.customers, found.kept.customers

        def hand() -> tuple[int, ...]:
            found = {
                (row["is_old"], row["is_new"]): row["count_star()"] for row in self.reader.query(by_hand).to_pylist()
            }
            self.reader.query(movers)
            return tuple(found.get(each, 0) for each in ((False, True), (True, False), (True, True)))

        self._compare("difference of two versions", engine, hand)

    def _replay(self, segment: Segment) -> None:
        ends = stored_month_ends(self.reader)
        by_hand = (
            f"SELECT month_end, count(*) FILTER ({segment.where}), count(*) FROM customer_profiles_history"
            " GROUP BY 1 ORDER BY 1"
        )

        def engine() -> list[tuple[dt.date, int, int]]:
            points = replay(self.reader, parse(segment.document), self.catalogue, ends)
            return [(each.month_end, each.count, each.base) for each in points]

        def hand() -> list[tuple[Any, ...]]:
            return [tuple(row.values()) for row in self.reader.query(by_hand).to_pylist()]

        self._compare(f"{segment.name}, {len(ends)} months", engine, hand)

    def _compare(self, name: str, engine: Callable[[], Any], by_hand: Callable[[], Any], note: str = "") -> None:
        assert engine() == by_hand(), name
        ours, theirs = self._medians(engine, by_hand)
        print(f"{name:38} {ours:9.1f} {theirs:9.1f} {ours / theirs:6.2f} {note}", flush=True)

    def _median(self, action: Callable[[], Any]) -> float:
        return self._medians(action)[0]

    def _medians(self, *actions: Callable[[], Any]) -> tuple[float, ...]:
        """Milliseconds of each, asked in turn, so that whatever else the machine does meets all alike."""
        spent: list[list[float]] = [[] for _ in actions]
        for _ in range(self.times):
            for action, known in zip(actions, spent, strict=True):
                started = time.perf_counter()
                action()
                known.append(1000 * (time.perf_counter() - started))
        return tuple(statistics.median(known) for known in spent)


if __name__ == "__main__":
    main()
