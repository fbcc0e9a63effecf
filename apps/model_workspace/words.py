"""How models are told: business words, features, values, what to do next."""

import json
from typing import Any, Final

from apps.data import models
from apps.language import speaker, t
from apps.snapshot import ask
from apps.ui.labels import label
from signals.models.actions import declared_actions

Row = dict[str, Any]


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


WORDS: Final = {
    "usage": _("Usage falls or is low"),
    "bundle": _("The bundle does not fit"),
    "base": _("Numbers are given up or silent"),
    "tariff": _("Tariff and products"),
    "charges": _("Charges change"),
    "payments": _("Pays seldom or late"),
    "debt": _("Debt"),
    "contacts": _("Turned to us recently"),
    "quality": _("Network and complaints"),
    "price": _("Asks about tariffs and prices"),
    "leaving": _("Asked to terminate"),
    "legal": _("Legal status"),
    "device": _("Device"),
    "tenure": _("Time with us"),
    "profile": _("Kind of customer"),
}
FEATURES: Final = {
    "requests_3m_count": _("Requests in 3 months"),
    "requests_network_3m_count": _("Requests about the network in 3 months"),
    "requests_tariff_3m_count": _("Requests about tariffs in 3 months"),
    "requests_billing_3m_count": _("Requests about bills in 3 months"),
    "complaints_3m_count": _("Complaints in 3 months"),
    "termination_requests_3m_count": _("Requests to terminate in 3 months"),
    "churn_probability": _("The score itself"),
}
RISKS: Final = {"high": _("High"), "medium": _("Medium"), "low": _("Low")}
RISK_COLORS: Final = {"high": "red", "medium": "orange", "low": "green"}
STATES: Final = {"steady": _("Steady"), "watch": _("Watch"), "alarm": _("Alarm")}
ROLES: Final = {"champion": _("Scores now"), "challenger": _("Waits"), "retired": _("Retired")}
PROMOTED: Final = {
    "first": _("the first model"), "better": _("better by the margin"), "features": _("features changed"),
}  # fmt: skip
SIGNS: Final = {
    "alone": _("tells nearly everything alone"),
    "collapses": _("tells nothing a month earlier"),
    "next_month": _("is what another feature becomes a month later"),
}
_CODES: Final = {
    "legal_status": "legal_status", "segment": "segment", "payment_type": "payment_type", "region_code": "region",
    "main_product_family": "family", "lifecycle_status": "lifecycle", "language": "language",
    "main_device_type": "device_type", "industry": "industry",
}  # fmt: skip
_UNTOLD: Final = {"main_product_id"}  # a number that says nothing to people
_SHARES: Final = ("_pct", "_pct_12m", "_pct_3m")


def word(key: str | None) -> str:
    """A business word; a key that nobody knows as it is."""
    return t(WORDS[key]) if key in WORDS else key or ""


def feature_names() -> dict[str, str]:
    """Names of features in the reader's language."""
    return ask(models.feature_labels, speaker().language) | {name: t(text) for name, text in FEATURES.items()}


def value_text(feature: str, value: object) -> str:
    """A customer's value of a feature as people write it; empty where there is none."""
    say = speaker()
    if value is None:
        return ""
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if not isinstance(value, (int, float)):
        return label(_CODES[feature], str(value)) if feature in _CODES else "" if feature in _UNTOLD else str(value)
    if feature.endswith("_amount") or feature.startswith("arpu_") or "_amount_" in feature:
        return say.money(value)
    if feature.endswith(_SHARES):
        return say.percent(value)
    return say.number(value, 0 if float(value).is_integer() else 1)


def action_texts(key: str | None, values: Row) -> tuple[str, str]:
    """What to do next and why, in the reader's language; empty without a rule that holds."""
    action = next((each for each in declared_actions() if each.key == key), None)
    if action is None:
        return "", ""
    told = {name: _place(name, values.get(name)) for name in action.places}
    return t(action.title), t(action.why, **told)


def _place(name: str, value: object) -> str:
    say = speaker()
    if name == "churn_probability" and isinstance(value, (int, float)):
        return say.percent(100 * value)
    if name.endswith(_SHARES) and isinstance(value, (int, float)):
        return say.number(value)
    return value_text(name, value) or "–"


def why_none(reason: str | None) -> str:
    """Why there are no scores."""
    told = json.loads(reason) if reason else {}
    return t(told["message"], **told["values"]) if told else ""
