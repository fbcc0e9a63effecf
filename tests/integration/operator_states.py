"""What happens to the shared operator after its first run, as functions that change a home in place."""

import gzip
import shutil
from datetime import date, timedelta
from pathlib import Path

from simulator import advance
from tests.integration.whole_operator import UNTIL, run
from vitrina.settings import REPOSITORY

LATER = UNTIL + timedelta(days=2)
LATE_DAY, LATE_ROWS = date(2026, 8, 12), 20
AGAIN = 12


def offer_again_without_portal(home: Path) -> None:
    """A second run: old files under new names, nothing else, and a tax portal that does not answer."""
    for folder, pattern in (("foris/usage", "*.csv.gz"), ("dms", "*.gz"), ("onec/statements", "*.txt"),
                            ("onec/invoices", "*.xml")):  # fmt: skip
        for path in sorted((home / "inbox" / folder).glob(pattern))[:AGAIN]:
            name, _, ending = path.name.partition(".")
            shutil.copyfile(path, path.with_name(f"{name}_again.{ending}"))
    run(home, instead={"VITRINA_TAX_URL": "http://127.0.0.1:9"}, sources_dir=_impatient(home / "impatient_sources"))


def _impatient(target: Path) -> Path:
    """The connectors, but a portal that is down is asked twice and not for minutes."""
    shutil.copytree(REPOSITORY / "data_contracts" / "sources", target)
    connector = target / "tax" / "connector.yaml"
    text = connector.read_text()
    assert "attempts: 8" in text
    connector.write_text(text.replace("attempts: 8", "attempts: 2"))
    return target


def go_on(home: Path) -> None:
    """Two more days in the sources; the newest usage file ends with rows of a day in August. Nothing is run."""
    advance(home, 2)
    folder = home / "inbox" / "foris" / "usage"
    newest = folder / f"usage_{LATER:%Y%m%d}.csv.gz"
    lines = _lines(newest)
    known = {line.split(";")[0] for line in _lines(folder / f"usage_{LATE_DAY:%Y%m%d}.csv.gz")}
    late = [fields for line in lines[1:] if (fields := line.split(";"))[0] not in known][:LATE_ROWS]
    assert len(late) == LATE_ROWS
    lines += [";".join([fields[0], LATE_DAY.isoformat(), *fields[2:]]) for fields in late]
    newest.write_bytes(gzip.compress("\r\n".join([*lines, ""]).encode("cp1251")))


def _lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode("cp1251").splitlines()


def rebuild(home: Path) -> None:
    """Everything behind the accepted deliveries, the identities too, is made from nothing."""
    shutil.rmtree(home / "build")
    run(home, LATER, full_refresh=True)
