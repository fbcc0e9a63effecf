"""Who is let in with what: a login and password, or a person whom an OpenID provider sent back."""

from dataclasses import dataclass

from sqlalchemy import select

from apps.services import Services
from apps.sign_in.ldap import Directory
from apps.sign_in.openid import PROVIDER
from crm.models import User
from crm.services import attempts, passwords, sessions
from crm.services.accounts import LOCAL, canonical
from crm.services.actor import Actor
from crm.services.external import ExternalPerson, sign_in_external
from crm.services.sign_in import Authenticated, Refused, authenticate, record_refusal


@dataclass(frozen=True)
class Visitor:
    """Where a sign-in comes from."""

    address: str
    agent: str


@dataclass(frozen=True)
class LetIn:
    """A session was opened: the token for its cookie, and whether a new password comes first."""

    token: str
    must_change: bool


def by_password(services: Services, login: str, password: str, visitor: Visitor) -> LetIn | Refused:
    """Check a login and password, of a local account or by the directory, and open a session.

    Raises `apps.sign_in.errors.DirectoryUnavailable`.
    """
    ldap = services.settings.ldap
    if ldap is None or _is_local(services, login):
        database, options = services.database, services.settings.accounts
        outcome = authenticate(database, login, password, visitor.address, services.now(), options)
    else:
        outcome = _by_directory(services, Directory(ldap), login, password, visitor.address)
    return _opened(services, outcome, visitor)


def by_person(services: Services, person: ExternalPerson, visitor: Visitor) -> LetIn | Refused:
    """Open a session for a person whom a provider has vouched for."""
    outcome = sign_in_external(services.database, person, visitor.address, services.now())
    return _opened(services, outcome, visitor)


def let_out(services: Services, subject: str, address: str) -> int:
    """End the sessions of a person who has signed out at the OpenID provider; returns how many. Unknown: none."""
    with services.database.begin() as session:
        query = select(User.user_id).where(User.provider == PROVIDER, User.subject == subject)
        user_id = session.scalar(query)
        if user_id is None:
            return 0
        actor = Actor(None, PROVIDER, address)
        return sessions.revoke_user(session, user_id, actor, services.now(), "signed out at the provider")


def _is_local(services: Services, login: str) -> bool:
    with services.database.read() as session:
        found = session.scalar(select(User.user_id).where(User.login == canonical(login), User.provider == LOCAL))
    return found is not None


def _by_directory(
    services: Services, directory: Directory, login: str, password: str, address: str
) -> Authenticated | Refused:
    """The directory's answer, with the same count of failures and the same log as for local accounts."""
    database, options = services.database, services.settings.accounts
    waits = attempts.reserve(database, canonical(login), address, services.now(), options)
    if waits is not None:
        return record_refusal(database, login, address, services.now(), Refused("locked", waits.seconds))
    # The same work as for a local account, or the time would tell which logins are local.
    passwords.matches(None, password)
    person = directory.check(login, password)
    if person is None:
        return record_refusal(database, login, address, services.now(), Refused("wrong"))
    with database.begin() as session:
        attempts.clear(session, canonical(login))
        attempts.release_address(session, address, options)
    return sign_in_external(database, person, address, services.now())


def _opened(services: Services, outcome: Authenticated | Refused, visitor: Visitor) -> LetIn | Refused:
    if isinstance(outcome, Refused):
        return outcome
    options = services.settings.accounts
    with services.database.begin() as session:
        token, _ = sessions.create(session, outcome.user_id, visitor.address, visitor.agent, services.now(), options)
    return LetIn(token, bool(outcome.must_change))
