"""A bonus scheme as JSON: read with every mistake told at its place, and written back."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from crm.performance_messages import SCHEME
from crm.services.performance.bonus import HUNDRED, Part, Scheme
from segments.errors import DefinitionError, Problem

VERSION: Final = 1
_MOST = Decimal(10) ** 12
_NUMBERS: Final = {
    "weight": (0, 100, None), "threshold_pct": (0, 1000, 0), "accelerator_from_pct": (0, 1000, 100),
    "accelerator": (1, 10, 1), "cap_pct": (0, 1000, 1000),
}  # fmt: skip


def read_scheme(document: Any, kpis: frozenset[str]) -> Scheme:
    """The scheme that a document says. Raises `DefinitionError` with every mistake, each with its path."""
    reading = _Reading(kpis)
    scheme = reading.scheme(document)
    if reading.problems:
        raise DefinitionError(reading.problems)
    return scheme


def dump_scheme(scheme: Scheme) -> dict[str, Any]:
    """The document of a scheme; read again, it is the same scheme."""
    return {
        "version": VERSION,
        "period": scheme.period_kind,
        "positions": list(scheme.positions),
        "base": {
            "kind": scheme.base, "usual": str(scheme.usual), "share_pct": str(scheme.share_pct),
            "own": {employee: str(amount) for employee, amount in sorted(scheme.own.items())},
        },
        "kpis": [{"kpi": part.kpi, **{name: str(getattr(part, name)) for name in _NUMBERS}} for part in scheme.parts],
        "cap_pct": str(scheme.cap_pct),
    }  # fmt: skip


class _Reading:
    def __init__(self, kpis: frozenset[str]) -> None:
        self.problems: list[Problem] = []
        self._kpis = kpis

    def scheme(self, document: Any) -> Scheme:
        whole = self._map(document, ())
        if whole.get("version") != VERSION:
            self._wrong(("version",), "version")
        if (period := whole.get("period")) not in ("month", "quarter"):
            self._wrong(("period",), "period")
        base = self._map(whole.get("base"), ("base",))
        if (kind := base.get("kind")) not in ("amount", "salary"):
            self._wrong(("base", "kind"), "base")
        own = self._map(base.get("own", {}), ("base", "own"))
        positions = whole.get("positions")
        if not isinstance(positions, list) or not all(isinstance(each, str) and each for each in positions):
            self._wrong(("positions",), "positions")
            positions = []
        share = self._number(base, "share_pct", ("base",), 0, 1000, 100)
        return Scheme(
            str(period), tuple(positions), "salary" if kind == "salary" else "amount",
            self._number(base, "usual", ("base",), 0, _MOST, None),
            {str(each): self._number(own, each, ("base", "own"), 0, _MOST, None) for each in own},
            share if kind == "salary" else HUNDRED,
            self._parts(whole.get("kpis")), self._number(whole, "cap_pct", (), 0, 1000, 1000),
        )  # fmt: skip

    def _parts(self, listed: Any) -> tuple[Part, ...]:
        if not isinstance(listed, list) or not listed:
            self._wrong(("kpis",), "kpis")
            return ()
        parts: list[Part] = []
        for place, each in enumerate(listed):
            path: tuple[str | int, ...] = ("kpis", place)
            entry = self._map(each, path)
            if entry.get("kpi") not in self._kpis or any(part.kpi == entry.get("kpi") for part in parts):
                self._wrong((*path, "kpi"), "kpi", kpi=str(entry.get("kpi"))[:60])
            numbers = {name: self._number(entry, name, path, *bounds) for name, bounds in _NUMBERS.items()}
            parts.append(Part(str(entry.get("kpi")), **numbers))
        if (whole := sum(part.weight for part in parts)) != HUNDRED:
            self._wrong(("kpis",), "weights", sum=str(whole))
        return tuple(parts)

    def _map(self, value: Any, path: tuple[str | int, ...]) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self._wrong(path, "map")
        return {}

    def _number(
        self, entry: Mapping[str, Any], name: str, path: tuple[str | int, ...], least: Any, most: Any, usual: Any
    ) -> Decimal:
        value = entry.get(name, usual)
        try:
            number = Decimal(str(value)) if not isinstance(value, bool) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not least <= number <= most:
            self._wrong((*path, name), "number", least=str(least), most=str(most))
            return Decimal(0)
        return number

    def _wrong(self, path: tuple[str | int, ...], code: str, **values: object) -> None:
        self.problems.append(Problem(path, SCHEME[code], values))
