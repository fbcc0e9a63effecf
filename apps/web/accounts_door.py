"""The wall's questions, answered by the accounts of the operational database."""

import time

from apps.services import Services
from apps.web.caller import Caller
from crm.services import sessions, tokens
from crm.services.sessions import TOUCH_SECONDS, SignedIn

_KEPT = 10_000


class AccountsDoor:
    """Looks up sessions and tokens. Who is let in is never remembered: what ends has ended for the next request."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._noted: dict[int, float] = {}

    def by_session(self, token: str) -> Caller | None:
        """The person behind a session cookie."""
        services = self._services
        with services.database.read() as session:
            found = sessions.resolve(session, token, services.now(), services.settings.accounts)
        return None if found is None else _caller(found)

    def by_api_token(self, token: str) -> Caller | None:
        """The owner of a personal API token."""
        services = self._services
        with services.database.read() as session:
            found = tokens.resolve_token(session, token, services.now())
        if found is None:
            return None
        if tokens.needs_touch(found.last_used_at, services.now()):
            with services.database.begin() as session:
                tokens.touch_token(session, found.token_id, services.now())
        return Caller(found.user_id, found.login, token_id=found.token_id, scopes=frozenset(found.scopes))

    def alive(self, session_ids: frozenset[int]) -> frozenset[int]:
        """Those of the sessions that still hold: one query for all."""
        services = self._services
        with services.database.read() as session:
            live = sessions.live_sessions(session, services.now(), services.settings.accounts)
        return session_ids & {info.session_id for info in live}

    def active(self, session_id: int) -> None:
        """Begin the idle time anew; what was noted a moment ago is not written again."""
        services, tick = self._services, time.monotonic()
        if tick - self._noted.get(session_id, -TOUCH_SECONDS) < TOUCH_SECONDS:
            return
        if len(self._noted) > _KEPT:
            self._noted.clear()
        self._noted[session_id] = tick
        with services.database.begin() as session:
            sessions.touch(session, session_id, services.now())


def _caller(found: SignedIn) -> Caller:
    return Caller(
        user_id=found.user_id, login=found.login, language=found.language, session_id=found.session_id,
        must_change_password=bool(found.must_change), view_as=found.view_as_user_id,
    )  # fmt: skip
