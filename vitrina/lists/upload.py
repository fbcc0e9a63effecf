"""From an uploaded file to a list that segments can name: read, matched on the person's scope, stored, told of."""

import datetime as dt
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from vitrina.access.gate import GatedReader
from vitrina.durable import move_into_place, sha256_of, sync_directory
from vitrina.lists import matching
from vitrina.lists.errors import BadList
from vitrina.lists.identifiers import Identified, Layout, layout_of
from vitrina.lists.matching import Counted
from vitrina.lists.reading import Form, form_of, sample
from vitrina.warehouse.engine import Resources, literal
from vitrina.warehouse.live import MEMBERS_FILE, list_folder

WORDS: Final = {
    "row_number": "Row",
    "value": "Value as sent",
    "reason": "Why it was not matched",
    "empty": "The row is empty",
    "malformed": "The value has not the form of its column",
    "not_recognised": "The value is no identifier that is known here",
    "not_found": "No customer of yours has it",
    "several": "Several customers have it",
    "closed": "Your role does not open this kind of identifier",
}


@dataclass(frozen=True)
class Preview:
    """What is understood of a file before it is matched; `rows` are its first ones. Columns can be chosen otherwise."""

    form: Form
    layout: Layout
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Uploaded:
    """A stored list: matched + unmatched rows are the received ones (duplicates count as matched)."""

    key: str
    file_name: str
    sha256: str
    counts: Counted
    columns: tuple[Identified, ...]
    encoding: str
    delimiter: str
    snapshot_version: int
    as_of: dt.date
    unmatched_file: Path | None

    @property
    def unmatched_rows(self) -> int:
        """Rows without a customer."""
        return sum(self.counts.unmatched.values())

    @property
    def matched_rows(self) -> int:
        """Rows with a customer, those of a customer who had a row before included."""
        return sum(self.counts.matched.values())


def preview(path: Path) -> Preview:
    """Look at the beginning of a file. Raises `BadList`."""
    form = form_of(path)
    first = [cells for _, cells in sample(form)]
    if not any(cell.strip() for cells in first for cell in cells):
        raise BadList("empty_file")
    return Preview(form, layout_of(first), tuple(tuple(cells) for cells in first[:20]))


def unmatched_path(home: Path, key: str) -> Path:
    """Where the unmatched rows of a list are kept: not beside its members, because they hold what people sent."""
    return home / "list_rejects" / f"{key}.csv"


def upload_list(
    home: Path,
    key: str,
    path: Path,
    file_name: str,
    reader: GatedReader,
    *,
    columns: Mapping[int, str] | None = None,
    say: Callable[[str], str] | None = None,
    resources: Resources | None = None,
) -> Uploaded:
    """Match a file for the person of `reader` and store its customers as list `key` of `home`, in place of what it had.

    `columns` (place → kind or ``any``) is what the person chose instead of the recognised; `say` puts the English of
    `WORDS` into his language. Raises `BadList`, and what the gate raises. Readers see the list when this returns, and
    nothing of it when it raises or is killed.
    """
    form = form_of(path)
    layout = layout_of([cells for _, cells in sample(form)], columns)
    if not layout.columns:
        raise BadList("nothing_recognised")
    speak = say or (lambda text: text)
    with duckdb.connect(":memory:") as connection:
        (resources or Resources()).apply(connection)
        received = matching.stage(connection, form, layout)
        found = reader.match(matching.wanted(connection, layout), received, f"list {key}")
        counts = matching.decide(connection, layout, found, received)
        unmatched = _store(connection, home, key, layout, counts, lambda word: speak(WORDS[word]))
    return Uploaded(
        key, file_name, sha256_of(path), counts, layout.columns, form.encoding, form.delimiter,
        reader.version, reader.manifest.as_of, unmatched,
    )  # fmt: skip


def _store(
    connection: duckdb.DuckDBPyConnection, home: Path, key: str, layout: Layout, counts: Counted,
    say: Callable[[str], str],
) -> Path | None:  # fmt: skip
    """The unmatched rows first, then the members, which make the list: each written aside and renamed."""
    rejects = unmatched_path(home, key)
    if counts.unmatched:
        rejects.parent.mkdir(parents=True, exist_ok=True)
        aside = rejects.with_name(f".{rejects.name}.{os.getpid()}.tmp")
        matching.write_unmatched(connection, layout, aside, say)
        move_into_place(aside, rejects)
    else:
        rejects.unlink(missing_ok=True)
    folder = list_folder(home / "lists", key)
    known = folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{MEMBERS_FILE}.{os.getpid()}.tmp"
    try:
        connection.execute(f"COPY members TO {literal(str(aside))} (FORMAT parquet, COMPRESSION zstd)")
        move_into_place(aside, folder / MEMBERS_FILE)
    except BaseException:
        aside.unlink(missing_ok=True)
        if not known:
            shutil.rmtree(folder, ignore_errors=True)
        raise
    sync_directory(folder.parent)
    return rejects if counts.unmatched else None
