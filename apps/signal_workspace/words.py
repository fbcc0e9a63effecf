"""Signals in the reader's words: priorities, states, amounts in the unit of their measure."""

from typing import Any, Final

from apps.language import speaker, t
from apps.ui.colors import Color
from apps.ui.layout import escape
from crm.services.signals import SignalInfo
from crm.signal_messages import IGNORES, REACTIONS, SIGNAL_STATES
from signals.measures import Measure, measures

COLORS: Final[dict[str, Color]] = {"high": "red", "medium": "orange", "low": "gray"}
STATE_COLORS: Final[dict[str, Color]] = {
    "open": "blue", "seen": "gray", "decided": "green", "snoozed": "violet", "closed": "gray",
}  # fmt: skip


def dot(priority: str) -> str:
    """A coloured mark for a priority."""
    return f":{COLORS.get(priority, 'gray')}[●]"


def priority_name(priority: str) -> str:
    """High, medium or low, in short."""
    return {"high": t("High, priority"), "medium": t("Medium, priority"), "low": t("Low, priority")}[priority]


def state_name(state: str) -> str:
    """How far a signal has come."""
    return t(SIGNAL_STATES[state])


def measure_of(name: str) -> Measure | None:
    """The measure, when this release knows it."""
    return measures().get(name)


def measure_name(name: str) -> str:
    """What a measure is called in the reader's language."""
    found = measure_of(name)
    return found.labels.get(speaker().language, name) if found is not None else name


def amount(name: str, value: Any) -> str:
    """A value of a measure with its unit; words of a measure of words."""
    found, say = measure_of(name), speaker()
    if value is None:
        return say.date(None)
    if isinstance(value, str):
        return value_word(name, value)
    match found.unit if found is not None else "":
        case "minutes":
            return t("{minutes} min", minutes=say.number(value))
        case "MB":
            return _traffic(float(value))
        case "UZS":
            return say.money(value)
        case "percent":
            return say.percent(value, 0)
    return say.number(value)


def value_word(name: str, code: str) -> str:
    """The word for a code of a measure of words, such as a legal status."""
    words = getattr(measure_of(name), "words", {}).get(code)
    return str(words.get(speaker().language, code)) if words else code


def _traffic(megabytes: float) -> str:
    say = speaker()
    if megabytes >= 1024:
        return t("{amount} GB", amount=say.number(megabytes / 1024, 1))
    return t("{amount} MB", amount=say.number(megabytes))


def signed_percent(value: float) -> str:
    """A change with its sign."""
    return ("−" if value < 0 else "+") + speaker().percent(abs(value), 0)


def decided(signal: SignalInfo) -> str:
    """Who decided what, and when; safe for Markdown."""
    if signal.decision is None:
        return ""
    reasons = REACTIONS if signal.decision == "reacted" else IGNORES
    word = t("Reacted") if signal.decision == "reacted" else t("Ignored")
    reason = t(reasons[signal.decision_reason]) if signal.decision_reason in reasons else ""
    parts = [word, reason, escape(signal.comment), escape(signal.decided_login)]
    return " · ".join([*(part for part in parts if part), speaker().moment(signal.decided_at)])
