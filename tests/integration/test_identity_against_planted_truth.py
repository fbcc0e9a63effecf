"""The planted truth of the simulated operator: how much of it resolution finds, and how little it makes up."""

import json
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from simulator import generate
from vitrina.settings import REPOSITORY

COLUMNS = ("source", "source_id", "kind", "full_name", "inn", "pinfl", "phone", "email", "birth_date", "region_code")
CARD_TAGS = {"Код": "source_id", "Вид": "kind", "Наименование": "full_name", "ИНН": "inn", "ПИНФЛ": "pinfl",
             "Телефон": "phone", "ДатаРождения": "birth_date"}  # fmt: skip


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """Scores over the records exactly as three systems hold them, without the pipeline between."""
    home = tmp_path_factory.mktemp("operator")
    generate(home, customers=6000, months=2, until=date(2025, 6, 30), daily_months=1, defects=False, workers=1)
    (home / "build").mkdir()
    with duckdb.connect(home / "build" / "build.duckdb") as con:
        typed = ", ".join(f"{name} varchar" for name in COLUMNS)
        con.execute(f"create schema intermediate; create table intermediate.int_party_records ({typed})")
        rows = [*_billing(home), *_cards(home), *_taxpayers(home)]
        con.execute("begin")
        con.executemany(f"insert into intermediate.int_party_records values ({', '.join('?' * len(COLUMNS))})", rows)
        con.execute("commit")
    command = [sys.executable, "-m", "benchmarks.identity", "--home", str(home), "--json"]
    return json.loads(subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout)


def _billing(home: Path) -> list[tuple]:
    with sqlite3.connect(home / "simulator" / "foris.sqlite") as con:
        fields = "full_name, inn, pinfl, contact_phone, email, birth_date, region_code"
        return con.execute(
            f"select 'foris', cast(customer_id as text), customer_type, {fields} from customer"
        ).fetchall()


def _cards(home: Path) -> list[tuple]:
    latest: dict[str, dict[str, str]] = {}
    for path in sorted((home / "inbox" / "onec" / "counterparties").glob("*.xml")):
        for card in ElementTree.parse(path).getroot():  # noqa: S314
            known = {CARD_TAGS[field.tag]: field.text for field in card if field.tag in CARD_TAGS}
            latest[known["source_id"]] = {"source": "onec", **known}
    return [tuple(card.get(name) for name in COLUMNS) for card in latest.values()]


def _taxpayers(home: Path) -> list[tuple]:
    with sqlite3.connect(home / "simulator" / "tax.sqlite") as con:
        rows = con.execute("select inn, max(name) from taxpayer group by inn").fetchall()
    return [("tax", inn, "organisation", name, inn, *(None,) * 5) for inn, name in rows]


def _score(measured: dict, group: str) -> dict:
    return next(score for score in measured["scores"] if score["group"] == group)


def test_planted_pairs_are_found_and_almost_nothing_else(measured: dict) -> None:
    overall = _score(measured, "all")
    assert overall["planted"] > 1500
    assert overall["precision"] >= 0.999
    assert overall["recall"] >= 0.95


@pytest.mark.parametrize(
    ("group", "recall"),
    [
        ("person foris-onec", 0.92),
        ("person foris-foris", 0.95),
        ("organisation foris-onec", 0.94),
        ("organisation foris-tax", 1.0),
    ],
)
def test_each_pair_of_sources_keeps_its_floor(measured: dict, group: str, recall: float) -> None:
    score = _score(measured, group)
    assert score["planted"] > 30
    assert score["precision"] >= 0.995
    assert score["recall"] >= recall
