"""Export entries: one YAML file per destination under `data_contracts/exports/`, checked when it is read."""

import codecs
import hashlib
import re
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from vitrina.errors import UserError
from vitrina.settings import REPOSITORY

EXPORTS_DIR = REPOSITORY / "data_contracts" / "exports"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_UNICODE = {"utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"}
_DELIVERY_ONLY = {"schedule", "enabled", "keep_files", "max_shrink_pct", "allow_empty", "baseline"}


class ExportConfigError(UserError):
    """An export entry cannot be used: names the file, the entry and the key."""


class ExportSpec(BaseModel):
    """One payload of one destination.

    `table` defaults to the model `exp_<destination>__<payload>`, `columns` to all of it. `key` identifies a row for
    its consumer and is needed in mode ``changes``. With `baseline` ``acknowledged`` changes are counted from the last
    export the consumer confirmed, otherwise from the last one made. `schedule` is a cron line for the orchestrator.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    destination: str
    payload: str
    table: str = ""
    columns: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    format: Literal["csv", "parquet"] = "parquet"
    mode: Literal["full", "changes"] = "full"
    baseline: Literal["last_export", "acknowledged"] = "last_export"
    encoding: str = "utf-8"
    on_unmappable: Literal["error", "transliterate"] = "error"
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    decimal: Literal[".", ","] = "."
    header: bool = True
    null_text: str = ""
    date_format: str = "%Y-%m-%d"
    timestamp_format: str = "%Y-%m-%d %H:%M:%S"
    compress: Literal["none", "gzip"] = "none"
    schedule: str = ""
    max_shrink_pct: float = Field(default=20, ge=0, le=100)
    allow_empty: bool = False
    keep_files: int = Field(default=0, ge=0)
    enabled: bool = True

    @field_validator("destination", "payload")
    @classmethod
    def _is_a_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            raise ValueError("lower-case letters, digits and single underscores only: it becomes a folder name")
        return value

    @field_validator("encoding")
    @classmethod
    def _is_an_encoding(cls, value: str) -> str:
        try:
            codec = codecs.lookup(value)
        except LookupError:
            raise ValueError(f"unknown encoding {value!r}") from None
        name = value.lower() if value.lower() in _UNICODE else codec.name
        if name not in _UNICODE and not _is_single_byte(name):
            raise ValueError(f"{value!r} is neither a Unicode nor a one-byte encoding")
        return name

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.mode == "changes" and not self.key:
            raise ValueError("mode changes needs a key")
        if self.columns and set(self.key) - set(self.columns):
            raise ValueError("every key column must be among the columns")
        if self.format == "csv" and self.delimiter == self.decimal:
            raise ValueError("the delimiter and the decimal sign must differ")
        return self

    @property
    def name(self) -> str:
        """How people, the CLI and the orchestrator call it: ``destination__payload``."""
        return f"{self.destination}__{self.payload}"

    @property
    def source(self) -> str:
        """The table it is read from."""
        return self.table or f"exp_{self.name}"

    @property
    def suffix(self) -> str:
        """Ending of its files."""
        return "parquet" if self.format == "parquet" else "csv.gz" if self.compress == "gzip" else "csv"

    @property
    def fingerprint(self) -> str:
        """Changes when the files would look different; not with the schedule or the limits."""
        return hashlib.sha256(self.model_dump_json(exclude=_DELIVERY_ONLY).encode()).hexdigest()[:16]


def _is_single_byte(encoding: str) -> bool:
    """Two bytes are never one character in it."""
    try:
        pairs = (bytes([first, second]) for first in range(128, 256) for second in (0x40, 0xA1, 0xB0))
        return all(len(pair.decode(encoding, errors="replace")) == 2 for pair in pairs)
    except (UnicodeError, TypeError, LookupError):  # codecs that are not of text, such as hex
        return False


def load_exports(folder: Path = EXPORTS_DIR) -> dict[str, ExportSpec]:
    """All entries by name; empty when there are none. Raises `ExportConfigError` with file, payload and reason."""
    specs: dict[str, ExportSpec] = {}
    for path in sorted(folder.glob("*.yaml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        for entry in content.get("payloads") or []:
            spec = _spec(path, content.get("destination", path.stem), entry)
            if spec.name in specs:
                raise ExportConfigError(f"{path.name}: {spec.name} is there twice")
            specs[spec.name] = spec
    return specs


def _spec(path: Path, destination: str, entry: dict[str, Any]) -> ExportSpec:
    try:
        return ExportSpec(destination=destination, **entry)
    except (ValidationError, TypeError) as error:
        details = error.errors()[0] if isinstance(error, ValidationError) else None
        place = ".".join(str(part) for part in details["loc"]) if details else ""
        problem = details["msg"] if details else str(error)
        raise ExportConfigError(f"{path.name}: {entry.get('payload', '?')}: {place or 'entry'}: {problem}") from error
