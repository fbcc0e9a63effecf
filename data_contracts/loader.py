"""Reads ODCS 3.1 YAML into `Contract` values and refuses what the rest of the product could not trust."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from jsonschema.validators import validator_for

from data_contracts.document import SUFFIX, Place, contract_of
from data_contracts.model import Contract, ContractError


def load_source(directory: Path, schema_file: Path | None = None) -> tuple[Contract, ...]:
    """All contracts of one source folder, sorted by entity.

    A source of the same kind as another has no contracts of its own: `contracts.yaml` beside its connector names the
    folder to reuse (``reuse: onec``), and the contracts come back under this source's name.
    """
    pointer = directory / "contracts.yaml"
    if pointer.exists():
        reused = Place(pointer, "reuse").identifier((_read(pointer) or {}).get("reuse"))
        return tuple(c.for_source(directory.name) for c in load_source(directory.parent / reused, schema_file))
    if not directory.is_dir():
        raise ContractError(f"{directory.name}: no such folder of contracts")
    return tuple(load_contract(path, schema_file) for path in sorted(directory.glob(f"*{SUFFIX}")))


def load_contract(path: Path, schema_file: Path | None = None) -> Contract:
    """The contract in `path` (``<source>/<entity>.odcs.yaml``).

    With `schema_file` the document is first held against the standard's JSON schema. Raises `ContractError` that names
    the file and the place.
    """
    at = Place(path)
    document = _read(path)
    if not isinstance(document, dict):
        raise at.error("is not a YAML mapping")
    if schema_file is not None:
        validate_document(document, path, schema_file)
    return contract_of(document, at)


def validate_document(document: Mapping[str, Any], path: Path, schema_file: Path) -> None:
    """Raise `ContractError` for the first place where `document` is not ODCS."""
    errors = sorted(_validator(schema_file).iter_errors(document), key=lambda error: list(map(str, error.path)))
    if errors:
        place = ".".join(str(step) for step in errors[0].absolute_path)
        raise Place(path, place).error(errors[0].message)


@lru_cache(maxsize=4)
def _validator(schema_file: Path) -> Any:
    schema = json.loads(schema_file.read_text(encoding="utf-8"))
    return validator_for(schema)(schema)


def _read(path: Path) -> Any:
    try:
        # libyaml reads the contracts of all sources in 0.1 s, the Python reader in a second.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 # nosec B506
    except FileNotFoundError:
        raise Place(path).error("no such file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Place(path).error(f"is not readable YAML: {error}") from error
