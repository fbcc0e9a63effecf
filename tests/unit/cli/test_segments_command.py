"""`vitrina segments …` over a small published operator: questions, publication, and segments as files in Git."""

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import Result
from typer.testing import CliRunner

from vitrina.cli.main import app, main
from vitrina.settings import Settings
from vitrina.warehouse.marts import MartCatalogue
from vitrina.warehouse.publish import PublishRequest, publish

NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
MONTH_END = dt.date(2026, 10, 31)
Command = Callable[..., Result]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty customers with debts of 0, 10, 20 … now, and half of that at the end of October."""
    home, con = tmp_path_factory.mktemp("published_segments"), duckdb.connect()
    con.execute("create schema marts")
    columns = "i::bigint as customer_id, {}::decimal(18, 2) as debt_amount, if(i % 2 = 0, 'person', 'firm') as kind"
    con.execute(f"create table marts.customer_profiles as select {columns.format('i * 10')} from range(20) as n(i)")
    con.execute(
        f"create table marts.customer_profiles_history as select date '{MONTH_END}' as month_end, "
        f"{columns.format('i * 5')} from range(20) as n(i)"
    )
    con.execute(
        """create table marts.attribute_catalogue as select row_number() over () as position, name, type, unit,
           name as label_ru, name as label_uz, name as label_en, 'money' as "group", 'none' as personal_data_class
           from (values ('customer_id', 'bigint', 'id'), ('debt_amount', 'decimal(18,2)', 'uzs'),
                 ('kind', 'varchar', 'code')) as v(name, type, unit)"""
    )
    publish(con, Settings(home=home).published_dir, PublishRequest(as_of=NOW.date(), now=NOW), MartCatalogue({}))
    return home


@pytest.fixture
def home(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own over the same snapshot."""
    monkeypatch.setenv("COLUMNS", "200")
    made = tmp_path / "home"
    made.mkdir()
    (made / "published").symlink_to(Settings(home=published).published_dir)
    return made


@pytest.fixture
def run(home: Path) -> Command:
    return lambda *arguments: CliRunner().invoke(app, ["segments", *map(str, arguments), "--home", str(home)])


@pytest.fixture
def refused(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What a command that ends with status 2 says."""

    def refuse(*arguments: object) -> str:
        capsys.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main(["segments", *map(str, arguments), "--home", str(home)])
        assert stopped.value.code == 2
        return capsys.readouterr().err

    return refuse


def rules(*each: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": list(each)}}


def debt(value: int) -> dict[str, Any]:
    return {"kind": "attribute", "field": "debt_amount", "operator": ">=", "value": value}


def segment_file(folder: Path, key: str, *each: dict[str, Any], **more: Any) -> Path:
    """A new segment, written by hand."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{key}.segment.json"
    path.write_text(json.dumps({"name": key, "definition": rules(*each), **more}), encoding="utf-8")
    return path


def change(path: Path, **fields: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **fields}), encoding="utf-8")


def test_a_definition_is_taken_in_counted_explained_replayed_and_given_out(run: Command, tmp_path: Path) -> None:
    source = tmp_path / "debtors.json"
    source.write_text(json.dumps(rules(debt(100))), encoding="utf-8")
    assert "dolzhniki: draft of version 1" in run("import", source, "--name", "Должники").output
    assert "10 of 20 customers (50.0 %) on 2026-11-23" in run("count", "dolzhniki").output
    assert "0 of 20 customers" in run("count", "dolzhniki", "--date", "2026-11-10").output
    told = run("why", "dolzhniki", "9").output
    assert "Customer 9 is not in dolzhniki on 2026-11-23." in told
    assert "no   attribute at root.rules.0 = 90" in told
    assert "2026-10-31 │ 0 " in run("replay", "dolzhniki").output
    assert json.loads(run("export-definition", "dolzhniki").output) == rules(debt(100))
    logic = run("export-definition", "dolzhniki", "--jsonlogic").output
    source.write_text(logic, encoding="utf-8")
    run("import", source, "--name", "Again", "--jsonlogic")
    assert "10 of 20" in run("count", "again").output
    assert "version 1 counts" in run("publish", "again", "--reason", "ready").output
    listed = run("list").output
    assert all(word in listed for word in ("dolzhniki", "Должники", "active", "on_snapshot"))
    assert "in the archive" in run("archive", "again", "--reason", "old").output
    assert "again" not in run("list").output


