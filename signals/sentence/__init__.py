"""A rule in words, as a person would say it, in the reader's language; nothing is read, words come from a `Speaker`."""

from collections.abc import Mapping
from typing import Final

from segments.catalogue import Catalogue
from segments.sentence import sentence as segment_sentence
from segments.sentence.clauses import Name
from segments.sentence.words import Speaker, ValueLabel
from signals.definition import Audience, Condition, Rule, audience_definition
from signals.measures import Measure, measures
from signals.sentence import words

__all__ = ["MESSAGES", "consequences", "phrase", "sentence", "watched"]

_WHO: Final[dict[str | None, str]] = {
    None: "All customers",
    "organisation": "Organisations",
    "person": "Private persons",
}
_TYPED: Final[dict[str | None, str]] = {
    None: "{who}", "organisation": "{who}, organisations only", "person": "{who}, private persons only"
}  # fmt: skip
_WEEKDAYS: Final = (
    "every Monday", "every Tuesday", "every Wednesday", "every Thursday", "every Friday", "every Saturday",
    "every Sunday",
)  # fmt: skip
_ACTIONS: Final = {
    "inform": "tell the owner", "task": "give the owner the task “{title}” for {days} d",
    "notify_group": "tell the department “{name}”", "list": "put the customer on the list “{name}”",
}  # fmt: skip
_OWNERS: Final = {
    "manager": "the customer's manager", "head": "the head of the manager's department",
    "department": "the department “{name}”", "employee": "{name}",
}  # fmt: skip
_WHOLE: Final = frozenset(
    {
        "{who}: {conditions}", "Customers chosen by an SQL query", "Customers in the segment “{name}”",
        "every day", "on day {day} of every month", "Looked at {when}; {action}; the owner is {owner}", " and ", " or ",
        " (where it was at least {value})", "{measure}: from {before} to {to} within {window}", "“{name}”",
        "{number} % or more", "{value} or more", "{number} usual deviations or more", "{measure} within {window}",
        "any other", "{measure}: nothing within {window}, but something in the {count} day before",
        "{measure}: nothing within {window}, but something in the {count} days before",
    }
)  # fmt: skip
MESSAGES: Final = _WHOLE.union(
    _WEEKDAYS, _WHO.values(), _TYPED.values(), *(each.values() for each in (_ACTIONS, _OWNERS, *words.TABLES))
)  # fmt: skip


def sentence(
    rule: Rule,
    catalogue: Catalogue,
    speaker: Speaker,
    value_label: ValueLabel | None = None,
    name: Name | None = None,
    registry: Mapping[str, Measure] | None = None,
) -> str:
    """Whom the rule watches and what must have happened, without a full stop.

    `name(kind, key)` says what the segment or list of that key is called, or None; `value_label` labels codes.
    """
    who = watched(rule, catalogue, speaker, value_label, name)
    if rule.kind == "sql":
        return speaker.text("{who}: {conditions}", who=who, conditions=speaker.text("Customers chosen by an SQL query"))
    said = [phrase(each, speaker, registry) for each in rule.conditions]
    joining = speaker.text(" and ") if rule.combinator == "and" else speaker.text(" or ")
    return speaker.text("{who}: {conditions}", who=who, conditions=f";{joining}".join(said))


def phrase(condition: Condition, speaker: Speaker, registry: Mapping[str, Measure] | None = None) -> str:
    """One condition in words."""
    return words.said(condition, registry or measures(), speaker)


def consequences(rule: Rule, speaker: Speaker, name: Name | None = None) -> str:
    """When the rule is looked at, what is done and whose the signal is, without a full stop.

    `name(kind, key)` names departments, employees and lists.
    """
    check, action, owner = rule.check, rule.action, rule.owner
    when = speaker.text("every day")
    if check.every == "week":
        when = speaker.text(_WEEKDAYS[check.weekday - 1])
    elif check.every == "month":
        when = speaker.text("on day {day} of every month", day=check.day)
    done_for = _named(name, "list", action.list_key) or _named(name, "department", action.department_id)
    done = speaker.text(_ACTIONS[action.kind], title=action.title, days=action.due_days, name=done_for)
    whose = _named(name, "department", owner.department_id) or _named(name, "employee", owner.employee_id)
    return speaker.text(
        "Looked at {when}; {action}; the owner is {owner}", when=when, action=done,
        owner=speaker.text(_OWNERS[owner.kind], name=whose),
    )  # fmt: skip


def watched(
    rule: Rule,
    catalogue: Catalogue,
    speaker: Speaker,
    value_label: ValueLabel | None = None,
    name: Name | None = None,
) -> str:
    """Whom the rule watches; the words of `sentence` before its colon."""
    audience: Audience = rule.audience
    if audience.kind == "everyone":
        return speaker.text(_WHO[audience.customer_type])
    definition = audience_definition(rule)
    if definition is not None:
        who = segment_sentence(definition, catalogue, speaker, value_label, name)
    else:
        who = speaker.text("Customers in the segment “{name}”", name=_named(name, "segment", audience.segment))
    return speaker.text(_TYPED[audience.customer_type], who=who)


def _named(name: Name | None, kind: str, key: str | None) -> str:
    if key is None:
        return ""
    return (name(kind, key) if name is not None else None) or key
