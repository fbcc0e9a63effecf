"""`vitrina campaigns …`: campaigns as files, approved by accounts that may, as one meets them at the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from crm.database import open_database
from crm.services import accounts, user_roles
from crm.services.actor import system
from crm.services.campaigns import register, templates
from crm.start import prepare
from vitrina.cli.main import app, main
from vitrina.cli.operational import moment
from vitrina.settings import Settings

Command = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with a writer, a head of marketing and a template."""
    monkeypatch.setenv("COLUMNS", "250")
    settings, now = Settings(home=tmp_path / "home"), moment()
    database = prepare(settings.crm_url, now)
    with database.begin() as session:
        for login, role in (("aziza", "marketing_specialist"), ("dilnoza", "head_of_marketing")):
            made = accounts.create_user(
                session, accounts.NewUser(login, login.title()), "Lake-Of-9-Swans", system(), now, settings.accounts
            )
            user_roles.set_roles(session, made.user_id, [role], system(), now, "test")
        texts = {language: {"text": "Hello!"} for language in ("ru", "uz")}
        templates.create_template(session, "Hello", "sms", texts, system(), now, key="hello")
        templates.publish_template(session, "hello", system(), now, "test")
    database.close()
    return tmp_path / "home"


@pytest.fixture
def run(folder: Path) -> Command:
    """Run a command over the home."""
    return lambda *arguments: CliRunner().invoke(app, ["campaigns", *arguments, "--home", str(folder)])


def document(**more: Any) -> dict[str, Any]:
    """A campaign as a file has it."""
    nodes = [{"id": "a", "kind": "audience", "data": {}},
             {"id": "m", "kind": "message", "data": {"channel": "sms", "template": "hello"}},
             {"id": "e", "kind": "end", "data": {"reason": ""}}]  # fmt: skip
    edges = [{"source": "a", "port": "next", "target": "m"}, {"source": "m", "port": "next", "target": "e"}]
    return {
        "version": 1, "key": "bundles", "name": "Bundles", "kind": "targeted", "goal": "More",
        "audience": {"definition": {"combinator": "and", "rules": []}, "enter": "once"},
        "flow": {"version": 1, "nodes": nodes, "edges": edges}, "starts_on": "2026-12-01", "ends_on": "2099-12-31",
        "responsible_login": "aziza", "budget": [{"channel": "sms", "month": "2026-12-01", "need": "100.5"}],
        "kpis": [{"code": "reach", "name": "Reach", "unit": "customers", "target": 9, "direction": "at_least"}],
        **more,
    }  # fmt: skip


def test_a_campaign_comes_from_a_file_and_goes_to_its_start_by_two_accounts(
    run: Command, folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "git" / "bundles.campaign.json"
    path.parent.mkdir()
    path.write_text(json.dumps(document()))
    assert run("setup").output == "4 routes, 1 policies added.\n"
    assert run("limit", "month", "2026-12-01", "1000", "--reason", "plan").output.startswith("1000")
    assert "Nothing was changed" in run("import", str(path.parent), "--dry-run").output
    assert run("import", str(path.parent), "--as", "aziza").output == "bundles: concept, version 1\n"
    kept = json.loads(path.read_text())
    assert {**kept, "pulled": ""} == {**kept, **document(), "media_plan": [], "pulled": "",
                                      "budget": kept["budget"]}  # fmt: skip
    assert run("move", "bundles", "design").exit_code == 0
    assert "waits for" in run("submit", "bundles", "--as", "aziza").output
    shown = run("show", "bundles").output
    seen = shown.splitlines()[0].rsplit(" ", 1)[-1]
    assert run("approve", "bundles", "--as", "aziza", "--seen", seen).exit_code != 0
    assert run("approve", "bundles", "--as", "dilnoza", "--seen", "0" * 12).exit_code != 0
    assert run("approve", "bundles", "--as", "dilnoza", "--seen", seen).output == "bundles: ready\n"
    # Nothing has changed, and so nothing has to be approved again.
    assert run("import", str(path)).output == "bundles: ready, version 1\n"
    assert run("move", "bundles", "start").output == "bundles: running\n"
    database = open_database(Settings(home=folder).crm_url)
    with database.read() as session:
        approval = next(each for each in register.events(session, "bundles") if each.what == "approved")
    database.close()
    assert approval.actor_login == "dilnoza"


def test_files_are_taken_together_or_not_at_all_and_a_mistake_names_its_file(
    run: Command, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for key, kind in (("one", "mass"), ("two", "sudden")):
        (tmp_path / f"{key}.campaign.json").write_text(json.dumps(document(key=key, kind=kind)))
    with pytest.raises(SystemExit):
        main(["campaigns", "import", str(tmp_path), "--home", str(folder)])
    assert "two.campaign.json: A campaign is targeted, mass or trigger; not sudden." in capsys.readouterr().err
    assert "one" not in run("list").output
    assert run("export", str(tmp_path / "all")).output.startswith("0 campaigns")
