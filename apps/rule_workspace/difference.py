"""What changed from one version of a rule to another, in words."""

from typing import Any

from apps.language import speaker, t
from apps.rule_workspace import said
from apps.signal_workspace.words import priority_name
from crm.signal_messages import OUTCOMES
from signals.definition import Rule
from signals.sentence import consequences, phrase


def differences(old: Rule, new: Rule) -> list[dict[str, str]]:
    """A row for every aspect that differs: `what` it is, how it was (`old`) and is now (`new`)."""
    before, after = _aspects(old), _aspects(new)
    return [
        {"what": what, "old": before[what], "new": after[what]} for what in before if before[what] != after[what]
    ]  # fmt: skip


def _aspects(rule: Rule) -> dict[str, str]:
    say, limits = speaker(), rule.limits
    return {
        t("Whom it watches"): said.watched(rule),
        t("What must have happened"): _conditions(rule),
        t("What is done"): _sentence(consequences(rule, say, said.names())),
        t("Priority"): priority_name(rule.priority),
        t("Silent after a signal, days"): say.number(rule.cool_down_days),
        t("Again when worse by, %"): _optional(rule.worsens_by_pct),
        t("For one person a day"): _optional(limits.per_owner_a_day),
        t("In all a day"): _optional(limits.a_day),
        t("Closes by itself when the cause is gone"): t("Yes") if rule.closes else t("No"),
        t("What counts as having come true"): t(
            "{outcome} within {days}", outcome=t(OUTCOMES[rule.outcome.kind]),
            days=say.plural("{count} day", "{count} days", rule.outcome.within_days),
        ),
    }  # fmt: skip


def _conditions(rule: Rule) -> str:
    if rule.kind == "sql":
        return rule.sql or ""
    joining = t(" and ") if rule.combinator == "and" else t(" or ")
    return _sentence(f";{joining}".join(phrase(each, speaker()) for each in rule.conditions))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _optional(value: Any) -> str:
    return t("no limit") if value is None else speaker().number(value)
