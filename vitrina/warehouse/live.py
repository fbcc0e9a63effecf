"""Tables that do not wait for the next snapshot: read from files beside the snapshots, the moment the files are there.

One so far: `list_members(list_key, customer_id)`, the customers of uploaded lists, a Parquet file a list. A file is
written whole and renamed into place, so a query sees a list whole or not at all. Not here: reading and matching of
what people upload (`vitrina.lists`).
"""

import re
from pathlib import Path
from typing import Final

from vitrina.warehouse.engine import literal
from vitrina.warehouse.manifest import Column, TableEntry

LIST_MEMBERS: Final = "list_members"
MEMBERS_FILE: Final = "members.parquet"
_COLUMNS: Final = (Column(name="list_key", type="VARCHAR"), Column(name="customer_id", type="BIGINT"))
_FOLDER: Final = "list_key="
_KEY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")

LIVE_TABLES: Final = {
    LIST_MEMBERS: TableEntry(name=LIST_MEMBERS, kind="live", rows=0, columns=_COLUMNS, order_by=("list_key",)),
}


def lists_folder(published_dir: Path) -> Path:
    """Where the lists of a home are, which is beside its snapshots; it need not exist."""
    return published_dir.parent / "lists"


def list_folder(lists: Path, key: str) -> Path:
    """The folder of one list. Its name is a Hive partition, so that a query for one list opens no other's file.

    Raises ValueError for a key that is no plain word: it becomes a path.
    """
    if not _KEY.fullmatch(key):
        raise ValueError(f"not the key of a list: {key[:100]}")
    return lists / f"{_FOLDER}{key}"


def has_lists(lists: Path) -> bool:
    """Whether there is any list; without one the engine finds no file, and that is an error to it."""
    return any((folder / MEMBERS_FILE).exists() for folder in lists.glob(f"{_FOLDER}*"))


def list_members_query(lists: Path, any_there: bool) -> str:
    """SELECT of all members of all lists. As a view it looks for files at every use, new ones included."""
    if not any_there:
        nothing = ", ".join(f"NULL::{column.type} AS {column.name}" for column in _COLUMNS)
        return f"SELECT {nothing} WHERE false"
    files = literal(f"{lists}/{_FOLDER}*/{MEMBERS_FILE}")
    options = "hive_partitioning = true, hive_types = {'list_key': VARCHAR}"
    return f"SELECT list_key, customer_id FROM read_parquet({files}, {options})"
