"""Rules that put customers on a list: the list's file gets everybody about whom they raised a signal."""

import datetime as dt
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm.database import Database
    from vitrina.settings import Settings


def fill_lists(settings: "Settings", database: "Database", now: dt.datetime) -> int:
    """Add customers of signals to the lists that their rules name; how many were new.

    Doing it twice changes nothing, so a killed run is made good by the next.
    """
    from crm.services.signals.listed import customers_by_list, listed
    from vitrina.warehouse.live import list_folder, lists_folder

    with database.read() as session:
        wanted = customers_by_list(session)
    added = 0
    for key, customers in sorted(wanted.items()):
        folder = list_folder(lists_folder(settings.published_dir), key)
        new, total = _union(folder, customers)
        if new:
            with database.begin() as session:
                listed(session, key, total, new, now)
        added += new
    return added


def _union(folder: "os.PathLike[str]", customers: frozenset[int]) -> tuple[int, int]:
    """Rewrite a list's members with these customers too: how many were new, and how many there are now."""
    from pathlib import Path

    import pyarrow as pa
    import pyarrow.parquet as parquet

    from vitrina.durable import move_into_place
    from vitrina.warehouse.live import MEMBERS_FILE

    file = Path(folder) / MEMBERS_FILE
    present = frozenset(parquet.read_table(file)["customer_id"].to_pylist()) if file.exists() else frozenset()
    together = sorted(present | customers)
    if len(together) > len(present):
        file.parent.mkdir(parents=True, exist_ok=True)
        aside = file.with_name(f"{MEMBERS_FILE}.{os.getpid()}.tmp")
        parquet.write_table(pa.table({"customer_id": pa.array(together, pa.int64())}), aside, compression="zstd")
        move_into_place(aside, file)
    return len(together) - len(present), len(together)
