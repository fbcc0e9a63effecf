"""One ODCS document → one `Contract`. Every refusal says in which file and at which place."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data_contracts.model import IDENTIFIER, Column, Contract, ContractError, Range, Reference

SUFFIX = ".odcs.yaml"
TYPES = {
    "string": re.compile(r"VARCHAR"),
    "integer": re.compile(r"BIGINT|INTEGER|SMALLINT"),
    "number": re.compile(r"DECIMAL\(\d{1,2},\d{1,2}\)|DOUBLE"),
    "date": re.compile(r"DATE"),
    "timestamp": re.compile(r"TIMESTAMP"),
    "boolean": re.compile(r"BOOLEAN"),
}
JDK_TO_STRPTIME = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
VERSION = re.compile(r"\d+\.\d+\.\d+")


class Place:
    """Where in which file we are, so that every error says it."""

    def __init__(self, path: Path, place: str = "") -> None:
        self.path, self.place = path, place

    def __truediv__(self, step: str) -> "Place":
        return Place(self.path, f"{self.place}.{step}" if self.place else step)

    def error(self, message: str) -> ContractError:
        """The error to raise, with file and place."""
        return ContractError(f"{self.path.parent.name}/{self.path.name}: {self.place or 'contract'}: {message}")

    def identifier(self, name: Any) -> str:
        """`name`, which may enter SQL and paths from here on."""
        if not isinstance(name, str) or not IDENTIFIER.fullmatch(name):
            raise self.error(f"{name!r} is not a name (small letters, digits, underscore)")
        return name


def contract_of(document: Mapping[str, Any], at: Place) -> Contract:
    """The contract that `document` describes; its source and entity come from the file's place."""
    source = at.identifier(at.path.parent.name)
    entity = at.identifier(at.path.name.removesuffix(SUFFIX))
    table = _only_table(document, at, f"{source}__{entity}")
    columns = _columns(table.get("properties") or [], at / "schema")
    custom, sla = _custom(document), _sla(document, at / "slaProperties")
    version = str(document.get("version", ""))
    if not VERSION.fullmatch(version):
        raise (at / "version").error(f"{version!r} is not a semantic version such as 1.0.0")
    return Contract(
        source=source,
        entity=entity,
        version=version,
        title=str(document.get("name", entity)),
        columns=columns,
        key=_key(table, columns, at / "schema"),
        description=str((document.get("description") or {}).get("purpose", "")),
        grain=str(table.get("dataGranularityDescription", "")),
        domain=str(document.get("domain", "")),
        freshness_hours=sla.get("freshness"),
        minimum_volume=sla.get("minimumVolume"),
        allows_empty=custom.get("emptyDelivery", "allowed") == "allowed",
        labels=_custom(table).get("labels", {}),
    )


def _only_table(document: Mapping[str, Any], at: Place, expected: str) -> Mapping[str, Any]:
    tables = document.get("schema") or []
    if len(tables) != 1:
        raise (at / "schema").error(f"holds {len(tables)} tables; a file describes exactly one")
    if tables[0].get("name") != expected:
        raise (at / "schema").error(f"is called {tables[0].get('name')!r}; the file's place asks for {expected!r}")
    return tables[0]


def _columns(properties: list[Mapping[str, Any]], at: Place) -> tuple[Column, ...]:
    columns = tuple(_column(item, at / str(item.get("name"))) for item in properties)
    if not columns:
        raise at.error("has no columns")
    for names in ([c.name for c in columns], [c.source_name for c in columns]):
        twice = {name for name in names if names.count(name) > 1}
        if twice:
            raise at.error(f"names {', '.join(sorted(twice))} twice")
    return columns


def _column(item: Mapping[str, Any], at: Place) -> Column:
    options, custom = item.get("logicalTypeOptions") or {}, _custom(item)
    logical, physical = _types(item, at)
    return Column(
        name=at.identifier(item.get("name")),
        source_name=str(item.get("physicalName") or item["name"]),
        logical_type=logical,
        duckdb_type=physical,
        required=bool(item.get("required", False)) or bool(item.get("primaryKey", False)),
        description=str(item.get("description", "")),
        labels=custom.get("labels", {}),
        classification=_classification(item, at),
        unit=custom.get("unit"),
        date_format=_date_format(options, at) if logical in ("date", "timestamp") else None,
        pattern=_pattern(options, at),
        min_length=options.get("minLength"),
        max_length=options.get("maxLength"),
        range=Range(
            minimum=options.get("minimum"),
            maximum=options.get("maximum"),
            exclusive_minimum=options.get("exclusiveMinimum"),
            exclusive_maximum=options.get("exclusiveMaximum"),
        ),
        allowed=_allowed(item, at),
        reference=_reference(item, at),
        may_be_absent=bool(custom.get("mayBeAbsent", False)),
    )


