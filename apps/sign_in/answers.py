"""What the sign-in pages share: the form drawn, a sign-in answered, a field read."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from apps.language import LANGUAGE_COOKIE
from apps.services import services
from apps.sign_in.entrance import LetIn, Visitor
from apps.sign_in.forms import page, set_cookie, speaker_of
from apps.sign_in.refusals import sentence
from apps.web import addresses
from apps.web.caller import COOKIE, SECURE_COOKIE
from crm.services.sign_in import Refused

_LONGEST = 400


def sign_in_form(request: Request, status: int, target: str, message: str, tone: str, login: str = "") -> Response:
    """The sign-in page with what was typed and what is wrong with it."""
    options = services().settings.openid
    title = options.title if options else ""
    return page(
        request, "sign_in.html", status, target=target, message=message, tone=tone, login=login, openid_title=title
    )


def answered(request: Request, outcome: LetIn | Refused, target: str, login: str) -> Response:
    """What a sign-in leads to: a session in a cookie, or the page with the reason."""
    if isinstance(outcome, Refused):
        status = 429 if outcome.code == "locked" else 403
        response = sign_in_form(request, status, target, sentence(speaker_of(request), outcome), "error", login)
        if outcome.retry_after:
            response.headers["Retry-After"] = str(outcome.retry_after)
        return response
    response = RedirectResponse("/password" if outcome.must_change else target, 303)
    # A new token at every sign-in: one that somebody planted before is worth nothing after.
    set_cookie(request, response, SECURE_COOKIE if addresses.is_secure(request.scope) else COOKIE, outcome.token)
    if LANGUAGE_COOKIE not in request.cookies:
        set_cookie(request, response, LANGUAGE_COOKIE, speaker_of(request).language)
    return response


def visitor_of(request: Request) -> Visitor:
    """Where this sign-in comes from."""
    return Visitor(addresses.client_address(request.scope), addresses.user_agent(request.scope))


def field(value: object) -> str:
    """A text of a form, cut to a length that nobody types."""
    return value[:_LONGEST] if isinstance(value, str) else ""
