"""What screens and measures say, held against the second computation: for tests and `make figures-proof`.

Each function gives a `Compared`; figures are equal within the rounding of what is stored (a hundredth, or a part in a
million of sums).
"""

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from apps.data import bundles, client_health, clients, customer, home, usage
from segments.questions import read_catalogue, stored_month_ends
from signals.definition import parse
from signals.engine import compile_together
from signals.measures import Flow, measures
from signals.questions import found
from signals.questions.daily import daily_sums
from signals.questions.states import states
from tests.integration.independent.churn import Features, encoded, log_odds, paying, probability, worth
from tests.integration.independent.measures import Measures
from tests.integration.independent.profile import Profiles
from tests.integration.independent.screens import Screens, health
from vitrina.warehouse.reader import SnapshotReader

CLOSE, PART = 0.0101, 1e-6
EXAMPLES = 5


@dataclass
class Compared:
    """One figure: how many values were held against each other, and those that differ (place, theirs, mine)."""

    figure: str
    rows: int = 0
    wrong: list[tuple] = field(default_factory=list)

    def hold(self, place: Any, theirs: Any, mine: Any) -> None:
        """Compare one value."""
        self.rows += 1
        if not _same(theirs, mine):
            self.wrong.append((place, theirs, mine))

    def told(self) -> str:
        """One line."""
        return f"{self.figure}: {self.rows} compared, {len(self.wrong)} differ {self.wrong[:EXAMPLES] or ''}"


def _same(theirs: Any, mine: Any) -> bool:
    if theirs is None or mine is None or isinstance(mine, str):
        return theirs == mine
    return abs(float(theirs) - float(mine)) <= max(CLOSE, PART * abs(float(mine)))


def usage_of(reader: SnapshotReader, screens: Screens, asked: Iterable[tuple[str, str]], as_of: dt.date) -> Compared:
    """The usage page's series of subjects (kind, key) by month, week and day."""
    done = Compared("usage analysis")
    for kind, key in asked:
        customers = _customers(reader, kind, key)
        for grain, back in (("month", -12), ("week", -12), ("day", -30)):
            first = usage.step(usage.begin(as_of, grain), grain, back)
            rows = usage.series(reader, usage.Asked(usage.Subject(kind, key), grain, first, as_of, grain == "month"))
            mine = screens.usage(grain, customers, int(key) if kind == "product" else None)
            for row in rows:
                own = mine.get(row["period"], {})
                for name in (n for n in row if n != "period"):
                    done.hold((kind, key, grain, row["period"], name), row[name], own.get(name, 0))
    return done


def _customers(reader: SnapshotReader, kind: str, key: str) -> set[int] | None:
    """Whose usage a subject is, by the profile's plain columns."""
    profiles = pl.DataFrame(
        pl.from_arrow(reader.query("select customer_id, customer_type, segment from customer_profiles"))
    )
    if kind == "client":
        return {int(key)}
    if kind == "market":
        return set(profiles.filter(pl.col("segment") == key)["customer_id"])
    if kind == "peers":
        own = profiles.row(by_predicate=pl.col("customer_id") == int(key), named=True)
        like = pl.col("segment").eq_missing(pl.lit(own["segment"])) & (pl.col("customer_type") == own["customer_type"])
        return set(profiles.filter(like)["customer_id"]) - {int(key)}
    if kind == "segment":
        asked = "select customer_id from segment_memberships where segment_key = ?"
        return set(reader.query(asked, [key]).column(0).to_pylist())
    return None


def bundles_of(reader: SnapshotReader, screens: Screens, customers: Sequence[int], since: dt.date) -> Compared:
    """The card's use of bundles, of the running month and of the months before."""
    done = Compared("bundles on the card")
    for who in customers:
        last, rows = bundles.running_month(reader, who)
        mine = screens.bundles(who, last.replace(day=1), screens.as_of) if last else {}
        months = {month: screens.bundles(who, month, screens.as_of) for month in
                  {row["month"] for row in bundles.history(reader, who, since)}}  # fmt: skip
        done.hold((who, "families"), "".join(sorted(r["family"] for r in rows)), "".join(sorted(mine)))
        for row in rows:
            _family(done, (who, "now", row["family"]), row, mine.get(row["family"], {}))
        shown = bundles.history(reader, who, since)
        done.hold((who, "months"), len(shown), sum(len(own) for own in months.values()))
        for row in shown:
            _family(done, (who, row["month"], row["family"]), row, months[row["month"]].get(row["family"], {}))
    return done


