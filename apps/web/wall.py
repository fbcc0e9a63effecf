"""The wall around everything that the server answers: nobody gets past it unknown.

Pure ASGI, because other middleware does not see websockets. It stands outermost, so a route that somebody adds later is
closed until he opens it here.
"""

import asyncio
from collections.abc import Callable, MutableMapping

from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from apps.web import addresses
from apps.web.caller import DOOR_KEY, SCOPE_KEY, SESSION_HEADER, USER_HEADER, Caller, Door
from apps.web.ownership import may_read_media, owners
from apps.web.sockets import OpenSocket, OpenSockets

PUBLIC = frozenset(
    {
        "/_stcore/health", "/session", "/sign-in", "/sign-in/style.css", "/sign-in/session.js",
        "/sign-in/openid/begin", "/sign-in/openid/callback", "/sign-in/openid/out", "/sign-in/openid/backchannel",
    }
)  # fmt: skip
# Pages of campaigns: their token is the key. Customers and mail programs come from everywhere, and no cookie counts.
PERSONAL_PAGES = "/l/"
# What an OpenID provider sends us itself, not through a browser: it is signed, and no cookie counts.
FROM_PROVIDER = "/sign-in/openid/backchannel"
# Fonts, logos and Streamlit's own program text: nothing of ours in them, and the sign-in page needs the first two.
PUBLIC_FOLDERS = ("/app/static/", "/static/", PERSONAL_PAGES)
# Metrics and the agent interface of Streamlit serve nobody here.
CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check", "/auth/", "/oauth2callback")
PASSWORD_PAGES = frozenset({"/password", "/sign-out", "/session"})
UPLOADS, MEDIA, STREAM = "/_stcore/upload_file/", "/media/", "/_stcore/stream"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SESSION_ENDED = 4401


