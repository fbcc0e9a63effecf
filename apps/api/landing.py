"""Personal pages of campaigns under ``/l/<token>``: public, without cookies, naming nobody.

The token is the only key. Opening a page and pressing its button are responses; opting out takes a press (links are
also opened by programs that look for viruses), or the one press of a mail program (RFC 8058).
"""

import asyncio
import base64
import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from apps.services import services
from crm.delivery import charging
from crm.services.delivery import landing, reports
from crm.services.delivery.values import NewReport, ReportState
from vitrina.i18n import DEFAULT_LANGUAGE, LANGUAGES, translator

HERE = Path(__file__).resolve().parents[1] / "landing"
_DOT: Final = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_LONGEST_FORM = 2_000
_EVENTS: Final = {"delivered": ReportState.DELIVERED, "opened": ReportState.READ}


def landing_pages() -> Starlette:
    """The application that is mounted at ``/l``."""
    return Starlette(
        routes=[
            Route("/style.css", _style),
            Route("/{token}", _page),
            Route("/{token}/go", _go),
            Route("/{token}/o.gif", _opened),
            Route("/{token}/app", _app, methods=["POST"]),
            Route("/{token}/stop", _ask, methods=["GET"]),
            Route("/{token}/stop", _stop, methods=["POST"]),
        ]
    )


async def _page(request: Request) -> Response:
    """The page; having been opened is noted."""
    page = await _visited(request, "open")
    if page is None:
        return _nothing()
    return _drawn("page.html", page.language, page=page, base=_base(request, request.path_params["token"]))


async def _go(request: Request) -> Response:
    """The button: to where the page says, and nowhere else."""
    page = await _visited(request, "click")
    return _nothing() if page is None else RedirectResponse(page.target, 303)


async def _visited(request: Request, kind: str) -> landing.Page | None:
    """The page behind the token; that it was visited is noted, unless a program only asks whether it is there."""

    def visit() -> landing.Page | None:
        shared, token = services(), request.path_params["token"]
        with shared.database.begin() as session:
            page = landing.page_of(session, token)
            if page is not None and request.method == "GET":
                landing.visited(session, token, kind, shared.now())
            return page

    return await asyncio.to_thread(visit)


async def _opened(request: Request) -> Response:
    """The dot in an e-mail. The answer is the same for every token: it tells nobody which ones there are."""
    token = request.path_params["token"]

    def note() -> None:
        shared = services()
        with shared.database.begin() as session:
            landing.visited(session, token, "open", shared.now())

    if request.method == "GET":
        await asyncio.to_thread(note)
    return Response(_DOT, media_type="image/gif")


async def _app(request: Request) -> Response:
    """The operator's app tells that a push message was delivered or opened: ``{"event": "delivered"}``."""
    token, told = request.path_params["token"], await _small_body(request)
    try:
        event = json.loads(told).get("event")
    except (ValueError, AttributeError):
        return PlainTextResponse("An event is expected.", 400)
    state = _EVENTS.get(event) if isinstance(event, str) else None
    if state is None:
        return PlainTextResponse("An event is expected.", 400)

    def note() -> bool:
        shared = services()
        with shared.database.begin() as session:
            channel = landing.channel_of(session, token)
            if channel is None:
                return False
            report = NewReport(channel, f"app:{token}:{event}", state, shared.now(), token=token)
            recorded = reports.record(session, [report], shared.now())
            charging.book(session, recorded.taken, shared.now())
            return True

    return Response(status_code=204) if await asyncio.to_thread(note) else _nothing()


async def _ask(request: Request) -> Response:
    """Asks whether the visitor wants no more."""
    token = request.path_params["token"]

    def look() -> str | None:
        with services().database.read() as session:
            return landing.language_of(session, token)

    language = await asyncio.to_thread(look)
    if language is None:
        return _nothing()
    return _drawn("stop.html", language, base=_base(request, token), is_done=False)


async def _stop(request: Request) -> Response:
    """The visitor wants no more: in this channel, or, when he says so, in any."""
    token, form = request.path_params["token"], await _small_body(request)
    everything = "everything=1" in form

    def note() -> str | None:
        shared = services()
        with shared.database.begin() as session:
            language = landing.language_of(session, token)
            if language is not None:
                landing.stop(session, token, everything, shared.now())
            return language

    language = await asyncio.to_thread(note)
    if language is None:
        return _nothing()
    return _drawn("stop.html", language, base=_base(request, token), is_done=True)


async def _style(_request: Request) -> Response:
    return Response(_style_sheet(), media_type="text/css", headers={"Cache-Control": "max-age=3600"})


async def _small_body(request: Request) -> str:
    """The body, if it is as short as ours are."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_FORM:
            return ""
    return body.decode("ascii", "replace")


def _base(request: Request, token: str) -> str:
    return f"{request.scope.get('root_path', '').rstrip('/')}/{token}"


def _drawn(template: str, language: str, **values: Any) -> HTMLResponse:
    say = translator(language if language in LANGUAGES else DEFAULT_LANGUAGE)
    body = _templates().get_template(template).render(say=say, t=say.text, **values)
    # A page with a personal address is not for search engines, nor for the history of caches.
    return HTMLResponse(body, headers={"X-Robots-Tag": "noindex, nofollow", "Cache-Control": "no-store"})


def _nothing() -> Response:
    return PlainTextResponse("Not found", 404)


@lru_cache(maxsize=1)
def _style_sheet() -> str:
    return (HERE / "static" / "style.css").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _templates() -> Environment:
    folder = FileSystemLoader(HERE / "templates")
    return Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