def _types(item: Mapping[str, Any], at: Place) -> tuple[str, str]:
    logical, physical = item.get("logicalType"), str(item.get("physicalType", "")).upper().replace(" ", "")
    if logical not in TYPES:
        raise at.error(f"logicalType {logical!r} is not one of {', '.join(TYPES)}")
    if not TYPES[logical].fullmatch(physical):
        raise at.error(f"physicalType {physical!r} does not hold a {logical}")
    return logical, physical


def _classification(item: Mapping[str, Any], at: Place) -> Any:
    value = item.get("classification", "none")
    if value not in ("none", "pii", "pii_high"):
        raise at.error(f"classification {value!r} is not one of none, pii, pii_high")
    return value


def _pattern(options: Mapping[str, Any], at: Place) -> str | None:
    pattern = options.get("pattern")
    if pattern is None:
        return None
    try:
        re.compile(pattern)
    except re.error as error:
        raise at.error(f"pattern {pattern!r} is not a regular expression: {error}") from error
    return str(pattern)


def _date_format(options: Mapping[str, Any], at: Place) -> str | None:
    """The contract's JDK pattern as strptime; None for ISO, which needs no pattern."""
    jdk = options.get("format")
    if jdk in (None, "yyyy-MM-dd", "yyyy-MM-dd HH:mm:ss"):
        return None
    text = re.sub("|".join(JDK_TO_STRPTIME), lambda m: JDK_TO_STRPTIME[m.group()], str(jdk))
    if re.search(r"[A-Za-z]", re.sub(r"%[YmdHMS]", "", text)):
        raise at.error(f"format {jdk!r} uses letters other than {', '.join(JDK_TO_STRPTIME)}")
    return text


def _allowed(item: Mapping[str, Any], at: Place) -> tuple[str, ...]:
    for rule in item.get("quality") or []:
        if rule.get("metric") != "invalidValues" or "validValues" not in (rule.get("arguments") or {}):
            raise at.error(
                f"quality metric {rule.get('metric')!r} is not supported on a column: use invalidValues "
                "with validValues"
            )
        values = rule["arguments"]["validValues"]
        if not values or not all(isinstance(value, str) for value in values):
            raise at.error("validValues must be texts; quote those that YAML reads as something else")
        return tuple(values)
    return ()


def _reference(item: Mapping[str, Any], at: Place) -> Reference | None:
    for link in item.get("relationships") or []:
        table, _, column = str(link.get("to", "")).partition(".")
        severity = _custom(link).get("severity", "error")
        if severity not in ("error", "warning"):
            raise at.error(f"severity {severity!r} is neither error nor warning")
        return Reference(at.identifier(table), at.identifier(column), severity)
    return None


def _key(table: Mapping[str, Any], columns: tuple[Column, ...], at: Place) -> tuple[str, ...]:
    """Primary key columns in key order; they and the table's duplicateValues rule must say the same."""
    positions = {p["name"]: p.get("primaryKeyPosition", -1) for p in table["properties"] if p.get("primaryKey")}
    key = tuple(sorted(positions, key=lambda name: positions[name]))
    if sorted(positions.values()) != list(range(1, len(key) + 1)):
        raise at.error("primaryKeyPosition must count 1, 2, ...")
    for rule in table.get("quality") or []:
        if rule.get("metric") != "duplicateValues":
            raise at.error(f"quality metric {rule.get('metric')!r} is not supported on a table: use duplicateValues")
        if tuple((rule.get("arguments") or {}).get("properties") or ()) != key:
            raise at.error("duplicateValues names other columns than the primary key")
    return key


def _sla(document: Mapping[str, Any], at: Place) -> dict[str, float]:
    values: dict[str, float] = {}
    for item in document.get("slaProperties") or []:
        name, value = item.get("property"), item.get("value")
        if name in ("freshness", "minimumVolume"):
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
                raise (at / name).error(f"{value!r} is not a number of zero or more")
            hours = {"h": 1, "d": 24}.get(item.get("unit")) if name == "freshness" else 1
            if hours is None:
                raise (at / name).error(f"unit {item.get('unit')!r} is neither h nor d")
            values[name] = float(value) * hours
    return values


def _custom(item: Mapping[str, Any]) -> dict[str, Any]:
    return {entry["property"]: entry["value"] for entry in item.get("customProperties") or []}
