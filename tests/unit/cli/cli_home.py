"""Deliveries of a small CDNOW file to a home folder."""

from pathlib import Path

from ingest.run import ingest_all
from vitrina.settings import Settings

HEADER = " customer_id  date number_of_cds  dollar_value\n"
GOOD = [f" {n:05d} 199701{n:02d}  1   {n}.50\n" for n in range(1, 9)]
BAD = [" 00009 19970230  1   11.77\n", " 00010 19970105 -1   12.00\n"]


def deliver(home: Path, lines: list[str]) -> None:
    """Let the source send its file anew with these lines."""
    (home.parent / "shared" / "cdnow" / "CDNOW_master.txt").write_text(HEADER + "".join(lines))


def take_in(home: Path) -> None:
    """Extract and load what the source has."""
    assert not ingest_all(Settings(home=home)).failures
