"""The tax portal over HTTP: JSON, pages, a bearer token, and the moods of a public service.

Which request meets which mood is a function of the seed and the request's number, so a test can count on it.
"""

import asyncio
import hmac
import os
import secrets
import socket
import sqlite3
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator.tax_register import TABLES, register_path

URL_VARIABLE, TOKEN_VARIABLE = "VITRINA_TAX_URL", "VITRINA_TAX_TOKEN"
MAX_PAGE_SIZE = 1000


@dataclass(frozen=True)
class Moods:
    """Every so many requests one is refused (429), fails (503) or is answered late; 0 switches a mood off."""

    refuse_every: int = 17
    fail_every: int = 23
    slow_every: int = 61
    retry_after_seconds: int = 1
    slow_seconds: float = 2.0
    seed: int = 7

    def of(self, number: int) -> str:
        """Mood of a request: `slow`, `failing`, `busy` or `well`; never twice in a row for the same request."""
        for mood, every in (("slow", self.slow_every), ("failing", self.fail_every), ("busy", self.refuse_every)):
            if every and (number + self.seed) % every == every - 1:
                return mood
        return "well"


def create_app(home: Path, token: str, moods: Moods | None = None) -> Starlette:
    """ASGI application over the register of a home."""
    moods, numbers, path = moods or Moods(), count(1), register_path(home)

    def endpoint(table: str) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            refusal = _unauthorised(request, token) or await _mood(moods, next(numbers))
            return refusal or await asyncio.to_thread(_page, path, table, request)

        return answer

    return Starlette(
        routes=[Route("/api/v1/taxpayers", endpoint("taxpayer")), Route("/api/v1/einvoices", endpoint("einvoice"))]
    )


def _unauthorised(request: Request, token: str) -> Response | None:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return None
    return JSONResponse({"error": "unauthorised"}, 401, {"WWW-Authenticate": "Bearer"})


async def _mood(moods: Moods, number: int) -> Response | None:
    mood = moods.of(number)
    if mood == "slow":
        await asyncio.sleep(moods.slow_seconds)
    if mood == "failing":
        return JSONResponse({"error": "temporarily unavailable"}, 503)
    if mood == "busy":
        return JSONResponse({"error": "too many requests"}, 429, {"Retry-After": str(moods.retry_after_seconds)})
    return None


def _page(path: Path, table: str, request: Request) -> Response:
    try:
        page = max(int(request.query_params.get("page", 1)), 1)
        size = min(max(int(request.query_params.get("page_size", 200)), 1), MAX_PAGE_SIZE)
    except ValueError:
        return JSONResponse({"error": "page and page_size must be numbers"}, 400)
    since = request.query_params.get("updated_since", "")
    columns = TABLES[table]
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        total = connection.execute(f"SELECT count(*) FROM {table} WHERE updated_at > ?", (since,)).fetchone()[0]
        rows = connection.execute(
            f"SELECT {', '.join(columns)} FROM {table} WHERE updated_at > ? ORDER BY updated_at, {columns[0]}, rowid "
            "LIMIT ? OFFSET ?", (since, size, (page - 1) * size)).fetchall()  # fmt: skip
    connection.close()
    items = [dict(zip(columns, row, strict=True)) for row in rows]
    return JSONResponse({"items": items, "page": page, "pages": max(-(-total // size), 1)})


@contextmanager
def serving(
    home: Path, moods: Moods | None = None, token: str | None = None, host: str = "127.0.0.1", port: int = 0
) -> Iterator[dict[str, str]]:
    """Serve in a thread, for tests and benchmarks; gives the environment variables that a client needs."""
    sock, token = _listen(host, port), token or secrets.token_urlsafe(16)
    server = uvicorn.Server(uvicorn.Config(create_app(home, token, moods), log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]}, daemon=True)
    thread.start()
    try:
        yield {URL_VARIABLE: f"http://{host}:{sock.getsockname()[1]}", TOKEN_VARIABLE: token}
    finally:
        server.should_exit = True
        thread.join(timeout=10)
        sock.close()


def serve(home: Path, host: str = "127.0.0.1", port: int = 0, seed: int = 7) -> None:
    """Serve until interrupted; prints the base URL on the first line. The token comes from the environment."""
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise SystemExit(f"set {TOKEN_VARIABLE}")
    sock = _listen(host, port)
    sys.stdout.write(f"http://{host}:{sock.getsockname()[1]}\n")
    sys.stdout.flush()
    config = uvicorn.Config(create_app(home, token, Moods(seed=seed)), log_level="warning", lifespan="off")
    uvicorn.Server(config).run(sockets=[sock])


def _listen(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen(128)
    return sock
