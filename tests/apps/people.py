"""Accounts of the small operator: one user per delivered role, one who may see everything, and their sessions."""

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import update

from crm.database import Database, open_database
from crm.models import User
from crm.services import accounts, organisation, sessions, user_roles
from crm.services.actor import system
from crm.services.matrix import matrix, save_matrix
from crm.services.matrix_changes import GrantChange, MaskChange, RoleAdded
from crm.services.organisation_load import load_organisation
from crm.services.role_file import delivered
from crm.start import prepare
from vitrina.access.rights import COLUMN_CLASSES, Mask, Scope
from vitrina.settings import Settings
from vitrina.warehouse.reader import SnapshotReader

PASSWORD = "Bright-Apricot-71"
EVERYTHING = "sees_everything"
# Which employee a login is; the others are none, so that narrow scopes hold nobody.
EMPLOYEES = {"hunter": "E1", "farmer": "E2", "head_of_b2b": "E3", "telemarketing_operator": "E4"}


def now() -> dt.datetime:
    """The clock of the sessions, which the server under test reads too."""
    return dt.datetime.now(dt.UTC)


def database(home: Path) -> Database:
    """The operational database of a home."""
    return open_database(Settings(home=home).crm_url)


def make_people(home: Path) -> None:
    """The database with its people; logins are the codes of the roles."""
    settings, actor = Settings(home=home), system("tests")
    made = prepare(settings.crm_url, now())
    with made.begin() as session:
        _load_organisation(session, home)
        everything = [GrantChange(EVERYTHING, name, action, Scope.ALL) for name, actions in delivered().actions.items()
                      for action in actions]  # fmt: skip
        bare = [MaskChange(EVERYTHING, name, Mask.OPEN) for name in COLUMN_CLASSES - {"open"}]
        # Somebody who could administer has to be there before the matrix may be saved.
        codes = [*matrix(session).roles, EVERYTHING]
        first = accounts.create_user(
            session, accounts.NewUser("system_administrator", "Системный администратор"), PASSWORD, actor, now(),
            settings.accounts,
        )  # fmt: skip
        user_roles.set_roles(session, first.user_id, ["system_administrator"], actor, now(), "tests")
        names = RoleAdded(EVERYTHING, {"ru": "Видит всё", "uz": "Hammasini koʻradi", "en": "Sees everything"})
        save_matrix(session, [names, *everything, *bare], matrix(session).version, actor, now(), "tests")
        for code in codes:
            if code != "system_administrator":
                _make(session, code, settings, actor)
        session.execute(update(User).values(must_change=False))
    made.close()


def _make(session, code: str, settings: Settings, actor) -> None:
    known = matrix(session).roles[code]
    new = accounts.NewUser(code, known.names["ru"])
    user = accounts.create_user(session, new, PASSWORD, actor, now(), settings.accounts)
    user_roles.set_roles(session, user.user_id, [code], actor, now(), "tests")
    known_employees = {each.employee_id for each in organisation.employees(session)}
    if EMPLOYEES.get(code) in known_employees:
        organisation.link_employees(session, user.user_id, {EMPLOYEES[code]}, actor, now(), "tests")


def _load_organisation(session, home: Path) -> None:
    with SnapshotReader.open(Settings(home=home).published_dir) as reader:
        if "dim_departments" not in reader.manifest.tables:
            return
        departments = reader.query("select * from dim_departments").to_pylist()
        staff = reader.query("select * from dim_employees").to_pylist()
    load_organisation(session, departments, staff, system("tests"), now())


def copy_accounts(source: Path, target: Path) -> None:
    """The operational database of a home for another one, by SQLite itself.

    Not by copying files: closing a file of a database that this process has open drops all its locks, after which
    another process may throw the log away that this one still writes to.
    """
    state = Settings(home=target).state_dir
    state.mkdir(parents=True, exist_ok=True)
    with (
        closing(sqlite3.connect(Settings(home=source).state_dir / "crm.sqlite")) as old,
        closing(sqlite3.connect(state / "crm.sqlite")) as new,
    ):
        old.backup(new)


def open_session(home: Path, login: str) -> tuple[str, dict[str, str]]:
    """Sign a user in without a form: the token of his cookie, and what the wall tells Streamlit about him."""
    base = database(home)
    with base.begin() as session:
        user = accounts.user_by_login(session, login)
        token, number = sessions.create(
            session, user.user_id, "127.0.0.1", "tests", now(), Settings(home=home).accounts
        )
    base.close()
    return token, {"session_id": str(number), "user_id": str(user.user_id)}
