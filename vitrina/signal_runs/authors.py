"""Authors of rules: what compiles on their snapshot, and which tables a rule of theirs reads."""

from collections.abc import Callable, Iterable, Mapping

from segments.catalogue import Catalogue
from segments.definition import Definition
from segments.errors import DefinitionError
from segments.questions import stored_month_ends
from segments.questions.source import Source
from signals.definition import Rule
from signals.engine import compile_rule, missing_tables


def tables_of(
    catalogue: Catalogue, source: Source, present: Iterable[str]
) -> Callable[[Rule, Mapping[str, Definition]], frozenset[str]]:
    """A function that compiles a rule on the last stored month end of a snapshot and names the tables that it reads.

    `present` are the snapshot's tables. The function raises `DefinitionError` for what cannot be.
    """
    month_ends, there = stored_month_ends(source), frozenset(present)

    def compiled(rule: Rule, others: Mapping[str, Definition]) -> frozenset[str]:
        tables = compile_rule(rule, catalogue, month_ends, month_ends[-1:], others).tables
        if lacking := missing_tables(tables, there):
            raise DefinitionError(lacking)
        return tables

    return compiled
