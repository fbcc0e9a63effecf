"""Great Expectations suites from contracts, for samples and small deliveries, and the Data Docs site they fill.

The same checks as `sql`, by an engine that shares no code with it: people get readable docs, and the two engines watch
each other. Its import takes ten seconds and more and it works on pandas frames only, so it is imported when called and
never sees a whole month of usage.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data_contracts.checks import Check, compile_checks
from data_contracts.model import Column, Contract
from data_contracts.values import PLAIN, Dialect

if TYPE_CHECKING:
    import pandas

LINE = "_line"
PARSED = "__parsed"
BOOLEAN = r"(?i)^(?:true|false|t|f|yes|no|y|n|1|0)$"
TIMESTAMP = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class SampleResult:
    """Outcome of one sample: rule id → numbers of the rows that broke it (a delivery rule breaks with no rows)."""

    raw_table: str
    rows: int
    broken: dict[str, tuple[int, ...]]

    @property
    def success(self) -> bool:
        """No rule was broken."""
        return not self.broken


def validate_sample(
    contract: Contract, frame: "pandas.DataFrame", docs_dir: Path, dialect: Dialect = PLAIN
) -> SampleResult:
    """Check a frame of delivered texts, keep the result under `docs_dir` for the Data Docs, and return it.

    `frame` has one text column per source field and, optionally, `_line` (else rows count from 1). The docs show found
    values of open columns only; for personal data they say no more than kept or broken.
    """
    prepared = prepare_frame(contract, frame, dialect)
    context = _context(docs_dir)
    batch_definition = _batch_definition(context, contract)
    complete = {"result_format": "COMPLETE", "unexpected_index_column_names": [LINE]}
    suite = _suite(f"{contract.raw_table}.all", expectations(contract))
    batch = batch_definition.get_batch(batch_parameters={"dataframe": prepared})
    result = batch.validate(suite, result_format=complete)
    for name, personal, shown in (
        (contract.raw_table, False, "SUMMARY"),
        (f"{contract.raw_table}.personal", True, "BOOLEAN_ONLY"),
    ):
        chosen = [e for e in expectations(contract) if _is_personal(contract, e) is personal]
        if chosen:
            _keep(context, batch_definition, _suite(name, chosen), prepared, shown)
    return SampleResult(contract.raw_table, len(prepared), _broken(result))


def build_docs(docs_dir: Path) -> Path:
    """Build the Data Docs of everything validated under `docs_dir` so far; the path of their index page."""
    context = _context(docs_dir)
    context.build_data_docs()
    return _site(docs_dir) / "index.html"


def expectations(contract: Contract) -> list[Any]:
    """The contract's rules as expectations, each with its `rule_id` in `meta`.

    References need other tables and volumes need the past, so both are left to the SQL pass.
    """
    return [made for check in compile_checks(contract) for made in _expectation(contract, check)]


def prepare_frame(contract: Contract, frame: "pandas.DataFrame", dialect: Dialect = PLAIN) -> "pandas.DataFrame":
    """Texts by raw column name, trimmed, blank ones empty, plus a parsed column beside each number and date."""
    import pandas

    out = pandas.DataFrame({LINE: frame[LINE].to_numpy() if LINE in frame else range(1, len(frame) + 1)})
    for column in contract.columns:
        given = frame[column.source_name] if column.source_name in frame else pandas.Series([None] * len(frame))
        text = _texts(column, given.reset_index(drop=True), dialect)
        out[column.name] = text
        if column.logical_type in ("integer", "number"):
            out[column.name + PARSED] = pandas.to_numeric(text, errors="coerce").astype("float64")
        elif column.logical_type in ("date", "timestamp"):
            out[column.name + PARSED] = pandas.to_datetime(text, format=_strptime(column), errors="coerce")
    return out


def _texts(column: Column, given: "pandas.Series", dialect: Dialect) -> "pandas.Series":
    text = given.astype("string").str.strip(" ")
    text = text.mask(text.isin(["", *dialect.null_tokens]))
    if column.logical_type == "number":
        text = text.str.replace(dialect.decimal_separator, ".", regex=False)
    if column.logical_type == "timestamp":
        text = text.str.replace(r"(?<=\d)[T ](?=\d)", " ", regex=True)
        text = text.str.replace(r"(\.\d+)?(Z|[+-]\d{2}(:?\d{2})?)?$", "", regex=True)
        text = text.where(text.str.len() != 10, text + " 00:00:00")
    return text.astype(object).where(text.notna(), None)


def _strptime(column: Column) -> str:
    return column.date_format or ("%Y-%m-%d" if column.logical_type == "date" else TIMESTAMP)


def _expectation(contract: Contract, check: Check) -> Iterator[Any]:
    import great_expectations.expectations as gxe

    meta = {"rule_id": check.rule_id, "contract_version": contract.version}
    name, kind, args = str(check.column), check.kind, check.args
    if kind == "required":
        yield gxe.ExpectColumnValuesToNotBeNull(column=name, meta=meta)
    elif kind == "type":
        yield _type_expectation(contract.column(name), meta)
    elif kind == "pattern":
        yield gxe.ExpectColumnValuesToMatchRegex(column=name, regex=args["pattern"], meta=meta)
    elif kind == "min_length":
        yield gxe.ExpectColumnValueLengthsToBeBetween(column=name, min_value=args["length"], meta=meta)
    elif kind == "max_length":
        yield gxe.ExpectColumnValueLengthsToBeBetween(column=name, max_value=args["length"], meta=meta)
    elif kind == "allowed":
        yield gxe.ExpectColumnValuesToBeInSet(column=name, value_set=list(args["values"]), meta=meta)
    elif kind.endswith(("minimum", "maximum")):
        yield gxe.ExpectColumnValuesToBeBetween(column=name + PARSED, meta=meta, **_between(contract, check))
    elif kind == "unique":
        yield (
            gxe.ExpectCompoundColumnsToBeUnique(column_list=list(args["columns"]), meta=meta)
            if len(args["columns"]) > 1
            else gxe.ExpectColumnValuesToBeUnique(column=args["columns"][0], meta=meta)
        )
    elif kind == "empty":
        yield gxe.ExpectTableRowCountToBeBetween(min_value=1, meta=meta)


def _type_expectation(column: Column, meta: dict[str, Any]) -> Any:
    import great_expectations.expectations as gxe

    if column.logical_type in ("date", "timestamp"):
        return gxe.ExpectColumnValuesToMatchStrftimeFormat(
            column=column.name, strftime_format=_strptime(column), meta=meta
        )
    return gxe.ExpectColumnValuesToMatchRegex(column=column.name, regex=_type_regex(column), meta=meta)


def _type_regex(column: Column) -> str:
    if column.logical_type == "boolean":
        return BOOLEAN
    if column.logical_type == "integer":
        return r"^[+-]?\d+(?:\.0*)?$"
    scale = re.search(r",(\d+)", column.duckdb_type)
    decimals = r"\d*" if scale is None else rf"\d{{0,{scale[1]}}}0*"
    return rf"^[+-]?(?:\d+(?:\.{decimals})?|\.{decimals})$"


def _between(contract: Contract, check: Check) -> dict[str, Any]:
    limit: Any = check.args["limit"]
    if contract.column(str(check.column)).logical_type in ("date", "timestamp"):
        limit = datetime.fromisoformat(str(limit).removesuffix("Z"))
    end = "min" if check.kind.endswith("minimum") else "max"
    return {f"{end}_value": limit, f"strict_{end}": check.kind.startswith("exclusive")}


def _is_personal(contract: Contract, expectation: Any) -> bool:
    column = getattr(expectation, "column", None) or (getattr(expectation, "column_list", None) or [""])[0]
    column = column.removesuffix(PARSED)
    return column in contract.names and contract.column(column).classification != "none"


def _broken(result: Any) -> dict[str, tuple[int, ...]]:
    """Rule id → lines. Of rows with one key the first is in order, as in the SQL pass; GX names them all."""
    broken: dict[str, tuple[int, ...]] = {}
    for one in result.results:
        if one.success:
            continue
        rule_id = one.expectation_config.meta["rule_id"]
        found = one.result.get("unexpected_index_list") or []
        if rule_id.endswith(".unique"):
            found = _after_first(found)
        broken[rule_id] = tuple(sorted(int(row[LINE]) for row in found))
    return broken


def _after_first(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen: set[tuple[str, ...]] = set()
    later = []
    for row in sorted(found, key=lambda row: row[LINE]):
        key = tuple(str(value) for name, value in row.items() if name != LINE)
        if key in seen:
            later.append(row)
        seen.add(key)
    return later


def _context(docs_dir: Path) -> Any:
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    docs_dir.mkdir(parents=True, exist_ok=True)
    context = gx.get_context(mode="file", project_root_dir=docs_dir)
    context.enable_analytics(False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _site(docs_dir: Path) -> Path:
    return docs_dir / "gx" / "uncommitted" / "data_docs" / "local_site"


def _batch_definition(context: Any, contract: Contract) -> Any:
    source = context.data_sources.add_or_update_pandas("samples")
    return source.add_dataframe_asset(contract.raw_table).add_batch_definition_whole_dataframe("sample")


def _suite(name: str, items: list[Any]) -> Any:
    import great_expectations as gx

    return gx.ExpectationSuite(name=name, expectations=items)


def _keep(context: Any, batch_definition: Any, suite: Any, frame: "pandas.DataFrame", result_format: str) -> None:
    import great_expectations as gx

    kept = context.suites.add_or_update(suite)
    definition = gx.ValidationDefinition(name=suite.name, data=batch_definition, suite=kept)
    context.validation_definitions.add_or_update(definition).run(
        batch_parameters={"dataframe": frame}, result_format=result_format
    )
