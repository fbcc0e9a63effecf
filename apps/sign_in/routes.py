"""The addresses before the workspace: sign in and out, a new password, the state of the session."""

import asyncio
from functools import lru_cache

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from apps.services import services
from apps.sign_in import entrance
from apps.sign_in.entrance import LetIn, Visitor
from apps.sign_in.errors import DirectoryUnavailable, OpenIdRefused
from apps.sign_in.forms import HERE, LANGUAGE_COOKIE, is_own_form, page, set_cookie, speaker_of
from apps.sign_in.openid import OpenId
from apps.sign_in.refusals import sentence
from apps.web import addresses
from apps.web.caller import COOKIE, DOOR_KEY, SCOPE_KEY, SECURE_COOKIE, caller_of
from crm.errors import CrmError
from crm.services import accounts, sessions
from crm.services.actor import Actor
from crm.services.sign_in import Refused
from vitrina.sign_in_options import OpenIdOptions

_LONGEST_FIELD = 400


async def show_sign_in(request: Request) -> Response:
    """The form; who is signed in already goes on."""
    target = addresses.safe_return(request.query_params.get("next"))
    if SCOPE_KEY in request.scope and "lang" not in request.query_params:
        return RedirectResponse(target, 303)
    say = speaker_of(request)
    why = {
        "ended": say.text("Your session has ended. Sign in again to go on."),
        "out": say.text("You have signed out."),
    }.get(request.query_params.get("why", ""), "")
    return _form(request, 200, target, why, "notice")


async def sign_in(request: Request) -> Response:
    """Check the form. Whatever is wrong with it, the answer says no more than a stranger may know."""
    form = await request.form(max_files=0, max_fields=10)
    target = addresses.safe_return(_field(form.get("next")))
    login, password = _field(form.get("login")), _field(form.get("password"))
    if not is_own_form(request, form.get("form_token")):
        return _form(request, 400, target, speaker_of(request).text("The form was too old; try once more."), "error")
    try:
        outcome = await asyncio.to_thread(entrance.by_password, services(), login, password, _visitor(request))
    except DirectoryUnavailable as error:
        return _form(request, 503, target, speaker_of(request).text(str(error)), "error", login)
    return _answer(request, outcome, target, login)


async def begin_openid(request: Request) -> Response:
    """Off to the provider."""
    openid = _openid(services().settings.openid)
    if openid is None:
        return RedirectResponse("/sign-in", 303)
    request.session["target"] = addresses.safe_return(request.query_params.get("next"))
    try:
        return await openid.begin(request, _callback_address(request))
    except DirectoryUnavailable as error:
        return _form(request, 503, "/", speaker_of(request).text(str(error)), "error")


async def finish_openid(request: Request) -> Response:
    """Back from the provider."""
    openid = _openid(services().settings.openid)
    if openid is None:
        return RedirectResponse("/sign-in", 303)
    target = addresses.safe_return(request.session.pop("target", "/"))
    try:
        person = await openid.finish(request)
    except DirectoryUnavailable as error:
        return _form(request, 503, target, speaker_of(request).text(str(error)), "error")
    except OpenIdRefused as error:
        return _form(request, 403, target, speaker_of(request).text(str(error)), "error")
    outcome = await asyncio.to_thread(entrance.by_person, services(), person, _visitor(request))
    return _answer(request, outcome, target, "")


async def sign_out(request: Request) -> Response:
    """End the session here and on the server."""
    caller = request.scope.get(SCOPE_KEY)
    if caller is not None and caller.session_id is not None:
        actor = Actor(caller.user_id, caller.login, addresses.client_address(request.scope))
        await asyncio.to_thread(_end_session, caller.session_id, actor)
    response = RedirectResponse("/sign-in?why=out", 303)
    for name in (COOKIE, SECURE_COOKIE):
        response.delete_cookie(name, path="/", secure=addresses.is_secure(request.scope), httponly=True)
    # Whatever the browser keeps of the workspace goes with the person.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


