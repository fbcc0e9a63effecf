"""One query's result as a file: Parquet, or CSV in the encoding, delimiter and decimal sign that the consumer reads."""

import gzip
from collections.abc import Mapping
from pathlib import Path

import duckdb

from vitrina.exports.characters import (
    Unmappable,
    UnmappableCharacters,
    repertoire,
    replaced_sql,
    replacements_for,
    unmappable,
)
from vitrina.exports.config import ExportSpec
from vitrina.warehouse.engine import columns_of, literal, quoted
from vitrina.warehouse.manifest import Column

_BLOCK = 1 << 20
_FRACTIONS = ("DECIMAL", "DOUBLE", "FLOAT")
_NESTED = ("STRUCT", "MAP", "UNION")

Replaced = Mapping[str, Mapping[str, str]]


def write_payload(connection: duckdb.DuckDBPyConnection, relation: str, spec: ExportSpec, target: Path) -> Replaced:
    """Write the relation to `target` and return the characters that were replaced, by column.

    Raises `UnmappableCharacters` before anything is written.
    """
    if spec.format == "parquet":
        connection.execute(f"COPY {relation} TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd)")
        return {}
    columns = columns_of(connection, relation)
    replaced = _replacements(connection, relation, columns, spec)
    _check_headers(columns, spec)
    shown = ", ".join(f"{_as_text(c, spec, replaced.get(c.name, {}))} AS {quoted(c.name)}" for c in columns)
    plain = spec.encoding == "utf-8"
    aside = target if plain else target.with_name(f"{target.name}.utf8")
    options = [
        "FORMAT csv",
        f"HEADER {str(spec.header).lower()}",
        f"DELIMITER {literal(spec.delimiter)}",
        f"NULLSTR {literal(spec.null_text)}",
        f"COMPRESSION {spec.compress if plain else 'none'}",
    ]
    connection.execute(f"COPY (SELECT {shown} FROM {relation}) TO {literal(str(aside))} ({', '.join(options)})")
    if not plain:
        _encode(aside, target, spec)
        aside.unlink()
    return replaced


def _replacements(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: tuple[Column, ...], spec: ExportSpec
) -> dict[str, dict[str, str]]:
    texts = [column.name for column in columns if column.type == "VARCHAR" or column.type.startswith("ENUM")]
    found = unmappable(connection, relation, texts, spec.key, spec.encoding)
    return replacements_for(found, spec.encoding, spec.on_unmappable)


def _check_headers(columns: tuple[Column, ...], spec: ExportSpec) -> None:
    held = repertoire(spec.encoding)
    names = [column.name for column in columns if spec.header and held is not None]
    bad = [Unmappable(name, letter, "header") for name in names for letter in sorted(set(name) - (held or set()))]
    if bad:
        raise UnmappableCharacters(spec.encoding, bad)


def _as_text(column: Column, spec: ExportSpec, replaced: Mapping[str, str]) -> str:
    name = quoted(column.name)
    if column.type.endswith("]") or column.type.startswith(_NESTED):
        return f"to_json({name})::VARCHAR"
    if column.type.startswith(_FRACTIONS) and spec.decimal == ",":
        return f"replace({name}::VARCHAR, '.', ',')"
    if column.type == "DATE":
        return f"strftime({name}, {literal(spec.date_format)})"
    if column.type.startswith("TIMESTAMP"):
        return f"strftime({name}, {literal(spec.timestamp_format)})"
    if column.type == "VARCHAR" and repertoire(spec.encoding) is not None:
        return replaced_sql(column.name, dict(replaced))
    return name


def _encode(source: Path, target: Path, spec: ExportSpec) -> None:
    """UTF-8 to the consumer's encoding in blocks; strict, because what does not fit was dealt with before."""
    opener = gzip.open if spec.compress == "gzip" else open
    with (
        source.open("r", encoding="utf-8", newline="") as text,
        opener(target, "wt", encoding=spec.encoding, newline="") as out,
    ):
        while block := text.read(_BLOCK):
            out.write(block)
