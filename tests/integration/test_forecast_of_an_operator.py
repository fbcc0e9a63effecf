"""Forecasts asked again in the past of a simulated operator: the 80 % interval keeps its word, a straight line does not
come near."""

import datetime as dt
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from benchmarks.forecast import Rows, Score
from simulator import generate

UNTIL, MONTHS, CUSTOMERS, SEED = dt.date(2026, 10, 31), 34, 1200, 11
ASKED = [dt.date(2025 + (10 + number) // 12, (10 + number) % 12 + 1, 1) for number in range(12)]
PAYMENTS = """select date(p.paid_at), sum(p.amount) from payment p join account a using (account_id)
              where a.payment_type = ? and a.account_id % ? = ? group by 1"""


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rows]:
    """Payments by day: of both kinds of account, and of tenths of the postpaid ones, as many as a manager has."""
    home = tmp_path_factory.mktemp("operator")
    generate(home, CUSTOMERS, MONTHS, SEED, until=UNTIL, daily_months=1)
    wanted = {"prepaid": ("prepaid", 1, 0), "postpaid": ("postpaid", 1, 0)}
    wanted |= {f"manager {part}": ("postpaid", 10, part) for part in range(10)}
    with closing(sqlite3.connect(Path(home) / "simulator" / "foris.sqlite")) as billing:
        return {
            name: [(dt.date.fromisoformat(day), float(amount)) for day, amount in billing.execute(PAYMENTS, values)]
            for name, values in wanted.items()
        }


def test_the_interval_of_80_percent_keeps_its_word(series: dict[str, Rows]) -> None:
    whole, managers = Score(), Score()
    for name, rows in series.items():
        score = managers if name.startswith("manager") else whole
        for month in ASKED:
            for day in (8, 15, 23):
                score.add(rows, month, day, dt.date(2024, 1, 1))
    assert ASKED[-1] == dt.date(2026, 10, 1)
    assert (len(whole.inside), len(managers.inside)) == (72, 360)
    assert 0.72 <= np.mean(managers.inside) <= 0.95
    # Months of one series hang together: of so few the share may be further off.
    assert 0.65 <= np.mean(whole.inside) <= 0.98
    assert np.median(whole.errors) < 0.5 * np.median(whole.lines)
    assert np.median(managers.errors) < 0.7 * np.median(managers.lines)
