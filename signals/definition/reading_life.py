"""Reading of what becomes of a rule's signals: when it is checked, whose they are, how many, until when."""

from collections.abc import Mapping
from typing import Any, Final

from segments.definition.reading_parts import PartReader, is_writable
from segments.errors import Path
from signals.definition import nodes
from signals.definition.nodes import Action, Check, Limits, Outcome, Owner

_ACTION_KEYS: Final = {
    "inform": frozenset[str](), "task": frozenset({"title", "due_days"}), "notify_group": frozenset({"department_id"}),
    "list": frozenset({"list"}),
}  # fmt: skip
_OWNER_KEYS: Final = {"department": {"department_id"}, "employee": {"employee_id"}}
_CHECK_KEYS: Final = {"week": {"weekday"}, "month": {"day"}}
MAX_TITLE: Final = 200


class LifeReader(PartReader):
    """Reads check, priority, action, owner, repetition, limits and outcome."""

    def _life(self, document: Mapping[str, Any]) -> dict[str, Any]:
        worsens = document.get("worsens_by_pct")
        if worsens is not None and (
            not isinstance(worsens, int | float) or isinstance(worsens, bool) or not 0 < worsens <= 10_000
        ):
            worsens = self._bad(("worsens_by_pct",), "A number above zero is expected here.")
        return {
            "check": self._check(document),
            "priority": self._choice(document, "priority", nodes.PRIORITIES, "medium", ()),
            "action": self._action(document), "owner": self._owner(document),
            "cool_down_days": self._count(document, "cool_down_days", (), 0, 365, 28),
            "worsens_by_pct": float(worsens) if worsens is not None else None,
            "closes": self._flag({"closes": document.get("closes", True)}, "closes", ()),
            "limits": self._limits(document), "outcome": self._outcome(document),
        }  # fmt: skip

    def _check(self, document: Mapping[str, Any]) -> Check:
        path: Path = ("check",)
        found = self._part(document, "check", {"every", "weekday", "day"})
        every = self._choice(found, "every", ("day", "week", "month"), "day", path)
        self._unknown(found, {"every"} | _CHECK_KEYS.get(every, set()), path)
        weekday = self._count(found, "weekday", path, 1, 7, 1) if every == "week" else 1
        return Check(every, weekday, self._count(found, "day", path, 1, 28, 1) if every == "month" else 1)

    def _action(self, document: Mapping[str, Any]) -> Action:
        path: Path = ("action",)
        found = self._part(document, "action", {"kind", "title", "due_days", "department_id", "list"})
        kind = self._choice(found, "kind", nodes.ACTIONS, "inform", path)
        self._unknown(found, {"kind"} | _ACTION_KEYS[kind], path)
        if kind == "task":
            title = found.get("title", "")
            if not isinstance(title, str) or len(title) > MAX_TITLE or not is_writable(title):
                title = self._bad(
                    (*path, "title"), "A short text of at most {limit} characters is expected here.", limit=MAX_TITLE
                )
            return Action(kind, title or "", self._count(found, "due_days", path, 0, 365, 3))
        department = self._text(found, "department_id", path) if kind == "notify_group" else None
        return Action(
            kind, department_id=department, list_key=self._text(found, "list", path) if kind == "list" else None
        )

    def _owner(self, document: Mapping[str, Any]) -> Owner:
        path: Path = ("owner",)
        found = self._part(document, "owner", {"kind", "department_id", "employee_id"})
        kind = self._choice(found, "kind", nodes.OWNERS, "manager", path)
        self._unknown(found, {"kind"} | _OWNER_KEYS.get(kind, set()), path)
        department = self._text(found, "department_id", path) if kind == "department" else None
        return Owner(kind, department, self._text(found, "employee_id", path) if kind == "employee" else None)

    def _limits(self, document: Mapping[str, Any]) -> Limits:
        found = self._part(document, "limits", {"per_owner_a_day", "a_day"})
        read = [
            None if found.get(name) is None else self._count(found, name, ("limits",), 1, 1_000_000, None)
            for name in ("per_owner_a_day", "a_day")
        ]
        return Limits(*read)

    def _outcome(self, document: Mapping[str, Any]) -> Outcome:
        path: Path = ("outcome",)
        found = self._part(document, "outcome", {"kind", "within_days"})
        kind = self._choice(found, "kind", nodes.OUTCOMES, "churn", path)
        if kind != "revenue_fall":
            return Outcome(kind, self._count(found, "within_days", path, 1, 730, 60))
        within = found.get("within_days")
        if isinstance(within, int) and not isinstance(within, bool) and 0 < within < nodes.REVENUE_DAYS:
            self._bad(
                (*path, "within_days"),
                "Charges are made by month: at least {least} days are needed to see a full one.",
                "Give more days.", least=nodes.REVENUE_DAYS,
            )  # fmt: skip
            return Outcome(kind, nodes.REVENUE_DAYS)
        return Outcome(kind, self._count(found, "within_days", path, nodes.REVENUE_DAYS, 730, 90))

    def _part(self, document: Mapping[str, Any], name: str, known: set[str]) -> Mapping[str, Any]:
        """A part of the document that is an object; an absent one is empty, which gives its defaults."""
        found = document.get(name)
        if found is None:
            return {}
        if not isinstance(found, Mapping):
            self._bad((name,), "A JSON object is expected here.")
            return {}
        self._unknown(found, known, (name,))
        return found

    def _count(
        self, found: Mapping[str, Any], name: str, path: Path, least: int, most: int, default: int | None
    ) -> int:
        number = found.get(name, default)
        if not isinstance(number, int) or isinstance(number, bool) or not least <= number <= most:
            self._bad(
                (*path, name), "A whole number from {least} to {most} is expected here.", least=least, most=most
            )  # fmt: skip
            return least
        return number

    def _writable(self, text: str, path: Path) -> str | None:
        return text if is_writable(text) else self._bad(path, "The text has signs that cannot be written.")
