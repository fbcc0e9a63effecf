"""From a JSON document to a rule: its shape is checked here, its measures and its audience in the compiler."""

import json
from collections.abc import Mapping
from typing import Any, Final

from segments.definition import Group
from segments.definition import parse as parse_segment
from segments.definition.reading import MAX_SQL
from segments.errors import DefinitionError, Path, Problem
from signals.definition import nodes
from signals.definition.nodes import Audience, Rule
from signals.definition.reading_conditions import ConditionReader

MAX_CONDITIONS: Final = 20
_KEYS: Final = frozenset(
    {"version", "kind", "audience", "conditions", "sql", "check", "priority", "action", "owner", "cool_down_days",
     "worsens_by_pct", "closes", "limits", "outcome"}
)  # fmt: skip


def parse(document: Mapping[str, Any] | str) -> Rule:
    """The rule that a document (or its JSON text) holds. Raises `DefinitionError` naming every wrong place."""
    reader = _Reader()
    rule = reader.rule(document)
    if reader.problems or rule is None:
        raise DefinitionError(reader.problems)
    return rule


class _Reader(ConditionReader):
    """Reads the parts of a rule; goes on after a mistake, so that all of them are told at once."""

    def rule(self, document: Mapping[str, Any] | str) -> Rule | None:
        if isinstance(document, str):
            try:
                document = json.loads(document)
            except (ValueError, RecursionError):
                return self._bad((), "This is not a JSON document.")
        if not isinstance(document, Mapping):
            return self._bad((), "A rule is a JSON object.")
        if document.get("version") != nodes.VERSION or isinstance(document.get("version"), bool):
            return self._bad(
                ("version",), "This version of the format is not known.", "Save the rule anew.", known=nodes.VERSION
            )
        kind = self._choice(document, "kind", ("rules", "sql"), "rules", ())
        own = "conditions" if kind == "sql" else "sql"
        self._unknown(document, _KEYS - {own}, ())
        combinator, conditions = ("and", ()) if kind == "sql" else self._conditions(document)
        sql = self._sql(document) if kind == "sql" else None
        life = self._life(document)
        return Rule(kind, self._audience(document), combinator, conditions, sql, **life)

    def _conditions(self, document: Mapping[str, Any]) -> tuple[str, tuple[nodes.Condition, ...]]:
        path: Path = ("conditions",)
        found = self._part(document, "conditions", {"combinator", "rules"})
        combinator = self._choice(found, "combinator", ("and", "or"), "and", path)
        rules = found.get("rules")
        if not isinstance(rules, list | tuple) or not rules:
            self._bad((*path, "rules"), "A rule needs at least one condition.", "Add a condition.")
            return combinator, ()
        if len(rules) > MAX_CONDITIONS:
            self._bad((*path, "rules"), "More than {limit} conditions.", "Split the rule.", limit=MAX_CONDITIONS)
            return combinator, ()
        read = [self.condition(each, (*path, "rules", place)) for place, each in enumerate(rules)]
        return combinator, tuple(each for each in read if each is not None)

    def _sql(self, document: Mapping[str, Any]) -> str | None:
        sql = document.get("sql")
        if not isinstance(sql, str) or not sql.strip():
            return self._bad(("sql",), "The SQL is missing.", "Write one SELECT.")
        if len(sql) > MAX_SQL:
            return self._bad(("sql",), "The text is longer than {limit} characters.", limit=MAX_SQL)
        return self._writable(sql, ("sql",))

    def _audience(self, document: Mapping[str, Any]) -> Audience:
        path: Path = ("audience",)
        found = self._part(document, "audience", {"kind", "segment", "root", "customer_type"})
        kind = self._choice(found, "kind", ("everyone", "segment", "definition"), "everyone", path)
        customer_type = found.get("customer_type")
        if customer_type is not None:
            customer_type = self._choice(found, "customer_type", nodes.CUSTOMER_TYPES, "person", path)
        segment = self._text(found, "segment", path) if kind == "segment" else None
        root = self._root(found, path) if kind == "definition" else None
        return Audience(kind, segment, root, customer_type)

    def _root(self, found: Mapping[str, Any], path: Path) -> Group | None:
        try:
            definition = parse_segment({"version": 1, "kind": "rules", "root": found.get("root")})
        except DefinitionError as error:
            for problem in error.problems:
                self.problems.append(Problem((*path, *problem.path), problem.message, problem.values, problem.mend))
            return None
        return definition.root
