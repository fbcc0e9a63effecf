"""Why a customer is in a segment, or why not: condition by condition, on any day."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from segments.catalogue import Catalogue
from segments.compiler.moments import At
from segments.compiler.resolve import is_absent
from segments.compiler.statement import Scope
from segments.compiler.tree import Always, Attribute, Every, Exists, Measured, Tree, leaves
from segments.definition import AttributeRule, Definition, Group, Node, SegmentRule, outer_rules
from segments.engine import Compiled, compile_segment, written
from segments.errors import Path
from segments.questions.source import Source


@dataclass(frozen=True)
class Explained:
    """One node for one customer: whether it holds, and what was looked at.

    `value` is the attribute, the measure or the number of rows; for “stopped” first the former rows, then those of the
    silent stretch; for “all” those that match, then all; for a field compared with a field both. `path` is that of the
    definition; what another segment explains has its `segment`, and its own paths.
    """

    path: Path
    kind: str
    holds: bool
    value: Any = None
    of: "tuple[Explained, ...]" = ()
    segment: str | None = None


@dataclass(frozen=True)
class Why:
    """The answer: `known` says whether the customer was one at all on that day; then `root` says the rest."""

    customer_id: int
    at: At
    known: bool
    root: Explained | None

    @property
    def holds(self) -> bool:
        """Whether the customer is in the segment."""
        return self.known and self.root is not None and self.root.holds


def why(
    source: Source,
    definition: Definition,
    catalogue: Catalogue,
    at: At,
    others: Mapping[str, Definition] | None,
    customer_id: int,
) -> Why:
    """Explain one customer; every part is read for this customer alone. Raises `DefinitionError`."""
    compiled = compile_segment(definition, catalogue, at, others)
    rules = _rules(compiled)
    found = _ask(source, compiled, [tree for _, _, tree in rules], customer_id)
    if found is None:
        return Why(customer_id, at, False, None)
    answers = {path: each for (path, _, _), each in zip(rules, found, strict=True)}
    if definition.kind == "sql":
        holds, value = answers[("sql",)]
        return Why(customer_id, at, True, Explained(("sql",), "sql", holds, value))

    def inner(rule: SegmentRule) -> tuple[Explained, ...]:
        below = why(source, compiled.others[rule.segment], catalogue, at, compiled.others, customer_id)
        return (below.root,) if below.root is not None else ()

    return Why(customer_id, at, True, _explained(compiled.root, ("root",), answers, inner))


def _rules(compiled: Compiled) -> list[tuple[Path, Node | None, Tree]]:
    if compiled.definition.kind == "sql":
        return [(("sql",), None, compiled.tree)]
    return [(path, node, compiled.part(node, path)) for path, node in outer_rules(compiled.definition)]


def _ask(source: Source, compiled: Compiled, trees: list[Tree], customer_id: int) -> list[tuple[bool, Any]] | None:
    statement = compiled.statement(only=customer_id)
    scope = Scope(statement, joined=True)
    columns, shapes = [], []
    for place, tree in enumerate(trees):
        columns.append(exp.alias_(scope.flag(tree), f"h{place}"))
        values = _values(scope, tree)
        shapes.append(len(values))
        columns += [exp.alias_(value, f"v{place}_{part}") for part, value in enumerate(values)]
    columns.append(exp.alias_(exp.true(), "is_known"))
    query = scope.select(columns, None)
    rows = source.query(written(statement.finish(query)), statement.params).to_pylist()
    if not rows:
        return None
    return [(bool(rows[0][f"h{place}"]), _value(rows[0], place, shape)) for place, shape in enumerate(shapes)]


def _values(scope: Scope, tree: Tree) -> list[exp.Expr]:
    found: list[exp.Expr] = []
    for leaf in leaves(tree):
        match leaf:
            case Attribute():
                found.append(scope.value(leaf))
                found += [scope.column(leaf.test.other)] if leaf.test.other else []
            case Every():
                found += [scope.value(leaf), scope.value(Exists(leaf.whole))]
            case Exists() | Measured():
                found.append(scope.value(leaf))
            case Always():
                pass
    return found


def _value(row: Mapping[str, Any], place: int, shape: int) -> Any:
    values = tuple(row[f"v{place}_{part}"] for part in range(shape))
    return values[0] if shape == 1 else values or None


def _explained(node: Node, path: Path, answers: Mapping[Path, tuple[bool, Any]], inner: Any) -> Explained:
    if isinstance(node, Group):
        inside = tuple(
            _explained(each, (*path, "rules", place), answers, inner)
            for place, each in enumerate(node.rules)
            if not is_absent(each)
        )
        joined = all if node.combinator == "and" or not inside else any
        return Explained(
            path, "group", joined(each.holds for each in inside) != (node.negated and bool(inside)), None, inside
        )
    holds, value = answers[path]
    if isinstance(node, SegmentRule):
        return Explained(path, "segment", holds, None, inner(node), node.segment)
    kind = "attribute" if isinstance(node, AttributeRule) else type(node).__name__.removesuffix("Rule").lower()
    return Explained(path, kind, holds, value)
