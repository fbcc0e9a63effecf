"""Where a request came from and where it was meant to go.

`scope["client"]` and `scope["scheme"]` are already those of the person where a trusted proxy stands in front: uvicorn
takes ``X-Forwarded-For`` and ``-Proto`` from proxies named in ``FORWARDED_ALLOW_IPS`` and from nobody else.
"""

from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import quote, urlsplit

from apps.web.caller import COOKIE, SECURE_COOKIE

_SECURE_SCHEMES = {"https", "wss"}


def header(scope: Mapping[str, Any], name: str) -> str | None:
    """The only value of a header; a header sent twice is as good as none, since two readers may pick different ones."""
    found = [value for key, value in scope["headers"] if key.lower() == name.encode()]
    return found[0].decode("latin-1") if len(found) == 1 else None


def is_secure(scope: Mapping[str, Any]) -> bool:
    """Whether the person's side of the connection is TLS."""
    return scope.get("scheme") in _SECURE_SCHEMES


def client_address(scope: Mapping[str, Any]) -> str:
    """The person's network address, for the audit log and for slowing guesses down."""
    client = scope.get("client")
    return str(client[0])[:64] if client else ""


def user_agent(scope: Mapping[str, Any]) -> str:
    """What the browser calls itself, cut to a length that can be kept."""
    return (header(scope, "user-agent") or "")[:200]


def own_origins(scope: Mapping[str, Any], public_url: str) -> set[str]:
    """The origins that are this server: the one that was asked, and the public one where it is another."""
    host = header(scope, "host")
    scheme = "https" if is_secure(scope) else "http"
    known = {f"{scheme}://{host}"} if host else set()
    if public_url:
        parts = urlsplit(public_url)
        known.add(f"{parts.scheme}://{parts.netloc}")
    return known


def is_same_origin(scope: Mapping[str, Any], public_url: str) -> bool:
    """Whether the page that sent this is ours. No Origin at all is not ours: browsers send it where it matters."""
    origin = header(scope, "origin")
    return origin is not None and origin in own_origins(scope, public_url)


def session_cookie(scope: Mapping[str, Any]) -> str | None:
    """The session token that the browser carries; over TLS only the cookie that a plain-text site cannot plant."""
    name = SECURE_COOKIE if is_secure(scope) else COOKIE
    return cookies(scope).get(name)


def cookies(scope: Mapping[str, Any]) -> dict[str, str]:
    """All cookies of a request; none when they cannot be read."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header(scope, "cookie") or "")
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def here(scope: Mapping[str, Any]) -> str:
    """Path and query of a request, to come back to after signing in."""
    query = scope.get("query_string", b"").decode("latin-1")
    return quote(scope["path"], safe="/-_.~") + (f"?{query}" if query else "")


def safe_return(target: str | None) -> str:
    """A path of our own to go to, or the first page: never another site, never back to the sign-in itself."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\", "/sign-")) or len(target) > 1000:
        return "/"
    if any(ord(char) < 33 or char == "\\" for char in target):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target
