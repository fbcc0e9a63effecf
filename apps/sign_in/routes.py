"""The addresses before the workspace."""

import asyncio

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from apps.sign_in.forms import HERE
from apps.sign_in.openid_pages import begin_openid, finish_openid, leave_openid, provider_signed_out
from apps.sign_in.pages import show_sign_in, sign_in, sign_out, way_out
from apps.sign_in.password_page import change_password, show_password
from apps.web.caller import DOOR_KEY, SCOPE_KEY


async def session_state(request: Request) -> Response:
    """204 while the session holds, 401 when it does not; asking is no activity, telling (POST) is."""
    caller = request.scope.get(SCOPE_KEY)
    if caller is None:
        # Where to go now, for the script that asks: who has left by the button also leaves the provider he came from.
        return PlainTextResponse(await way_out(request), 401)
    if request.method == "POST" and caller.session_id is not None:
        await asyncio.to_thread(request.scope[DOOR_KEY].active, caller.session_id)
    return Response(status_code=204)


async def _style(_request: Request) -> Response:
    return FileResponse(HERE / "static" / "style.css", media_type="text/css")


async def _script(_request: Request) -> Response:
    return FileResponse(HERE / "static" / "session.js", media_type="text/javascript")


def routes(secret: str, *, secure: bool) -> list[BaseRoute]:
    """The routes; `secret` signs the cookie that carries an OpenID sign-in to the provider and back."""
    openid = Starlette(
        routes=[
            Route("/begin", begin_openid),
            Route("/callback", finish_openid),
            Route("/out", leave_openid),
            Route("/backchannel", provider_signed_out, methods=["POST"]),
        ],
        middleware=[
            Middleware(
                SessionMiddleware,
                secret_key=secret,
                session_cookie="vitrina_openid",
                max_age=600,
                https_only=secure,
                path="/sign-in",
                same_site="lax",
            )
        ],
    )
    return [
        Route("/sign-in", show_sign_in, methods=["GET"]),
        Route("/sign-in", sign_in, methods=["POST"]),
        Route("/sign-in/style.css", _style),
        Route("/sign-in/session.js", _script),
        Mount("/sign-in/openid", openid),
        Route("/sign-out", sign_out, methods=["POST"]),
        Route("/password", show_password, methods=["GET"]),
        Route("/password", change_password, methods=["POST"]),
        Route("/session", session_state, methods=["GET", "POST"]),
    ]
