"""Why somebody was not contacted, in words: English texts are keys of the catalogues."""

from collections.abc import Mapping
from typing import Any, Final

from segments.sentence.words import Speaker, listed

REASONS: Final[Mapping[str, str]] = {
    "control_group": "belongs to a control group",
    "opted_out": "does not want such messages",
    "no_consent": "has not given consent",
    "excluded_segment": "is in an excluded segment",
    "no_address": "cannot be reached by this channel",
    "cap": "was contacted often enough",
    "gap": "was contacted only a short time ago",
    "quiet_hours": "quiet hours",
    "day_off": "a day without contacts",
    "higher_priority": "gives way to a campaign of higher priority",
}
CAPS: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("calendar", "day"): ("at most {count} contact a day", "at most {count} contacts a day"),
    ("calendar", "week"): ("at most {count} contact a week", "at most {count} contacts a week"),
    ("calendar", "month"): ("at most {count} contact a month", "at most {count} contacts a month"),
    ("rolling", "day"): ("at most {count} contact in any 24 hours", "at most {count} contacts in any 24 hours"),
    ("rolling", "week"): ("at most {count} contact in any 7 days", "at most {count} contacts in any 7 days"),
    ("rolling", "month"): ("at most {count} contact in any 30 days", "at most {count} contacts in any 30 days"),
}
GAPS: Final = {
    "minutes": ("at least {count} minute between contacts", "at least {count} minutes between contacts"),
    "hours": ("at least {count} hour between contacts", "at least {count} hours between contacts"),
}
CHANNELS: Final = {
    "push": "push message", "telegram": "Telegram", "sms": "SMS", "email": "e-mail", "call": "call"
}  # fmt: skip
CATEGORIES: Final = {
    "marketing": "marketing messages", "service": "service messages", "collection": "debt reminders"
}  # fmt: skip
WHOLE: Final = frozenset(
    {"{rule}, counted for the whole household or company", "{rule} ({scope})", "quiet from {start} to {end}"}
)


def reason_in_words(reason: str, values: Mapping[str, Any], speaker: Speaker) -> str:
    """A reason with the rule that made it, without a full stop: «was contacted often enough: at most 2 a week»."""
    said = speaker.text(REASONS[reason])
    rule = rule_in_words(values, speaker)
    if not rule and reason == "quiet_hours":
        rule = speaker.text("quiet from {start} to {end}", start=values["from"], end=values["to"])
        return rule
    return f"{said}: {rule}" if rule else said


def rule_in_words(values: Mapping[str, Any], speaker: Speaker) -> str:
    """A cap or gap, given as verdicts and documents have it; "" for anything else."""
    if "per" in values:
        count = int(values["at_most"])
        said = speaker.plural(*CAPS[str(values.get("window", "calendar")), str(values["per"])], count)
    elif "minutes" in values:
        minutes = int(values["minutes"])
        forms, count = (GAPS["hours"], minutes // 60) if minutes % 60 == 0 else (GAPS["minutes"], minutes)
        said = speaker.plural(*forms, count)
    else:
        return ""
    scope = [speaker.text(CHANNELS[each]) for each in values.get("channels") or ()]
    scope += [speaker.text(CATEGORIES[each]) for each in values.get("categories") or ()]
    if scope:
        said = speaker.text("{rule} ({scope})", rule=said, scope=listed(speaker, scope, "and"))
    if values.get("of") == "cluster":
        said = speaker.text("{rule}, counted for the whole household or company", rule=said)
    return said


MESSAGES: Final = WHOLE.union(
    REASONS.values(), CHANNELS.values(), CATEGORIES.values(), *CAPS.values(), *GAPS.values()
)  # fmt: skip
