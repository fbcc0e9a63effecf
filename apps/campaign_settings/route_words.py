"""A route of approval in words."""

from collections.abc import Mapping
from typing import Any, Final

from apps.campaign_workspace.words import channel_name, kind_name
from apps.language import speaker, t
from crm import campaign_messages as said


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


PARAMETERS: Final = {
    "budget": _("Budget, soʻm"), "audience_size": _("Size of the audience"), "priority": _("Priority"),
    "kind": _("Kind"), "category": _("Kind of messages"), "customer_type": _("Customers are"),
    "channels": _("Channels"),
}  # fmt: skip
TESTS: Final = {"at_least": _("is at least"), "below": _("is below"), "any_of": _("is one of"),
                "none_of": _("is none of")}  # fmt: skip
CUSTOMER_TYPES: Final = {"": _("of any type"), "person": _("persons, type"), "organisation": _("organisations, type")}


def value_name(parameter: str, code: str) -> str:
    """A value of a parameter that is chosen from a list."""
    if parameter == "kind":
        return kind_name(code)
    if parameter == "category":
        return t(said.CATEGORIES[code])
    return channel_name(code) if parameter == "channels" else t(CUSTOMER_TYPES[code])


def condition_words(condition: Mapping[str, Any]) -> str:
    """For which campaigns the route is."""
    tests = [_test(each) for each in condition.get("all", [])]
    return (
        t("When {tests}", tests=f" {t('and, between conditions')} ".join(tests))
        if tests
        else t("For all other campaigns")
    )


def step_words(step: Mapping[str, Any], roles: Mapping[str, str], people: Mapping[str, str]) -> str:
    """Who has to agree with what, until when."""
    who = people.get(step.get("employee", "")) or roles.get(step.get("role", ""), step.get("role", ""))
    name = step.get("name") or who
    title = name if name == who else f"{name} ({who})"
    parts = ", ".join(t(said.PARTS[part]) for part in step.get("parts", ()) if part in said.PARTS)
    days = speaker().plural("{count} day", "{count} days", int(step.get("days", 3)))
    return f"{title}: {parts} · {days}"


def _test(each: Mapping[str, Any]) -> str:
    parameter, value = each["parameter"], each["value"]
    told = (speaker().number(value) if not isinstance(value, list)
            else ", ".join(value_name(parameter, code) for code in value))  # fmt: skip
    return f"{t(PARAMETERS[parameter])} {t(TESTS[each['is']])} {told}"
