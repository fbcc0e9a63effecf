"""Off to an OpenID provider, and back; and out of it."""

import asyncio
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from apps.services import services
from apps.sign_in import entrance
from apps.sign_in.answers import answered, sign_in_form, visitor_of
from apps.sign_in.errors import DirectoryUnavailable, OpenIdRefused
from apps.sign_in.forms import set_cookie, speaker_of
from apps.sign_in.openid import OpenId
from apps.web import addresses
from apps.web.caller import SCOPE_KEY
from vitrina.sign_in_options import OpenIdOptions

HINT_COOKIE = "vitrina_openid_hint"
# Browsers drop longer cookies; a provider finds the person out by its own cookie then, and asks him once more.
_LONGEST_COOKIE = 3800


async def begin_openid(request: Request) -> Response:
    """Off to the provider."""
    openid = _openid(services().settings.openid)
    if openid is None:
        return RedirectResponse("/sign-in", 303)
    request.session["target"] = addresses.safe_return(request.query_params.get("next"))
    try:
        return await openid.begin(request, _callback_address(request))
    except DirectoryUnavailable as error:
        return sign_in_form(request, 503, "/", speaker_of(request).text(str(error)), "error")


async def finish_openid(request: Request) -> Response:
    """Back from the provider."""
    openid = _openid(services().settings.openid)
    if openid is None:
        return RedirectResponse("/sign-in", 303)
    target = addresses.safe_return(request.session.pop("target", "/"))
    try:
        vouched = await openid.finish(request)
    except DirectoryUnavailable as error:
        return sign_in_form(request, 503, target, speaker_of(request).text(str(error)), "error")
    except OpenIdRefused as error:
        return sign_in_form(request, 403, target, speaker_of(request).text(str(error)), "error")
    outcome = await asyncio.to_thread(entrance.by_person, services(), vouched.person, visitor_of(request))
    response = answered(request, outcome, target, "")
    # The provider asks for its token when the person leaves. It stays in his browser, out of reach of scripts: here it
    # would be one more thing to guard.
    if len(vouched.id_token) <= _LONGEST_COOKIE:
        set_cookie(request, response, HINT_COOKIE, vouched.id_token, path="/sign-in")
    return response


async def leave_openid(request: Request) -> Response:
    """On to the provider's own sign-out, for who has signed out here; whoever is still signed in stays so.

    Following a link is no wish to leave: the session here ends by a form or a button alone.
    """
    openid = _openid(services().settings.openid)
    if SCOPE_KEY in request.scope:
        return RedirectResponse("/", 303)
    hint = request.cookies.get(HINT_COOKIE, "")
    out = await openid.way_out(hint, f"{_origin(request)}/sign-in") if openid is not None else None
    response = RedirectResponse(out or "/sign-in?why=out", 303)
    response.delete_cookie(HINT_COOKIE, path="/sign-in", secure=addresses.is_secure(request.scope), httponly=True)
    return response


async def provider_signed_out(request: Request) -> Response:
    """The provider tells that somebody has signed out there: all his sessions here end (back-channel log-out)."""
    openid = _openid(services().settings.openid)
    if openid is None:
        return PlainTextResponse("Not found", 404)
    form = await request.form(max_files=0, max_fields=5)
    token = form.get("logout_token")
    try:
        subject = await openid.left(token if isinstance(token, str) else "", services().now())
    except (DirectoryUnavailable, OpenIdRefused):
        return PlainTextResponse("Not accepted", 400)
    await asyncio.to_thread(entrance.let_out, services(), subject, addresses.client_address(request.scope))
    return PlainTextResponse("", 200)


def _callback_address(request: Request) -> str:
    return f"{_origin(request)}/sign-in/openid/callback"


def _origin(request: Request) -> str:
    # What the host header says goes no further than to a provider that knows our address and takes no other.
    return services().settings.web.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


@lru_cache(maxsize=1)
def _openid(options: OpenIdOptions | None) -> OpenId | None:
    return None if options is None else OpenId(options)
