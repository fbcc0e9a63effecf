"""Who is asking, as every part of the server is told: the wall decides it once per request or connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

SCOPE_KEY, DOOR_KEY = "vitrina.caller", "vitrina.door"
SESSION_HEADER, USER_HEADER = b"x-vitrina-session", b"x-vitrina-user"
COOKIE = "vitrina_session"
SECURE_COOKIE = "__Host-vitrina_session"


@dataclass(frozen=True)
class Caller:
    """A signed-in person. `session_id` is None for an API token, `scopes` is None for a session (all that he may).

    `view_as` is whose eyes he looks through: he sees what that person sees, and changes nothing.
    """

    user_id: int
    login: str
    language: str = "ru"
    session_id: int | None = None
    token_id: int | None = None
    scopes: frozenset[str] | None = None
    must_change_password: bool = False
    view_as: int | None = None


class Door(Protocol):
    """What the wall asks of the accounts. A call may wait for the database, hence is made outside the event loop."""

    def by_session(self, token: str) -> Caller | None:
        """The person behind a session cookie, or None when it is unknown, ended, too old or idle for too long."""
        ...

    def by_api_token(self, token: str) -> Caller | None:
        """The owner of a personal API token, or None."""
        ...

    def alive(self, session_ids: frozenset[int]) -> frozenset[int]:
        """Those of the sessions that still hold."""
        ...

    def active(self, session_id: int) -> None:
        """The person did something: the idle time begins anew."""
        ...


def caller_of(scope: Mapping[str, Any]) -> Caller:
    """The caller that the wall has let in. Raises `KeyError` where no wall stands."""
    found = scope[SCOPE_KEY]
    if not isinstance(found, Caller):
        raise KeyError(SCOPE_KEY)
    return found
