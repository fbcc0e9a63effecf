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
>>> for row in con.execute(faults_sql("batch", row="rowid + 2")).fetchall(): print(row)
(3, 'amount', '-2,00', 'amount.minimum', '{"charge_id":"1","amount":"-2,00"}')
(5, 'charge_id', 'x', 'charge_id.type', '{"charge_id":"x","amount":"1,234"}')
(5, 'amount', '1,234', 'amount.type', '{"charge_id":"x","amount":"1,234"}')
>>> for row in con.execute(duplicates_sql(charge, "batch", row="rowid + 2")).fetchall(): print(row)
(4, 'charge_id', '1', 'foris__charge.unique', '{"charge_id":"1","amount":"3.00"}')

A temp table numbers its rows (`rowid`) in the order of the file for nothing; `row_number()` would make the whole read
single-threaded. The good rows are then copied from the temp table to Parquet.

How it stays cheap: a good row is recognised by one short-circuited condition on typed values. Only a row that fails it
reaches the CASE branch that looks at each rule, and that branch alone decides: the condition may send a good row there
(a number padded with spaces), never let a bad one pass. DuckDB evaluates that branch for the selected rows only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from data_contracts.checks import Check, batch_checks, row_checks
from data_contracts.model import Column, Contract

FAULT_TYPE = "STRUCT(field VARCHAR, \"value\" VARCHAR, \"rule\" VARCHAR)[]"
_HIGH = "".join(chr(code) for code in range(0xA0, 0x100))
_HIGH_1251 = bytes(range(0xA0, 0x100)).decode("windows-1251")
_COMPARE = {"minimum": ">=", "exclusive_minimum": ">", "maximum": "<=", "exclusive_maximum": "<"}
_OFFSET = "[+-][0-9]{2}(:?[0-9]{2})?$"


@dataclass(frozen=True)
class Dialect:
    """How one source writes values.

    `encoding` windows-1251 means that the file was read as latin-1 (DuckDB has no other single-byte decoder in its
    wheel) and texts are put right here; anything else arrives as Unicode. `null_tokens` are spellings of "no value"
    beside the empty text. `timezone` is that of timestamps which name none.
    """

    decimal_separator: str = "."
    encoding: str = "utf-8"
    null_tokens: tuple[str, ...] = ()
    timezone: str = "UTC"


@dataclass(frozen=True)
class _Field:
    """The SQL names of one column on its way: as delivered, as text made ready for the cast, as typed value."""

    column: Column
    delivered: str
    text: str = field(init=False)
    number: str = field(init=False)
    double: str = field(init=False)
    typed: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", quoted(f"t${self.column.name}"))
        object.__setattr__(self, "number", quoted(f"n${self.column.name}"))
        object.__setattr__(self, "double", quoted(f"d${self.column.name}"))
        object.__setattr__(self, "typed", quoted(self.column.name))

    @property
    def clean(self) -> str:
        """The text without padding, NULL when nothing is left. Dear, so used for bad rows only."""
        return f"nullif(trim({self.text}), '')"


def quoted(name: str) -> str:
    """An SQL identifier, whatever characters the source put into the name."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """An SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"


def pass_sql(contract: Contract, relation: str, dialect: Dialect = Dialect(), carry: tuple[str, ...] = (),
             inputs: Mapping[str, str] | None = None) -> str:
    """The SELECT that types and checks every row of `relation` (a table name, a reader call or a subquery).

    Columns out: the contract's in contract order, the `carry` expressions as they are, `_faults`
    (list of field/value/rule, NULL for a good row) and `_row_text` (JSON of the texts as delivered, by raw column name,
    NULL for a good row). `inputs` maps source field → column of `relation` where the names differ; a field that is not
    in `inputs` (when given) reads as NULL, which is how an absent column comes through.
    """
    fields = [_Field(column, _delivered(column, inputs)) for column in contract.columns]
    carried = [_carried(item) for item in carry]
    texts = [f"{_text(f, dialect)} AS {f.text}" for f in fields] + [f"{e} AS {quoted(a)}" for e, a in carried]
    numbers = [f"{_dotted(f, dialect)} AS {f.number}" for f in fields if _is_number(f.column)]
    doubles = [f"TRY_CAST({f.number} AS DOUBLE) AS {f.double}" for f in fields if _is_number(f.column)]
    typed = [f"{_cast(f, dialect)} AS {f.typed}" for f in fields]
    out = [f.typed for f in fields] + [quoted(alias) for _, alias in carried]
    row = ", ".join(f"{literal(f.column.name)}, {f.text}" for f in fields)
    query = f"SELECT {', '.join(texts)} FROM {relation}"
    for step in (numbers, doubles, typed, [f"{_faults(fields)} AS _faults"]):
        query = f"SELECT {', '.join(['*', *step])} FROM ({query})"
    text = f"CASE WHEN _faults IS NULL THEN NULL ELSE json_object({row})::VARCHAR END AS _row_text"
    return f"SELECT {', '.join(out)}, _faults, {text} FROM ({query})"


