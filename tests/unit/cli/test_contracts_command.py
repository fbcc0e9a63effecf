"""`vitrina contracts …` and `vitrina export …` as a person calls them."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from vitrina.cli.main import app, main
from vitrina.settings import REPOSITORY

CDNOW = REPOSITORY / "data_contracts" / "sources" / "cdnow" / "payment.odcs.yaml"


def changed(tmp_path: Path, *changes: tuple[str, str]) -> Path:
    """A copy of the CDNOW contract with texts replaced."""
    text = CDNOW.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = tmp_path / "cdnow" / CDNOW.name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


def run(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    return result.exit_code, result.output


def test_a_valid_contract_is_counted_with_its_rules() -> None:
    code, output = run("contracts", "check", CDNOW)

    assert code == 0
    assert "cdnow__payment 1.0.0: 4 columns" in output
    assert "1 contracts are in order, 0 are not" in output


def test_a_broken_contract_names_file_and_place(tmp_path: Path) -> None:
    code, output = run("contracts", "check", changed(tmp_path, ("name: purchase_date", "name: Purchase-Date")))

    assert code == 1
    assert "cdnow/payment.odcs.yaml" in output
    assert "Purchase-Date" in output


def test_a_breaking_change_must_raise_the_major_number(tmp_path: Path) -> None:
    newer = changed(tmp_path, ("^[0-9]{5}$", "^[0-9]{6}$"), ("version: 1.0.0", "version: 1.1.0"))

    code, output = run("contracts", "diff", CDNOW, newer)

    assert code == 1
    assert "breaking" in output
    assert "must raise the major number over 1.0.0" in output.replace("\n", " ")


def test_the_same_change_with_the_right_number_is_admitted(tmp_path: Path) -> None:
    newer = changed(tmp_path, ("^[0-9]{5}$", "^[0-9]{6}$"), ("version: 1.0.0", "version: 2.0.0"))

    assert run("contracts", "diff", CDNOW, newer)[0] == 0


def test_folders_compare_contract_by_contract() -> None:
    code, output = run("contracts", "diff", CDNOW.parent, CDNOW.parent)

    assert code == 0
    assert output == "cdnow__payment: no change of meaning\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["contracts", "diff", "no/such.yaml", "no/such.yaml"], "no/such.yaml does not exist"),
        (["export", "run", "loyalty.nothing"], "there is no export loyalty.nothing"),
        (["export", "run", "loyalty__profiles"], "nothing has been published"),
        (["export", "run", "loyalty__profiles", "--mode", "half"], "--mode is full or changes, not half"),
        (["export", "ack", "loyalty__profiles", "000001_full"], "has no export 000001_full"),
        (["docs"], "holds no build yet"),
        (["run", "--as-of", "yesterday"], "--as-of is a date like 2026-06-30, not yesterday"),
        (["snapshots", "rollback", "7", "--reason", "try"], "version 7 is not on disk"),
    ],
)
def test_what_cannot_be_done_ends_with_one_line(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    where = [] if arguments[0] == "contracts" else ["--home", str(home)]

    with pytest.raises(SystemExit) as stopped:
        main([*arguments, *where])

    told = capsys.readouterr().err
    assert stopped.value.code == 2
    assert sentence in told
    assert len(told.strip().splitlines()) == 1


def test_every_configured_export_is_listed_before_the_first_run(home: Path) -> None:
    code, output = run("export", "list", "--home", home)

    assert code == 0
    assert "loyalty" in output
    assert "analytics" in output
