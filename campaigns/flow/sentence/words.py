"""Words of flows. English texts are keys of the catalogues."""

from collections.abc import Mapping
from typing import Final

from segments.sentence.words import Speaker

PORTS: Final[Mapping[str, str]] = {
    "next": "then", "reached": "succeeded", "not_reached": "did not succeed", "happened": "it came",
    "timed_out": "it did not come", "yes": "yes", "no": "no", "contacted": "to be contacted", "control": "left alone",
}  # fmt: skip
RESPONSES: Final[Mapping[int, str]] = {1: "a delivery", 2: "interest", 3: "a conversion"}
STATUSES: Final[Mapping[str, str]] = {
    "delivered": "Was “{node}” delivered?", "sent": "Was “{node}” sent?", "failed": "Did “{node}” fail?"
}  # fmt: skip
STEPS: Final[Mapping[str, str]] = {
    "delivered": "{channel} (delivered within {wait})", "read": "{channel} (read within {wait})",
    "interest": "{channel} (answered within {wait})",
}  # fmt: skip
BRANCH: Final = "{name} {share} %"
TIMES: Final = (
    (1440, "{count} day", "{count} days"), (60, "{count} hour", "{count} hours"),
    (1, "{count} minute", "{count} minutes"),
)  # fmt: skip
WHOLE: Final = frozenset(
    {
        "Everybody in the campaign's audience", "A message, its channel is not chosen yet",
        "{channel}, its text is not chosen yet", "{channel} “{name}”", "message", "Divided by chance: {parts}",
        "{share} % are left alone, for comparison", "On the call register “{name}”, {count} attempt",
        "On the call register “{name}”, {count} attempts", "The end", "The end: {reason}",
        "Until one succeeds, the cheapest way first: {steps}", "One after another until one succeeds: {steps}",
        "Wait {time}", "Wait until {date}, {time}", "Wait for {response} {of}, at most {time}",
        "Is there {response} {of}?", "Is there a signal “{name}”?", "Do the conditions hold?",
        "Is he among these: {conditions}?", "Task for the department “{name}”: “{title}”, {count} day",
        "Task for the department “{name}”: “{title}”, {count} days",
        "Task for the customer's manager: “{title}”, {count} day",
        "Task for the customer's manager: “{title}”, {count} days", "(to any message)", "(to “{node}”)",
    }
)  # fmt: skip
MESSAGES: Final = WHOLE.union(
    {BRANCH}, PORTS.values(), RESPONSES.values(), STATUSES.values(), STEPS.values(),
    (text for _, *forms in TIMES for text in forms),
)  # fmt: skip


def duration(minutes: int, speaker: Speaker) -> str:
    """So many days, hours or minutes, the largest unit that fits without a rest."""
    for size, one, many in TIMES:
        if minutes % size == 0 and minutes:
            return speaker.plural(one, many, minutes // size)
    return speaker.plural(*TIMES[-1][1:], 0)


def number(value: float, speaker: Speaker) -> str:
    """A share with at most one decimal digit."""
    return speaker.number(value, 0 if value == int(value) else 1)
