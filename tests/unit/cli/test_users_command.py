"""`vitrina users …`, `vitrina crm …` and the people of the demo, as a person at the command line meets them."""

import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import Result
from typer.testing import CliRunner

from crm.database import open_database
from crm.services import accounts, rights, sign_in
from crm.services.role_file import delivered
from simulator.months import Clock
from simulator.staff import build_staff, department_rows, employee_rows
from vitrina.access.rights import Scope
from vitrina.cli import demo_users
from vitrina.cli.main import app, main
from vitrina.cli.operational import tell_when_nobody_can_sign_in
from vitrina.settings import Settings
from vitrina.warehouse.marts import MartCatalogue
from vitrina.warehouse.publish import PublishRequest, publish

NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
Command = Callable[..., Result]
# Everything that the simulated staff did up to the end of the history.
ALWAYS, LAST_DAY = -10_000, 200


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home."""
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "home"


@pytest.fixture
def run(folder: Path) -> Command:
    """Run a command over the home."""
    return lambda *arguments: CliRunner().invoke(app, [*arguments, "--home", str(folder)])


@pytest.fixture
def company(folder: Path) -> Settings:
    """A home whose snapshot holds the staff of the simulated operator; the first farmer of a region has customers."""
    settings, clock = Settings(home=folder), Clock(dt.date(2026, 1, 1))
    staff = build_staff(7, 500, clock, 8)
    departments = department_rows(staff, clock, ALWAYS, LAST_DAY).to_arrow()  # noqa: F841
    employees = employee_rows(staff, clock, ALWAYS, LAST_DAY).to_arrow()  # noqa: F841
    con = duckdb.connect()
    con.execute("create schema marts")
    con.execute(
        "create table marts.dim_departments as "
        "select department_id, parent_id as parent_department_id, name as department_name, kind, region_code "
        "from departments"
    )
    con.execute("create table marts.dim_employees as select *, left_date is null as is_employed from employees")
    con.execute(
        "create table marts.dim_customers as select row_number() over () as customer_id, '' as full_name, "
        "'1706' as region_code, employee_id as manager_id "
        "from (select min(employee_id) as employee_id from employees where position = 'manager_farmer' "
        "and left_date is null and department_id like 'G1706%'), range(3)"
    )
    publish(con, settings.published_dir, PublishRequest(as_of=NOW.date(), now=NOW), MartCatalogue({}))
    return settings


def enters(settings: Settings, login: str, password: str) -> sign_in.Authenticated | sign_in.Refused:
    database = open_database(settings.crm_url)
    try:
        return sign_in.authenticate(database, login, password, "127.0.0.1", NOW, settings.accounts)
    finally:
        database.close()


def test_an_account_is_made_with_a_password_that_is_shown_once(run: Command, folder: Path) -> None:
    told = run("users", "add", "Aziza.T", "--name", "Aziza T", "--role", "system_administrator").output
    password = re.search(r"aziza\.t: (\S+)", told)
    assert password is not None
    entered = enters(Settings(home=folder), "aziza.t", password[1])
    assert isinstance(entered, sign_in.Authenticated)
    assert entered.must_change == "first_use"
    listed = run("users", "list").output
    assert "system_administrator" in listed
    assert password[1] not in listed


def test_a_reset_password_opens_the_account_and_the_old_one_does_not(run: Command, folder: Path) -> None:
    old = run("users", "add", "aziza", "--name", "Aziza T").output.split()[1]
    new = run("users", "reset-password", "aziza").output.split()[1]
    assert enters(Settings(home=folder), "aziza", old) == sign_in.Refused("wrong")
    assert isinstance(enters(Settings(home=folder), "aziza", new), sign_in.Authenticated)


def test_roles_are_given_and_accounts_closed_and_opened(run: Command) -> None:
    run("users", "add", "root", "--name", "Root", "--role", "system_administrator")
    run("users", "add", "aziza", "--name", "Aziza T")
    assert re.search(r"farmer .*yes", run("users", "roles", "aziza", "--role", "farmer").output)
    assert run("users", "disable", "aziza", "--reason", "left").exit_code == 0
    assert "disabled" in run("users", "list").output
    assert run("users", "enable", "aziza", "--reason", "came back").exit_code == 0
    assert run("users", "disable", "aziza").exit_code != 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["users", "reset-password", "nobody"], "There is no user nobody"),
        (["users", "add", "x", "--name", "X"], "A login is 3 to 64 letters"),
        (["users", "add", "xavier", "--name", "X", "--role", "king"], "There is no role king"),
        (["crm", "verify-audit", "--head", "12"], "--head is NUMBER:HASH, not 12"),
        (["crm", "verify-audit", "--head", "7:" + "0" * 64], "the audit log is broken at entry 1: missing"),
        (["crm", "load-organisation"], "nothing has been published"),
    ],
)
def test_what_cannot_be_done_ends_with_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([*arguments, "--home", str(folder)])
    told = capsys.readouterr().err
    assert stopped.value.code == 2
    assert sentence in told
    assert len(told.strip().splitlines()) == 1


def test_a_home_without_accounts_is_told_how_to_make_the_first(
    run: Command, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_when_nobody_can_sign_in(Settings(home=folder))
    assert "vitrina users add LOGIN --name NAME --role system_administrator" in capsys.readouterr().out
    run("users", "add", "root", "--name", "Root", "--role", "system_administrator")
    tell_when_nobody_can_sign_in(Settings(home=folder))
    assert capsys.readouterr().out == ""


def test_the_head_of_the_audit_log_proves_later_that_nothing_was_cut(run: Command) -> None:
    run("users", "add", "aziza", "--name", "Aziza T")
    head = re.search(r"Head (\S+)", run("crm", "verify-audit").output)
    assert head is not None
    run("users", "reset-password", "aziza")
    assert "2 entries, unbroken" in run("crm", "verify-audit", "--head", head[1]).output


def test_the_organisation_is_taken_over_from_the_snapshot(run: Command, company: Settings) -> None:
    assert "Added" in run("crm", "load-organisation").output
    assert run("crm", "load-organisation").output == "Added 0, changed 0, gone 0.\n"


def printed(settings: Settings, capsys: pytest.CaptureFixture[str]) -> str:
    demo_users.welcome(settings)
    return capsys.readouterr().out


def test_the_demo_prints_a_working_password_for_every_role_once(
    company: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    told = printed(company, capsys)
    for role in delivered().roles:
        row = re.search(rf"│ {role} +│ (\S+)", told)
        assert row is not None, role
        assert enters(company, role, row[1]) != sign_in.Refused("wrong"), role
    again = printed(company, capsys)
    assert "│" not in again
    assert "printed at the first start" in again
    assert "users reset-password LOGIN" in again


def test_the_demo_s_passwords_are_nowhere_on_disk(company: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    told = printed(company, capsys)
    passwords = [row.encode() for row in re.findall(r"^│ \w+ +│ (\S+)", told, re.MULTILINE)]
    assert len(passwords) == 19
    content = b"".join(path.read_bytes() for path in company.home.rglob("*") if path.is_file())
    assert not [password for password in passwords if password in content]


def test_the_demo_s_people_do_the_work_of_their_roles(company: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    printed(company, capsys)
    database = open_database(company.crm_url)
    with database.read() as session:
        everybody = {
            user.login: rights.rights_of(session, user.user_id, NOW.date()) for user in accounts.users(session)
        }
    database.close()
    assert everybody["farmer"].employees[Scope.OWN] <= everybody["farmer"].employees[Scope.GROUP]
    assert everybody["farmer"].regions[Scope.GROUP] == {"1706"}
    own = [person.employees[Scope.OWN] for person in everybody.values() if person.employees]
    assert len(frozenset().union(*own)) == len(own) == len(demo_users.PLACES)
    assert everybody["commercial_director"].regions[Scope.UNIT] > everybody["head_of_b2b"].regions[Scope.UNIT] != set()
    assert everybody["system_administrator"].employees_in(Scope.UNIT) == frozenset()


def test_a_head_of_sales_heads_the_unit_of_the_demo_s_farmer(
    company: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(company, capsys)
    database = open_database(company.crm_url)
    with database.read() as session:
        head, farmer = (
            rights.rights_of(session, accounts.user_by_login(session, login).user_id, NOW.date())
            for login in ("head_of_b2b", "farmer")
        )
    database.close()
    assert farmer.employees[Scope.OWN] <= head.employees[Scope.UNIT]
