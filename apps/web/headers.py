"""What every answer carries: the content policy and its companions, and our small script in Streamlit's page."""

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from apps.web.addresses import is_secure

Header = tuple[bytes, bytes]
SCRIPT = b'<script src="/sign-in/session.js" defer></script></head>'
DOCUMENTATION = "/docs"
PERSONAL_PAGES = "/l/"
UNCHANGING = ("/static/", "/app/static/")
_ABOUT_CACHING = {b"etag", b"last-modified", b"cache-control", b"content-length"}
_STATIC = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_HSTS = (b"strict-transport-security", b"max-age=31536000")


class Headers:
    """Middleware: security headers on every answer, and the session script in the page that Streamlit serves."""

    def __init__(self, app: ASGIApp, form_targets: Callable[[], Sequence[str]] = tuple) -> None:
        self._app, self._form_targets = app, form_targets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and dress what comes back."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        own = self._own(scope)
        if not _is_page(scope):
            await self._app(scope, receive, _dressing(send, own))
            return
        # The page is rewritten below: it must come whole, and the browser's copy of it says nothing about ours.
        unwanted = {b"accept-encoding", b"if-none-match", b"if-modified-since", b"range"}
        scope = {**scope, "headers": [h for h in scope["headers"] if h[0].lower() not in unwanted]}
        await self._app(scope, receive, _PageRewriter(send, own))

    def _own(self, scope: Scope) -> list[Header]:
        headers = [(name.lower().encode(), value.encode()) for name, value in _STATIC.items()]
        if scope["path"].startswith(PERSONAL_PAGES):
            # The dot in an e-mail is shown by the reader's mail program, which is another origin.
            headers = [each for each in headers if each[0] != b"cross-origin-resource-policy"]
        documents = scope["path"].startswith(DOCUMENTATION)
        policy = documentation_policy() if documents else page_policy(tuple(self._form_targets()))
        headers.append((b"content-security-policy", policy.encode()))
        if not scope["path"].startswith(UNCHANGING):
            headers.append((b"cache-control", b"no-store"))
        return [*headers, _HSTS] if is_secure(scope) else headers


@lru_cache(maxsize=8)
def page_policy(form_targets: tuple[str, ...] = ()) -> str:
    """The content policy of the workspaces: nothing from elsewhere, no inline script but Streamlit's own line.

    Styles may be inline, since Streamlit's components write them so. `form_targets` are other origins that a form of
    ours may lead to by a redirect (an OpenID provider).
    """
    return "; ".join(
        (
            "default-src 'self'",
            "script-src " + " ".join(["'self'", "'wasm-unsafe-eval'", *inline_script_hashes(streamlit_page())]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "media-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-src 'none'",
            "frame-ancestors 'none'",
            " ".join(["form-action", "'self'", *form_targets]),
        )
    )


def documentation_policy() -> str:
    """Pages that dbt and Great Expectations wrote run scripts of their own: let them, but without our cookies."""
    return (
        "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'; "
        "sandbox allow-scripts allow-popups allow-downloads"
    )


def inline_script_hashes(html: str) -> list[str]:
    """Hashes by which a content policy allows exactly the inline scripts of a page."""
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    return [f"'sha256-{digest}'" for digest in digests]


@lru_cache(maxsize=1)
def streamlit_page() -> str:
    """The page that Streamlit serves for every address of the workspace."""
    import streamlit

    return Path(streamlit.__file__).parent.joinpath("static", "index.html").read_text(encoding="utf-8")


def _is_page(scope: Scope) -> bool:
    accepted = next((value for name, value in scope["headers"] if name.lower() == b"accept"), b"")
    ours = (*UNCHANGING, DOCUMENTATION, PERSONAL_PAGES, "/media/", "/api/")
    return b"text/html" in accepted and not scope["path"].startswith(ours)


def _dressed(message: Message, own: Sequence[Header]) -> Message:
    taken = {name for name, _ in own}
    kept = [header for header in message.get("headers", []) if header[0].lower() not in taken]
    return {**message, "headers": [*kept, *own]}


def _dressing(send: Send, own: Sequence[Header]) -> Send:
    async def dressed(message: Message) -> None:
        await send(_dressed(message, own) if message["type"] == "http.response.start" else message)

    return dressed


class _PageRewriter:
    """Puts the session script into an HTML page on its way out; anything else passes as it is."""

    def __init__(self, send: Send, own: Sequence[Header]) -> None:
        self._send, self._own = send, own
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = dict(message.get("headers", [])).get(b"content-type", b"")
            if message["status"] == 200 and kind.startswith(b"text/html"):
                self._start = message
                return
            await self._send(_dressed(message, self._own))
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)
        else:
            await self._send(message)

    async def _finish(self, start: Message) -> None:
        body = self._body
        if b'<div id="root">' in body:
            body = body.replace(b"</head>", SCRIPT, 1)
        kept = [header for header in start["headers"] if header[0].lower() not in _ABOUT_CACHING]
        length = (b"content-length", str(len(body)).encode())
        await self._send(_dressed({**start, "headers": [*kept, length]}, self._own))
        await self._send({"type": "http.response.body", "body": body})