def _family(done: Compared, place: tuple, row: dict[str, Any], mine: dict[str, Any]) -> None:
    for name in ("bundle_minutes", "bundle_sms", "bundle_mb", "sms"):
        done.hold((*place, name), row[name], mine.get(name))
    for name in ("minutes", "mb"):  # rounded to a tenth on the card
        done.hold((*place, name), round(float(row[name]), 1), round(float(mine.get(name, -1)) + 1e-9, 1))


def debts_of(reader: SnapshotReader, screens: Screens, customers: Sequence[int]) -> Compared:
    """Ageing by account on the card, at the snapshot's day."""
    done, own = Compared("debt by account on the card"), screens.profiles
    aged, numbers = (
        own.ageing.on(screens.as_of),
        dict(own.sources.table("account").select("account_number", "account_id").rows()),
    )
    names = {name: name for name in ("debt_amount", "not_due_amount")} | {
        "d30": "overdue_1_30_amount", "d60": "overdue_31_60_amount", "d90": "overdue_61_90_amount",
        "d90_plus": "overdue_over_90_amount"}  # fmt: skip
    for who in customers:
        for row in customer.account_debts(reader, who):
            mine = aged[numbers[row["account_number"]]]
            for name, part in names.items():
                done.hold((who, row["account_number"], name), row[name], mine[part] / 100)
            for name in ("overdue_days", "open_invoices"):
                done.hold((who, row["account_number"], name), row[name], mine[name])
    return done


def home_of(reader: SnapshotReader, screens: Screens, profiles: dict[dt.date, pl.DataFrame]) -> Compared:
    """The tiles of the first page; `profiles` are the second computation at the snapshot's day and at month ends."""
    done, today = Compared("home"), home.today(reader)
    for name, mine in screens.tiles(profiles[screens.as_of]).items():
        done.hold(name, today[name], mine)
    for row in home.by_month(reader):
        end = row["month_end"]
        if end in profiles:
            for name, mine in screens.tiles(profiles[end]).items():
                if name in row:
                    done.hold((end, name), row[name], mine)
            before = end.replace(day=1) - dt.timedelta(days=1)
            if before in profiles:
                done.hold((end, "churned"), row["churned"], screens.churned(profiles[before], profiles[end]))
    mine_by_region = screens.regions(profiles[screens.as_of])
    for row in home.by_region(reader):
        count, money = mine_by_region.pop(row["region_code"], (0, 0.0))
        done.hold((row["region_code"], "customers"), row["customers"], count)
        done.hold((row["region_code"], "revenue"), row["revenue"], money)
    done.hold("regions left out", len(mine_by_region), 0)
    return done


