"""Off to an OpenID provider, and back."""

import asyncio
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from apps.services import services
from apps.sign_in import entrance
from apps.sign_in.answers import answered, sign_in_form, visitor_of
from apps.sign_in.errors import DirectoryUnavailable, OpenIdRefused
from apps.sign_in.forms import speaker_of
from apps.sign_in.openid import OpenId
from apps.web import addresses
from vitrina.sign_in_options import OpenIdOptions


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
        person = await openid.finish(request)
    except DirectoryUnavailable as error:
        return sign_in_form(request, 503, target, speaker_of(request).text(str(error)), "error")
    except OpenIdRefused as error:
        return sign_in_form(request, 403, target, speaker_of(request).text(str(error)), "error")
    outcome = await asyncio.to_thread(entrance.by_person, services(), person, visitor_of(request))
    return answered(request, outcome, target, "")


def _callback_address(request: Request) -> str:
    # What the host header says goes no further than to a provider that knows our address and takes no other.
    origin = services().settings.web.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
    return f"{origin}/sign-in/openid/callback"


@lru_cache(maxsize=1)
def _openid(options: OpenIdOptions | None) -> OpenId | None:
    return None if options is None else OpenId(options)
