"""From a JSON document to a definition: its shape is checked here, its meaning in the compiler."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from segments.definition import nodes
from segments.definition.nodes import (
    AttributeRule,
    Definition,
    EventRule,
    Group,
    ListRule,
    Node,
    RelatedRule,
    SegmentRule,
)
from segments.definition.reading_parts import PartReader, is_writable
from segments.errors import DefinitionError, Path

MAX_DEPTH: Final = 12
MAX_NODES: Final = 500
MAX_SQL: Final = 20_000
_COMMON: Final = frozenset({"kind", "id", "disabled"})
_KEYS: Final = {
    "attribute": {"field", "operator", "value", "nulls", "valueSource"},
    "event": {"event", "measure", "operator", "value", "window", "before", "where", "nulls"},
    "related": {"entity", "quantifier", "operator", "value", "where"},
    "segment": {"segment", "operator"},
    "list": {"list", "operator"},
}
_GROUP_KEYS: Final = frozenset({"combinator", "not", "rules", "id", "disabled"})


def parse(document: Mapping[str, Any] | str) -> Definition:
    """The definition that a document (or its JSON text) holds. Raises `DefinitionError` naming every wrong place."""
    reader = _Reader()
    definition = reader.definition(document)
    if reader.problems or definition is None:
        raise DefinitionError(reader.problems)
    return definition


class _Reader(PartReader):
    """Reads groups and rules."""

    def __init__(self) -> None:
        super().__init__()
        self._nodes = 0

    def definition(self, document: Mapping[str, Any] | str) -> Definition | None:
        if isinstance(document, str):
            try:
                document = json.loads(document)
            except (ValueError, RecursionError):
                return self._bad((), "This is not a JSON document.")
        if not isinstance(document, Mapping):
            return self._bad((), "A definition is a JSON object.")
        if document.get("version") != nodes.VERSION or isinstance(document.get("version"), bool):
            return self._bad(
                ("version",), "This version of the format is not known; the known one is {known}.", known=nodes.VERSION
            )
        kind = document.get("kind", "rules")
        if kind == "sql":
            return self._sql(document)
        if kind != "rules":
            return self._bad(("kind",), "A definition is of the kind “rules” or “sql”.")
        self._unknown(document, {"version", "kind", "root"}, ())
        root = self.group(document.get("root"), ("root",), 0)
        return Definition("rules", root) if root is not None else None

    def _sql(self, document: Mapping[str, Any]) -> Definition | None:
        self._unknown(document, {"version", "kind", "sql"}, ())
        text = document.get("sql")
        if not isinstance(text, str) or not text.strip():
            return self._bad(("sql",), "The SQL is empty.")
        if not is_writable(text):
            return self._bad(("sql",), "The text has signs that cannot be written.")
        if len(text) > MAX_SQL:
            return self._bad(("sql",), "The text is longer than {limit} characters.", limit=MAX_SQL)
        return Definition("sql", sql=text)

    def group(self, found: Any, path: Path, depth: int, only: frozenset[str] | None = None) -> Group | None:
        """A group; `only` are the kinds of rules that may stand in it."""
        if not isinstance(found, Mapping):
            return self._bad(path, "A group of conditions is expected here.")
        if depth > MAX_DEPTH:
            return self._bad(path, "Groups may be nested {limit} deep.", limit=MAX_DEPTH)
        self._unknown(found, _GROUP_KEYS, path)
        combinator = found.get("combinator", "and")
        if combinator not in ("and", "or"):
            self._bad((*path, "combinator"), "Conditions are joined by “and” or “or”.")
        rules = found.get("rules")
        if not isinstance(rules, Sequence) or isinstance(rules, str):
            return self._bad((*path, "rules"), "A group holds a list of conditions.")
        read = [self.node(each, (*path, "rules", place), depth + 1, only) for place, each in enumerate(rules)]
        kept = tuple(each for each in read if each is not None)
        return Group(str(combinator), kept, self._flag(found, "not", path), *self._marks(found, path))

    def node(self, found: Any, path: Path, depth: int, only: frozenset[str] | None = None) -> Node | None:
        """A group or a rule."""
        self._nodes += 1
        if self._nodes == MAX_NODES + 1:
            self._bad(path, "A segment may hold {limit} conditions.", limit=MAX_NODES)
        if self._nodes > MAX_NODES:
            return None
        if isinstance(found, Mapping) and "rules" in found:
            return self.group(found, path, depth, only)
        if not isinstance(found, Mapping):
            return self._bad(path, "A condition is expected here.")
        kind = found.get("kind")
        if not isinstance(kind, str) or kind not in _KEYS or (only is not None and kind not in only):
            return self._bad(
                (*path, "kind"), "A condition of the kind “{kind}” is not possible here.", kind=str(kind)[:40]
            )
        self._unknown(found, _KEYS[kind] | _COMMON, path)
        return getattr(self, f"_{kind}")(found, path, depth)

    def _attribute(self, found: Mapping[str, Any], path: Path, depth: int) -> Node | None:
        field, operator = self._text(found, "field", path), self._operator(found, path)
        source = self._choice(found, "valueSource", ("value", "field"), "value", path)
        value = self._value(found, operator, path)
        if field is None or operator is None:
            return None
        return AttributeRule(field, operator, value, self._nulls(found, path), source, *self._marks(found, path))

    def _event(self, found: Mapping[str, Any], path: Path, depth: int) -> Node | None:
        event = self._text(found, "event", path)
        measure = found.get("measure", {"function": "count"})
        if not isinstance(measure, Mapping) or measure.get("function") not in nodes.FUNCTIONS:
            return self._bad((*path, "measure"), "Say what is measured: {known}.", known=", ".join(nodes.FUNCTIONS))
        self._unknown(measure, {"function", "field"}, (*path, "measure"))
        function, field, bare = str(measure["function"]), None, measure["function"] in nodes.WITHOUT_COMPARISON
        if function in nodes.MEASURED:
            field = self._text(measure, "field", (*path, "measure"))
        window = self._window(found.get("window", {"all": True}), (*path, "window"))
        before = None
        if function == "stopped":
            before = self._window(found.get("before", {"all": True}), (*path, "before"))
        operator = None if bare else self._operator(found, path)
        value = None if bare else self._value(found, operator, path)
        where = self._where(found, path, depth)
        if event is None or window is None or (operator is None and not bare):
            return None
        return EventRule(
            event, function, window, field, operator, value, before, where, self._nulls(found, path),
            *self._marks(found, path),
        )  # fmt: skip

    def _related(self, found: Mapping[str, Any], path: Path, depth: int) -> Node | None:
        entity = self._text(found, "entity", path)
        quantifier = self._choice(found, "quantifier", nodes.QUANTIFIERS, "any", path)
        counted = quantifier == "count"
        operator = self._operator(found, path) if counted else None
        value = self._value(found, operator, path) if counted else None
        where = self._where(found, path, depth)
        if entity is None or (counted and operator is None):
            return None
        return RelatedRule(entity, quantifier, where, operator, value, *self._marks(found, path))

    def _segment(self, found: Mapping[str, Any], path: Path, depth: int) -> Node | None:
        key = self._text(found, "segment", path)
        operator = self._choice(found, "operator", ("in", "notIn"), "in", path)
        return SegmentRule(key, operator, *self._marks(found, path)) if key is not None else None

    def _list(self, found: Mapping[str, Any], path: Path, depth: int) -> Node | None:
        key = self._text(found, "list", path)
        operator = self._choice(found, "operator", ("in", "notIn"), "in", path)
        return ListRule(key, operator, *self._marks(found, path)) if key is not None else None

    def _where(self, found: Mapping[str, Any], path: Path, depth: int) -> Group | None:
        if found.get("where") is None:
            return None
        group = self.group(found["where"], (*path, "where"), depth + 1, frozenset({"attribute"}))
        return group if group is not None and group.rules else None
