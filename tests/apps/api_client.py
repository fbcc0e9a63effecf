"""The HTTP API as somebody reaches it whom the wall has let in."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.testclient import TestClient

from apps.web.caller import SCOPE_KEY, Caller
from crm.services import accounts
from tests.apps.people import database

As = Callable[..., TestClient]


@dataclass
class Entered:
    """The API behind a wall that has let this caller in."""

    api: FastAPI
    caller: Caller

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.api({**scope, SCOPE_KEY: self.caller}, receive, send)


def clients_of(home: Path, api: FastAPI, base_url: str = "http://test/v1", *, raises: bool = False) -> As:
    """Gives a client for a login; `scopes` are those of his token (none: he is signed in)."""
    base = database(home)
    with base.read() as session:
        ids = {user.login: user.user_id for user in accounts.users(session)}
    base.close()

    def entered(login: str, scopes: set[str] | None = None, view_as: str | None = None) -> TestClient:
        known = frozenset(scopes) if scopes is not None else None
        caller = Caller(ids[login], login, session_id=1, scopes=known, view_as=ids[view_as] if view_as else None)
        return TestClient(Entered(api, caller), base_url=base_url, raise_server_exceptions=raises)

    return entered
