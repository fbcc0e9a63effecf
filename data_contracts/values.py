"""SQL for the values of one column: delivered text → typed value, the proof that it is good, the fault when it is not.

Casts are DuckDB's, with three silent losses closed: '12.7' cast to BIGINT is 13, '1.239' to DECIMAL(18,2) is 1.24, and
a timestamp's offset is dropped.
"""

from dataclasses import dataclass

from data_contracts.checks import Check, row_checks
from data_contracts.model import Column
from data_contracts.sqltext import literal, quoted

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


PLAIN = Dialect()


@dataclass(frozen=True)
class Field:
    """The SQL names of one column on its way: as delivered (an expression), as text, as double, as value."""

    column: Column
    delivered: str

    @property
    def text(self) -> str:
        """Text made ready for the cast."""
        return quoted(f"t${self.column.name}")

    @property
    def double(self) -> str:
        """A number's text as DOUBLE."""
        return quoted(f"d${self.column.name}")

    @property
    def quick(self) -> str:
        """The value by the cheapest cast, right whenever the row is proved good."""
        return quoted(f"q${self.column.name}")

    @property
    def value(self) -> str:
        """The value as it goes to raw."""
        return quoted(self.column.name)

    @property
    def is_number(self) -> bool:
        """Casts of numbers go through DOUBLE, which shows what a direct cast would round away."""
        return self.column.logical_type in ("integer", "number")

    @property
    def is_text(self) -> bool:
        """The cast does not bear padding (or there is none): trim first."""
        return self.column.logical_type in ("string", "boolean")

    @property
    def present(self) -> str:
        """There is something beside padding. Dear, so asked of suspicious rows only."""
        return f"nullif(trim({self.text}), '') IS NOT NULL"


def text_sql(field: Field, dialect: Dialect) -> str:
    """Delivered text made ready for the cast. Numbers and dates are cast with their padding: trim() costs as much."""
    text, column = field.delivered, field.column
    if dialect.encoding.lower() in ("windows-1251", "cp1251") and column.logical_type == "string":
        text = f"translate({text}, {literal(_HIGH)}, {literal(_HIGH_1251)})"
    if field.is_text:
        text = f"nullif(trim({text}), '')"
    if dialect.null_tokens:
        tokens = ", ".join(map(literal, dialect.null_tokens))
        text = f"CASE WHEN trim({text}) IN ({tokens}) THEN NULL ELSE {text} END"
    return text


def double_sql(field: Field, dialect: Dialect) -> str:
    """A number's text as DOUBLE."""
    return f"TRY_CAST({_number(field, dialect)} AS DOUBLE)"


def quick_sql(field: Field, dialect: Dialect) -> str:
    """The cheapest cast; for numbers it may round, which `proof_sql` notices."""
    column, text = field.column, field.text
    if column.logical_type == "string":
        return text
    if field.is_number:
        return f"TRY_CAST({field.double} AS {column.duckdb_type})"
    if column.date_format:
        parsed = f"try_strptime({text}, {literal(column.date_format)})"
        return f"coalesce({parsed}::{column.duckdb_type}, TRY_CAST({text} AS {column.duckdb_type}))"
    if column.logical_type == "timestamp":
        return _timestamp(text, dialect)
    return f"TRY_CAST({text} AS {column.duckdb_type})"


def value_sql(field: Field, dialect: Dialect, good: str) -> str:
    """The value for raw. In rows not proved good the text decides: over 15 digits a double is not exact."""
    if not field.is_number:
        return field.quick
    exact = f"TRY_CAST({_number(field, dialect)} AS {field.column.duckdb_type})"
    return f"CASE WHEN {good} THEN {field.quick} ELSE {exact} END"


def proof_sql(field: Field) -> str:
    """A condition that is true only for good values of the column; '' where every value is good."""
    holds = [
        holds_sql(field.column, check, field.quick)
        for check in row_checks(field.column)
        if check.kind not in ("required", "type")
    ]
    if field.is_number:
        holds = [f"{field.quick}::DOUBLE = {field.double}", f"abs({field.double}) < 9e{_digits(field.column)}", *holds]
    if not holds and (field.column.required or field.column.logical_type != "string"):
        holds = [f"{field.quick} IS NOT NULL"]
    if field.column.required or not holds:
        return " AND ".join(holds)
    return f"({field.text} IS NULL OR {' AND '.join(holds)})"


def fault_sql(field: Field, check: Check) -> str:
    """For a suspicious row: the fault as a struct of field, value and rule when the rule is broken, else NULL."""
    fault = f"{{'field': {literal(field.column.name)}, 'value': {field.text}, 'rule': {literal(check.rule_id)}}}"
    if check.kind == "required":
        broken = f"NOT ({field.present})"
    elif check.kind == "type":
        broken = f"{field.present} AND ({_exact(field)}) IS NOT TRUE"
    else:
        broken = f"NOT ({holds_sql(field.column, check, field.value)})"
    return f"CASE WHEN {broken} THEN {fault} END"


def holds_sql(column: Column, check: Check, value: str) -> str:
    """The rule over a typed value (an SQL expression); NULL where there is no value."""
    kind = check.kind
    if kind in _COMPARE:
        return f"{value} {_COMPARE[kind]} {_limit(column, check.args['limit'])}"
    if kind == "allowed":
        return f"{value} IN ({', '.join(map(literal, check.args['values']))})"
    if kind == "pattern":
        return f"regexp_matches({value}, {literal(check.args['pattern'])})"
    if kind == "min_length":
        return f"length({value}) >= {int(check.args['length'])}"
    if kind == "max_length":
        return f"length({value}) <= {int(check.args['length'])}"
    raise ValueError(f"no SQL for a check of kind {kind!r}")


def _number(field: Field, dialect: Dialect) -> str:
    if field.column.logical_type == "integer" or dialect.decimal_separator == ".":
        return field.text
    return f"replace({field.text}, {literal(dialect.decimal_separator)}, '.')"


def _timestamp(text: str, dialect: Dialect) -> str:
    """UTC. The session must have TimeZone UTC; a time that names an offset is cast with it."""
    plain = f"TRY_CAST({text} AS TIMESTAMP)"
    if dialect.timezone.upper() != "UTC":
        local = f"{plain} AT TIME ZONE {literal(dialect.timezone)} AT TIME ZONE 'UTC'"
        plain = f"CASE WHEN ends_with(trim({text}), 'Z') THEN {plain} ELSE {local} END"
    return (
        f"CASE WHEN strlen({text}) > 19 AND regexp_matches(trim({text}), {literal(_OFFSET)}) "
        f"THEN TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' ELSE {plain} END"
    )


def _exact(field: Field) -> str:
    """The cast succeeded and lost nothing that a double can show."""
    if field.is_number:
        return f"{field.value}::DOUBLE = {field.double}"
    return f"{field.value} IS NOT NULL"


def _digits(column: Column) -> int:
    """Power of ten under which a double holds every value of the type."""
    kind = column.duckdb_type
    return 15 - (int(kind.rstrip(")").split(",")[1]) if kind.startswith("DECIMAL") else 0)


def _limit(column: Column, limit: object) -> str:
    return f"{literal(str(limit).removesuffix('Z'))}::{column.duckdb_type}"