def clients_of(reader: SnapshotReader, profile: pl.DataFrame, managers: Sequence[str | None]) -> Compared:
    """The list of clients: sums, health and its parts; of everybody (None) and of single managers."""
    done = Compared("clients and their health")
    tables = reader.manifest.tables
    parts = client_health.parts_for({"usage", "services", "finance", "customers", "signals"}, tables)
    churn = {}
    if client_health.SCORES in tables:
        scored = reader.query("select customer_id, churn_probability from customer_scores").to_pydict()
        churn = dict(zip(scored["customer_id"], scored["churn_probability"], strict=True))
    rows = profile.filter((pl.col("customer_type") == "organisation") | pl.col("manager_id").is_not_null())
    points = {row["customer_id"]: health(row, churn.get(row["customer_id"])) for row in rows.iter_rows(named=True)}
    whole = {who: None if own is None else max(0.0, 100 - sum(own.values())) for who, own in points.items()}
    shown = clients.page(reader, clients.Wanted(parts), len(rows) + 10, 0).to_pylist()
    done.hold("clients", len(shown), len(rows))
    for row in shown:
        mine = whole[row["customer_id"]]
        # A half is rounded up; what floats make of it may fall on either side.
        near = mine is not None and row["health"] is not None and abs(row["health"] - mine) <= 0.5 + CLOSE
        done.hold((row["customer_id"], "health"), row["health"], row["health"] if near else mine)
    for who in random.Random(1).sample(sorted(points), min(100, len(points))):  # noqa: S311
        theirs, mine_points = clients.health_parts(reader, who, parts), points[who]
        for part in parts if theirs and mine_points else ():
            done.hold((who, part.name), theirs[part.name], mine_points[part.name])
    overdue = pl.sum_horizontal(c for c in rows.columns if c.startswith("debt_overdue_"))
    for manager in managers:
        own = rows if manager is None else rows.filter(pl.col("manager_id") == manager)
        sums = clients.totals(reader, clients.Wanted(parts, managers=None if manager is None else (manager,)))
        late = own.select(overdue)[:, 0]
        expected = {"clients": len(own), "numbers": own["subscriptions_active_count"].sum(),
                    "numbers_change": own["subscriptions_active_change_3m"].sum(),
                    "charges": own["charges_amount_last_month"].sum(), "overdue": late.sum(),
                    "debtors": (late > 0).sum()}  # fmt: skip
        for name, mine in expected.items():
            done.hold((manager, name), sums[name] or 0, mine)
        near_poor = [whole[c] for c in own["customer_id"] if whole[c] is not None and abs(whole[c] - 49.5) < CLOSE]
        poor = sum(1 for c in own["customer_id"] if whole[c] is not None and whole[c] < 49.5)
        done.hold((manager, "poor"), sums["poor"], sums["poor"] if abs(sums["poor"] - poor) <= len(near_poor) else poor)
    return done


def profile_of(reader: SnapshotReader, day: dt.date, mine: pl.DataFrame, as_of: dt.date) -> Compared:
    """Every attribute that both have, of every customer, on the snapshot's day or at a month end."""
    history = "select * exclude (month_end) from customer_profiles_history where month_end = ?"
    asked = ("select * from customer_profiles", []) if day == as_of else (history, [day])
    theirs = pl.DataFrame(pl.from_arrow(reader.query(*asked)))
    done = Compared(f"profiles on {day}")
    names = [name for name in theirs.columns if name in mine.columns and name not in ("customer_id", "month_index")]
    done.hold("customers", len(theirs), len(mine))
    pairs = theirs.select("customer_id", *names).join(mine.select("customer_id", *names), "customer_id", suffix="_2")
    for name in names:
        one, other = pl.col(name), pl.col(f"{name}_2")
        if pairs.schema[name].is_numeric():
            one, other = one.cast(pl.Float64), other.cast(pl.Float64)
            differs = (one.is_null() != other.is_null()) | ((one - other).abs() > CLOSE).fill_null(False)
        else:
            differs = ~one.eq_missing(other)
        wrong = pairs.filter(differs).select(pl.lit(name).alias("attribute"), "customer_id", name, f"{name}_2")
        done.rows, done.wrong = done.rows + len(pairs), done.wrong + wrong.rows()
    return done


