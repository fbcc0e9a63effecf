"""Pages that `vitrina docs` wrote, for who may look at the data's health: they hold samples of what was delivered."""

import asyncio

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from apps import identity
from apps.services import services
from apps.web.caller import Caller, caller_of


class Documents:
    """Stands before the files and asks for the right; to others there is nothing here."""

    def __init__(self, files: ASGIApp) -> None:
        self._files = files

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer as if there were no such page."""
        may = await asyncio.to_thread(_may_look, caller_of(scope))
        await (self._files if may else PlainTextResponse("Not found", 404))(scope, receive, send)


def _may_look(caller: Caller) -> bool:
    rights, _ = identity.rights_of(services(), caller.user_id, caller.view_as)
    return rights.allows("data_health", "view")
