"""The timeline does not know where a run stops: going on later gives what one longer run would have given."""

import sqlite3
from datetime import date, timedelta
from pathlib import Path

import pytest

from simulator import advance, generate

SMALL = {"customers": 200, "months": 3, "seed": 5, "workers": 1}


def files_of(home: Path) -> dict[str, bytes]:
    return {str(p.relative_to(home)): p.read_bytes() for p in sorted((home / "inbox").rglob("*")) if p.is_file()}


def rows_of(path: Path) -> dict[str, list[tuple]]:
    with sqlite3.connect(path) as connection:
        tables = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        rows = {t: sorted(connection.execute(f"SELECT * FROM {t}").fetchall(), key=repr) for t in tables}
    connection.close()
    return rows


def assert_same(one: Path, other: Path) -> None:
    files, same_files = files_of(one), files_of(other)
    assert len(files) > 100
    assert files.keys() == same_files.keys()
    assert [n for n in files if files[n] != same_files[n]] == []
    for database in ("foris.sqlite", "tax.sqlite"):
        assert rows_of(one / "simulator" / database) == rows_of(other / "simulator" / database)


@pytest.mark.parametrize(
    ("first", "steps"),
    [(date(2026, 3, 20), (3,)), (date(2026, 3, 30), (1, 2)), (date(2026, 4, 1), (5, 6))],
    ids=["within a month", "over the end of a month", "over invoices and acts"],
)
def test_advancing_gives_the_same_as_one_longer_run(tmp_path: Path, first: date, steps: tuple[int, ...]) -> None:
    last, start = first + timedelta(days=sum(steps)), date(2026, 2, 1)
    generate(tmp_path / "short", until=first, start=start, **SMALL)
    for days in steps:
        advance(tmp_path / "short", days)
    generate(tmp_path / "long", until=last, start=start, defects_until=first, **SMALL)
    assert_same(tmp_path / "short", tmp_path / "long")


def test_without_defects_every_system_is_the_same_after_advancing(tmp_path: Path) -> None:
    start = date(2026, 2, 1)
    generate(tmp_path / "short", until=date(2026, 4, 2), start=start, defects=False, **SMALL)
    advance(tmp_path / "short", 12)
    generate(tmp_path / "long", until=date(2026, 4, 14), start=start, defects=False, **SMALL)
    assert_same(tmp_path / "short", tmp_path / "long")


def test_an_advance_touches_only_rows_with_a_newer_change_time(tmp_path: Path) -> None:
    generate(tmp_path, until=date(2026, 4, 10), **SMALL)
    database = tmp_path / "simulator" / "foris.sqlite"
    before = rows_of(database)
    advance(tmp_path, 2)
    midnight_utc = "2026-04-10 19:00:00"
    for table, rows in rows_of(database).items():
        new = set(rows) - set(before[table])
        assert all(row[-1] >= midnight_utc for row in new), table
        assert set(before[table]) - set(rows) == {r for r in before[table] if r[0] in {n[0] for n in new}}, table


def test_an_advance_past_the_timeline_is_refused(tmp_path: Path) -> None:
    generate(tmp_path, until=date(2026, 4, 10), defects=False, **SMALL)
    with pytest.raises(ValueError, match="timeline ends"):
        advance(tmp_path, 800)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        generate(tmp_path / name, until=date(2026, 3, 12), **{**SMALL, "seed": seed})
    same, other = files_of(tmp_path / "b"), files_of(tmp_path / "c")
    assert files_of(tmp_path / "a") == same
    assert {n: c for n, c in other.items() if "usage" in n} != {n: c for n, c in same.items() if "usage" in n}
