"""The registry: every YAML file of this folder is a measure; a new one needs no Python."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import sqlglot
import yaml
from sqlglot import exp

from signals.measures.measure import DAYS, Flow, Measure, StateMeasure

FOLDER: Final = Path(__file__).resolve().parent
LANGUAGES: Final = ("ru", "uz", "en")
UNITS: Final = ("minutes", "count", "MB", "days", "UZS", "percent", "code", "share")
_COMMON: Final = frozenset({"name", "kind", "labels", "unit", "digits", "description"})
_OWN: Final = {
    "flow": frozenset({"table", "customer", "date", "month", "daily", "where", "scale", "divide"}),
    "state": frozenset({"values", "absent", "sql", "words", "optional"}),
}
_NEEDED: Final = {"flow": {"table", "date", "daily"}, "state": {"sql"}}


class WrongMeasure(ValueError):
    """A measure's declaration cannot be used: names the measure and what is wrong."""


@cache
def measures() -> Mapping[str, Measure]:
    """All measures by name, in alphabetical order."""
    found = [read_measure(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.yaml"))]
    return {each.name: each for each in found}


def read_measure(plain: Mapping[str, Any]) -> Measure:
    """The measure of a declaration. Raises `WrongMeasure`."""
    name, kind = str(plain.get("name")), plain.get("kind")
    if kind not in _OWN or not name.isidentifier():
        raise WrongMeasure(f"{name}: a name and a kind (flow or state) are needed")
    unknown = set(plain) - _COMMON - _OWN[kind]
    lacking = ({"labels", "unit"} | _NEEDED[kind]) - set(plain)
    if unknown or lacking:
        raise WrongMeasure(f"{name}: unknown {sorted(unknown)}, lacking {sorted(lacking)}")
    if set(plain["labels"]) != set(LANGUAGES) or plain["unit"] not in UNITS:
        raise WrongMeasure(f"{name}: labels in {LANGUAGES} and a unit of {UNITS} are needed")
    read = _flow if kind == "flow" else _state
    return read(name, plain)


def _flow(name: str, plain: Mapping[str, Any]) -> Flow:
    for part in ("daily", "where"):
        if plain.get(part) and plain[part] != DAYS:
            _parsed(name, str(plain[part]))
    return Flow(
        name, dict(plain["labels"]), plain["unit"], int(plain.get("digits", 0)), plain["table"],
        plain.get("customer", "customer_id"), plain["date"], plain.get("month"), str(plain["daily"]),
        plain.get("where"), int(plain.get("scale", 1)), int(plain.get("divide", 1)),
    )  # fmt: skip


def _state(name: str, plain: Mapping[str, Any]) -> StateMeasure:
    query = _parsed(name, plain["sql"])
    if not isinstance(query, exp.Query) or [each.lower() for each in query.named_selects] != [
        "day", "customer_id", "value"
    ]:  # fmt: skip
        raise WrongMeasure(f"{name}: the SQL must be one SELECT of day, customer_id and value")
    values, absent = plain.get("values", "number"), plain.get("absent", "unknown")
    if values not in ("number", "text") or absent not in ("unknown", "zero") or (values, absent) == ("text", "zero"):
        raise WrongMeasure(f"{name}: values are number or text; what is absent is unknown, or zero of a number")
    named = {each.alias for each in query.find_all(exp.CTE)} | {"days"}
    tables = frozenset(each.name for each in query.find_all(exp.Table)) - named
    return StateMeasure(
        name, dict(plain["labels"]), plain["unit"], int(plain.get("digits", 0)), plain["sql"], values, absent == "zero",
        tables, dict(plain.get("words") or {}), bool(plain.get("optional")),
    )  # fmt: skip


def _parsed(name: str, text: str) -> exp.Expr:
    try:
        return sqlglot.parse_one(text, dialect="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise WrongMeasure(f"{name}: {error}") from error
