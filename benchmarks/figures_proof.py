"""Every figure that screens and signals show, at full size, against a second computation from the files of the sources.

    python -m benchmarks.figures_proof --home var/demo [--seed 1] [--only measures …]

The second computation (tests/integration/independent) reads the billing's SQLite, usage files, 1C's documents, the tax
portal and reports of devices, and shares nothing with the product. Ends with status 1 when anything differs.
"""

import argparse
import datetime as dt
import json
import random
import sys
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.integration import figures
from tests.integration.figures import Compared
from tests.integration.independent.churn import Features
from tests.integration.independent.large_usage import LargeSources
from tests.integration.independent.measures import Measures
from tests.integration.independent.profile import Profiles
from tests.integration.independent.screens import Screens
from vitrina.warehouse.reader import SnapshotReader

PARTS = ("measures", "usage", "bundles", "debts", "profiles", "scores")


def main() -> None:
    """Compare part by part and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS)
    given = parser.parse_args()
    with SnapshotReader.open(given.home / "published") as reader:
        proof, wrong = _Proof(given.home, reader, given.seed), 0
        for name in given.only:
            part: Callable[[], list[Compared]] = getattr(proof, name)
            started = time.monotonic()
            for each in part():
                print(each.told(), flush=True)
                wrong += len(each.wrong)
            print(f"  {name}: {time.monotonic() - started:.0f} s", flush=True)
    sys.exit(1 if wrong else 0)


class _Proof:
    def __init__(self, home: Path, reader: SnapshotReader, seed: int) -> None:
        self.home, self.reader, self.as_of = home, reader, reader.manifest.as_of
        self.random = random.Random(seed)  # noqa: S311
        self.ends = self._asked("select distinct month_end from customer_profiles_history order by 1")

    @cached_property
    def second(self) -> Profiles:
        """The sources, with the records that the product holds for one customer."""
        rows = self.reader.query("select source_id, customer_id from customer_identities where source = 'foris'")
        return Profiles(
            LargeSources(self.home), {int(row["source_id"]): row["customer_id"] for row in rows.to_pylist()}
        )

    @cached_property
    def screens(self) -> Screens:
        """The second computation of pages."""
        return Screens(self.second, self.as_of)

    def _asked(self, sql: str) -> list[Any]:
        return self.reader.query(sql).column(0).to_pylist()

    def _some(self, condition: str, count: int) -> list[int]:
        found = self._asked(f"select customer_id from customer_profiles where {condition} order by 1")
        return self.random.sample(found, min(count, len(found)))

    def measures(self) -> list[Compared]:
        """All measures of signals of 200 customers, at the snapshot's day and on two others of the past."""
        first = self.ends[0] + dt.timedelta(days=1)
        past = [first + dt.timedelta(days=self.random.randrange((self.as_of - first).days)) for _ in range(2)]
        chosen = self._some("customer_type = 'organisation'", 80) + self._some("debt_amount > 0", 40)
        days = sorted({*past, self.as_of})
        print("days:", *days)
        return figures.measures_of(self.reader, Measures(self.second), chosen + self._some("true", 100), days)

    def usage(self) -> list[Compared]:
        """The usage page: clients, segments, products, clients alike, everybody."""
        asked = [("client", str(each)) for each in self._some("data_mb_12m > 0", 5)]
        asked += [("peers", asked[0][1]), ("everybody", ""), ("market", "sme"), ("market", "premium")]
        products = "select product_id from dim_subscriptions where is_current group by 1 order by count(*) desc limit 4"
        asked += [("product", str(each)) for each in self._asked(products)]
        if "segment_memberships" in self.reader.manifest.tables:
            built = self._asked("select distinct segment_key from segment_memberships order by 1 limit 2")
            asked += [("segment", each) for each in built]
        return [figures.usage_of(self.reader, self.screens, asked, self.as_of)]

    def bundles(self) -> list[Compared]:
        """Bundles of a year on the card."""
        chosen = self._some("customer_type = 'organisation' and subscriptions_active_count > 0", 60)
        since = self.as_of.replace(day=1) - dt.timedelta(days=396)
        return [figures.bundles_of(self.reader, self.screens, chosen + self._some("true", 60), since)]

    def debts(self) -> list[Compared]:
        """Debt by account of everybody who owes anything."""
        return [figures.debts_of(self.reader, self.screens, self._some("debt_amount > 0", 10**9))]

    def profiles(self) -> list[Compared]:
        """The first page, the clients' list with health, and profiles attribute by attribute."""
        days = {day: self.second.on(day) for day in (self.as_of, *self.ends[-2:])}
        asked = (
            "select manager_id from customer_profiles where manager_id is not null group by 1 order by count(*) desc"
        )
        done = [figures.home_of(self.reader, self.screens, days),
                figures.clients_of(self.reader, days[self.as_of], [None, *self._asked(asked)[:10]])]  # fmt: skip
        return done + [figures.profile_of(self.reader, day, mine, self.as_of) for day, mine in days.items()]

    def scores(self) -> list[Compared]:
        """Chances of leaving by walking through the stored trees, and what customers are worth."""
        files = sorted((self.home / "models" / "versions").glob("*/model.json"))
        models = {file.parent.name: json.loads(file.read_text(encoding="utf-8")) for file in files}
        walked = figures.scores_of(self.reader, Features(self.second), models) if models else []
        return [*walked, figures.worth_of(self.reader, self.second, self.as_of)]


if __name__ == "__main__":
    main()
