"""Rights and policies as a schema of views: what a person may see of each table, under the table's own name.

Rows go by the customers in scope, who are listed once for each snapshot and scope; then every table is joined with that
list, which DuckDB does faster than it evaluates the condition on each row. Masks are inside the views, so a filter on a
masked column compares the mask. Not here: which text may run on the views.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Final

import duckdb

from vitrina.access.masking import masked
from vitrina.access.policy import ANYONE, CATALOGUE, ColumnRule, Policies, TablePolicy
from vitrina.access.rights import Mask, Rights, Scope
from vitrina.warehouse.engine import literal, quoted, quoted_list
from vitrina.warehouse.manifest import Manifest, TableEntry

CUSTOMERS: Final = "dim_customers"
# DuckDB moves no filter below a limit, and this one is never reached.
_BARRIER: Final = " LIMIT 9223372036854775807"


@dataclass(frozen=True)
class GatedViews:
    """The views of one set of rights for one action (view or export).

    `barred` views keep the query's own filters above the rows in scope. They are slower, and the only ones on which
    a failing expression surely says nothing of other rows.
    """

    rights: Rights
    action: str
    policies: Policies
    key: str
    barred: bool = False

    @cached_property
    def name(self) -> str:
        """Schema name: equal for rights that show the same."""
        told = sha256(f"{self.rights.fingerprint} {self.action} {self.key}".encode()).hexdigest()[:32]
        return f"{'barred' if self.barred else 'gated'}_{told}"

    def scope(self, policy: TablePolicy) -> Scope | None:
        """How far the right to the table reaches: both to see it and to do the action. None when it is closed."""
        if policy.object == ANYONE:
            return Scope.ALL
        scopes = [self.rights.scope(policy.object, action) for action in {"view", self.action}]
        return None if None in scopes else min(scope for scope in scopes if scope is not None)

    def is_whole(self, tables: frozenset[str]) -> bool:
        """Whether he sees every row of these tables, so that no row is anybody else's."""
        return all(self.scope(self.policies[name]) is Scope.ALL for name in tables)

    def open_tables(self, manifest: Manifest) -> frozenset[str]:
        """Tables of the snapshot to which he has a right."""
        known = (self.policies[name] for name in manifest.tables if name in self.policies)
        return frozenset(policy.name for policy in known if self.scope(policy) is not None)

    def statements(self, connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> Sequence[str]:
        """SQL that makes the lists of customers and the views; without a policy none, without a right no rows."""
        harmless = catalogued_open(lambda query: connection.execute(query).fetchall(), manifest)
        columns = _columns(connection)
        policies = [self.policies[name] for name in sorted(manifest.tables) if name in self.policies]
        lists = {scope for policy in policies if policy.rows == "customer" and (scope := self.scope(policy))}
        made = [self._customers(scope, columns.get(CUSTOMERS, {})) for scope in sorted(lists - {Scope.ALL})]
        return made + [
            self._view(each, manifest.tables[each.name], columns[each.name], harmless)
            for each in policies
            if any(each.rule(column, harmless) for column in columns[each.name])
        ]

    def _customers(self, scope: Scope, columns: dict[str, str]) -> str:
        """The list of customers in a scope; empty where the snapshot does not say whose a customer is."""
        if not {"customer_id", "manager_id", "region_code"} <= set(columns):
            return f"CREATE TABLE {self._list(scope)} (customer_id BIGINT)"
        chosen = f"SELECT customer_id FROM memory.marts.{CUSTOMERS} WHERE {self._in_scope(scope)} ORDER BY customer_id"
        return f"CREATE TABLE {self._list(scope)} AS {chosen}"

    def _in_scope(self, scope: Scope) -> str:
        """His own customers, and those of his regions that no manager has."""
        managers = _listed("manager_id", self.rights.employees_in(scope))
        return f"{managers} OR (manager_id IS NULL AND {_listed('region_code', self.rights.regions_in(scope))})"

    def _list(self, scope: Scope) -> str:
        return f"memory.{quoted(self.name)}.{quoted(f'_customers_{scope}')}"

    def _view(self, policy: TablePolicy, table: TableEntry, types: dict[str, str], harmless: frozenset[str]) -> str:
        rules = {name: policy.rule(name, harmless) for name in types}
        closed = [name for name, rule in rules.items() if rule is None]
        covered = {
            name: sql for name, rule in rules.items() if rule and (sql := self._covered(policy, name, types, rule))
        }
        # A star costs less to bind than a list of columns, and it stands for `types` exactly: a snapshot stays.
        shown = "*" + (f" EXCLUDE ({quoted_list(closed)})" if closed else "")
        if covered:
            shown += f" REPLACE ({', '.join(f'{sql} AS {quoted(name)}' for name, sql in covered.items())})"
        # One view less to bind: that of the marts adds nothing to a native table.
        source = f"{'snapshot.main' if table.kind == 'native' else 'memory.marts'}.{quoted(table.name)}"
        target = f"memory.{quoted(self.name)}.{quoted(table.name)}"
        where = self.where(policy, types)
        return f"CREATE VIEW {target} AS SELECT {shown} FROM {source}{where}{_BARRIER if self.barred else ''}"

    def _covered(self, policy: TablePolicy, name: str, types: dict[str, str], rule: ColumnRule) -> str | None:
        """SQL of a column under its mask; None when it is shown as it is."""
        column, mask = quoted(name), self.rights.mask(rule.column_class)
        if mask is Mask.OPEN:
            return None
        covered = masked(column, types[name], mask, rule.shape, self.key)
        if covered == column:
            return None
        if rule.column_class != "name" or policy.business is None or policy.business[0] not in types:
            return covered
        kind, organisation = policy.business
        return f"CASE WHEN {quoted(kind)} = {literal(organisation)} THEN {column} ELSE {covered} END"

    def where(self, policy: TablePolicy, columns: Collection[str]) -> str:
        """The condition of the rows in scope, with its WHERE; empty when all are."""
        scope = self.scope(policy)
        if scope is None or not set(policy.key_columns) <= set(columns):
            return " WHERE false"
        if scope is Scope.ALL or policy.rows == "reference":
            return ""
        if policy.rows == "company":
            return " WHERE false"
        if policy.rows == "employee":
            return f" WHERE {_listed(quoted(policy.key_columns[0]), self.rights.employees_in(scope))}"
        chosen = (f"{quoted(key)} IN (SELECT customer_id FROM {self._list(scope)})" for key in policy.key_columns)
        return f" WHERE {' AND '.join(chosen)}"


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Columns and their types by table, as the engine has them."""
    found: dict[str, dict[str, str]] = {}
    query = """SELECT table_name, column_name, data_type FROM duckdb_columns()
               WHERE database_name = 'memory' AND schema_name = 'marts' ORDER BY table_name, column_index"""
    for table, column, kind in connection.execute(query).fetchall():
        found.setdefault(table, {})[column] = kind
    return found


def catalogued_open(rows: Callable[[str], list[tuple[Any, ...]]], manifest: Manifest) -> frozenset[str]:
    """Profile attributes that the catalogue of the snapshot calls free of personal data; `rows` answers a query."""
    if CATALOGUE not in manifest.tables:
        return frozenset()
    query = f"SELECT name FROM memory.marts.{CATALOGUE} GROUP BY name HAVING bool_and(personal_data_class = 'none')"
    return frozenset(str(name) for (name,) in rows(query))


def _listed(column: str, values: frozenset[str]) -> str:
    return f"{column} IN ({', '.join(literal(value) for value in sorted(values))})" if values else "false"
