"""The systems of the operator tell one story: what one says can be recomputed from another."""

import gzip
import json
import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import polars as pl

from simulator import generate

UsageReader = Callable[[Path], pl.DataFrame]
Query = Callable[[Path, str], list[tuple]]
SUMMED = ["voice_out_onnet_sec", "voice_out_offnet_sec", "voice_in_sec", "sms_out", "data_mb", "charge_amount"]


def test_every_foreign_key_of_the_billing_holds(operator: Path) -> None:
    with sqlite3.connect(operator / "simulator" / "foris.sqlite") as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_charges_for_usage_are_the_sum_of_the_usage_files(
    clean_operator: Path, all_usage: pl.DataFrame, foris: Query
) -> None:
    charged = dict(foris(clean_operator, """
        SELECT strftime('%Y-%m', charge_date), sum(amount) FROM charge
        WHERE charge_type IN ('out_of_bundle', 'roaming') GROUP BY 1"""))  # fmt: skip
    used = dict(all_usage.group_by(pl.col("usage_date").dt.strftime("%Y-%m")).agg(pl.col("charge_amount").sum()).rows())
    complete = [month for month in charged if month < "2026-03"]
    assert len(complete) == 4
    for month in complete:
        # the billing rounds each subscription's month down to whole UZS, twice
        assert 0 <= used[month] - charged[month] < 2 * 700


def test_the_balance_of_an_account_is_payments_less_charges(clean_operator: Path, foris: Query) -> None:
    rows = foris(clean_operator, """
        SELECT a.account_id, a.balance,
            coalesce((SELECT sum(amount) FROM payment p WHERE p.account_id = a.account_id), 0)
            - coalesce((SELECT sum(amount) FROM charge c WHERE c.account_id = a.account_id), 0)
        FROM account a""")  # fmt: skip
    assert len(rows) > 400
    assert [r for r in rows if abs(r[1] - r[2]) > 0.005] == []


def test_an_invoice_is_the_charges_of_its_account_and_month(clean_operator: Path, foris: Query) -> None:
    rows = foris(clean_operator, """
        SELECT i.invoice_id, i.amount, (SELECT sum(amount) FROM charge c WHERE c.account_id = i.account_id
            AND strftime('%Y-%m', c.charge_date) = strftime('%Y-%m', i.period_start)) FROM invoice i""")  # fmt: skip
    assert len(rows) > 50
    assert [r for r in rows if abs(r[1] - r[2]) > 0.005] == []


def test_usage_happens_only_while_a_subscription_is_in_use(
    clean_operator: Path, all_usage: pl.DataFrame, foris: Query
) -> None:
    lives = pl.DataFrame(
        foris(clean_operator, "SELECT subscription_id, activated_date, terminated_date FROM subscription"),
        schema=["subscription_id", "activated", "terminated"], orient="row").with_columns(
            pl.col("activated").str.to_date(), pl.col("terminated").cast(pl.String).str.to_date())  # fmt: skip
    joined = all_usage.join(lives, on="subscription_id", how="left")
    outside = joined.filter(
        pl.col("activated").is_null()
        | (pl.col("usage_date") < pl.col("activated"))
        | (pl.col("usage_date") >= pl.col("terminated"))
    )
    assert len(joined) > 10_000
    assert outside.height == 0
    assert joined.select("subscription_id", "usage_date").is_duplicated().sum() == 0


