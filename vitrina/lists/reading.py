"""A file as rows of text, whatever form it came in; every row comes out, with its number in the file."""

import codecs
import csv
import datetime as dt
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final, Literal

from vitrina.lists.encodings import encoding_of
from vitrina.lists.errors import BadList

Row = tuple[int, list[str]]
MAX_BYTES: Final = 1 << 30
SAMPLE_ROWS: Final = 1000
_DELIMITERS: Final = (";", "\t", ",", "|")
_LOOK: Final = 1 << 18
_NEVER: Final = "\x1f"
_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Form:
    """How a file is to be read. `encoding` is empty for a workbook; `delimiter` is empty for one column."""

    path: Path
    encoding: str = ""
    delimiter: str = ""
    is_quoted: bool = False

    @property
    def is_workbook(self) -> bool:
        """Whether the rows are those of a workbook's first sheet that has any."""
        return not self.encoding


def form_of(path: Path) -> Form:
    """How this file is to be read, by its content and not by its name. Raises `BadList`."""
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise BadList("too_large", megabytes=MAX_BYTES >> 20)
    with path.open("rb") as stream:
        start = stream.read(_LOOK)
    if start.startswith((_ZIP, _OLD_OFFICE)):
        _require_bounded(path, start)
        return Form(path)
    encoding = encoding_of(start, is_whole=size <= _LOOK)
    if encoding is None:
        raise BadList("not_text")
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(start, final=size <= _LOOK)
    lines = text.splitlines()[:SAMPLE_ROWS]
    delimiter = _delimiter(lines[:-1] or lines)
    # A cell that is quoted as a whole; a stray mark would otherwise swallow the rows below it.
    cell = re.compile(
        f'(?:^|{re.escape(delimiter or _NEVER)})\\s*"(?:[^"]|"")*"\\s*(?:{re.escape(delimiter or _NEVER)}|$)'
    )
    is_quoted = any(cell.search(line) for line in lines)
    return Form(path, encoding, delimiter, is_quoted)


def rows(form: Form) -> Iterator[Row]:
    """Number (from 1) and cells of every row, blank ones included. Raises `BadList`."""
    yield from _sheet_rows(form.path) if form.is_workbook else _text_rows(form)


def lines_of(path: Path) -> int:
    """How many lines a text of one-byte line ends has; the last one need not be ended."""
    count, last = 0, b"\n"
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            count += block.count(b"\n")
            last = block[-1:]
    return count + (last != b"\n")


def _require_bounded(path: Path, start: bytes) -> None:
    """A small archive may hold anything: what it says that it holds has to be bounded, too."""
    if not start.startswith(_ZIP):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            whole = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, OSError):
        raise BadList("broken_workbook") from None
    if whole > 4 * MAX_BYTES:
        raise BadList("too_large", megabytes=MAX_BYTES >> 20)


def _delimiter(lines: list[str]) -> str:
    """The sign that divides most lines into equally many cells; a comma only where it is no decimal sign."""
    best, most = "", 0.0
    for sign in _DELIMITERS:
        counts = Counter(_outside_quotes(line, sign) for line in lines if line.strip())
        usual, times = counts.most_common(1)[0] if counts else (0, 0)
        share = times / max(sum(counts.values()), 1) if usual else 0.0
        if share > max(most, 0.5):
            best, most = sign, share
    return best


def _outside_quotes(line: str, sign: str) -> int:
    return sum(part.count(sign) for part in line.split('"')[::2])


def _text_rows(form: Form) -> Iterator[Row]:
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if form.is_quoted else csv.QUOTE_NONE
    number = 0
    with form.path.open(encoding=form.encoding, errors="replace", newline="") as stream:
        reader = csv.reader(stream, delimiter=form.delimiter or _NEVER, quoting=quoting, strict=False)
        try:
            for number, cells in enumerate(reader, 1):
                yield number, cells
        except csv.Error:
            raise BadList("broken_quotes", row=number + 1) from None


def _sheet_rows(path: Path) -> Iterator[Row]:
    # The library is loaded for those who send workbooks alone.
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_path(path) as book:
            sheets = (book.get_sheet_by_index(place) for place in range(len(book.sheet_names)))
            sheet = next((each for each in sheets if each.total_height), None)
            for number, cells in enumerate(sheet.iter_rows() if sheet else (), 1):
                yield number, [_text(cell) for cell in cells]
    except CalamineError:
        raise BadList("broken_workbook") from None


def _text(cell: Any) -> str:
    """A cell as a person wrote it: workbooks keep whole numbers as fractions."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e18:
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    return str(cell)


def sample(form: Form) -> list[Row]:
    """The first rows, for a look at what the columns are."""
    return list(islice(rows(form), SAMPLE_ROWS))
