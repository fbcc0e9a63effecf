"""The contract's rules over `staged`: which rows break which rule. Row rules in one pass, then keys and references."""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from data_contracts.checks import Check, batch_checks, row_checks
from data_contracts.model import Column, Contract
from data_contracts.sql import holds_sql, literal, quoted


@dataclass(frozen=True)
class Keys:
    """A temp table with the known values of a referred column, `key`."""

    table: str


def find_faults(con: duckdb.DuckDBPyConnection, contract: Contract, keys: dict[str, Keys]) -> dict[str, int]:
    """Fill `faults` (r = rowid of `staged`, field, value, rule, position). Returns counts of broken warning-only rules.

    `keys`: by `<table>.<column>`, the values that references may take. A reference that is not there is not checked.
    """
    con.execute("create or replace temp table faults (r bigint, field varchar, \"value\" varchar, \"rule\" varchar, "
                "position integer)")  # fmt: skip
    con.execute("insert into faults select r, f.field, f.\"value\", f.\"rule\", place from (select rowid as r, "
                "unnest(_faults) as f, generate_subscripts(_faults, 1) as place from staged "
                "where _faults is not null)")  # fmt: skip
    _row_rules(con, contract)
    told: dict[str, int] = {}
    for check in batch_checks(contract):
        if check.kind == "unique":
            _unique(con, contract, check)
        elif f"{check.args['table']}.{check.args['target']}" in keys:
            told |= _reference(con, contract, check, keys[f"{check.args['table']}.{check.args['target']}"])
    return told


def _row_rules(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    rules = [(check, _violated(column, check)) for column in contract.columns for check in row_checks(column)
             if check.kind != "type"]  # fmt: skip
    if not rules:
        return
    anything = " or ".join(condition for _, condition in rules)
    found = ", ".join(
        f"case when {condition} then "
        f"{{'field': {literal(check.column)}, 'value': {quoted(str(check.column))}::varchar, "
        f"'rule': {literal(check.rule_id)}, 'position': {place}}} end"
        for place, (check, condition) in enumerate(rules, start=1)
    )
    con.execute(f"insert into faults select r, f.field, f.\"value\", f.\"rule\", f.position from (select rowid as r, "
                f"unnest(list_filter([{found}], lambda f: f is not null)) as f from staged "
                f"where _faults is null and ({anything}))")  # fmt: skip


def _violated(column: Column, check: Check) -> str:
    """Condition that is true, never NULL, where the value breaks the rule."""
    name = quoted(column.name)
    if check.kind == "required":
        return f"{name} is null"
    return f"coalesce(not ({holds_sql(column, check, name)}), false)"


def _unique(con: duckdb.DuckDBPyConnection, contract: Contract, check: Check) -> None:
    """The first row of a key in a delivery stays, whatever repeats it is refused. A key with NULL is no key."""
    key = ", ".join(map(quoted, contract.key))
    whole = " and ".join(f"{quoted(name)} is not null" for name in contract.key)
    value = f"concat_ws(' / ', {key})"
    con.execute(f"create or replace temp table repeated as select _f, {key} from staged where {whole} "
                f"group by _f, {key} having count(*) > 1")  # fmt: skip
    con.execute(f"insert into faults select r, {literal(check.column)}, {value}, {literal(check.rule_id)}, 1000 from "
                f"(select staged.rowid as r, * from staged semi join repeated using (_f, {key}) "
                f"anti join (select distinct r from faults) as bad on staged.rowid = bad.r) "
                f"qualify row_number() over (partition by _f, {key} order by r) > 1")  # fmt: skip


def _reference(con: duckdb.DuckDBPyConnection, contract: Contract, check: Check, keys: Keys) -> dict[str, int]:
    name = quoted(str(check.column))
    own = (
        f" union all select {quoted(check.args['target'])} from staged"
        if check.args["table"] == contract.raw_table
        else ""
    )
    unknown = (f"select staged.rowid as r, {name} as v from staged anti join (select key from "
               f"{keys.table}{own}) as known "
               f"on staged.{name} = known.key where {name} is not null")  # fmt: skip
    if check.severity == "warning":
        count = con.execute(f"select count(*) from ({unknown})").fetchone()[0]  # type: ignore[index]
        return {check.rule_id: count} if count else {}
    con.execute(
        f"insert into faults select r, {literal(check.column)}, v::varchar, {literal(check.rule_id)}, 2000 from "
        f"({unknown})"
    )
    return {}


def references(contract: Contract) -> Iterator[tuple[str, str]]:
    """(raw table, column) that the contract refers to, its own table included."""
    for check in batch_checks(contract):
        if check.kind == "reference":
            yield check.args["table"], check.args["target"]