class Wall:
    """Middleware: finds out who asks, refuses the unknown, and hands the known on under a header of ours."""

    def __init__(self, app: ASGIApp, door: Callable[[], Door], public_url: Callable[[], str]) -> None:
        self._app, self._door, self._public_url = app, door, public_url
        self._sockets: OpenSockets | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on one request or connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope = _without_spoofed_headers(scope)
        if _is_crooked(scope["path"]):
            await _refuse(scope, receive, send, PlainTextResponse("Bad path", 400))
        elif scope["path"].startswith(CLOSED):
            await _refuse(scope, receive, send, PlainTextResponse("Not found", 404))
        elif self._is_foreign(scope):
            await _refuse(scope, receive, send, PlainTextResponse("Foreign origin", 403))
        else:
            await self._enter(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        """A cookie says who the browser belongs to, not which page made it ask: that is the Origin's to say."""
        if scope["type"] == "http" and scope["method"] in SAFE_METHODS:
            return False
        if scope["type"] == "http" and scope["path"].startswith("/api/") and _bearer(scope):
            return False
        if scope["type"] == "http" and (scope["path"].startswith(PERSONAL_PAGES) or scope["path"] == FROM_PROVIDER):
            return False
        return not addresses.is_same_origin(scope, self._public_url())

    async def _enter(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[DOOR_KEY] = self._door()
        caller = await self._caller(scope)
        if caller is not None:
            scope[SCOPE_KEY] = caller
        path = scope["path"]
        if path in PUBLIC or (scope["type"] == "http" and path.startswith(PUBLIC_FOLDERS)):
            await self._app(scope, receive, send)
        elif caller is None:
            await _refuse(scope, receive, send, _who_are_you(scope))
        elif caller.must_change_password and path not in PASSWORD_PAGES:
            await _refuse(scope, receive, send, _change_password(scope))
        elif scope["type"] == "websocket":
            await self._connect(scope, receive, send, caller)
        elif _is_of_another(path, caller):
            await _refuse(scope, receive, send, PlainTextResponse("Not found", 404))
        else:
            await self._app(scope, receive, send)

    async def _caller(self, scope: Scope) -> Caller | None:
        token = _bearer(scope) if scope["path"].startswith("/api/") else None
        if token is not None:
            return await asyncio.to_thread(self._door().by_api_token, token)
        cookie = addresses.session_cookie(scope)
        return await asyncio.to_thread(self._door().by_session, cookie) if cookie else None

    async def _connect(self, scope: Scope, receive: Receive, send: Send, caller: Caller) -> None:
        if scope["path"] != STREAM or caller.session_id is None:
            await _refuse(scope, receive, send, PlainTextResponse("Not found", 404))
            return
        if self._sockets is None:
            self._sockets = OpenSockets(self._door())
        known = [(SESSION_HEADER, str(caller.session_id).encode()), (USER_HEADER, str(caller.user_id).encode())]
        scope["headers"] = [*_own_session_only(scope["headers"], caller), *known]
        with self._sockets.enter(caller.session_id) as socket:
            talk = _Conversation(socket, receive, send, self._door(), caller.session_id)
            await self._app(scope, talk.receive, talk.send)


class _Conversation:
    """Both directions of a websocket: ends with its session, and tells work from a page's own refreshing."""

    def __init__(self, socket: OpenSocket, receive: Receive, send: Send, door: Door, session_id: int) -> None:
        self._socket, self._receive, self._send = socket, receive, send
        self._door, self._session_id = door, session_id
        self._closed = False

    async def receive(self) -> Message:
        """The next message of the browser, or the end when the session has ended."""
        message = asyncio.ensure_future(self._receive())
        ended = asyncio.ensure_future(self._socket.ended.wait())
        try:
            await asyncio.wait({message, ended}, return_when=asyncio.FIRST_COMPLETED)
            if self._socket.ended.is_set():
                await self.send({"type": "websocket.close", "code": SESSION_ENDED})
                return {"type": "websocket.disconnect", "code": SESSION_ENDED}
            received = message.result()
        finally:
            message.cancel()
            ended.cancel()
        if _is_work(received):
            await asyncio.to_thread(self._door.active, self._session_id)
        return received

    async def send(self, message: Message) -> None:
        """Pass on what the server says, until the end."""
        if not self._closed:
            self._closed = message["type"] == "websocket.close"
            await self._send(message)


def _is_work(message: Message) -> bool:
    """Whether a person did something. A fragment that runs on a clock sends messages too; they are not his."""
    data = message.get("bytes")
    if message["type"] != "websocket.receive" or not data:
        return False
    parsed = BackMsg()
    try:
        parsed.ParseFromString(data)
    except Exception:
        return False
    return parsed.WhichOneof("type") == "rerun_script" and not parsed.rerun_script.is_auto_rerun


def _without_spoofed_headers(scope: Scope) -> Scope:
    """A copy without the headers by which the server itself says who is signed in."""
    headers = [(name, value) for name, value in scope["headers"] if not name.lower().startswith(b"x-vitrina-")]
    return {**scope, "headers": headers}


def _own_session_only(headers: list[tuple[bytes, bytes]], caller: Caller) -> list[tuple[bytes, bytes]]:
    """A browser may take up only a Streamlit session that the same sign-in opened; its id is the third subprotocol."""

    def checked(value: bytes) -> bytes:
        parts = [part.strip() for part in value.decode("latin-1").split(",")]
        if len(parts) >= 3 and not owners.owns(parts[2], caller.session_id):
            parts = parts[:2]
        return ", ".join(parts).encode("latin-1")

    return [(name, checked(value) if name.lower() == b"sec-websocket-protocol" else value) for name, value in headers]


def _is_of_another(path: str, caller: Caller) -> bool:
    if path.startswith(UPLOADS):
        return not owners.owns(path.removeprefix(UPLOADS).split("/")[0], caller.session_id)
    return path.startswith(MEDIA) and not may_read_media(path.removeprefix(MEDIA), caller.session_id)


def _is_crooked(path: str) -> bool:
    """A path that two readers may take for two things: the wall's look at it must be the router's."""
    return "//" in path or "\\" in path or "\x00" in path or any(part in (".", "..") for part in path.split("/"))


def _bearer(scope: Scope) -> str | None:
    kind, _, token = (addresses.header(scope, "authorization") or "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def _is_navigation(scope: Scope) -> bool:
    return (
        scope["type"] == "http"
        and scope["method"] in ("GET", "HEAD")
        and "text/html" in (addresses.header(scope, "accept") or "")
    )


def _who_are_you(scope: Scope) -> Response:
    if scope["path"].startswith("/api/") and not _is_navigation(scope):
        return _problem(401, "sign_in_required", {"WWW-Authenticate": "Bearer"})
    if _is_navigation(scope):
        where = addresses.here(scope)
        return RedirectResponse("/sign-in" if where == "/" else f"/sign-in?next={addresses.quote(where, safe='')}", 303)
    return PlainTextResponse("Sign in first", 401)


def _change_password(scope: Scope) -> Response:
    if _is_navigation(scope) and not scope["path"].startswith("/api/"):
        return RedirectResponse("/password", 303)
    return _problem(403, "password_change_required", {})


def _problem(status: int, code: str, headers: MutableMapping[str, str]) -> Response:
    body = {"type": f"urn:vitrina:problem:{code}", "title": code.replace("_", " ").capitalize(), "status": status}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


async def _refuse(scope: Scope, receive: Receive, send: Send, response: Response) -> None:
    if scope["type"] == "websocket":
        await receive()
        # Before it is accepted, a closed websocket is answered with 403.
        await send({"type": "websocket.close", "code": 1008})
        return
    await response(scope, receive, send)
