"""How the pages before the workspace are drawn: templates in the reader's language, and the token of their forms."""

import hmac
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from apps.language import LANGUAGE_COOKIE
from apps.web.addresses import is_secure
from vitrina.i18n import DEFAULT_LANGUAGE, LANGUAGES, Translator, translator

HERE = Path(__file__).resolve().parent
FORM_COOKIE = "vitrina_form"
_YEAR = 365 * 24 * 3600


def speaker_of(request: Request) -> Translator:
    """The language that the address, then the browser's cookie, then the product asks for."""
    for asked in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in LANGUAGES:
            return translator(asked)
    return translator(DEFAULT_LANGUAGE)


def page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the reader's language, with the form token in it and in a cookie, and the language remembered."""
    say = speaker_of(request)
    token = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(24)
    common = {"say": say, "t": say.text, "languages": LANGUAGES, "form_token": token, "target": "", "message": ""}
    body = _templates().get_template(template).render(**{**common, **values})
    response = HTMLResponse(body, status)
    set_cookie(request, response, FORM_COOKIE, token, same_site="strict")
    if request.query_params.get("lang") in LANGUAGES:
        set_cookie(request, response, LANGUAGE_COOKIE, say.language, max_age=_YEAR)
    return response


def is_own_form(request: Request, sent: object) -> bool:
    """Whether the form came from a page that we drew for this browser."""
    cookie = request.cookies.get(FORM_COOKIE, "")
    return bool(cookie) and isinstance(sent, str) and hmac.compare_digest(cookie.encode(), sent.encode())


def set_cookie(
    request: Request,
    response: Response,
    name: str,
    value: str,
    *,
    same_site: str = "lax",
    max_age: int | None = None,
    path: str = "/",
) -> None:
    """A cookie that scripts cannot read; over TLS it never travels without."""
    response.set_cookie(
        name, value, max_age=max_age, path=path, secure=is_secure(request.scope), httponly=True,
        samesite="strict" if same_site == "strict" else "lax",
    )  # fmt: skip


@lru_cache(maxsize=1)
def _templates() -> Environment:
    folder = FileSystemLoader(HERE / "templates")
    return Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
