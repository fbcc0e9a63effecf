"""The Telegram bot API and a push service (HTTP v1 of Firebase Cloud Messaging), as far as a sender uses them."""

import itertools
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from simulator.channels.conduct import Conduct

GONE_CHAT, BLOCKED_CHAT = 404, 403
_UPDATES_AT_ONCE = 100


class TelegramPeer:
    """One bot with its chats. `flood_after`: with so many messages in a row it asks for a pause once."""

    def __init__(self, conduct: Conduct, token: str, flood_after: int = 0) -> None:
        self._conduct, self._token, self._flood_after = conduct, token, flood_after
        self._numbers, self._update_numbers = itertools.count(1), itertools.count(1)
        self._updates: list[dict[str, Any]] = []
        self.taken: list[dict[str, Any]] = []
        self.app = Starlette(routes=[Route("/bot{token}/{method}", self._answer, methods=["GET", "POST"])])

    async def _answer(self, request: Request) -> JSONResponse:
        if request.path_params["token"] != self._token:
            return _error(401, "Unauthorized")
        body = await request.json() if request.method == "POST" else dict(request.query_params)
        if request.path_params["method"] == "sendMessage":
            return self._send(body)
        if request.path_params["method"] == "getUpdates":
            return self._give(int(body.get("offset", 0)))
        return _error(404, "Not Found")

    def _send(self, body: dict[str, Any]) -> JSONResponse:
        chat = int(body["chat_id"])
        if chat == GONE_CHAT:
            return _error(400, "Bad Request: chat not found")
        if chat == BLOCKED_CHAT:
            return _error(403, "Forbidden: bot was blocked by the user")
        if self._flood_after and len(self.taken) >= self._flood_after:
            self._flood_after = 0
            return _error(429, "Too Many Requests: retry after 1", {"retry_after": 1})
        number = next(self._numbers)
        self.taken.append({**body, "message_id": number})
        self._people(chat, number, body)
        return JSONResponse({"ok": True, "result": {"message_id": number, "chat": {"id": chat}, "text": body["text"]}})

    def _people(self, chat: int, number: int, body: dict[str, Any]) -> None:
        answer = self._conduct.answers(str(chat), str(body["text"]))
        buttons = body.get("reply_markup", {}).get("inline_keyboard", [])
        if answer == "STOP":
            self.write(chat, "/stop")
        elif answer is not None and buttons:
            self.press(chat, number, buttons[0][0]["callback_data"])

    def write(self, chat: int, text: str, answered: int | None = None) -> None:
        """A person writes to the bot."""
        message: dict[str, Any] = {"message_id": next(self._numbers), "chat": {"id": chat}, "text": text}
        if answered is not None:
            message["reply_to_message"] = {"message_id": answered}
        self._updates.append({"update_id": next(self._update_numbers), "message": message})

    def press(self, chat: int, number: int, data: str) -> None:
        """A person presses a button."""
        query = {"id": str(number), "from": {"id": chat}, "data": data}
        query["message"] = {"message_id": number, "chat": {"id": chat}}
        self._updates.append({"update_id": next(self._update_numbers), "callback_query": query})

    def block(self, chat: int) -> None:
        """A person shuts the bot out."""
        member = {"chat": {"id": chat}, "new_chat_member": {"status": "kicked"}}
        self._updates.append({"update_id": next(self._update_numbers), "my_chat_member": member})

    def _give(self, offset: int) -> JSONResponse:
        """Updates below the offset are forgotten, as the API says."""
        self._updates = [each for each in self._updates if each["update_id"] >= offset]
        return JSONResponse({"ok": True, "result": self._updates[:_UPDATES_AT_ONCE]})


class PushPeer:
    """One project of the push service. Devices whose token begins with ``gone`` are not registered."""

    def __init__(self, project: str, access_token: str) -> None:
        self._project, self._access_token = project, access_token
        self._numbers = itertools.count(1)
        self.taken: list[dict[str, Any]] = []
        self.app = Starlette(routes=[Route("/v1/projects/{project}/messages:send", self._send, methods=["POST"])])

    async def _send(self, request: Request) -> JSONResponse:
        if request.headers.get("authorization") != f"Bearer {self._access_token}":
            return _status(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        if request.path_params["project"] != self._project:
            return _status(404, "NOT_FOUND", "Requested entity was not found.")
        message = (await request.json()).get("message", {})
        if not message.get("token"):
            return _status(400, "INVALID_ARGUMENT", "Recipient of the message is not set.")
        if str(message["token"]).startswith("gone"):
            return _status(404, "UNREGISTERED", "The device is not registered.")
        self.taken.append(message)
        return JSONResponse({"name": f"projects/{self._project}/messages/{next(self._numbers)}"})


def _error(code: int, text: str, parameters: dict[str, Any] | None = None) -> JSONResponse:
    told: dict[str, Any] = {"ok": False, "error_code": code, "description": text}
    return JSONResponse({**told, "parameters": parameters} if parameters else told, code)


def _status(code: int, status: str, text: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "status": status, "message": text}}, code)
