"""The compiler's front: a definition on a day becomes SQL, with no database in sight."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from sqlglot import exp

from segments.catalogue import Catalogue
from segments.compiler.moments import At, at_date
from segments.compiler.normalise import normalised
from segments.compiler.resolve import Resolver
from segments.compiler.statement import Statement
from segments.compiler.tree import Tree
from segments.definition import Definition, Group, Node, used_segments
from segments.errors import DefinitionError, Path, Problem

__all__ = ["At", "Compiled", "at_date", "check_graph", "compile_segment", "users_of"]

DIALECT: Final = "duckdb"


@dataclass(frozen=True)
class Compiled:
    """A definition that was found right, on one day: its normal form, its SQL, and what must be said with the answer.

    `segments` are the normal forms of the segments that it stands on; `notes` are problems that hinder nothing, such as
    what is known only as it stands today.
    """

    definition: Definition
    tree: Tree
    at: At
    segments: Mapping[str, Tree]
    notes: tuple[Problem, ...]
    catalogue: Catalogue
    others: Mapping[str, Definition]

    @cached_property
    def _written(self) -> tuple[str, dict[str, Any], frozenset[str]]:
        statement = self.statement()
        query = statement.finish(statement.members(self.tree))
        return written(query), statement.params, frozenset(statement.tables)

    @property
    def sql(self) -> str:
        """SELECT of the customer_ids in the segment; values are named parameters."""
        return self._written[0]

    @property
    def params(self) -> dict[str, Any]:
        """The values of the parameters."""
        return self._written[1]

    @property
    def tables(self) -> frozenset[str]:
        """The marts that the SQL reads."""
        return self._written[2]

    def statement(self, only: int | None = None) -> Statement:
        """A statement in which the tree and its parts may be asked about; `only` narrows it to one customer."""
        return Statement(self.at, self.segments, only)

    def part(self, node: Node, path: Path) -> Tree:
        """The normal form of one node of the definition, or of one that replaces it."""
        resolver = Resolver(self.catalogue, self.at, self.others)
        tree = resolver.node(node, path)
        resolver.finished()
        return normalised(tree)

    @property
    def root(self) -> Group:
        """The outermost group; an SQL segment has none, and an empty one stands for it."""
        return self.definition.root or Group("and", ())


def compile_segment(
    definition: Definition,
    catalogue: Catalogue,
    at: At,
    others: Mapping[str, Definition] | None = None,
    lists: frozenset[str] | None = None,
) -> Compiled:
    """Compile a definition; `others` are the segments it may name, by key, `lists` the lists (None: any).

    Raises `DefinitionError` with every mistake, each at its place.
    """
    others = others or {}
    resolver = Resolver(catalogue, at, others, lists)
    tree = resolver.definition(definition)
    resolver.finished()
    segments = {key: normalised(each) for key, each in resolver.segments.items()}
    notes = tuple(dict.fromkeys(map(_hashable, resolver.notes)))
    return Compiled(
        definition, normalised(tree), at, segments, tuple(each.problem for each in notes), catalogue, others
    )


def check_graph(key: str, definition: Definition, others: Mapping[str, Definition]) -> None:
    """Raise `DefinitionError` when `key`, so defined, would name a missing segment or, in the end, itself."""
    known = {**others, key: definition}
    problems: list[Problem] = []

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            circle = " → ".join((*way[way.index(name) :], name))
            problems.append(Problem(("root",), "Segments name each other in a circle: {circle}.", {"circle": circle}))
        elif name not in known:
            problems.append(Problem(("root",), "There is no segment “{name}”.", {"name": name}))
        elif name not in done:
            for each in sorted(used_segments(known[name])):
                visit(each, (*way, name))
            done.add(name)

    done: set[str] = set()
    visit(key, ())
    if problems:
        raise DefinitionError(problems)


def users_of(key: str, definitions: Mapping[str, Definition]) -> tuple[str, ...]:
    """Keys of the segments that name this one, so that it cannot go."""
    return tuple(sorted(name for name, each in definitions.items() if key in used_segments(each)))


def written(query: exp.Expr) -> str:
    """SQL text of a tree, for the engine in use."""
    return query.sql(dialect=DIALECT)


@dataclass(frozen=True)
class _Noted:
    text: str
    problem: Problem

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Noted) and self.text == other.text


def _hashable(problem: Problem) -> _Noted:
    return _Noted(str(problem), problem)
