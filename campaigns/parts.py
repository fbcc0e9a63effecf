"""Reading of the parts that campaign documents share: counts, lists, percentages, days, times of day, open texts."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from segments.definition.reading_parts import PartReader, is_writable
from segments.errors import Path


class CampaignPartReader(PartReader):
    """Notes every mistake at its place and reads on."""

    def _list(self, found: Mapping[str, Any], name: str, path: Path, most: int) -> Sequence[Any]:
        values = found.get(name)
        if values is None:
            return ()
        if not isinstance(values, list | tuple):
            self._bad((*path, name), "A list is expected here.")
            return ()
        if len(values) > most:
            self._bad((*path, name), "More than {limit} values.", limit=most)
        return values[:most]

    def _count(
        self, found: Mapping[str, Any], name: str, path: Path, least: int, most: int, default: int | None
    ) -> int:
        number = found.get(name, default)
        if isinstance(number, int) and not isinstance(number, bool) and least <= number <= most:
            return number
        self._bad((*path, name), "A whole number from {least} to {most} is expected here.", least=least, most=most)
        return least

    def _percent(self, found: Mapping[str, Any], name: str, path: Path) -> float:
        number = found.get(name)
        if isinstance(number, int | float) and not isinstance(number, bool) and 0 <= number <= 100:
            return float(number)
        self._bad((*path, name), "A percentage from 0 to 100 is expected here.")
        return 0.0

    def _open(self, found: Mapping[str, Any], name: str, path: Path, most: int = 200) -> str:
        """A text that may still be empty."""
        text = found.get(name)
        if text is None:
            return ""
        if isinstance(text, str) and len(text) <= most and is_writable(text):
            return text
        self._bad((*path, name), "A text of at most {limit} characters is expected here.", limit=most)
        return ""

    def _day(self, found: Mapping[str, Any], name: str, path: Path) -> dt.date | None:
        text = found.get(name)
        if text in (None, ""):
            return None
        try:
            day = dt.date.fromisoformat(text) if isinstance(text, str) else None
        except ValueError:
            day = None
        if day is None or day.isoformat() != text:
            return self._bad((*path, name), "A date is written as YYYY-MM-DD.")
        return day

    def _time(self, found: Mapping[str, Any], name: str, path: Path, default: dt.time) -> dt.time:
        text = found.get(name)
        if text is None:
            return default
        try:
            read = dt.datetime.strptime(text, "%H:%M").time() if isinstance(text, str) else None
        except ValueError:
            read = None
        if read is None or f"{read:%H:%M}" != text:
            self._bad((*path, name), "A time of day is written as HH:MM.")
            return default
        return read
