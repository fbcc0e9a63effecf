"""People, clock and options that the tests share."""

import datetime as dt

from crm.database import Database
from crm.services import accounts, user_roles
from crm.services.accounts import NewUser, UserInfo
from crm.services.actor import Actor, system
from vitrina.account_options import AccountOptions

NOW = dt.datetime(2026, 11, 23, 8, 0, tzinfo=dt.UTC)
OPTIONS = AccountOptions()
PASSWORD = "Lake-Of-9-Swans"
OTHER = "Hill-Of-7-Foxes"
SYSTEM = system("tests")
HOME = "10.0.0.5"


def later(**by: float) -> dt.datetime:
    """A moment after `NOW`."""
    return NOW + dt.timedelta(**by)


def add_user(database: Database, login: str, *roles: str, password: str = PASSWORD) -> UserInfo:
    """An account that has chosen its password and has these roles."""
    with database.begin() as session:
        made = accounts.create_user(session, NewUser(login, f"Person {login}"), OTHER, SYSTEM, NOW, OPTIONS)
        accounts.change_password(session, made.user_id, OTHER, password, SYSTEM, NOW, OPTIONS)
        return user_roles.set_roles(session, made.user_id, roles, SYSTEM, NOW, "test") if roles else made


def acting(user: UserInfo) -> Actor:
    """The user as the one who does something."""
    return Actor(user.user_id, user.login, HOME)