def measures_of(
    reader: SnapshotReader, second: Measures, customers: Sequence[int], days: Sequence[dt.date]
) -> list[Compared]:
    """Every measure of signals on days: as rules see it (a threshold over four weeks) and as charts read it."""
    registry, tables = measures(), reader.manifest.tables
    lacking = {name for name, each in registry.items() if not each.tables <= set(tables)}
    names = [name for name in registry if name not in lacking | {"legal_status"}]
    rules = {name: parse({"version": 1, "conditions": {"combinator": "and", "rules": [
        {"kind": "threshold", "measure": name, "operator": ">=", "value": -1e15}]}}) for name in names}  # fmt: skip
    compiled = compile_together(rules, read_catalogue(reader), stored_month_ends(reader), days)
    told = pl.DataFrame(pl.from_arrow(found(reader, compiled)))
    by_rule = {(k, d, c): v for k, d, c, v in told.select("rule_key", "day", "customer_id", "value").rows()}
    done = {name: Compared(f"measure {name}") for name in registry if name not in lacking}
    for day in days:
        mine = second.on(day)
        ends = [end for end in stored_month_ends(reader) if end <= day]
        asked = "select customer_id from customer_profiles_history where month_end = ?"
        known = set(reader.query(asked, [max(ends)]).column(0).to_pylist()) & set(customers)
        for name, compared in done.items():
            if name == "churn_score":
                continue
            state = registry[name]
            chart = _as_charted(reader, name, day, sorted(known))
            for who in sorted(known):
                absent = 0 if isinstance(state, Flow) or state.is_zero else None
                own = mine[name].get(who, absent)
                compared.hold((who, day, "charted"), chart.get(who, absent), own)
                if name in rules:
                    compared.hold((who, day, "in a rule"), by_rule.get((name, day, who)), own)
    done.pop("churn_score", None)
    return list(done.values())


def _as_charted(reader: SnapshotReader, name: str, day: dt.date, customers: Sequence[int]) -> dict[int, Any]:
    measure = measures()[name]
    if isinstance(measure, Flow):
        first = day - dt.timedelta(days=27)
        sums = daily_sums(reader, [measure], first, day, customers)
        totals = sums.totals[name][-1] / (measure.scale * measure.divide)
        return dict(zip(sums.customers.tolist(), totals.tolist(), strict=True))
    values = states(reader, measure, [day], ", ".join(map(str, customers)))
    return dict(values.select("customer_id", "value").rows())


def scores_of(
    reader: SnapshotReader, features: Features, models: dict[str, dict[str, Any]], most: int | None = None
) -> list[Compared]:
    """Chances of leaving: every stored score against a walk through the trees of the model's file (`models`: by
    version), with features from the sources. And each feature that a tree asks for, against churn_features."""
    scored = reader.query(
        "select customer_id, churn_month, churn_probability, model_version from customer_scores"
        " where churn_probability is not null order by customer_id * 7919 % 10007, customer_id limit ?", [most or 10**9]
    ).to_pylist()  # fmt: skip
    walked, asked = Compared("chance of leaving"), Compared("features of churn models")
    for month in sorted({row["churn_month"] for row in scored}):
        rows = features.on(month)
        theirs = _features(reader, month)
        for row in (each for each in scored if each["churn_month"] == month):
            who, model = row["customer_id"], models[row["model_version"]]
            told = model["encoder"]["features"]
            mine = probability(model, log_odds(model, encoded(model, rows[who])))
            walked.rows += 1
            if abs(mine - row["churn_probability"]) > 1e-4:
                walked.wrong.append((who, row["churn_probability"], mine))
            for name in {told[n]["name"] for tree in model["forest"]["feature"] for n in tree if n >= 0}:
                asked.hold((who, name), theirs[who][name], rows[who][name])
    return [walked, asked]


def _features(reader: SnapshotReader, month: dt.date) -> dict[int, dict[str, Any]]:
    table = reader.query("select * from churn_features where month_end = ?", [month])
    return {row["customer_id"]: row for row in table.to_pylist()}


def worth_of(reader: SnapshotReader, profiles: Profiles, as_of: dt.date) -> Compared:
    """What customers are worth: the chance to pay again and the mean amount, by the formulas as published."""
    done = Compared("customer value")
    fitted = {row["customer_type"]: row for row in reader.query("select * from value_models").to_pylist()}
    own = paying(profiles, as_of)
    rows = reader.query(
        "select customer_id, customer_type, p_alive, expected_payment_amount from customer_scores"
        " where p_alive is not null"
    ).to_pylist()
    done.hold("payers", len(rows), len(own))
    for row in rows:
        mine = worth(fitted[row["customer_type"]], *own[row["customer_id"]])
        done.hold((row["customer_id"], "alive"), 1e4 * row["p_alive"], 1e4 * mine[0])
        done.hold((row["customer_id"], "amount"), row["expected_payment_amount"], mine[1])
    return done