def faults_sql(batch: str, row: str = "_line") -> str:
    """Faults of single rows in `batch` (made by `pass_sql`): row number, field, value, rule, row_text."""
    return (f"SELECT \"row\", fault.field, fault.\"value\", fault.\"rule\", row_text FROM "
            f"(SELECT {row} AS \"row\", unnest(_faults) AS fault, _row_text AS row_text FROM {batch} "
            f"WHERE _faults IS NOT NULL)")


def duplicates_sql(contract: Contract, batch: str, row: str = "_line") -> str | None:
    """Good rows of `batch` that repeat the key of an earlier good row, shaped as `faults_sql`; None without a key.

    The first row in the order of `row` stays. Only keys that occur twice are sorted, so a clean batch costs one hash
    aggregate.
    """
    check = next((c for c in batch_checks(contract) if c.kind == "unique"), None)
    if check is None:
        return None
    key = ", ".join(map(quoted, contract.key))
    again = f"SELECT {key} FROM {batch} WHERE _faults IS NULL GROUP BY ALL HAVING count(*) > 1"
    value = f"concat_ws(' / ', {key})"
    return (f"SELECT \"row\", {literal(check.column)} AS field, {value} AS \"value\", {literal(check.rule_id)} AS "
            f"\"rule\", {_typed_row_text(contract)} AS row_text FROM (SELECT {row} AS \"row\", * FROM {batch} "
            f"SEMI JOIN ({again}) USING ({key}) WHERE _faults IS NULL) "
            f"QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY \"row\") > 1")


def reference_sql(contract: Contract, check: Check, batch: str, target: str, row: str = "_line") -> str:
    """Good rows of `batch` whose value is not in `target` (the raw table that `check` names), as `faults_sql`.

    A table that refers to itself may refer to rows of the same batch.
    """
    column, wanted = quoted(str(check.column)), quoted(check.args["target"])
    known = f"SELECT {wanted} AS key FROM {target}"
    if check.args["table"] == contract.raw_table:
        known += f" UNION ALL SELECT {wanted} FROM {batch} WHERE _faults IS NULL"
    return (f"SELECT {row} AS \"row\", {literal(check.column)} AS field, {column}::VARCHAR AS \"value\", "
            f"{literal(check.rule_id)} AS \"rule\", {_typed_row_text(contract)} AS row_text FROM {batch} "
            f"ANTI JOIN ({known}) AS known ON {column} = known.key WHERE _faults IS NULL AND {column} IS NOT NULL")


def replay_relation(contract: Contract, relation: str, text: str = "row_text") -> str:
    """Rows kept as JSON in quarantine → a subquery of delivered fields for `pass_sql`; other columns come through.

    Check it with the source's dialect but encoding utf-8: the texts were decoded when they were taken in.
    """
    fields = ", ".join(f"{text} ->> {literal(c.name)} AS {quoted(c.source_name)}" for c in contract.columns)
    return f"(SELECT {fields}, * FROM {relation})"


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


def _text(f: _Field, dialect: Dialect) -> str:
    """Text ready for the cast. Casts of numbers and dates bear padding themselves, so only texts pay for trim()."""
    text = f.delivered
    if dialect.encoding.lower() in ("windows-1251", "cp1251"):
        text = f"translate({text}, {literal(_HIGH)}, {literal(_HIGH_1251)})" if _is_text(f.column) else text
    if _is_text(f.column):
        text = f"nullif(trim({text}), '')"
    for token in dialect.null_tokens:
        text = f"CASE WHEN trim({text}) = {literal(token)} THEN NULL ELSE {text} END"
    return text


def _dotted(f: _Field, dialect: Dialect) -> str:
    if f.column.logical_type == "integer" or dialect.decimal_separator == ".":
        return f.text
    return f"replace({f.text}, {literal(dialect.decimal_separator)}, '.')"


def _is_number(column: Column) -> bool:
    return column.logical_type in ("integer", "number")


def _is_text(column: Column) -> bool:
    return column.logical_type in ("string", "boolean")


def _cast(f: _Field, dialect: Dialect) -> str:
    column, text = f.column, f.text
    if column.logical_type == "string":
        return text
    if column.logical_type in ("integer", "number"):
        return _number(f)
    if column.date_format:
        parsed = f"try_strptime({text}, {literal(column.date_format)})"
        return f"coalesce({parsed}::{column.duckdb_type}, TRY_CAST({text} AS {column.duckdb_type}))"
    if column.logical_type == "timestamp":
        return _timestamp(text, dialect)
    return f"TRY_CAST({text} AS {column.duckdb_type})"


