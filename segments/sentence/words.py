"""Words for values, dates, periods and names."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Protocol

from segments.catalogue import Entity, Field
from segments.definition import Relative, Window

ValueLabel = Callable[[Field, Any], str | None]
MOST_VALUES = 6
# Units that are said with a number; the others (pieces, codes, flags) are understood from the label.
_SAID_UNITS = frozenset({"UZS", "minutes", "MB", "percent", "days", "months", "years", "seconds"})
# Words of a label that say the unit already, and the unit's word at a label's end.
_IN_LABEL = {
    "days": ("дней", "days", "kun"), "months": ("месяц", "month", "oy"), "minutes": ("минут", "minut", "daqiqa"),
    "years": ("лет", "years", "yil", "yosh"),
}  # fmt: skip


class Speaker(Protocol):
    """Says messages of the catalogue in one language, and numbers and dates as they are written there."""

    language: str

    def text(self, message: str, **values: object) -> str:
        """The message with its places filled."""

    def plural(self, one: str, many: str, count: int, **values: object) -> str:
        """The form for `count`."""

    def number(self, value: int | float | Decimal | None, digits: int = 0) -> str:
        """A number with so many decimal digits."""

    def date(self, value: dt.date | None) -> str:
        """A date."""


def lowered(label: str) -> str:
    """A label in the middle of a sentence; ARPU, NPS and SMS keep their capitals."""
    return label if len(label) > 1 and not label[1].islower() else label[:1].lower() + label[1:]


def label_of(thing: Field | Entity | None, name: str, speaker: Speaker) -> str:
    """What a field or an entity is called; its quoted name where the catalogue does not know it."""
    label = lowered(thing.labels.get(speaker.language) or "") if thing is not None else ""
    # A comma inside a label would read as the next condition.
    return label if label and ", " not in label else speaker.text("“{name}”", name=label or name)


def field_label(field: Field | None, name: str, speaker: Speaker) -> str:
    """The label of a field without its unit, which is said with the number."""
    if field is not None:
        before, comma, tail = field.labels.get(speaker.language, "").rpartition(", ")
        if comma and _is_unit(tail, field, speaker):
            field = replace(field, labels={speaker.language: before})
    return label_of(field, name, speaker)


def _is_unit(tail: str, field: Field, speaker: Speaker) -> bool:
    unit = field.units.get(speaker.language, "")
    return field.unit in _SAID_UNITS and (tail == unit or tail.lower() in _IN_LABEL.get(field.unit, ()))


def listed(speaker: Speaker, parts: Sequence[str], combinator: str) -> str:
    """«A, B and C»."""
    if len(parts) < 2:
        return "".join(parts)
    joining = speaker.text(" and ") if combinator == "and" else speaker.text(" or ")
    return ", ".join(parts[:-1]) + joining + parts[-1]


def value(speaker: Speaker, field: Field | None, given: Any, label: ValueLabel | None) -> str:
    """One value as it is written in a sentence."""
    if isinstance(given, Relative):
        return _relative(speaker, given)
    if isinstance(given, bool):
        return speaker.text("yes") if given else speaker.text("no")
    known = label(field, given) if label is not None and field is not None else None
    if known:
        return known
    if isinstance(given, int | float) and (field is None or field.family == "number"):
        return number(speaker, field, given)
    if isinstance(given, str) and field is not None and field.family == "date":
        return _fixed(speaker, given)
    return str(given) if field is not None and field.type == "code" else speaker.text("“{name}”", name=given)


def number(speaker: Speaker, field: Field | None, given: int | float) -> str:
    """A number with the unit of its field."""
    digits = max(0, -int(Decimal(str(given)).normalize().as_tuple().exponent)) if given % 1 else 0
    said = str(given) if field is not None and field.unit == "year" else speaker.number(given, digits)
    if field is None or field.unit not in _SAID_UNITS:
        return said
    label = field_label(field, field.name, speaker).lower()
    if any(part.startswith(word) for part in label.split(" ") for word in _IN_LABEL.get(field.unit, ())):
        return said
    return f"{said}\u00a0{field.units.get(speaker.language) or field.unit}"


def several(speaker: Speaker, field: Field | None, values: Sequence[Any], label: ValueLabel | None) -> list[str]:
    """Values of a list, not more than fit in a sentence."""
    said = [value(speaker, field, each, label) for each in values[:MOST_VALUES]]
    left = len(values) - len(said)
    return [*said, speaker.text("{count} more", count=speaker.number(left))] if left else said


def window(speaker: Speaker, found: Window) -> str:
    """A period, in the form that follows «за» in Russian."""
    match found.kind:
        case "last" | "next" if found.count == 1:
            return speaker.text(_ONE[found.kind, found.unit])
        case "last" | "next":
            return _counted(speaker, _LAST if found.kind == "last" else _NEXT, found.unit, found.count)
        case "this":
            return speaker.text(_THIS[found.unit])
        case "previous":
            return speaker.text(_PREVIOUS[found.unit])
        case "between":
            return speaker.plural(*_BETWEEN[found.unit], found.until, near=speaker.number(found.count))
        case "dates":
            return _dates(speaker, found)
    return speaker.text("all time")


def _dates(speaker: Speaker, found: Window) -> str:
    if found.start is None:
        return speaker.text("the period until {date}", date=speaker.date(found.end))
    if found.end is None:
        return speaker.text("the period since {date}", date=speaker.date(found.start))
    return speaker.text(
        "the period from {start} to {end}", start=speaker.date(found.start), end=speaker.date(found.end)
    )


def _relative(speaker: Speaker, found: Relative) -> str:
    if found.offset == 0:
        return speaker.text("today")
    forms = _AGO if found.offset < 0 else _AHEAD
    return _counted(speaker, forms, found.unit, abs(found.offset))


def _fixed(speaker: Speaker, text: str) -> str:
    try:
        return speaker.date(dt.date.fromisoformat(text))
    except ValueError:
        return text


def _counted(speaker: Speaker, forms: dict[str, tuple[str, str]], unit: str, count: int) -> str:
    return speaker.plural(*forms[unit], count)


_UNITS = ("day", "week", "month", "quarter", "year")
_ONE = {(kind, unit): f"the {kind} {unit}" for kind in ("last", "next") for unit in _UNITS}
_LAST = {unit: (f"the last {{count}} {unit}", f"the last {{count}} {unit}s") for unit in _UNITS}
_NEXT = {unit: (f"the next {{count}} {unit}", f"the next {{count}} {unit}s") for unit in _UNITS}
_BETWEEN = {
    unit: (f"the period from {{near}} to {{count}} {unit} ago", f"the period from {{near}} to {{count}} {unit}s ago")
    for unit in _UNITS
}
_AGO = {unit: (f"{{count}} {unit} ago", f"{{count}} {unit}s ago") for unit in _UNITS}
_AHEAD = {unit: (f"in {{count}} {unit}", f"in {{count}} {unit}s") for unit in _UNITS}
_THIS = {unit: "today" if unit == "day" else f"this {unit}" for unit in _UNITS}
_PREVIOUS = {unit: "yesterday" if unit == "day" else f"the previous {unit}" for unit in _UNITS}
# What is said through tables, for those who look whether every message has a translation.
TABLES: tuple[Mapping[Any, Any], ...] = (_ONE, _LAST, _NEXT, _BETWEEN, _AGO, _AHEAD, _THIS, _PREVIOUS)
