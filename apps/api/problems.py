"""Refusals and errors as problem+json, with a sentence in the caller's language and no word of what went on inside."""

import logging
import uuid
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from apps.web.caller import SCOPE_KEY
from crm.errors import CrmError
from segments.errors import DefinitionError
from segments.errors import Problem as Mistake
from vitrina.access.errors import GateError, Refused, Stopped
from vitrina.errors import UserError
from vitrina.exports.journal import UnknownExport
from vitrina.i18n import DEFAULT_LANGUAGE, LANGUAGES, Translator, translator
from vitrina.warehouse.store import NothingPublished

log = logging.getLogger("vitrina.apps")
# What a caller can only mend by looking again, by asking for less, or by having another role.
_CONFLICTS = {
    "segment_changed", "segment_key_taken", "segment_untested", "segment_used", "segment_scheduled", "list_used",
    "segment_archived", "segment_no_draft", "segment_returned", "segment_not_in_review", "segment_not_approved",
    "segment_needs_published", "segment_fixtures", "segment_not_held", "rule_changed", "rule_archived", "rule_state",
    "rule_key_taken", "rule_no_backtest", "signal_closed", "signal_not_decided", "task_changed", "task_state",
    "plan_changed", "plan_exists", "plan_state", "plan_elsewhere", "campaign_changed", "campaign_key_taken",
    "campaign_stage", "campaign_locked", "campaign_over", "campaign_not_approved", "campaign_segment_changed",
    "campaign_ended", "campaign_no_conclusion", "approval_none", "approval_moved", "approval_nobody", "route_key_taken",
    "route_changed", "template_key_taken", "template_changed", "template_archived", "template_published",
    "template_in_use", "policy_same", "budget_limit_changed", "budget_limit_below", "budget_no_limit", "budget_overrun",
    "budget_line_used", "budget_overdraft", "budget_key_reused", "budget_invoice", "media_file_twice",
    "media_report_booked",
}  # fmt: skip
_FORBIDDEN = {
    "segment_out_of_reach", "segment_sql", "segment_own_review", "viewing_only", "rule_out_of_reach", "rule_release",
    "signal_out_of_reach", "task_out_of_reach", "task_assignee",
    "plan_out_of_reach", "plan_own_approval", "campaign_out_of_reach", "campaign_administer", "approval_own",
    "approval_twice", "approval_not_yours",
}  # fmt: skip
_UNREADABLE = {"not_understood", "not_one_query", "too_long", "too_deep", "parameters"}


class Problem(UserError):
    """A refusal of the API itself."""

    def __init__(self, status: int, code: str, message: str, **values: object) -> None:
        self.status, self.code, self.message, self.values = status, code, message, values
        super().__init__(message.format(**values))


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


WRONG_DEFINITION = _("The definition cannot be used as it is.")


def add_problem_handlers(api: FastAPI) -> None:
    """Answer every kind of failure in one form."""
    api.add_exception_handler(UserError, _refused)
    api.add_exception_handler(DefinitionError, _mistaken)
    api.add_exception_handler(NothingPublished, _nothing)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _plain)
    api.add_exception_handler(Exception, _failed)


def speaker_of(request: Request) -> Translator:
    """The first known language that the client asks for, else that of the account."""
    asked = [part.split(";")[0].split("-")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    caller = request.scope.get(SCOPE_KEY)
    known = [language for language in (*asked, getattr(caller, "language", "")) if language in LANGUAGES]
    return translator(known[0] if known else DEFAULT_LANGUAGE)


def problem(status: int, code: str, detail: str, **more: Any) -> Response:
    """One answer."""
    body = {"type": f"urn:vitrina:problem:{code}", "title": code, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, media_type="application/problem+json")


def mistake(say: Translator, each: Mistake) -> dict[str, Any]:
    """One thing to mend in a definition, at its place, in the caller's language."""
    values = {
        name: say.text(value.message, **value.values) if isinstance(value, Mistake) else value
        for name, value in each.values.items()
    }
    mend = say.text(each.mend, **values) if each.mend else ""
    return {"path": list(each.path), "message": say.text(each.message, **values), "mend": mend}


def _mistaken(request: Request, error: Exception) -> Response:
    say = speaker_of(request)
    wrong = [mistake(say, each) for each in error.problems] if isinstance(error, DefinitionError) else []
    return problem(422, "definition", say.text(WRONG_DEFINITION), problems=wrong)


def _refused(request: Request, error: Exception) -> Response:
    code = str(getattr(error, "code", "refused"))
    message = getattr(error, "message", None)
    say = speaker_of(request)
    detail = say.text(message, **getattr(error, "values", {})) if isinstance(message, str) else str(error)
    return problem(_status(error), code, detail)


def _status(error: Exception) -> int:
    if isinstance(error, Problem):
        return error.status
    if isinstance(error, UnknownExport):
        return 404
    if isinstance(error, CrmError):
        return _status_of_refusal(error.code)
    if isinstance(error, Refused):
        limits = {"busy": 429, "too_many_looks": 429, "table_closed": 404, "column_unknown": 404}
        return 400 if error.code in _UNREADABLE else limits.get(error.code, 403)
    return 422 if isinstance(error, (Stopped, GateError)) else 400


def _status_of_refusal(code: str) -> int:
    if code.endswith("_unknown"):
        return 404
    return 409 if code in _CONFLICTS else 403 if code in _FORBIDDEN else 400


def _nothing(request: Request, _error: Exception) -> Response:
    return problem(503, "nothing_published", speaker_of(request).text("No data has been published yet"))


def _invalid(request: Request, error: Exception) -> Response:
    wrong = error.errors() if isinstance(error, RequestValidationError) else []
    # Without the values that were sent: they may be somebody's data.
    fields = [{"field": ".".join(str(part) for part in each["loc"]), "problem": each["type"]} for each in wrong]
    return problem(422, "invalid_request", speaker_of(request).text("The request is not understood."), fields=fields)


def _plain(_request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return problem(status, {404: "not_found", 405: "method_not_allowed"}.get(status, "error"), "")


def _failed(request: Request, error: Exception) -> Response:
    reference = uuid.uuid4().hex[:8]
    log.error("api failed, reference %s", reference, exc_info=error)
    message = "The data is safe. Try again; if it repeats, give the reference to the support team: {reference}"
    return problem(500, "failed", speaker_of(request).text(message, reference=reference), reference=reference)