def test_the_archive_holds_the_sums_of_the_daily_files(
    tmp_path: Path, clean_operator: Path, all_usage: pl.DataFrame, read_usage: UsageReader
) -> None:
    state = json.loads((clean_operator / "simulator" / "state.json").read_text())["options"]
    generate(tmp_path, customers=500, months=5, seed=11, until=pl.Series([state["until"]]).str.to_date()[0],
             daily_months=1, defects=False)  # fmt: skip
    archives = sorted((tmp_path / "inbox" / "foris" / "usage_archive").glob("*.csv.gz"))
    assert len(archives) == 4
    assert len(list((tmp_path / "inbox" / "foris" / "usage").glob("*.csv.gz"))) == 29
    archive = pl.concat([read_usage(p) for p in archives], how="vertical_relaxed")
    days = all_usage.group_by("subscription_id", pl.col("usage_date").dt.truncate("1mo").alias("month")).agg(
        *(pl.col(c).sum() for c in SUMMED), pl.len().alias("days")
    )
    both = archive.join(days, on=["subscription_id", "month"], how="left", suffix="_days")
    assert len(both) > 1000
    for column in SUMMED:
        assert (both[column] - both[f"{column}_days"]).abs().max() < 0.005, column
    assert (both["active_days"] == both["days"]).all()


def test_bank_statements_show_the_transfers_that_the_billing_received(clean_operator: Path, foris: Query) -> None:
    texts = [p.read_bytes().decode("cp1251") for p in (clean_operator / "inbox" / "onec" / "statements").glob("*.txt")]
    documents = [d for text in texts for d in text.split("СекцияДокумент=")[1:]]
    incoming = [float(re.search(r"Сумма=([\d.]+)", d)[1]) for d in documents if "ДатаПоступило=" in d]  # type: ignore[index]
    last_sunday = "2026-03-29 19:00:00"
    received = foris(clean_operator, f"""
        SELECT amount FROM payment WHERE method = 'bank_transfer' AND paid_at < '{last_sunday}'""")  # fmt: skip
    assert len(incoming) > 20
    assert sorted(incoming) == sorted(r[0] for r in received)
    named = [d for d in documents if re.search(r"№ INV-\d{6}-\d+", d)]
    assert len(named) > 0.9 * len(incoming)


def test_statement_balances_agree_with_their_documents_unless_planted(operator: Path, clean_operator: Path) -> None:
    assert [d for d in map(disagreement, statements(clean_operator)) if d] == []
    planted = {r["file"] for r in json.loads((operator / "truth" / "defects.json").read_text())
               if r["defect"] == "balance_disagrees"}  # fmt: skip
    assert {p.name for p in statements(operator) if disagreement(p)} == planted
    assert len(planted) == 2


def statements(home: Path) -> list[Path]:
    return sorted((home / "inbox" / "onec" / "statements").glob("*.txt"))


def disagreement(path: Path) -> float:
    text = path.read_bytes().decode("cp1251")
    total = 0.0
    for name, sign in (("КонечныйОстаток", 1), ("НачальныйОстаток", -1)):
        total += sign * sum(float(v) for v in re.findall(rf"{name}=(-?[\d.]+)", text))
    for document in text.split("СекцияДокумент=")[1:]:
        amount = float(re.search(r"Сумма=([\d.]+)", document)[1])  # type: ignore[index]
        total -= amount if "ДатаПоступило=" in document else -amount
    return round(total, 2)


def test_the_first_device_file_is_full_and_later_ones_only_tell_changes(clean_operator: Path, foris: Query) -> None:
    paths = sorted((clean_operator / "inbox" / "dms").glob("*.jsonl.gz"))
    first = [json.loads(line) for line in gzip.decompress(paths[0].read_bytes()).splitlines()]
    later = [json.loads(line) for p in paths[1:] for line in gzip.decompress(p.read_bytes()).splitlines()]
    active = foris(clean_operator, """
        SELECT subscription_id FROM subscription WHERE activated_date <= '2025-11-01'
        AND coalesce(terminated_date, '9') > '2025-11-01'""")  # fmt: skip
    assert {r["subscription_id"] for r in first} == {r[0] for r in active}
    assert 0 < len(later) < len(first)
    assert all(luhn_holds(row["imei"]) for row in first + later)


def luhn_holds(digits: str) -> bool:
    numbers = [int(d) for d in reversed(digits)]
    return len(digits) == 15 and sum(n if i % 2 == 0 else n * 2 - 9 * (n > 4) for i, n in enumerate(numbers)) % 10 == 0
