"""Reading of conditions: each kind knows its keys, and every mistake is noted at its place."""

import math
from collections.abc import Mapping
from typing import Any, Final

from segments.definition.reading_parts import is_writable
from segments.errors import Path
from signals.definition import nodes
from signals.definition.nodes import Change, Condition, Missing, StateChange, Threshold
from signals.definition.reading_life import LifeReader

MOST_WEEKS: Final = 13
MOST_DAYS: Final = 400
_KEYS: Final = {
    "change": {"measure", "direction", "against", "weeks", "by_pct", "by", "deviations", "at_least"},
    "threshold": {"measure", "operator", "value", "weeks"},
    "state": {"measure", "from", "to", "within_days"},
    "missing": {"measure", "days", "before_days"},
}


class ConditionReader(LifeReader):
    """Reads one condition of any kind."""

    def condition(self, found: Any, path: Path) -> Condition | None:
        """The condition, or None after its problems were noted."""
        if not isinstance(found, Mapping):
            return self._bad(path, "A condition is a JSON object.")
        kind = found.get("kind")
        if kind not in _KEYS:
            return self._bad((*path, "kind"), "This kind of condition is not known.", "Choose another one.")
        self._unknown(found, {"kind", "id"} | _KEYS[kind], path)
        identity, _ = self._marks({"id": found.get("id")}, path)
        measure = self._text(found, "measure", path) or ""
        match kind:
            case "change":
                return self._change(found, measure, path, identity)
            case "state":
                return self._state(found, measure, path, identity)
            case "missing":
                return self._missing(found, measure, path, identity)
        return self._threshold(found, measure, path, identity)

    def _change(self, found: Mapping[str, Any], measure: str, path: Path, identity: str | None) -> Change:
        direction = self._choice(found, "direction", nodes.DIRECTIONS, "fall", path)
        against = self._choice(found, "against", nodes.AGAINST, "previous", path)
        weeks = self._count(found, "weeks", path, 1, MOST_WEEKS, 4)
        sizes = {name: self._positive(found, name, path) for name in ("by_pct", "by", "deviations", "at_least")}
        if all(found.get(name) is None for name in ("by_pct", "by", "deviations")):
            self._bad(path, "It is not said by how much.", "Give percent, units or deviations.")
        if direction == "fall" and (sizes["by_pct"] or 0) > 100:
            self._bad((*path, "by_pct"), "Nothing falls by more than 100 %.", "Give 100 or less.")
        return Change(measure, direction, against, weeks, **sizes, id=identity)

    def _threshold(self, found: Mapping[str, Any], measure: str, path: Path, identity: str | None) -> Threshold:
        operator = self._choice(found, "operator", nodes.OPERATORS, "", path)
        value = self._number(found.get("value"), (*path, "value"))
        return Threshold(measure, operator, value or 0.0, self._count(found, "weeks", path, 1, MOST_WEEKS, 4), identity)

    def _state(self, found: Mapping[str, Any], measure: str, path: Path, identity: str | None) -> StateChange:
        within = self._count(found, "within_days", path, 1, MOST_DAYS, 7)
        before, to = (self._words(found, name, path) for name in ("from", "to"))
        return StateChange(measure, before, to, within, identity)

    def _missing(self, found: Mapping[str, Any], measure: str, path: Path, identity: str | None) -> Missing:
        days = self._count(found, "days", path, 1, MOST_DAYS, None)
        return Missing(measure, days, self._count(found, "before_days", path, 1, MOST_DAYS, None), identity)

    def _positive(self, found: Mapping[str, Any], name: str, path: Path) -> float | None:
        if found.get(name) is None:
            return None
        number = self._number(found[name], (*path, name))
        if number is not None and number <= 0:
            return self._bad((*path, name), "A number above zero is expected here.")
        return number

    def _number(self, value: Any, path: Path) -> float | None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return self._bad(path, "A number is expected here.")
        if abs(value) > 10**15 or not math.isfinite(value):
            return self._bad(path, "The number is too large.")
        return float(value)

    def _words(self, found: Mapping[str, Any], name: str, path: Path) -> tuple[str, ...]:
        words = found.get(name, [])
        good = isinstance(words, list | tuple) and len(words) <= 50
        if not good or not all(isinstance(each, str) and 0 < len(each) <= 200 and is_writable(each) for each in words):
            self._bad((*path, name), "A list of texts is expected here.")
            return ()
        return tuple(words)
