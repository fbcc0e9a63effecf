"""Runs ingestion again and again in child processes that kill themselves at a chosen file operation.

Started by the test as a process of its own: children are forked before DuckDB has any thread, so each costs no imports.
Usage: python ingest_victim.py <folder> <kills> <seed>; prints how many children really died.
"""

import os
import random
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from ingest.replay import replay_quarantine
from ingest.run import ingest_all
from tests.unit.ingest.ingest_shop import SALE_COLUMNS, SALE_ENTRY, Shop

WATCHED = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"}
ORDERS = [
    {"name": "order_id", "type": "integer", "key": 1},
    {"name": "amount", "type": "number", "required": True},
    {"name": "updated_at", "type": "timestamp", "required": True},
]


def prepare(shop: Shop) -> None:
    """A reference file, daily sales and a database of orders."""
    database = shop.folder / "orders.sqlite"
    os.environ["SHOP_URL"] = f"sqlite:///{database}"
    shop.describe("sale", SALE_ENTRY | {"batch_rows": 40}, SALE_COLUMNS)
    entry = {"kind": "database", "url_env": "SHOP_URL", "from_table": "orders", "key": ["order_id"],
             "incremental": "updated_at", "chunk_rows": 7}  # fmt: skip
    shop.describe("order", entry, ORDERS)
    shop.drop("client_1.csv", "client_id,name\n1,One\n2,Two\n")
    with sqlite3.connect(database) as db:
        db.execute("create table if not exists orders (order_id integer, amount, updated_at text)")


def grow(shop: Shop, part: int) -> None:
    """What arrives before one run: two days of sales with bad rows, one file twice, orders with a bad one."""
    for day in (2 * part + 1, 2 * part + 2):
        name = f"202601{day:02d}"
        rows = [f"{day * 100 + n};{n % 2 + 1};2026-01-{day:02d};{n};{n},50;Город" for n in range(25)]
        sent = shop.sales(name, *rows, f"{day * 100 + 90};9;2026-01-{day:02d};1;1,00;Х", f"{day};1;2026-01-01;-;1;")
        shop.drop(f"sale_{name}_copy.csv.gz", sent.read_bytes())
    with sqlite3.connect(shop.folder / "orders.sqlite") as db:
        values = [(part * 100 + n, n if n else "free", f"2026-01-01 00:{part:02d}:00") for n in range(20)]
        db.executemany("insert into orders values (?, ?, ?)", values)
    shop.drop(f"client_{part + 2}.csv", f"client_id,name\n{part + 10},New\n" + ("9,Nine\n" if part == 3 else ""))


def run(shop: Shop) -> None:
    """One run as the pipeline makes it, then a replay."""
    failures = ingest_all(shop.settings).failures
    if failures:
        raise SystemExit(f"failed: {failures}")
    replay_quarantine(shop.settings, "shop", "sale")


def dies(shop: Shop, at: int) -> bool:
    """Run in a child that kills itself at its `at`-th file operation in the home; whether it did."""
    child = os.fork()
    if child == 0:
        home, count = str(shop.settings.home), 0

        def watch(event: str, args: tuple[Any, ...]) -> None:
            nonlocal count
            if event in WATCHED and any(str(arg).startswith(home) for arg in args):
                count += 1
                if count == at:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(watch)
        run(shop)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        raise SystemExit("a run failed by itself")
    return os.WIFSIGNALED(status)


def main(folder: Path, kills: int, seed: int) -> None:
    """As many runs with a death in each as asked for, then one undisturbed."""
    shop, chance, died = Shop(folder), random.Random(seed), 0  # noqa: S311 - no secret
    prepare(shop)
    for part in range(min(kills, 10)):
        grow(shop, part)
        for _ in range(max(1, kills // 10)):
            died += dies(shop, chance.randrange(1, 160))
    for part in range(kills, 10):
        grow(shop, part)
    dies(shop, 0)
    print(died)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
