"""Plants defects into the files of the last weeks, and says how many there are and what must come of them."""

from pathlib import Path
from shutil import copyfile

from simulator import defects
from simulator.defects import Damage
from simulator.options import SimulationOptions
from simulator.plant_others import Record, plant_dms, plant_onec, plant_tax, record
from simulator.randomness import stream
from simulator.timeline import Timeline

ROW_DEFECTS: tuple[tuple[int, str, Damage, str, str | None], ...] = (
    (17, "out_of_order", defects.out_of_order, "accepted", None),
    (10, "bad_types", defects.bad_types, "quarantined", "type"),
    (9, "unknown_keys", defects.unknown_keys, "quarantined", "foreign_key"),
    (8, "duplicate_rows", defects.duplicate_rows, "quarantined", "unique"),
    (7, "added_column", defects.added_column, "accepted", "added_column"),
    (5, "wrong_field_count", defects.wrong_field_count, "quarantined", "field_count"),
    (4, "out_of_range", defects.out_of_range, "quarantined", "minimum"),
)
"""Days before the last one, name, damage, what becomes of the bad rows, rule."""
WHOLE_FILE_DEFECTS: tuple[tuple[int, str, Damage, str], ...] = (
    (25, "missing_column", defects.missing_column, "missing_column"),
    (22, "volume_collapse", defects.collapsed, "volume"),
    (12, "wrong_encoding", defects.in_utf8, "encoding"),
    (6, "empty_delivery", defects.header_only, "empty"),
)
"""The same for damages that spoil a delivery as a whole; the good file comes under another name."""
TRUNCATED_DAY, COPIED_DAY, LATE_FROM_DAY, LATE_TO_DAY = 14, 20, 18, 15
LATE_ROWS = 40


def plant_defects(options: SimulationOptions, timeline: Timeline) -> list[Record]:
    """Damage the deliveries before `defects_until`; those of days without a daily file are left out."""
    if not options.defects or options.defects_until is None:
        return []
    last = timeline.clock.day(options.defects_until)
    folder = options.home / "inbox" / "foris" / "usage"

    def file_of(back: int) -> Path | None:
        path = folder / f"usage_{timeline.clock.date(last - back):%Y%m%d}.csv.gz"
        return path if path.exists() and len(defects.read_lines(path)) > 20 else None

    records: list[Record | None] = [
        _late_rows(file_of(LATE_FROM_DAY), file_of(LATE_TO_DAY), timeline.seed),
        *(_rows(file_of(back), name, damage, outcome, rule, timeline.seed)
          for back, name, damage, outcome, rule in ROW_DEFECTS),
        *(_whole_file(file_of(back), name, damage, rule, timeline.seed) for back, name, damage,
            rule in WHOLE_FILE_DEFECTS),
        _truncated(file_of(TRUNCATED_DAY)), _delivered_twice(file_of(COPIED_DAY)),
        *plant_dms(options, timeline, last), *plant_onec(options), *plant_tax(options, timeline, last),
    ]  # fmt: skip
    return [record for record in records if record]


def second_delivery(path: Path) -> Path:
    """Name under which the good file comes again: ``usage_20250314_r2.csv.gz``."""
    stem, _, ending = path.name.partition(".")
    return path.with_name(f"{stem}_r2.{ending}")


def _rows(path: Path | None, name: str, damage: Damage, outcome: str, rule: str | None, seed: int) -> Record | None:
    if path is None:
        return None
    lines = defects.read_lines(path)
    done = damage(lines, stream(seed, "defect", *name.encode()))
    defects.write_lines(path, done.lines)
    return record(name, "foris.usage", path, len(done.bad_lines) or len(lines) - 1, outcome, rule,
                  lines=done.bad_lines, keys=done.keys, rows_in_file=len(done.lines) - 1)  # fmt: skip


def _whole_file(path: Path | None, name: str, damage: Damage, rule: str, seed: int) -> Record | None:
    if path is None:
        return None
    rng = stream(seed, "defect", *name.encode())
    lines = defects.read_lines(path)
    if name == "wrong_encoding":
        lines = defects.with_countries(lines, rng)
    again = second_delivery(path)
    defects.write_lines(again, lines)
    spoiled = damage(lines, rng).lines
    defects.write_lines(path, spoiled)
    outcome = "empty" if rule == "empty" else "rejected"
    return record(name, "foris.usage", path, 1, outcome, rule, rows_in_file=len(spoiled) - 1,
                  rows_expected=len(lines) - 1, redelivery=again.name)  # fmt: skip


def _truncated(path: Path | None) -> Record | None:
    if path is None:
        return None
    content, rows = path.read_bytes(), len(defects.read_lines(path)) - 1
    again = second_delivery(path)
    again.write_bytes(content)
    path.write_bytes(content[: int(len(content) * 0.6)])
    return record(
        "truncated_file", "foris.usage", path, 1, "rejected", "unreadable", rows_expected=rows, redelivery=again.name
    )


def _delivered_twice(path: Path | None) -> Record | None:
    if path is None:
        return None
    copy = path.with_name(path.name.replace(".csv.gz", "_copy.csv.gz"))
    copyfile(path, copy)
    return record("delivered_twice", "foris.usage", copy, 1, "duplicate", "same_content", original=path.name,
                  rows_in_file=len(defects.read_lines(path)) - 1)  # fmt: skip


def _late_rows(early: Path | None, late: Path | None, seed: int) -> Record | None:
    """Rows of one day that come in the file of a later day."""
    if early is None or late is None:
        return None
    lines, target = defects.read_lines(early), defects.read_lines(late)
    rng = stream(seed, "defect", *b"late_rows")
    moved = sorted((rng.choice(len(lines) - 1, min(LATE_ROWS, len(lines) // 5), replace=False) + 1).tolist())
    defects.write_lines(early, [line for n, line in enumerate(lines) if n not in set(moved)])
    defects.write_lines(late, target + [lines[n] for n in moved])
    first = len(target) + 1
    return record("late_rows", "foris.usage", late, len(moved), "accepted", None, missing_from=early.name,
                  lines=list(range(first, first + len(moved))))  # fmt: skip