def _number(f: _Field) -> str:
    """Through DOUBLE: the plain cast of '12.7' to BIGINT is 13 and tells nobody; this is the cheapest way to see it.

    Where the double gives back what was cast, the number is exact; else (a loss, or over 15 digits) the text decides.
    """
    kind = f.column.duckdb_type
    if kind == "DOUBLE":
        return f.double
    return (f"CASE WHEN TRY_CAST({f.double} AS {kind})::DOUBLE = {f.double} AND abs({f.double}) < 9e{_digits(kind)} "
            f"THEN TRY_CAST({f.double} AS {kind}) ELSE TRY_CAST({f.number} AS {kind}) END")


def _digits(kind: str) -> int:
    """Power of ten under which a double holds every value of the type."""
    return 15 - (int(kind.rstrip(")").split(",")[1]) if kind.startswith("DECIMAL") else 0)


def _timestamp(text: str, dialect: Dialect) -> str:
    """UTC. DuckDB's plain cast drops the offset of ``...+05:00`` without a word, so that one is cast with its zone."""
    plain = f"TRY_CAST({text} AS TIMESTAMP)"
    if dialect.timezone.upper() != "UTC":
        plain = (f"CASE WHEN ends_with(trim({text}), 'Z') THEN {plain} ELSE "
                 f"{plain} AT TIME ZONE {literal(dialect.timezone)} AT TIME ZONE 'UTC' END")
    return (f"CASE WHEN strlen({text}) > 19 AND regexp_matches(trim({text}), {literal(_OFFSET)}) "
            f"THEN TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' ELSE {plain} END")


def _faults(fields: list[_Field]) -> str:
    good = " AND ".join(filter(None, map(_proof, fields))) or "true"
    details = ", ".join(_detail(f, check) for f in fields for check in row_checks(f.column))
    if not details:
        return f"NULL::{FAULT_TYPE}"
    found = f"list_filter([{details}], lambda fault: fault IS NOT NULL)"
    return f"CASE WHEN {good} THEN NULL ELSE nullif({found}, []) END::{FAULT_TYPE}"


def _proof(f: _Field) -> str:
    """A condition that is true only for good values of the column; '' where every value is good."""
    checks = [check for check in row_checks(f.column) if check.kind != "required"]
    holds = [_holds(f, check) for check in checks]
    if f.column.required:
        return " AND ".join(holds or [f"{f.typed} IS NOT NULL"])
    return f"({f.text} IS NULL OR {' AND '.join(holds)})" if holds else ""


def _holds(f: _Field, check: Check) -> str:
    """The rule as SQL over the typed value; NULL where there is no value."""
    kind, value = check.kind, f.typed
    if kind == "type":
        return _exact(f)
    if kind in _COMPARE:
        return f"{value} {_COMPARE[kind]} {_limit(f.column, check.args['limit'])}"
    if kind == "allowed":
        return f"{value} IN ({', '.join(map(literal, check.args['values']))})"
    if kind == "pattern":
        return f"regexp_matches({value}, {literal(check.args['pattern'])})"
    if kind == "min_length":
        return f"length({value}) >= {int(check.args['length'])}"
    if kind == "max_length":
        return f"length({value}) <= {int(check.args['length'])}"
    raise ValueError(f"no SQL for a check of kind {kind!r}")


def _exact(f: _Field) -> str:
    """The cast succeeded and lost nothing."""
    if f.column.duckdb_type == "DOUBLE" or f.column.logical_type not in ("integer", "number"):
        return f"{f.typed} IS NOT NULL"
    return f"{f.typed}::DOUBLE = {f.double}"


def _limit(column: Column, limit: object) -> str:
    return f"{literal(str(limit).removesuffix('Z'))}::{column.duckdb_type}"


def _detail(f: _Field, check: Check) -> str:
    """For a row under suspicion: the fault as a struct when the rule is broken, else NULL."""
    fault = f"{{'field': {literal(f.column.name)}, 'value': {f.text}, 'rule': {literal(check.rule_id)}}}"
    if check.kind == "required":
        broken = f"{f.clean} IS NULL"
    elif check.kind == "type":
        broken = f"{f.clean} IS NOT NULL AND ({_exact(f)}) IS NOT TRUE"
    else:
        broken = f"NOT ({_holds(f, check)})"
    return f"CASE WHEN {broken} THEN {fault} END"


def _typed_row_text(contract: Contract) -> str:
    row = ", ".join(f"{literal(c.name)}, {quoted(c.name)}::VARCHAR" for c in contract.columns)
    return f"json_object({row})::VARCHAR"
