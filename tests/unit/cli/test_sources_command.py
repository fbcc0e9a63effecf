"""`vitrina sources …` over a delivery with two bad rows."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cli_home import deliver, take_in
from typer.testing import Result

from vitrina.cli.main import main
from vitrina.runlock import run_lock
from vitrina.settings import REPOSITORY

Run = Callable[..., Result]


def delivery_id(vitrina: Run) -> str:
    found = re.search(r"\d{8}T\d+-[0-9a-f]{10}-[0-9a-f]{4}", vitrina("sources", "deliveries").output)
    assert found
    return found[0]


def test_the_list_shows_received_as_accepted_and_quarantined(home: Path, vitrina: Run) -> None:
    take_in(home)

    line = next(line for line in vitrina("sources", "list").output.splitlines() if "payment" in line)

    assert [cell.strip() for cell in line.split("│")[6:10]] == ["10", "8", "2", "yes"]


def test_quarantine_says_by_rule_and_row_what_is_wrong(home: Path, vitrina: Run) -> None:
    take_in(home)

    reasons = vitrina("sources", "quarantine").output
    rows = vitrina("sources", "quarantine", "--rows", "--source", "cdnow", "--entity", "payment").output

    assert "purchase_date.type" in reasons
    assert "units.minimum" in reasons
    assert "field «Purchase date» must be a date, found «19970230»" in rows


def test_a_line_is_shown_as_it_was_sent(home: Path, vitrina: Run) -> None:
    take_in(home)

    result = vitrina("sources", "line", delivery_id(vitrina), "10", "--around", "1")

    assert [line[:1] for line in result.output.splitlines()] == [" ", ">", " "]
    assert "00009 19970230" in result.output


def test_rows_come_back_after_the_contract_was_mended(
    home: Path, vitrina: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(home)
    sources = home.parent / "sources"
    shutil.copytree(REPOSITORY / "data_contracts" / "sources" / "cdnow", sources / "cdnow")
    contract = sources / "cdnow" / "payment.odcs.yaml"
    text = contract.read_text().replace("version: 1.0.0", "version: 1.1.0")
    contract.write_text(text.replace("description: Number of CDs bought.", "description: Negative when given back.")
                        .replace("          minimum: 0\n        customProperties:\n          - property: labels\n"
                                 "            value:\n              ru: Количество",
                                 "          minimum: -9\n        customProperties:\n          - property: labels\n"
                                 "            value:\n              ru: Количество"))  # fmt: skip
    monkeypatch.setenv("VITRINA_SOURCES_DIR", str(sources))

    first = vitrina("sources", "replay", "cdnow", "payment").output
    second = vitrina("sources", "replay", "cdnow", "payment").output

    assert "2 rows checked again, 1 accepted, 1 stay in quarantine" in first
    assert "Months touched: 1997-01" in first
    assert "1 rows checked again, 0 accepted" in second


def test_a_stopped_delivery_is_explained_and_can_be_let_in(home: Path, vitrina: Run) -> None:
    take_in(home)
    deliver(home, [])
    take_in(home)

    stopped = vitrina("sources", "deliveries", "--state", "empty").output
    accepted = vitrina("sources", "accept", delivery_id(vitrina))

    assert "the delivery is empty where rows are expected" in stopped
    assert accepted.exit_code == 0
    assert "landed" in vitrina("sources", "deliveries").output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["line", "nothing", "1"], "there is no delivery nothing"),
        (["accept", "nothing"], "there is no delivery nothing"),
        (["replay", "foris", "payment"], "source 'foris' is not enabled"),
        (["quarantine", "--rows"], "--rows needs --source and --entity"),
    ],
)
def test_a_mistake_ends_with_one_line(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["sources", *arguments, "--home", str(home)])

    told = capsys.readouterr().err
    assert stopped.value.code == 2
    assert sentence in told
    assert len(told.strip().splitlines()) == 1


def test_no_replay_under_the_feet_of_a_run(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    take_in(home)

    with run_lock(home / "state" / "run.lock"), pytest.raises(SystemExit) as stopped:
        main(["sources", "replay", "cdnow", "payment", "--home", str(home)])

    assert stopped.value.code == 2
    assert "another run is at work" in capsys.readouterr().err


def test_a_fault_of_ours_is_not_hidden(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("ingest.health.sources", broken)

    with pytest.raises(ZeroDivisionError):
        main(["sources", "list", "--home", str(home)])