def test_segments_live_in_a_folder_and_go_there_and_back(run: Command, tmp_path: Path) -> None:
    folder = tmp_path / "git"
    # The one that stands on the other comes first by name.
    segment_file(folder, "a-top", {"kind": "segment", "segment": "b-base", "operator": "in"}, debt(150))
    base = segment_file(
        folder, "b-base", debt(100), tags=["x"], fixtures=[{"customer_id": 10, "expected_in": True}],
        schedule={"mode": "cron", "cron": "0 6 * * 1"},
    )  # fmt: skip
    assert "2 of 2 segments published" in run("push", folder, "--publish").output
    assert "0 of 2 segments" in run("push", folder).output
    assert run("count", "a-top").output.startswith("5 of 20")
    change(base, definition=rules(debt(50)), folder="risk")
    shown = run("push", folder, "--dry-run").output
    assert "b-base: changed (folder, definition)" in shown
    assert "10 → 15 customers, 5 enter, 0 leave" in shown
    assert "1 of 2 segments would be saved" in shown
    assert run("count", "b-base").output.startswith("10 of 20")
    run("push", folder, "--publish")
    other = tmp_path / "other"
    assert "2 segments, 2 as in the database" in run("pull", other).output
    assert json.loads((other / "b-base.segment.json").read_text()) == json.loads(base.read_text())
    assert "2 as in the database" in run("pull", folder).output
    assert "cron 0 6 * * 1" in run("list").output


def test_what_somebody_changed_in_the_meantime_is_not_pushed_over_and_local_work_is_not_pulled_over(
    run: Command, refused: Callable[..., str], tmp_path: Path
) -> None:
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    path = segment_file(mine, "debtors", debt(100))
    run("push", mine)
    run("pull", theirs)
    change(theirs / path.name, definition=rules(debt(10)))
    run("push", theirs)
    change(path, definition=rules(debt(190)))
    assert "debtors: changed since it was pulled" in refused("push", mine)
    assert "debtors: changed here, left alone" in run("pull", mine).output
    assert json.loads(path.read_text())["definition"] == rules(debt(190))
    run("pull", mine, "--force")
    assert json.loads(path.read_text())["definition"] == rules(debt(10))
    change(path, definition=rules(debt(190)))
    assert "1 of 1 segments saved" in run("push", mine).output


def test_nothing_is_pushed_when_one_file_fails_its_tests_or_is_wrong(
    run: Command, refused: Callable[..., str], tmp_path: Path
) -> None:
    folder = tmp_path / "git"
    segment_file(folder, "good", debt(100))
    bad = segment_file(folder, "bad", debt(100), fixtures=[{"customer_id": 3, "expected_in": True, "note": "our test"}])
    assert "bad: customer 3 has to be in and is not. our test" in refused("push", folder)
    change(bad, fixtures=[], definition=rules({**debt(1), "field": "dept_amount"}))
    assert "bad: root.rules.0.field: “dept_amount” is not in the catalogue. Did you mean “debt_amount”?" in refused(
        "push", folder
    )
    change(bad, definition=rules({"kind": "segment", "segment": "bad", "operator": "in"}))
    assert "circle" in refused("push", folder)
    assert "good" not in run("list").output


@pytest.mark.parametrize("text", ["select 1 as customer_id from read_text('/etc/hosts')", "select * from nowhere"])
def test_sql_from_a_file_reads_the_marts_and_nothing_else(
    refused: Callable[..., str], tmp_path: Path, text: str
) -> None:
    path = segment_file(tmp_path / "git", "spy")
    change(path, definition={"version": 1, "kind": "sql", "sql": text})
    assert refused("save", path)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "needs a name and a definition"),
        ({"colour": "red"}, "unknown fields: colour"),
        ({"tags": "x"}, "tags is not a list"),
        ({"fixtures": [{"customer_id": "x"}]}, "a test has customer_id"),
        ({"schedule": {"mode": "weekly"}}, "no such mode or day"),
        ({"schedule": {"mode": "cron", "cron": "x"}}, "x is no cron line"),
        ({"definition": {"version": 1, "kind": "odd"}}, "of the kind"),
    ],
)
def test_a_file_that_cannot_be_is_told_by_its_name(
    refused: Callable[..., str], tmp_path: Path, fields: dict[str, Any], sentence: str
) -> None:
    path = segment_file(tmp_path / "git", "debtors", debt(100))
    change(path, **fields)
    assert sentence in refused("save", path)


def test_who_owns_a_new_segment_is_said_or_it_is_for_all(run: Command, home: Path, tmp_path: Path) -> None:
    CliRunner().invoke(app, ["users", "add", "aziza", "--name", "Aziza T", "--home", str(home)])
    run("save", segment_file(tmp_path / "git", "hers", debt(100)), "--owner", "aziza")
    run("save", segment_file(tmp_path / "git", "ours", debt(100)))
    from crm.services import segments
    from crm.start import prepare

    database = prepare(Settings(home=home).crm_url, NOW)
    with database.read() as session:
        told = {each.key: (each.owner_login, each.sharing) for each in segments.segments(session, None)}
    database.close()
    assert told == {"hers": ("aziza", "private"), "ours": ("", "all")}
