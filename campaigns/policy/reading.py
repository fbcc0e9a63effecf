"""From a JSON document to a policy; its mistakes are told at their places."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from campaigns.parts import CampaignPartReader
from campaigns.policy import nodes
from campaigns.policy.nodes import Cap, Gap, Policy, Quiet, Scope
from segments.errors import DefinitionError, Path

MOST_RULES: Final = 20
MOST_MINUTES: Final = 60 * 24 * 366
_KEYS: Final = frozenset(
    {"version", "timezone", "caps", "gaps", "quiet", "consent", "exclude_segments", "channel_priority", "when_capped",
     "defer_days"}
)  # fmt: skip


def parse(document: Mapping[str, Any] | str) -> Policy:
    """The policy that a document (or its JSON text) holds. Raises `DefinitionError` naming every wrong place."""
    reader = _Reader()
    policy = reader.policy(document)
    if reader.problems or policy is None:
        raise DefinitionError(reader.problems)
    return policy


class _Reader(CampaignPartReader):
    """Goes on after a mistake, so that all of them are told at once."""

    def policy(self, document: Mapping[str, Any] | str) -> Policy | None:
        if isinstance(document, str):
            try:
                document = json.loads(document)
            except (ValueError, RecursionError):
                return self._bad((), "This is not a JSON document.")
        if not isinstance(document, Mapping):
            return self._bad((), "A contact policy is a JSON object.")
        if document.get("version") != nodes.VERSION or isinstance(document.get("version"), bool):
            return self._bad(
                ("version",), "This version of the format is not known; the known one is {known}.", known=nodes.VERSION
            )
        self._unknown(document, _KEYS, ())
        caps = [self._cap(each, ("caps", at)) for at, each in enumerate(self._list(document, "caps", (), MOST_RULES))]
        gaps = [self._gap(each, ("gaps", at)) for at, each in enumerate(self._list(document, "gaps", (), MOST_RULES))]
        priority = self._words(document, "channel_priority", (), nodes.CHANNELS)
        consent = self._words(document, "consent", (), nodes.CATEGORIES)
        return Policy(
            self._zone(document.get("timezone", "Asia/Tashkent"), ("timezone",)),
            tuple(filter(None, caps)), tuple(filter(None, gaps)), self._quiet(document.get("quiet")),
            ("marketing",) if consent is None else consent, self._segments(document),
            nodes.CHANNELS if priority is None else priority,
            self._choice(document, "when_capped", nodes.WHEN_CAPPED, "defer", ()),
            self._count(document, "defer_days", (), 0, 60, 7),
        )  # fmt: skip

    def _cap(self, found: Any, path: Path) -> Cap | None:
        if not isinstance(found, Mapping):
            return self._bad(path, "A JSON object is expected here.")
        self._unknown(found, {"per", "at_most", "channels", "categories", "of", "window"}, path)
        return Cap(
            self._choice(found, "per", nodes.PERIODS, "", path), self._count(found, "at_most", path, 0, 1000, None),
            self._scope(found, path), self._choice(found, "of", nodes.SUBJECTS, "customer", path),
            self._choice(found, "window", nodes.WINDOWS, "calendar", path),
        )  # fmt: skip

    def _gap(self, found: Any, path: Path) -> Gap | None:
        if not isinstance(found, Mapping):
            return self._bad(path, "A JSON object is expected here.")
        self._unknown(found, {"minutes", "channels", "categories", "of"}, path)
        return Gap(
            self._count(found, "minutes", path, 1, MOST_MINUTES, None), self._scope(found, path),
            self._choice(found, "of", nodes.SUBJECTS, "customer", path),
        )  # fmt: skip

    def _quiet(self, found: Any) -> Quiet | None:
        path: Path = ("quiet",)
        if found is None:
            return None
        if not isinstance(found, Mapping):
            return self._bad(path, "A JSON object is expected here.")
        self._unknown(found, {"from", "to", "weekdays", "holidays", "by_region", "channels", "categories"}, path)
        weekdays = self._list(found, "weekdays", path, 7)
        if not all(isinstance(day, int) and not isinstance(day, bool) and 1 <= day <= 7 for day in weekdays):
            self._bad((*path, "weekdays"), "Days of the week are numbers from 1 (Monday) to 7.")
            weekdays = ()
        if len(set(weekdays)) == 7:
            self._bad((*path, "weekdays"), "No day is left for contacts.", "Leave at least one day.")
        return Quiet(
            self._time(found, "from", path, dt.time(21)), self._time(found, "to", path, dt.time(9)),
            tuple(sorted(set(weekdays))), self._flag(found, "holidays", path), self._regions(found, path),
            self._scope(found, path),
        )  # fmt: skip

    def _regions(self, found: Mapping[str, Any], path: Path) -> Mapping[str, str]:
        regions = found.get("by_region") or {}
        if not isinstance(regions, Mapping) or len(regions) > 500:
            return self._bad((*path, "by_region"), "A JSON object is expected here.") or {}
        return {
            str(code)[:40]: self._zone(zone, (*path, "by_region", str(code)[:40])) for code, zone in regions.items()
        }

    def _scope(self, found: Mapping[str, Any], path: Path) -> Scope:
        return Scope(
            self._words(found, "channels", path, nodes.CHANNELS),
            self._words(found, "categories", path, nodes.CATEGORIES),
        )

    def _words(self, found: Mapping[str, Any], name: str, path: Path, known: Sequence[str]) -> tuple[str, ...] | None:
        """Words without doubles, in their order; None where nothing is said."""
        if found.get(name) is None:
            return None
        words = self._list(found, name, path, len(known))
        if not all(each in known for each in words if isinstance(each, str)) or not all(
            isinstance(each, str) for each in words
        ):
            self._bad((*path, name), "One of these is expected here: {known}.", known=", ".join(known))
            return ()
        return tuple(dict.fromkeys(words))

    def _segments(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        keys = self._list(document, "exclude_segments", (), 100)
        if not all(isinstance(key, str) and 0 < len(key) <= 200 for key in keys):
            return self._bad(("exclude_segments",), "A list of texts is expected here.") or ()
        return tuple(dict.fromkeys(keys))

    def _zone(self, name: Any, path: Path) -> str:
        try:
            if isinstance(name, str) and 0 < len(name) <= 60:
                return ZoneInfo(name).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
        self._bad(path, "This time zone is not known.", "Write it as Asia/Tashkent.")
        return "UTC"
