"""Every word that the flow editor shows, in the reader's language."""

from typing import Final

from apps.language import t
from campaigns.flow.sentence import words


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


# In the order of the palette: what it is called, and what happens there.
KINDS: Final = {
    "audience": (_("Audience, step"), _("Everybody of the campaign's segment enters here.")),
    "message": (_("Message, step"), _("One message by one channel; then the customer goes on.")),
    "fallback": (
        _("Chain of channels"),
        _("Channels are tried one after another until one succeeds; nobody gets more than he needs."),
    ),
    "wait": (_("Wait, step"), _("The customer waits here: some time, until a day, or until he responds.")),
    "condition": (_("Condition, step"), _("A question with two ways: yes and no.")),
    "split": (_("A/B test"), _("Chance divides the customers; a household or company always gets one variant.")),
    "control": (_("Control group"), _("A share is left alone, so that it can be seen what the campaign brought.")),
    "task": (_("Task for a person"), _("The customer's manager or a department gets a task.")),
    "call_register": (_("Call register"), _("The customer is put on a list for the dialler; what he says comes back.")),
    "end": (_("End, step"), _("The way of the customer through the campaign ends here.")),
}
_TEXTS: Final = {
    "palette": _("Steps that can be added"),
    "canvas": _("Canvas of the flow"),
    "undo": _("Undo (Ctrl+Z)"),
    "redo": _("Redo (Ctrl+Y)"),
    "copy": _("Copy (Ctrl+C)"),
    "paste": _("Paste (Ctrl+V)"),
    "delete": _("Remove (Delete)"),
    "layout": _("Put in order"),
    "fit": _("Show the whole flow"),
    "empty": _("Click a step above, or drag it here."),
    "overview": _("The flow as a whole"),
    "no_problems": _("Nothing is missing."),
    "to_mend": _("What is to be mended; a click leads there:"),
    "how_to": _(
        "Click a step above to add it, or drag it onto the canvas. Draw a line from the dot on the right of a step to "
        "the next one. Click a step to fill it in. Tab, Enter and Delete work, too."
    ),
    "leads_to": _("What comes next"),
    "next_node": _("Next step"),
    "nowhere": _("nothing yet"),
    "choose": _("Choose"),
    "channel": _("Channel"),
    "template": _("Text of the message"),
    "no_templates": _("There is no published text for this channel yet; write one under Message texts."),
    "order": _("Order of the channels"),
    "order_given": _("as listed here"),
    "order_expected_cost": _("the cheapest way to a success first"),
    "try": _("Try, noun"),
    "earlier": _("Earlier, move"),
    "later": _("Later, move"),
    "add_try": _("One more channel"),
    "success": _("It has succeeded when the message is"),
    "success_delivered": _("delivered, success"),
    "success_read": _("read, success"),
    "success_interest": _("answered or clicked"),
    "wait_for_it": _("Wait for it"),
    "unit": _("Unit of time"),
    "minutes": _("minutes"),
    "hours": _("hours"),
    "days": _("days"),
    "share": _("Share of the control group, %"),
    "share_hint": _("Usually 5 to 20 %: the smaller the audience, the more."),
    "end_reason": _("Why it ends here"),
    "wait_mode": _("Until when"),
    "wait_for": _("for some time"),
    "wait_until_date": _("until a day"),
    "wait_until_event": _("until he responds"),
    "how_long": _("How long"),
    "date": _("Day"),
    "time": _("Time"),
    "response": _("Response"),
    "response_1": _("delivery"),
    "response_2": _("interest: read, click, answer"),
    "response_3": _("conversion: order, payment"),
    "to_which": _("To which message"),
    "any_message": _("to any"),
    "of_which": _("Which message"),
    "at_most": _("At most"),
    "status": _("Its state"),
    "status_sent": _("was sent"),
    "status_delivered": _("was delivered"),
    "status_failed": _("failed, message"),
    "what_is_asked": _("What is asked"),
    "test_response": _("Did he respond?"),
    "test_status": _("What became of a message?"),
    "test_definition": _("Is he in a segment?"),
    "test_signal": _("Is there a signal?"),
    "rule": _("Signal rule"),
    "segment": _("Segment"),
    "membership": _("The customer is"),
    "operator_in": _("in the segment"),
    "operator_notIn": _("not in the segment"),
    "own_conditions": _("This step has conditions of its own; choosing a segment replaces them."),
    "variant": _("Variant"),
    "total": _("Together"),
    "add_variant": _("One more variant"),
    "even": _("Equal shares"),
    "task_title": _("Title of the task"),
    "task_description": _("What is to be done"),
    "due_days": _("Due in so many days"),
    "assignee": _("Who gets it"),
    "assignee_manager": _("the customer's manager"),
    "assignee_department": _("a department"),
    "department": _("Department"),
    "register": _("Name of the register"),
    "register_hint": _("Latin letters, digits and dashes; the dialler's file is called so."),
    "script": _("What the operator says"),
    "attempts": _("Attempts to call"),
}


def kinds() -> list[dict[str, str]]:
    """The palette."""
    return [{"kind": kind, "label": t(name), "hint": t(hint)} for kind, (name, hint) in KINDS.items()]


def texts() -> dict[str, str]:
    """All other words; exits under `port_<name>`."""
    return {key: t(text) for key, text in _TEXTS.items()} | {
        f"port_{port}": t(text) for port, text in words.PORTS.items()
    }
