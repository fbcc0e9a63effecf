"""Who is asking, as every part of the server is told: the wall decides it once per request or connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

SCOPE_KEY = "vitrina.caller"
HEADER = "x-vitrina-session"
COOKIE = "vitrina_session"
SECURE_COOKIE = "__Host-vitrina_session"


@dataclass(frozen=True)
class Caller:
    """A signed-in person. `session_id` is None for an API token, `scopes` is None for a session (all that he may)."""

    user_id: int
    session_id: int | None = None
    token_id: int | None = None
    scopes: frozenset[str] | None = None
    must_change_password: bool = False


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
