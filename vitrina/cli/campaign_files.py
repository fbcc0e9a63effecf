"""Files of campaigns: one JSON document each, named by its key. What a document says is `crm.services.campaigns`'s."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vitrina.errors import UserError

SUFFIX = ".campaign.json"


def place(folder: Path, key: str) -> Path:
    """The file of a campaign: where it is already, else at the top of the folder."""
    return next(iter(sorted(folder.rglob(f"{key}{SUFFIX}"))), folder / f"{key}{SUFFIX}")


def write(path: Path, document: Mapping[str, Any]) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    beside.replace(path)


def read_all(paths: Iterable[Path]) -> dict[Path, dict[str, Any]]:
    """The documents of files and folders by their paths. Raises `UserError` naming the file."""
    found: dict[Path, dict[str, Any]] = {}
    keys: dict[str, Path] = {}
    for given in paths:
        if not given.exists():
            raise UserError(f"{given}: there is no such file or folder")
        for path in sorted(given.rglob(f"*{SUFFIX}")) if given.is_dir() else [given]:
            document = _read(path)
            key = str(document["key"])
            if key in keys:
                raise UserError(f"{path}: the campaign {key} is in {keys[key]} already")
            keys[key], found[path] = path, document
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: {error}") from None
    except ValueError as error:
        raise UserError(f"{path}: not JSON: {error}") from None
    if not isinstance(document, dict):
        raise UserError(f"{path}: a campaign is an object")
    # The file's name says the key where the document does not.
    return {"key": path.name.removesuffix(SUFFIX).removesuffix(".json"), **document}
