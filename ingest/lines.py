"""From a row's place in the temp table to its line in the landed file.

Rows lie in the order of their files. A file's rows run through its lines from `first_line` on, leaving out the lines
that were skipped (refused or blank), so lines are `rowid + shift` with a shift that changes only at those places.
"""

from collections.abc import Iterable

Segment = tuple[int, int]
_MANY = 2048


def segments(start: int, first_line: int, skipped: Iterable[int]) -> list[Segment]:
    """(first rowid, shift) pieces of one file whose rows begin at rowid `start`.

    >>> segments(0, 2, [4, 5, 9])
    [(0, 2), (2, 4), (5, 5)]
    """
    pieces = {start: first_line - start}
    for before, line in enumerate(sorted(skipped)):
        place = start + line - first_line - before
        pieces[place] = first_line - start + before + 1
    return sorted(pieces.items())


def line_sql(pieces: list[Segment], row: str = "staged.rowid") -> str | None:
    """The line as an SQL expression: a binary tree of CASE, of which a run of rows takes one branch.

    None when there are so many pieces that a join is better.
    """
    if len(pieces) > _MANY:
        return None
    return f"({row} + {_tree(pieces, row)})" if pieces else row


def _tree(pieces: list[Segment], row: str) -> str:
    if len(pieces) == 1:
        return str(pieces[0][1])
    middle = len(pieces) // 2
    before, after = _tree(pieces[:middle], row), _tree(pieces[middle:], row)
    return f"case when {row} < {pieces[middle][0]} then {before} else {after} end"
