"""`vitrina users …`: accounts from the command line: the first administrator, and help when nobody can sign in."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from vitrina.cli.console import console
from vitrina.cli.data import HomeOption, settings_for
from vitrina.cli.operational import actor, moment, opened

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from vitrina.settings import Settings

users = typer.Typer(no_args_is_help=True, help="Accounts of people: list, add, roles, passwords.")
ReasonOption = Annotated[str, typer.Option(help="Why; kept in the audit log.")]
RoleOption = Annotated[list[str] | None, typer.Option("--role", help="A role's code; may be given several times.")]


@users.command("list")
def list_command(home: HomeOption = None) -> None:
    """Every account with its roles."""
    from crm.services.accounts import users as all_users

    table = Table("login", "name", "kept by", "roles", "state", "last sign-in (UTC)")
    with opened(settings_for(home)) as database, database.read() as session:
        for user in all_users(session):
            state = "active" if user.is_active else "disabled"
            last = f"{user.last_sign_in_at:%Y-%m-%d %H:%M}" if user.last_sign_in_at else ""
            table.add_row(
                user.login, escape(user.display_name), user.provider, ", ".join(sorted(user.roles)), state, last
            )
    console.print(table)


@users.command("add")
def add_command(
    login: str,
    name: Annotated[str, typer.Option(help="The name that is shown.")],
    role: RoleOption = None,
    email: str = "",
    home: HomeOption = None,
) -> None:
    """Make a local account; its first password is printed once and must be changed at first use."""
    from crm.services import accounts, passwords, user_roles

    settings = settings_for(home)
    password = passwords.generated(max(16, settings.accounts.password_min_length))
    with _changing(settings) as session:
        new = accounts.NewUser(login, name, email)
        made = accounts.create_user(session, new, password, actor(), moment(), settings.accounts)
        if role:
            user_roles.set_roles(session, made.user_id, role, actor(), moment(), "command line")
    _tell_password(made.login, password)


@users.command("reset-password")
def reset_command(login: str, reason: ReasonOption = "command line", home: HomeOption = None) -> None:
    """Give an account a new password, printed once; ends its sessions and its lock-out."""
    from crm.services import accounts

    settings = settings_for(home)
    with _changing(settings) as session:
        user = accounts.user_by_login(session, login)
        password = accounts.reset_password(session, user.user_id, actor(), moment(), reason, settings.accounts)
    _tell_password(user.login, password)


@users.command("roles")
def roles_command(
    login: str, role: RoleOption = None, reason: ReasonOption = "command line", home: HomeOption = None
) -> None:
    """Give an account exactly these roles; without any, list the roles that there are."""
    from crm.services import accounts, matrix, user_roles

    with _changing(settings_for(home)) as session:
        user = accounts.user_by_login(session, login)
        if role:
            user = user_roles.set_roles(session, user.user_id, role, actor(), moment(), reason)
        known = matrix.matrix(session).roles
    table = Table("role", "name", user.login)
    for code in sorted(known):
        table.add_row(code, known[code].name("en"), "yes" if code in user.roles else "")
    console.print(table)


@users.command("disable")
def disable_command(login: str, reason: ReasonOption, home: HomeOption = None) -> None:
    """Close an account; its sessions and tokens end at once."""
    from crm.services import accounts

    with _changing(settings_for(home)) as session:
        user = accounts.user_by_login(session, login)
        accounts.disable_user(session, user.user_id, actor(), moment(), reason)
    console.print(f"{user.login} is disabled.", highlight=False)


@users.command("enable")
def enable_command(login: str, reason: ReasonOption, home: HomeOption = None) -> None:
    """Open a disabled account again."""
    from crm.services import accounts

    with _changing(settings_for(home)) as session:
        user = accounts.user_by_login(session, login)
        accounts.enable_user(session, user.user_id, actor(), moment(), reason)
    console.print(f"{user.login} is enabled.", highlight=False)


@contextmanager
def _changing(settings: "Settings") -> Iterator["Session"]:
    with opened(settings) as database, database.begin() as session:
        yield session


def _tell_password(login: str, password: str) -> None:
    console.print(f"{login}: {escape(password)}", highlight=False, soft_wrap=True)
    console.print("This password is shown once and kept nowhere; it must be changed at first use.")
