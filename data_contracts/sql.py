"""Contract checks → DuckDB SQL: one pass that types every row and names the faults of the bad ones.

What goes in is a relation of VARCHAR columns named as in the delivery; what comes out is one SELECT:

>>> from data_contracts.model import Column, Contract, Range
>>> charge = Contract("foris", "charge", "1.0.0", "Charges", (
...     Column("charge_id", "integer", "BIGINT", required=True, range=Range(minimum=1)),
...     Column("amount", "number", "DECIMAL(18,2)", required=True, range=Range(minimum=0))), key=("charge_id",))
>>> import duckdb
>>> con = duckdb.connect()
>>> _ = con.execute("CREATE TABLE delivered AS SELECT * FROM (VALUES ('1', '10,50'), ('1', '-2,00'), ('1', '3'), "
...                 "('x', '1,234')) t(charge_id, amount)")
>>> query = pass_sql(charge, "delivered", Dialect(decimal_separator=","))
>>> _ = con.execute(f"CREATE TEMP TABLE batch AS {query}")       # typed columns, then _faults and _row_text
>>> con.execute("SELECT charge_id, amount FROM batch WHERE _faults IS NULL").fetchall()
[(1, Decimal('10.50')), (1, Decimal('3.00'))]
>>> query = ("SELECT rowid, fault.field, fault.value, fault.rule, _row_text "
...          "FROM (SELECT rowid, unnest(_faults) AS fault, _row_text FROM batch) ORDER BY ALL")
>>> for row in con.execute(query).fetchall(): print(row)
(1, 'amount', '-2,00', 'amount.minimum', '{"charge_id":"1","amount":"-2,00"}')
(3, 'amount', '1,234', 'amount.type', '{"charge_id":"x","amount":"1,234"}')
(3, 'charge_id', 'x', 'charge_id.type', '{"charge_id":"x","amount":"1,234"}')
>>> con.close()

A temp table numbers its rows (`rowid`) in the order of the file for nothing; `row_number()` would make the whole read
single-threaded. The good rows are then copied from the temp table to Parquet. Keys and references need more than one
row: `ingest.rules` checks them over the typed table.

How it stays cheap: a good row is recognised by one short-circuited condition on typed values. Only a row that fails it
reaches the CASE branch that looks at each rule, and that branch alone decides: the condition may send a good row there
(a number padded with spaces), never let a bad one pass. DuckDB evaluates that branch for the selected rows only.
"""

from collections.abc import Mapping

from data_contracts.checks import row_checks
from data_contracts.model import Column, Contract
from data_contracts.sqltext import literal, quoted
from data_contracts.values import (
    PLAIN,
    Dialect,
    Field,
    double_sql,
    fault_sql,
    holds_sql,
    proof_sql,
    quick_sql,
    text_sql,
    value_sql,
)

__all__ = [
    "FAULT_TYPE",
    "PLAIN",
    "Dialect",
    "holds_sql",
    "literal",
    "pass_sql",
    "quoted",
    "schema_sql",
]

FAULT_TYPE = 'STRUCT(field VARCHAR, "value" VARCHAR, "rule" VARCHAR)[]'
_GOOD = "_good"


def pass_sql(
    contract: Contract,
    relation: str,
    dialect: Dialect = PLAIN,
    carry: tuple[str, ...] = (),
    inputs: Mapping[str, str] | None = None,
) -> str:
    """The SELECT that types and checks every row of `relation` (a table name, a reader call or a subquery).

    Columns out: the contract's in contract order, the `carry` expressions as they are, `_faults`
    (list of field/value/rule, NULL for a good row) and `_row_text` (JSON of the texts as delivered, by raw column name,
    NULL for a good row). `inputs` maps source field → column of `relation` where the names differ; a field that is not
    in `inputs` (when given) reads as NULL, which is how an absent column comes through. Timestamps come out in UTC
    provided that the session's TimeZone is UTC.
    """
    fields = [Field(column, _delivered(column, inputs)) for column in contract.columns]
    carried = [_carried(item) for item in carry]
    query = relation
    for step in (
        [f"{text_sql(f, dialect)} AS {f.text}" for f in fields] + [f"{e} AS {quoted(a)}" for e, a in carried],
        [f"{double_sql(f, dialect)} AS {f.double}" for f in fields if f.is_number],
        [f"{quick_sql(f, dialect)} AS {f.quick}" for f in fields],
        [f"{_proof(fields)} AS {_GOOD}"],
        [f"{value_sql(f, dialect, _GOOD)} AS {f.value}" for f in fields],
        [f"{_faults(fields)} AS _faults"],
    ):
        first = query is relation
        query = f"SELECT {', '.join(step if first else ['*', *step])} FROM {query if first else f'({query})'}"
    out = [f.value for f in fields] + [quoted(alias) for _, alias in carried]
    row = ", ".join(f"{literal(f.column.name)}, {f.text}" for f in fields)
    text = f"CASE WHEN _faults IS NULL THEN NULL ELSE json_object({row})::VARCHAR END AS _row_text"
    return f"SELECT {', '.join(out)}, _faults, {text} FROM ({query})"


def schema_sql(contract: Contract) -> str:
    """A SELECT without rows that has the contract's columns and types: the raw table before its first batch."""
    columns = ", ".join(f"NULL::{c.duckdb_type} AS {quoted(c.name)}" for c in contract.columns)
    return f"SELECT {columns} WHERE false"


def _delivered(column: Column, inputs: Mapping[str, str] | None) -> str:
    name = column.source_name if inputs is None else inputs.get(column.source_name)
    return "NULL::VARCHAR" if name is None else quoted(name)


def _carried(item: str) -> tuple[str, str]:
    """``expression AS name`` or a plain column name → (expression, name)."""
    expression, _, alias = item.rpartition(" AS ")
    return (expression, alias) if expression else (quoted(item), item)


def _proof(fields: list[Field]) -> str:
    """True for rows proved good. A CASE, because its condition is evaluated on ever fewer rows, a bare AND is not."""
    conditions = " AND ".join(filter(None, map(proof_sql, fields)))
    return f"CASE WHEN {conditions or 'true'} THEN true ELSE false END"


def _faults(fields: list[Field]) -> str:
    details = ", ".join(fault_sql(f, check) for f in fields for check in row_checks(f.column))
    if not details:
        return f"NULL::{FAULT_TYPE}"
    found = f"list_filter([{details}], lambda fault: fault IS NOT NULL)"
    return f"CASE WHEN {_GOOD} THEN NULL ELSE nullif({found}, []) END::{FAULT_TYPE}"