async def show_password(request: Request) -> Response:
    """The form for a new password."""
    return _password_form(request, 200, "")


async def change_password(request: Request) -> Response:
    """Change the password; all other sessions of the person end."""
    say, form = speaker_of(request), await request.form(max_files=0, max_fields=10)
    present, new, again = (_field(form.get(name)) for name in ("present", "new", "again"))
    if not is_own_form(request, form.get("form_token")):
        return _password_form(request, 400, say.text("The form was too old; try once more."))
    if new != again:
        return _password_form(request, 400, say.text("The two new passwords differ."))
    try:
        await asyncio.to_thread(_change, request, present, new)
    except CrmError as error:
        return _password_form(request, 400, say.text(error.message, **error.values))
    return RedirectResponse("/", 303)


async def session_state(request: Request) -> Response:
    """204 while the session holds, 401 when it does not; asking is no activity, telling (POST) is."""
    caller = request.scope.get(SCOPE_KEY)
    if caller is None:
        return Response(status_code=401)
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
        routes=[Route("/begin", begin_openid), Route("/callback", finish_openid)],
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


def _form(request: Request, status: int, target: str, message: str, tone: str, login: str = "") -> Response:
    options = services().settings.openid
    title = options.title if options else ""
    return page(
        request, "sign_in.html", status, target=target, message=message, tone=tone, login=login, openid_title=title
    )


def _password_form(request: Request, status: int, message: str) -> Response:
    say, caller = speaker_of(request), caller_of(request.scope)
    rules = say.text(
        "At least {length} characters; three of: small letters, capitals, digits, other signs; not your name.",
        length=services().settings.accounts.password_min_length,
    )
    return page(
        request, "password.html", status, message=message, tone="error", rules=rules, login=caller.login,
        must_change=caller.must_change_password,
    )  # fmt: skip


def _answer(request: Request, outcome: LetIn | Refused, target: str, login: str) -> Response:
    if isinstance(outcome, Refused):
        status = 429 if outcome.code == "locked" else 403
        response = _form(request, status, target, sentence(speaker_of(request), outcome), "error", login)
        if outcome.retry_after:
            response.headers["Retry-After"] = str(outcome.retry_after)
        return response
    response = RedirectResponse("/password" if outcome.must_change else target, 303)
    # A new token at every sign-in: one that somebody planted before is worth nothing after.
    set_cookie(request, response, SECURE_COOKIE if addresses.is_secure(request.scope) else COOKIE, outcome.token)
    if LANGUAGE_COOKIE not in request.cookies:
        set_cookie(request, response, LANGUAGE_COOKIE, speaker_of(request).language)
    return response


def _visitor(request: Request) -> Visitor:
    return Visitor(addresses.client_address(request.scope), addresses.user_agent(request.scope))


def _callback_address(request: Request) -> str:
    # What the host header says goes no further than to a provider that knows our address and takes no other.
    origin = services().settings.web.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
    return f"{origin}/sign-in/openid/callback"


@lru_cache(maxsize=1)
def _openid(options: OpenIdOptions | None) -> OpenId | None:
    return None if options is None else OpenId(options)


def _end_session(session_id: int, actor: Actor) -> None:
    with services().database.begin() as session:
        sessions.sign_out(session, session_id, actor, services().now())


def _change(request: Request, present: str, new: str) -> None:
    caller, shared = caller_of(request.scope), services()
    actor = Actor(caller.user_id, caller.login, addresses.client_address(request.scope))
    with shared.database.begin() as session:
        accounts.change_password(session, caller.user_id, present, new, actor, shared.now(), shared.settings.accounts)
        sessions.end_all(session, caller.user_id, shared.now(), "password_changed", but=caller.session_id)


def _field(value: object) -> str:
    return value[:_LONGEST_FIELD] if isinstance(value, str) else ""
