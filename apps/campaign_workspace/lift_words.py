"""A lift in words: what happened, by how much, how sure that is."""

from collections.abc import Mapping
from typing import Any, Final

from apps.language import speaker, t
from campaigns.effect.words import VERDICT_WORDS


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


OUTCOMES: Final[Mapping[str, str]] = {
    "paid": _("Share of customers who paid"), "payments": _("Payments of a customer, soʻm"),
    "charges": _("Charges of a customer, soʻm"),
}  # fmt: skip
SHARES: Final = frozenset({"paid"})
UNTOLD: Final[Mapping[str, str]] = {
    "no_control": _("The campaign has no control group of its own, so what it added cannot be told."),
    "too_early": _("The data does not reach beyond the start of the campaign yet."),
    "too_few": VERDICT_WORDS["too_few"],
}


def outcome_name(code: str) -> str:
    """What is compared."""
    return t(OUTCOMES[code]) if code in OUTCOMES else code


def arm_name(code: str) -> str:
    """Which group is compared with control."""
    return t("all who were contacted") if code == "contacted" else t("variant {name}", name=code)


def sentence(each: Mapping[str, Any]) -> str:
    """The verdict, and behind it the size of what was added where there is enough to judge."""
    verdict = t(VERDICT_WORDS[each["verdict"]]) if each["verdict"] in VERDICT_WORDS else str(each["verdict"])
    if each["lift"] is None or each["verdict"] in ("too_few", "sample_ratio_fault"):
        return verdict
    return f"{verdict} {t('Added: {difference}.', difference=difference(each))}"


def difference(each: Mapping[str, Any]) -> str:
    """How much was added per customer, with the interval."""
    if each["lift"] is None:
        return "—"
    share = each["outcome"] in SHARES
    digits, factor, unit = (2, 100, f" {t('p.p.')}") if share else (0, 1, "")
    say = speaker()
    value = ("+" if each["lift"] > 0 else "") + say.number(factor * each["lift"], digits) + unit
    if each["lift_low"] is None or each["lift_high"] is None:
        return value
    low, high = (say.number(factor * each[end], digits) for end in ("lift_low", "lift_high"))
    return t("{value} (from {low} to {high})", value=value, low=low, high=high)
