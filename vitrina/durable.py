"""Files that survive a killed process: written aside, synced, then renamed into place."""

import hashlib
import json
import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

_BLOCK = 1 << 20
_SYNCS_AT_ONCE = 8


def sync_file(path: Path) -> None:
    """Force the content of one file to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


sync_directory = sync_file  # a directory is synced the same way: that makes its renames durable


def sync_many(paths: Iterable[Path]) -> None:
    """Sync files and the directories that name them, side by side: one at a time, hundreds of small files take long."""
    files = list(paths)
    with ThreadPoolExecutor(max_workers=_SYNCS_AT_ONCE) as pool:
        list(pool.map(sync_file, files))
        list(pool.map(sync_directory, sorted({file.parent for file in files})))


def move_into_place(source: Path, target: Path) -> None:
    """Sync `source`, rename it to `target` on the same file system and make the rename durable."""
    sync_file(source)
    os.replace(source, target)
    sync_directory(target.parent)


def write_text(path: Path, text: str) -> None:
    """Replace a small text file atomically: a reader sees the old text or the new, never a part."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    aside.write_text(text, encoding="utf-8")
    move_into_place(aside, path)


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file atomically."""
    write_text(path, json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def append_line(path: Path, record: dict[str, Any]) -> None:
    """Append one JSON line and sync it.

    A torn last line of a killed writer is closed first, so that it costs one record and never two.
    """
    known = path.exists()
    with path.open("ab+") as journal:
        if journal.seek(0, os.SEEK_END):
            journal.seek(-1, os.SEEK_END)
            if journal.read(1) != b"\n":
                journal.write(b"\n")
        journal.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
        journal.flush()
        os.fsync(journal.fileno())
    if not known:
        sync_directory(path.parent)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Records of a journal, oldest first; torn lines are skipped, a missing file is an empty journal."""
    records = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
        try:
            records.append(json.loads(line))
        except ValueError:
            continue
    return records


def sha256_of(path: Path) -> str:
    """Hex SHA-256 of a file, read in blocks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
