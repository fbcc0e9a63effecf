"""The web server: the Streamlit workspace, the sign-in pages and the HTTP API as one ASGI application behind one wall.

Start it with ``streamlit run apps/server.py``. Configuration is in ``apps/.streamlit/config.toml``.
"""

import asyncio
import gc
import importlib
import logging
import secrets
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from apps import services
from apps.api.app import make_api
from apps.api.landing import landing_pages
from apps.sign_in.routes import routes as sign_in_routes
from apps.web.accounts_door import AccountsDoor
from apps.web.documents import Documents
from apps.web.headers import Headers
from apps.web.wall import Wall
from vitrina.settings import get_settings

log = logging.getLogger("vitrina.apps")

SCRIPT = Path(__file__).resolve().with_name("app.py")
# Imported before the first visitor, who would otherwise wait some four seconds for them.
HEAVY = ("pandas", "pyarrow", "duckdb", "babel.dates", "vitrina.i18n", "vitrina.warehouse.reader", "apps.ui.tables")
# Behind the first pages; made ready while the first visitor signs in, so that the server does not start later for them.
BEHIND_PAGES = (
    "apps.navigation", "apps.gatekeeper", "apps.signal_workspace.opened", "apps.signal_workspace.home",
    "apps.client_list.listing", "apps.task_workspace.listing", "apps.performance.bonuses",
    "apps.performance.team_table", "apps.customer_card.overview", "apps.customer_card.relations",
    "apps.usage_analysis.showing", "apps.segment_workspace.bench", "apps.rule_workspace.desk",
    "apps.model_workspace.quality", "PIL.Image",
)  # fmt: skip
COLLECT_EVERY_SECONDS = 60


async def _collect_garbage() -> None:
    """Collect on a clock, since collection after every script run is switched off for the sake of latency."""
    while True:
        await asyncio.sleep(COLLECT_EVERY_SECONDS)
        await asyncio.to_thread(gc.collect, 1)


def _make_ready() -> None:
    """Import what pages need and open the snapshot; a failure is told by the page that meets it."""
    for name in BEHIND_PAGES:
        importlib.import_module(name)
    from apps.gatekeeper import gatekeeper
    from vitrina.warehouse.store import NothingPublished

    with suppress(NothingPublished):
        gatekeeper().gate(gatekeeper().current_version())


async def _ready() -> None:
    try:
        await asyncio.to_thread(_make_ready)
    except Exception:
        log.exception("pages could not be made ready beforehand")


@asynccontextmanager
async def lifespan(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """Warm imports and catalogues, and run the collector while the server lives."""
    await asyncio.to_thread(services.start)
    await asyncio.to_thread(lambda: [importlib.import_module(name) for name in HEAVY])
    from vitrina.i18n import LANGUAGES, translator

    for language in LANGUAGES:
        translator(language)
    beside = [asyncio.create_task(_collect_garbage()), asyncio.create_task(_ready())]
    try:
        yield {}
    finally:
        for task in beside:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def script_failed(error: Exception) -> bool:
    """Show the page for unforeseen errors (here: of a callback or of the router); the log has the error whole."""
    from apps.ui.layout import failure

    reference = uuid.uuid4().hex[:8]
    log.error("the workspace script failed, reference %s", reference, exc_info=error)
    failure(reference)
    return True


# What `vitrina docs` wrote: data dictionary, models, results of the quality suites. Absent until then, hence no check.
documentation = StaticFiles(directory=get_settings().home / "docs", html=True, check_dir=False)

settings = get_settings()
door = AccountsDoor(services.services())

app = st.App(
    SCRIPT,
    routes=[
        *sign_in_routes(secrets.token_urlsafe(32), secure=settings.web.is_https),
        Mount("/api", make_api()),
        Mount("/l", landing_pages()),
        Mount("/docs", Documents(documentation)),
    ],
    middleware=[
        Middleware(Headers, form_targets=lambda: [settings.openid.issuer] if settings.openid else []),
        Middleware(Wall, door=lambda: door, public_url=lambda: settings.web.public_url),
    ],
    lifespan=lifespan,
    on_script_error=script_failed,
)
