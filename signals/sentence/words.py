"""Words of conditions: measures, sizes, comparisons. English texts are keys of the catalogues."""

from collections.abc import Mapping
from typing import Any, Final

from segments.definition import Window
from segments.sentence.words import Speaker, listed, window
from signals.definition import Change, Condition, Missing, StateChange, Threshold
from signals.measures import Measure, StateMeasure

UNITS: Final = {
    "minutes": "{number} min", "MB": "{number} MB", "UZS": "{number} UZS", "days": "{number} d",
    "percent": "{number} %", "count": "{number}", "share": "{number}", "code": "{number}",
}  # fmt: skip
CHANGES: Final = {
    "fall": "{measure}: a fall by {sizes} against {against}{floor}",
    "growth": "{measure}: a growth by {sizes} against {against}{floor}",
}
LEVELS: Final = {
    "fall": "{measure}: a fall by {sizes} within {window}{floor}",
    "growth": "{measure}: a growth by {sizes} within {window}{floor}",
}
"""Of a measure of state, which has a level and no sum."""
AGAINST: Final = {
    "previous": "the same stretch before", "norm": "the customer's own norm",
    "season": "the customer's own norm for the season", "peers": "comparable customers",
}  # fmt: skip
COMPARISONS: Final = {
    ">=": "{measure}: at least {value}", ">": "{measure}: more than {value}", "<=": "{measure}: at most {value}",
    "<": "{measure}: less than {value}", "=": "{measure}: exactly {value}", "!=": "{measure}: anything but {value}",
}  # fmt: skip
TABLES: tuple[Mapping[str, str], ...] = (UNITS, CHANGES, LEVELS, AGAINST, COMPARISONS)


def said(condition: Condition, measures: Mapping[str, Measure], speaker: Speaker) -> str:
    """One condition in words, without a pronoun and a full stop."""
    measure = measures.get(condition.measure)
    match condition:
        case Change():
            return _change(condition, measure, speaker)
        case Threshold():
            value = amount(measure, condition.value, speaker)
            what = _over(measure, condition, condition.weeks, speaker)
            return speaker.text(COMPARISONS[condition.operator], measure=what, value=value)
        case StateChange():
            return speaker.text(
                "{measure}: from {before} to {to} within {window}", measure=label(measure, condition.measure, speaker),
                before=_words(measure, condition.before, speaker), to=_words(measure, condition.to, speaker),
                window=_last(condition.within_days, "day", speaker),
            )  # fmt: skip
        case Missing():
            return speaker.plural(
                "{measure}: nothing within {window}, but something in the {count} day before",
                "{measure}: nothing within {window}, but something in the {count} days before",
                condition.before_days, measure=label(measure, condition.measure, speaker),
                window=_last(condition.days, "day", speaker),
            )  # fmt: skip


def _change(condition: Change, measure: Measure | None, speaker: Speaker) -> str:
    floor, sizes = "", _sizes(condition, measure, speaker)
    if condition.at_least is not None:
        value = amount(measure, condition.at_least, speaker)
        floor = speaker.text(" (where it was at least {value})", value=value)
    if isinstance(measure, StateMeasure) and condition.against == "previous":
        what, past = label(measure, condition.measure, speaker), _last(condition.weeks, "week", speaker)
        return speaker.text(LEVELS[condition.direction], measure=what, sizes=sizes, window=past, floor=floor)
    what = _over(measure, condition, condition.weeks, speaker)
    against = speaker.text(AGAINST[condition.against])
    return speaker.text(CHANGES[condition.direction], measure=what, sizes=sizes, against=against, floor=floor)


def label(measure: Measure | None, name: str, speaker: Speaker) -> str:
    """What a measure is called; its quoted name where the registry does not know it."""
    return measure.labels[speaker.language] if measure is not None else speaker.text("“{name}”", name=name)


def amount(measure: Measure | None, value: float, speaker: Speaker) -> str:
    """A number with the unit of the measure."""
    unit = measure.unit if measure is not None else "count"
    return speaker.text(UNITS[unit], number=number(value, speaker))


def number(value: float, speaker: Speaker) -> str:
    """A number with as many decimal digits as it has, three at most."""
    digits = next((places for places in range(3) if round(value, places) == value), 3)
    return speaker.number(value, digits)


def word(measure: Measure | None, value: str, speaker: Speaker) -> str:
    """The label of a word of state."""
    known: Mapping[str, Any] = measure.words if isinstance(measure, StateMeasure) else {}
    return str(known[value][speaker.language]) if value in known else speaker.text("“{name}”", name=value)


def _sizes(condition: Change, measure: Measure | None, speaker: Speaker) -> str:
    sizes = []
    if condition.by_pct is not None:
        sizes.append(speaker.text("{number} % or more", number=number(condition.by_pct, speaker)))
    if condition.by is not None:
        sizes.append(speaker.text("{value} or more", value=amount(measure, condition.by, speaker)))
    if condition.deviations is not None:
        sizes.append(speaker.text("{number} usual deviations or more", number=number(condition.deviations, speaker)))
    return listed(speaker, sizes, "and")


def _over(measure: Measure | None, condition: Condition, weeks: int, speaker: Speaker) -> str:
    name = label(measure, condition.measure, speaker)
    if isinstance(measure, StateMeasure):
        return name
    return speaker.text("{measure} within {window}", measure=name, window=_last(weeks, "week", speaker))


def _last(count: int, unit: str, speaker: Speaker) -> str:
    return window(speaker, Window("last", count, unit=unit))


def _words(measure: Measure | None, values: tuple[str, ...], speaker: Speaker) -> str:
    if not values:
        return speaker.text("any other")
    return listed(speaker, [f"«{word(measure, each, speaker)}»" for each in values], "or")
