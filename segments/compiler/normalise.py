"""Second pass: the same condition in one normal form, so that equal parts are found and SQL can stop early.

Complements are pushed down to the leaves, groups of the same kind are merged, constants are folded, duplicates dropped
and the rest put in order: what is cheap to test comes first.
"""

from typing import Final

from segments.compiler.tree import (
    AllOf,
    Always,
    AnyOf,
    Attribute,
    Every,
    Exists,
    ListPart,
    Measured,
    Not,
    SegmentPart,
    Tree,
)

_COST: Final = {Always: 0, Attribute: 1, Exists: 3, Every: 4, Measured: 4}


def normalised(tree: Tree, negated: bool = False) -> Tree:
    """The normal form of a tree, or of its complement."""
    match tree:
        case Not():
            return normalised(tree.of, not negated)
        case Always():
            return Always(tree.holds != negated)
        case AllOf() | AnyOf():
            both = isinstance(tree, AllOf) != negated
            return _joined([normalised(each, negated) for each in tree.of], both)
    if isinstance(tree, Measured) and (there := _existence(tree)) is not None:
        return Exists(tree.part) if there != negated else Not(Exists(tree.part))
    return Not(tree) if negated else tree


def _existence(leaf: Measured) -> bool | None:
    """A count that asks no more than whether there is anything at all, which may stop early: yes, no, or None."""
    if leaf.function not in ("count", "days") or len(leaf.test.values) != 1:
        return None
    asked = (leaf.test.operator, leaf.test.values[0])
    if asked in ((">=", 1), (">", 0), ("!=", 0)):
        return True
    return False if asked in (("=", 0), ("<", 1), ("<=", 0)) else None


def _joined(inside: list[Tree], both: bool) -> Tree:
    """And (`both`) or or of normal forms."""
    kind = AllOf if both else AnyOf
    flat: list[Tree] = []
    for each in inside:
        flat.extend(each.of if isinstance(each, AllOf | AnyOf) and isinstance(each, kind) else [each])
    if Always(not both) in flat:
        return Always(not both)
    kept = list(dict.fromkeys(each for each in flat if not isinstance(each, Always)))
    if any(Not(each) in kept for each in kept):
        return Always(not both)
    if len(kept) < 2:
        return kept[0] if kept else Always(both)
    return kind(tuple(sorted(kept, key=_order)))


def _order(tree: Tree) -> tuple[int, str]:
    return _cost(tree), repr(tree)


def _cost(tree: Tree) -> int:
    match tree:
        case Not():
            return _cost(tree.of)
        case AllOf() | AnyOf():
            return sum(_cost(each) for each in tree.of)
        case Exists() if isinstance(tree.part, ListPart | SegmentPart):
            return 2
    return _COST[type(tree)]
