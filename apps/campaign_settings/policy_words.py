"""A contact policy in sentences of the reader's language."""

from collections.abc import Mapping
from typing import Any, Final

from apps.campaign_workspace.words import channel_name
from apps.language import speaker, t
from apps.services import services
from campaigns.policy import Policy, rule_in_words
from campaigns.policy.words import CATEGORIES
from campaigns.policy.writing import dump_cap, dump_gap
from crm.services import segments as kept_segments


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


WEEKDAYS: Final = {
    1: _("Monday"), 2: _("Tuesday"), 3: _("Wednesday"), 4: _("Thursday"), 5: _("Friday"), 6: _("Saturday"),
    7: _("Sunday"),
}  # fmt: skip
PERIODS: Final = {"day": _("a day, period"), "week": _("a week, period"), "month": _("a month, period")}
SUBJECTS: Final = {"customer": _("each customer"), "cluster": _("household or company")}
WINDOWS: Final = {"calendar": _("by the calendar"), "rolling": _("in any such time")}
SETTINGS: Final = {
    "caps": _("How often at most"), "gaps": _("Pauses between contacts"), "quiet": _("Quiet hours"),
    "consent": _("Consent is needed for"), "exclude_segments": _("Segments that are not contacted"),
    "channel_priority": _("Order of channels"), "when_capped": _("What becomes of held-back messages"),
    "defer_days": _("Days to wait at most"), "timezone": _("Time zone"),
}  # fmt: skip


def sentences(policy: Policy) -> list[str]:
    """All that the policy says, a sentence a rule."""
    say = speaker()
    found = [_sentence(rule_in_words(dump_cap(cap), say)) for cap in policy.caps]
    found += [_sentence(rule_in_words(dump_gap(gap), say)) for gap in policy.gaps]
    found += _quiet(policy)
    if policy.consent:
        found.append(t("Consent is needed for: {list}.", list=categories(policy.consent)))
    if policy.exclude_segments:
        names = segment_names()
        named = ", ".join(f"«{names.get(key, key)}»" for key in policy.exclude_segments)
        found.append(t("Never contacted: members of {list}.", list=named))
    found.append(t("Channels in this order: {list}.", list=", ".join(map(channel_name, policy.channel_priority))))
    if policy.when_capped == "defer":
        found.append(say.plural("What is held back waits for {count} day at most.",
                                "What is held back waits for {count} days at most.", policy.defer_days))  # fmt: skip
    else:
        found.append(t("What is held back is dropped; the reason is kept."))
    return found


def changed_settings(changes: Mapping[str, Any]) -> list[str]:
    """What of a policy a version changed."""
    return [t(SETTINGS[name]) for name in changes if name in SETTINGS]


def categories(codes: tuple[str, ...]) -> str:
    """Categories of messages in one line."""
    return ", ".join(t(CATEGORIES[code]) for code in codes)


def segment_names() -> dict[str, str]:
    """Names of published segments by key."""
    with services().database.read() as session:
        return {each.key: each.name for each in kept_segments.segments(session, None)}


def _quiet(policy: Policy) -> list[str]:
    if (quiet := policy.quiet) is None:
        return [t("There are no quiet hours.")]
    found = [t("Quiet from {start} to {end}, by the clock of the customer's region.",
               start=f"{quiet.start:%H:%M}", end=f"{quiet.end:%H:%M}")]  # fmt: skip
    if quiet.weekdays:
        found.append(t("No contacts on: {list}.", list=", ".join(t(WEEKDAYS[day]).lower() for day in quiet.weekdays)))
    if quiet.holidays:
        found.append(t("No contacts on public holidays."))
    return found


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."
