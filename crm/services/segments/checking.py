"""Whether a definition may be saved by its author: it compiles, names what there is and what he may use, has no circle.

Membership is computed by the pipeline on uncovered data, so a condition on what its author sees covered would tell him
what is under the cover: such a definition is refused here, wherever it comes from.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlglot
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlglot import exp

from crm.errors import CrmError
from crm.messages import PROBLEMS
from crm.models import CustomerList, Segment
from crm.services.segments.access import Reach, reach
from crm.services.segments.stored import definitions
from crm.services.versioned import require_storable
from segments.catalogue import PROFILE, Catalogue
from segments.definition import (
    AttributeRule,
    Definition,
    EventRule,
    ListRule,
    RelatedRule,
    SegmentRule,
    dump,
    parse,
    used_segments,
    walk,
)
from segments.engine import At, check_graph, compile_segment
from segments.errors import DefinitionError, Path, Problem
from vitrina.access.rights import Rights
from vitrina.access.sql import DIALECT, check

_LONGEST = 200_000


@dataclass(frozen=True)
class Author:
    """Who writes a definition: what there is to name, and what of it he sees uncovered.

    `rights` None is the machine's own administrator. `open_columns` by table are those that he sees as they are (None:
    all); `hidden_columns` the rest of the same tables, which his SQL may not name.
    """

    catalogue: Catalogue
    at: At
    rights: Rights | None = None
    open_columns: Mapping[str, frozenset[str]] | None = None
    hidden_columns: Mapping[str, frozenset[str]] = field(default_factory=dict)


def checked(
    session: Session, key: str, document: Mapping[str, Any] | str, author: Author, kept: frozenset[str] = frozenset()
) -> Definition:
    """The definition of the segment `key`, fit to be saved. `kept` are segments that it named before, which may stay.

    Raises `DefinitionError` with every place to mend, `CrmError`, and `Refused` for SQL that may not run.
    """
    definition = parse(document)
    require_storable(dump(definition))
    if definition.kind == "sql" and author.rights is not None and not author.rights.allows("sql", "query"):
        raise CrmError("segment_sql")
    reached, others = reach(session, author.rights), definitions(session)
    others.pop(key, None)
    lists = _lists(session, reached)
    shown = {row.key for row in session.scalars(select(Segment)) if reached.sees(row)} | kept
    problems = [*_absent(definition, shown & others.keys() | {key}, lists), *hidden_from(definition, author)]
    if problems:
        raise DefinitionError(problems)
    check_graph(key, definition, others)
    compile_segment(definition, author.catalogue, author.at, others, lists)
    return definition


def hidden_from(definition: Definition, author: Author) -> Iterator[Problem]:
    """A problem for every condition on a column that the author sees covered or not at all.

    Raises `Refused` for SQL that may not run at all, or not on his tables.
    """
    if author.open_columns is None:
        return
    if definition.sql is not None:
        yield from _covered_in_sql(definition.sql, author)
    owners: list[tuple[Path, str]] = []
    for path, node in walk(definition):
        if isinstance(node, EventRule | RelatedRule):
            table = _table(author.catalogue, node)
            owners.append((path, table))
            if table and table not in author.open_columns:
                kind = "event" if isinstance(node, EventRule) else "entity"
                values = {"name": node.event if isinstance(node, EventRule) else node.entity}
                yield Problem((*path, kind), PROBLEMS["hidden"], values, PROBLEMS["hidden_mend"])
                continue
            if isinstance(node, EventRule) and node.field:
                yield from _hidden(author, (*path, "field"), table, node.field)
        elif isinstance(node, AttributeRule):
            table = next((table for start, table in reversed(owners) if path[: len(start)] == start), PROFILE)
            yield from _hidden(author, (*path, "field"), table, node.field)
            if node.value_source == "field":
                yield from _hidden(author, (*path, "value"), table, str(node.value))


def hidden_in(definition: Definition, others: Mapping[str, Definition], author: Author) -> tuple[Problem, ...]:
    """The same for the definition and every segment that it stands on: figures computed over covered columns are wrong,
    so who sees them covered is told instead."""
    found, waiting, seen = list(hidden_from(definition, author)), set(used_segments(definition)), set[str]()
    while waiting:
        key = waiting.pop()
        if key in seen or key not in others:
            continue
        seen.add(key)
        for problem in hidden_from(others[key], author):
            values = {**problem.values, "segment": key}
            found.append(Problem(("root",), PROBLEMS["hidden_inside"], values))
        waiting |= used_segments(others[key])
    return tuple(found)


def _hidden(author: Author, path: Path, table: str, name: str) -> Iterator[Problem]:
    known = author.catalogue.attribute(name) if table == PROFILE else None
    column = known.name if known is not None else name
    if table not in (author.open_columns or {}) and table != PROFILE:
        # Said of the event or object as a whole.
        return
    if not _in_catalogue(author.catalogue, table, column):
        # A name that nothing bears is the compiler's matter, which knows the nearest one.
        return
    if column not in (author.open_columns or {}).get(table, frozenset()):
        yield Problem(path, PROBLEMS["hidden"], {"name": name}, PROBLEMS["hidden_mend"])


def _in_catalogue(catalogue: Catalogue, table: str, column: str) -> bool:
    if table == PROFILE:
        return column in catalogue.attributes
    entities = (*catalogue.events.values(), *catalogue.related.values())
    return any(column in each.fields for each in entities if each.table == table)


def _table(catalogue: Catalogue, node: EventRule | RelatedRule) -> str:
    entity = catalogue.events.get(node.event) if isinstance(node, EventRule) else catalogue.related.get(node.entity)
    return entity.table if entity is not None else ""


def _absent(definition: Definition, shown: set[str], lists: frozenset[str]) -> Iterator[Problem]:
    """References to segments and lists that are not there, or not shown to the author."""
    for path, node in walk(definition):
        if isinstance(node, SegmentRule) and node.segment not in shown:
            yield Problem((*path, "segment"), PROBLEMS["no_segment"], {"name": node.segment})
        if isinstance(node, ListRule) and node.list_key not in lists:
            yield Problem((*path, "list"), PROBLEMS["no_list"], {"name": node.list_key})


def _lists(session: Session, reached: Reach) -> frozenset[str]:
    rows = session.scalars(select(CustomerList).where(CustomerList.archived_at.is_(None)))
    return frozenset(row.key for row in rows if reached.sees(row))


def _covered_in_sql(text: str, author: Author) -> Iterator[Problem]:
    """SQL stands on tables that are open to its reader, and names nothing that he sees covered. Raises `Refused`."""
    found = check(text, frozenset(author.open_columns or ()))
    tree = sqlglot.parse_one(found.sql, dialect=DIALECT)
    # Every name, not only those of columns: USING compares columns too, and NATURAL all that have one name.
    named = {node.name.lower() for node in tree.find_all(exp.Identifier)}
    natural = any(str(join.args.get("method") or "").upper() == "NATURAL" for join in tree.find_all(exp.Join))
    for table in sorted(found.tables):
        hidden = author.hidden_columns.get(table, frozenset())
        for name in sorted(hidden if table in found.whole or natural else hidden & named):
            yield Problem(("sql",), PROBLEMS["hidden"], {"name": name}, PROBLEMS["hidden_mend"])
