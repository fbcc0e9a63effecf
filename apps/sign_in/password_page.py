"""A new password, at first use or when the old one is too old."""

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from apps.services import services
from apps.sign_in.answers import field
from apps.sign_in.forms import is_own_form, page, speaker_of
from apps.web import addresses
from apps.web.caller import caller_of
from crm.errors import CrmError
from crm.services import accounts, sessions
from crm.services.actor import Actor


async def show_password(request: Request) -> Response:
    """The form for a new password."""
    return _password_form(request, 200, "")


async def change_password(request: Request) -> Response:
    """Change the password; all other sessions of the person end."""
    say, form = speaker_of(request), await request.form(max_files=0, max_fields=10)
    present, new, again = (field(form.get(name)) for name in ("present", "new", "again"))
    if not is_own_form(request, form.get("form_token")):
        return _password_form(request, 400, say.text("The form was too old; try once more."))
    if new != again:
        return _password_form(request, 400, say.text("The two new passwords differ."))
    try:
        await asyncio.to_thread(_change, request, present, new)
    except CrmError as error:
        return _password_form(request, 400, say.text(error.message, **error.values))
    return RedirectResponse("/", 303)


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


def _change(request: Request, present: str, new: str) -> None:
    caller, shared = caller_of(request.scope), services()
    actor = Actor(caller.user_id, caller.login, addresses.client_address(request.scope))
    with shared.database.begin() as session:
        accounts.change_password(session, caller.user_id, present, new, actor, shared.now(), shared.settings.accounts)
        sessions.end_all(session, caller.user_id, shared.now(), "password_changed", but=caller.session_id)
