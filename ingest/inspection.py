"""What is judged about a delivery before its rows are read: whole, in its encoding, with its columns and volume."""

import csv
import json
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow.parquet as pq

from data_contracts.checks import delivery_faults
from ingest.batch import Batch
from ingest.config import FilesEntity, OnecStatementEntity, RestEntity
from ingest.scan import known_rows, open_plain
from ingest.staging import is_cp1251, is_utf8

_SAMPLE = 200
HISTORY, LEAST_HISTORY = 7, 3


def inspect(batch: Batch, number: int, usual_rows: float | None) -> int | None:
    """Judge one delivery; breaks and warnings go to the batch. Returns its rows where they can be known already."""
    delivery = batch.deliveries[number]
    facts = delivery["facts"]
    if facts.get("broken"):
        batch.stop(number, facts["broken"])
        return None
    wrong = _wrong_encoding(batch.entity, facts)
    if wrong:
        batch.stop(number, "wrong_encoding", found=wrong, declared=batch.entity.encoding)
        return None
    try:
        fields = _fields(batch, number)
    except (ValueError, OSError) as error:
        batch.stop(number, "unreadable", error=str(error)[:300])
        return None
    rows = known_rows(batch.entity, facts)
    _judge(batch, number, fields, rows, usual_rows)
    return rows


def usual(history: list[int]) -> float | None:
    """Median of the last deliveries; None while too few came to call anything usual."""
    return float(median(history[-HISTORY:])) if len(history) >= LEAST_HISTORY else None


def _judge(batch: Batch, number: int, fields: list[str] | None, rows: int | None, usual_rows: float | None) -> None:
    if rows == 0:
        batch.empty[number] = batch.contract.allows_empty
        return
    approved = bool(batch.deliveries[number].get("approved"))
    present = fields if fields is not None else [c.source_name for c in batch.contract.columns]
    for fault in delivery_faults(batch.contract, present, rows, None if approved else usual_rows):
        kind = fault.check.kind
        if kind == "columns_added":
            batch.warn(number, "columns_added", **fault.args)
        elif kind != "empty":
            batch.stop(number, kind, **fault.args)


def _wrong_encoding(entity: Any, facts: dict[str, Any]) -> str | None:
    """Name of the encoding that the bytes are really in, when it is not the agreed one."""
    declared = getattr(entity, "encoding", None)
    if declared is None or facts["ascii_only"] or isinstance(entity, OnecStatementEntity):
        return None
    if is_cp1251(declared) and facts["valid_utf8"]:
        return "utf-8"  # Cyrillic in windows-1251 is never valid UTF-8
    if is_utf8(declared) and not facts["valid_utf8"] and entity.kind == "files":
        return "an 8-bit encoding"
    return None


def _fields(batch: Batch, number: int) -> list[str] | None:
    entity, path = batch.entity, batch.paths[number]
    if entity.kind == "database":
        return list(pq.read_schema(path).names)
    if isinstance(entity, RestEntity):
        return _json_fields(batch, _first_items(path, entity.paging.items))
    if not isinstance(entity, FilesEntity):
        return None
    if entity.format == "jsonl":
        return _json_fields(batch, _first_objects(path))
    names = _header(path, entity)
    batch.headers[number] = tuple(names)
    return names


def _header(path: Path, entity: FilesEntity) -> list[str]:
    if entity.header_names:
        return list(entity.header_names)
    codec = "utf-8-sig" if is_utf8(entity.encoding) else entity.encoding
    with open_plain(path) as stream:
        line = stream.readline(1 << 20).decode(codec, errors="replace").rstrip("\r\n")
    if entity.format == "aligned":
        return line.split()
    return [
        name.strip()
        for name in next(csv.reader([line], delimiter=entity.delimiter, quotechar=entity.quote or None), [])
    ]


def _first_objects(path: Path) -> list[dict[str, Any]]:
    found = []
    with open_plain(path) as stream:
        for line in islice(stream, _SAMPLE):
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                found.append(value)
    return found


def _first_items(path: Path, items: str) -> list[dict[str, Any]]:
    with open_plain(path) as stream:
        page = json.loads(stream.readline())
    rows = page if isinstance(page, list) else page.get(items, [])
    return [row for row in rows[:_SAMPLE] if isinstance(row, dict)]


def _json_fields(batch: Batch, sample: list[dict[str, Any]]) -> list[str] | None:
    """Names in the sample. A field that may be null may be left out of an object: its absence says nothing."""
    if not sample:
        return None
    seen = dict.fromkeys(name for row in sample for name in row)
    paths = getattr(batch.entity, "fields", None) or getattr(batch.entity, "rename", {})
    for column in batch.contract.columns:
        path = paths.get(column.name, column.source_name)
        if not column.required or path.split(".")[0] in seen:
            seen.setdefault(column.source_name)
    return [
        name for name in seen if name not in {p.split(".")[0] for p in paths.values()} or name in batch.contract.names
    ]
