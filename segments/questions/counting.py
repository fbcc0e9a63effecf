"""How many, and which condition makes it so."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from segments.catalogue import Catalogue
from segments.compiler.moments import At
from segments.compiler.normalise import normalised
from segments.compiler.resolve import is_absent
from segments.compiler.tree import AllOf, Always, AnyOf, Not, Tree
from segments.definition import Definition
from segments.engine import Compiled, compile_segment
from segments.errors import Path
from segments.questions.source import Source, answer, counted, one_row


@dataclass(frozen=True)
class Step:
    """A condition of the outermost group, in customers: `alone`, `after` it and all before it, `without` only it."""

    path: Path
    alone: int
    after: int
    without: int


@dataclass(frozen=True)
class Waterfall:
    """From the base to the segment, condition by condition; disabled and empty ones are left out."""

    base: int
    total: int
    steps: tuple[Step, ...]


def count(source: Source, compiled: Compiled) -> int:
    """How many customers are in the segment."""
    statement = compiled.statement()
    inside = statement.members(compiled.tree).select(counted(), append=False)
    return int(answer(source, statement, inside).column(0)[0].as_py())


def base_count(source: Source, at: At) -> int:
    """How many customers there are at all on that day."""
    everybody = compile_segment(Definition.everybody(), Catalogue({}, {}, {}), at)
    return count(source, everybody)


def waterfall(
    source: Source,
    definition: Definition,
    catalogue: Catalogue,
    at: At,
    others: Mapping[str, Definition] | None = None,
) -> Waterfall:
    """What each condition of the outermost group contributes, read in one pass. Raises `DefinitionError`."""
    compiled = compile_segment(definition, catalogue, at, others)
    root = compiled.root
    places = [place for place, node in enumerate(root.rules) if not is_absent(node)]
    parts = [compiled.part(root.rules[place], ("root", "rules", place)) for place in places]
    both = root.combinator == "and"

    def joined(trees: list[Tree]) -> Tree:
        if not trees:
            return Always(True)
        tree: Tree = AllOf(tuple(trees)) if both else AnyOf(tuple(trees))
        return normalised(Not(tree) if root.negated else tree)

    flags: dict[str, Tree] = {"total": compiled.tree}
    for place, part in enumerate(parts):
        flags[f"alone_{place}"] = part
        flags[f"after_{place}"] = joined(parts[: place + 1])
        flags[f"without_{place}"] = joined(parts[:place] + parts[place + 1 :])
    found = counts(source, compiled, flags)
    steps = tuple(
        Step(("root", "rules", places[i]), found[f"alone_{i}"], found[f"after_{i}"], found[f"without_{i}"])
        for i in range(len(parts))
    )
    return Waterfall(found["rows"], found["total"], steps)


def counts(source: Source, compiled: Compiled, flags: Mapping[str, Tree]) -> dict[str, int]:
    """For how many customers each tree holds, and `rows`, how many there are; equal trees are counted once."""
    distinct = {tree: f"f{place}" for place, tree in enumerate(dict.fromkeys(flags.values()))}
    asked = {name: tree for tree, name in distinct.items() if not isinstance(tree, Always)}
    statement = compiled.statement()
    rows = statement.flags(asked, columns=())
    if not asked:
        rows = statement.flags({}, columns=("customer_id",))
    told = [counted()] + [counted(name, name) for name in asked]
    row = one_row(source, statement, exp.select(*told).from_(exp.Subquery(this=rows, alias="flags")))
    row = {name: int(number) for name, number in row.items()}

    def number(tree: Tree) -> int:
        return row["rows"] * tree.holds if isinstance(tree, Always) else row[distinct[tree]]

    return {name: number(tree) for name, tree in flags.items()} | {"rows": row["rows"]}
