"""Whether a rule may be saved by its author: it compiles, names what there is, and stands on what he may see.

Rules are evaluated by the pipeline on uncovered data, so one on what its author sees covered would tell him what is
under the cover.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.messages import PROBLEMS
from crm.models import CustomerList, Department, Employee, Segment
from crm.services.segments import Author, definitions, hidden_from
from crm.services.segments.access import reach
from crm.services.versioned import require_storable
from segments.definition import Definition
from segments.errors import DefinitionError, Problem
from signals.definition import Rule, dump, parse, used_segments
from vitrina.access.rights import Rights

# Tables that every rule reads, whoever wrote it, and that say nothing by themselves.
_ALWAYS = frozenset({"customer_profiles", "customer_profiles_history", "dim_customers"})


@dataclass(frozen=True)
class RuleAuthor:
    """Who writes a rule: `segments` is he as an author of segments (catalogue and open columns); `tables_of` compiles a
    rule on his snapshot and names the tables that it reads, raising `DefinitionError` for what cannot be."""

    segments: Author
    tables_of: Callable[[Rule, Mapping[str, Definition]], frozenset[str]]

    @property
    def rights(self) -> Rights | None:
        """His rights; None is the machine's own administrator."""
        return self.segments.rights


def checked(session: Session, document: Mapping[str, Any] | str, author: RuleAuthor) -> Rule:
    """The rule, fit to be saved. Raises `DefinitionError` with every place to mend, `CrmError`, `Refused`."""
    rule = parse(document)
    require_storable(dump(rule))
    if rule.kind == "sql" and author.rights is not None and not author.rights.allows("sql", "query"):
        raise CrmError("segment_sql")
    if problems := [*_absent(session, rule, author.rights), *hidden_from_author(rule, author, frozenset())]:
        raise DefinitionError(problems)
    tables = author.tables_of(rule, definitions(session))
    if problems := list(hidden_from_author(rule, author, tables)):
        raise DefinitionError(problems)
    return rule


def hidden_from_author(rule: Rule, author: RuleAuthor, tables: frozenset[str]) -> Iterator[Problem]:
    """A problem for all that the rule reads and its author does not see as it is."""
    known = author.segments
    if known.open_columns is None:
        return
    if rule.sql:
        yield from hidden_from(Definition("sql", sql=rule.sql), known)
        return
    for table in sorted(tables - known.open_columns.keys() - _ALWAYS):
        yield Problem(("conditions",), PROBLEMS["hidden"], {"name": table}, PROBLEMS["hidden_mend"])


def _absent(session: Session, rule: Rule, rights: Rights | None) -> Iterator[Problem]:
    """References to segments, lists, departments and employees that are not there, or not shown to the author."""
    reached = reach(session, rights)
    shown = {row.key for row in session.scalars(select(Segment)) if reached.sees(row)}
    for key in sorted(used_segments(rule) - shown):
        yield Problem(("audience", "segment"), PROBLEMS["no_segment"], {"name": key})
    document = dump(rule)
    action, owner = document.get("action", {}), document.get("owner", {})
    if key := action.get("list"):
        row = session.get(CustomerList, key)
        if row is None or row.archived_at is not None or not reached.sees(row):
            yield Problem(("action", "list"), PROBLEMS["no_list"], {"name": key})
    for place, part in (("action", action), ("owner", owner)):
        if (key := part.get("department_id")) and session.get(Department, key) is None:
            yield Problem((place, "department_id"), PROBLEMS["no_department"], {"name": key})
    if key := owner.get("employee_id"):
        employee = session.get(Employee, key)
        if employee is None or not employee.is_employed:
            yield Problem(("owner", "employee_id"), PROBLEMS["no_employee"], {"name": key})
