"""Signing in with a login and password, and signing out."""

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from apps.services import services
from apps.sign_in import entrance
from apps.sign_in.answers import answered, field, sign_in_form, visitor_of
from apps.sign_in.errors import DirectoryUnavailable
from apps.sign_in.forms import is_own_form, speaker_of
from apps.sign_in.openid import PROVIDER
from apps.web import addresses
from apps.web.caller import COOKIE, SCOPE_KEY, SECURE_COOKIE
from crm.services import sessions
from crm.services.actor import Actor


async def show_sign_in(request: Request) -> Response:
    """The form; who is signed in already goes on."""
    target = addresses.safe_return(request.query_params.get("next"))
    if SCOPE_KEY in request.scope and "lang" not in request.query_params:
        return RedirectResponse(target, 303)
    say = speaker_of(request)
    why = {
        "ended": say.text("Your session has ended. Sign in again to go on."),
        "out": say.text("You have signed out."),
    }.get(request.query_params.get("why") or request.query_params.get("state", ""), "")
    return sign_in_form(request, 200, target, why, "notice")


async def sign_in(request: Request) -> Response:
    """Check the form. Whatever is wrong with it, the answer says no more than a stranger may know."""
    form = await request.form(max_files=0, max_fields=10)
    target = addresses.safe_return(field(form.get("next")))
    login, password = field(form.get("login")), field(form.get("password"))
    if not is_own_form(request, form.get("form_token")):
        return sign_in_form(
            request, 400, target, speaker_of(request).text("The form was too old; try once more."), "error"
        )
    try:
        outcome = await asyncio.to_thread(entrance.by_password, services(), login, password, visitor_of(request))
    except DirectoryUnavailable as error:
        return sign_in_form(request, 503, target, speaker_of(request).text(str(error)), "error", login)
    return answered(request, outcome, target, login)


async def sign_out(request: Request) -> Response:
    """End the session here and on the server."""
    caller = request.scope.get(SCOPE_KEY)
    if caller is not None and caller.session_id is not None:
        actor = Actor(caller.user_id, caller.login, addresses.client_address(request.scope))
        await asyncio.to_thread(_end_session, caller.session_id, actor)
    response = RedirectResponse(await way_out(request) or "/sign-in?why=out", 303)
    for name in (COOKIE, SECURE_COOKIE):
        response.delete_cookie(name, path="/", secure=addresses.is_secure(request.scope), httponly=True)
    # Whatever the browser keeps of the workspace goes with the person.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


async def way_out(request: Request) -> str:
    """Where somebody goes who has just left by his own wish; empty for a session that is over for other reasons."""
    token = addresses.session_cookie(request.scope)
    left = await asyncio.to_thread(_left, token) if token else None
    if left is None:
        return ""
    return "/sign-in/openid/out" if left == PROVIDER and services().settings.openid else "/sign-in?why=out"


def _left(token: str) -> str | None:
    with services().database.read() as session:
        return sessions.left_by(session, token)


def _end_session(session_id: int, actor: Actor) -> None:
    with services().database.begin() as session:
        sessions.sign_out(session, session_id, actor, services().now())
