"""Reading of a rule's parts: texts, choices, values, dates, periods. Every mistake is noted, and reading goes on."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, Final

from segments.definition import nodes
from segments.definition.nodes import Relative, Window
from segments.errors import Path, Problem

MAX_VALUES: Final = 1000
MAX_TEXT: Final = 1000
MAX_OFFSET: Final = 10_000


class PartReader:
    """Reads on after a mistake, so that all of them are told at once."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def _value(self, found: Mapping[str, Any], operator: str | None, path: Path) -> Any:
        if operator is None or operator in nodes.WITHOUT_VALUE:
            return None
        place = (*path, "value")
        value = found.get("value")
        if value is None or value == "" or value == []:
            return self._bad(place, "The value is missing.")
        if operator in ("within", "notWithin"):
            return self._window(value, place)
        if operator in ("between", "notBetween", "in", "notIn"):
            return self._values(value, operator, place)
        return self._single(value, place)

    def _values(self, value: Any, operator: str, path: Path) -> Any:
        if not isinstance(value, Sequence) or isinstance(value, str):
            return self._bad(path, "A list of values is expected here.")
        if operator in ("between", "notBetween") and len(value) != 2:
            return self._bad(path, "Two values are expected here: from and to.")
        if len(value) > MAX_VALUES:
            return self._bad(path, "More than {limit} values.", "Upload them as a list.", limit=MAX_VALUES)
        return tuple(self._single(each, (*path, place)) for place, each in enumerate(value))

    def _single(self, value: Any, path: Path) -> Any:
        if isinstance(value, Mapping):
            return self._relative(value, path)
        if isinstance(value, str) and len(value) > MAX_TEXT:
            return self._bad(path, "The text is longer than {limit} characters.", limit=MAX_TEXT)
        if isinstance(value, str) and value == "":
            return self._bad(path, "The value is missing.")
        if isinstance(value, str) and not is_writable(value):
            return self._bad(path, "The text has signs that cannot be written.")
        if isinstance(value, float) and not abs(value) <= 1e15:
            return self._bad(path, "The number is too large.")
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**15:
            return self._bad(path, "The number is too large.")
        if isinstance(value, str | int | float | bool):
            return value
        return self._bad(path, "A single value is expected here.")

    def _relative(self, value: Mapping[str, Any], path: Path) -> Relative | None:
        relative = value.get("relative")
        if set(value) != {"relative"} or not isinstance(relative, Mapping) or set(relative) != {"offset", "unit"}:
            return self._bad(path, "A date is written as YYYY-MM-DD or relative to the day of the count.")
        offset = self._whole(relative, "offset", (*path, "relative"), -MAX_OFFSET)
        unit = self._unit(relative, (*path, "relative"))
        return Relative(offset, unit) if offset is not None and unit is not None else None

    def _window(self, value: Any, path: Path) -> Window | None:
        if not isinstance(value, Mapping):
            return self._bad(path, "A period is expected here.")
        keys = set(value)
        if keys == {"all"} and value["all"] is True:
            return Window("all")
        for kind in ("last", "next"):
            if keys == {kind, "unit"}:
                count, unit = self._whole(value, kind, path, 1), self._unit(value, path)
                return Window(kind, count, unit=unit) if count is not None and unit is not None else None
        for kind in ("this", "previous"):
            if keys == {kind}:
                unit = self._unit(value, path, kind)
                return Window(kind, unit=unit) if unit is not None else None
        if keys == {"between", "unit"}:
            return self._between(value, path)
        if keys and keys <= {"from", "to"}:
            return self._dates(value, path)
        return self._bad(path, "This period is not understood.")

    def _between(self, value: Mapping[str, Any], path: Path) -> Window | None:
        pair, unit = value["between"], self._unit(value, path)
        if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
            return self._bad((*path, "between"), "Two values are expected here: from and to.")
        near, far = (self._whole(dict(enumerate(pair)), place, (*path, "between"), 0) for place in (0, 1))
        if near is None or far is None or unit is None:
            return None
        if near >= far:
            return self._bad((*path, "between"), "The first value must be smaller than the second.")
        return Window("between", near, far, unit)

    def _dates(self, value: Mapping[str, Any], path: Path) -> Window | None:
        ends: list[dt.date | None] = []
        for name in ("from", "to"):
            text = value.get(name)
            if text is None:
                ends.append(None)
                continue
            day = _day(text)
            if day is None:
                return self._bad((*path, name), "A date is written as YYYY-MM-DD.")
            ends.append(day)
        if ends == [None, None]:
            return self._bad(path, "Give the first day, the last day, or both.")
        if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
            return self._bad(path, "The first value must be smaller than the second.")
        return Window("dates", start=ends[0], end=ends[1])

    def _operator(self, found: Mapping[str, Any], path: Path) -> str | None:
        operator = found.get("operator")
        if operator not in nodes.OPERATORS:
            return self._bad((*path, "operator"), "This comparison is not known.")
        return str(operator)

    def _unit(self, found: Mapping[str, Any], path: Path, name: str = "unit") -> str | None:
        unit = found.get(name)
        if unit not in nodes.UNITS:
            return self._bad((*path, name), "A unit of time is expected here: {known}.", known=", ".join(nodes.UNITS))
        return str(unit)

    def _whole(self, found: Mapping[Any, Any], name: Any, path: Path, least: int) -> int | None:
        number = found.get(name)
        if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= MAX_OFFSET:
            return self._bad(
                (*path, name), "A whole number from {least} to {most} is expected here.", least=least, most=MAX_OFFSET
            )
        return number

    def _text(self, found: Mapping[str, Any], name: str, path: Path) -> str | None:
        text = found.get(name)
        if not isinstance(text, str) or not 0 < len(text) <= 200 or not is_writable(text):
            return self._bad((*path, name), "Nothing is chosen here.")
        return text

    def _choice(self, found: Mapping[str, Any], name: str, known: Sequence[str], default: str, path: Path) -> str:
        chosen = found.get(name, default)
        if chosen not in known:
            self._bad((*path, name), "One of these is expected here: {known}.", known=", ".join(known))
            return default
        return str(chosen)

    def _nulls(self, found: Mapping[str, Any], path: Path) -> str:
        return self._choice(found, "nulls", ("out", "in"), "out", path)

    def _flag(self, found: Mapping[str, Any], name: str, path: Path) -> bool:
        flag = found.get(name, False)
        if not isinstance(flag, bool):
            self._bad((*path, name), "Yes or no (true or false) is expected here.")
        return bool(flag)

    def _marks(self, found: Mapping[str, Any], path: Path) -> tuple[str | None, bool]:
        identity = found.get("id")
        if identity is not None and not (isinstance(identity, str) and len(identity) <= 100 and is_writable(identity)):
            self._bad((*path, "id"), "An id is a short text.")
        return identity if isinstance(identity, str) else None, self._flag(found, "disabled", path)

    def _unknown(self, found: Mapping[str, Any], known: "frozenset[str] | set[str]", path: Path) -> None:
        for name in found:
            if name not in known:
                self._bad((*path, str(name)[:40]), "“{name}” has no meaning here.", name=str(name)[:40])

    def _bad(self, path: Path, message: str, mend: str = "", **values: Any) -> Any:
        """Note a problem; the None that it gives stands for what could not be read."""
        self.problems.append(Problem(path, message, values, mend))
        return None


def is_writable(text: str) -> bool:
    """Halves of signs, which JSON can spell alone, have no place in files and databases."""
    return not any("\ud800" <= sign <= "\udfff" for sign in text)


def _day(text: Any) -> dt.date | None:
    try:
        # Weeks and days without dashes are ISO dates too, but not of this format.
        day = dt.date.fromisoformat(text) if isinstance(text, str) else None
        return day if day is not None and day.isoformat() == text else None
    except ValueError:
        return None
