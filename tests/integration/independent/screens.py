"""What pages show, from rows of the sources: usage by period, bundles, the health of a client, tiles and sums."""

from collections import Counter, defaultdict
from datetime import date
from statistics import median
from typing import Any

import polars as pl

from tests.integration.independent.activity import VOICE_OUT
from tests.integration.independent.calendar_months import index, last_day
from tests.integration.independent.measures import HOME_VOICE
from tests.integration.independent.profile import Profiles
from tests.integration.independent.services import State

HERE = ("new", "active", "suspended")
USAGE = {"data_mb": ("data_mb", 1000), "voice_minutes": (VOICE_OUT, 60), "intl_minutes": ("voice_out_intl_sec", 60),
         "in_minutes": ("voice_in_sec", 60), "sms": ("sms_out", 1), "roaming_mb": ("roaming_data_mb", 1000),
         "roaming_minutes": ("roaming_voice_sec", 60), "beyond_bundle": ("charge_amount", 1000)}  # fmt: skip
Row = dict[str, Any]


class Screens:
    """Second computations of what apps/data asks the marts."""

    def __init__(self, profiles: Profiles, as_of: date) -> None:
        self.profiles, self._a, self.as_of = profiles, profiles.activity, as_of

    def usage(self, grain: str, customers: set[int] | None = None, product: int | None = None) -> dict[date, Row]:
        """By the first day of each period: measures, numbers and customers with usage; charges of months."""
        column = "m" if grain == "month" else "on"
        rows = self._a.monthly(self.as_of) if grain == "month" else self._a.daily.filter(pl.col("on") <= self.as_of)
        charges = self._a.charges.filter(pl.col("on") <= self.as_of)
        if customers is not None:
            rows, charges = (f.filter(pl.col("customer").is_in(list(customers))) for f in (rows, charges))
        if product is not None:
            rows = self._on_product(rows.with_columns(_day(column).alias("day")), product)
            charges = self._on_product(charges.with_columns(pl.col("on").alias("day")), product)
        sums = [(pl.sum_horizontal(c).sum() / unit).alias(name) for name, (c, unit) in USAGE.items()]
        who = [pl.col("subscription_id").n_unique().alias("numbers"), pl.col("customer").n_unique().alias("customers")]
        found = rows.group_by(_period(column, grain).alias("period")).agg(*sums, *who)
        periods: dict[date, Row] = {row.pop("period"): row for row in found.to_dicts()}
        if grain == "month":
            for month, amount in (
                charges.group_by(_period("m", "month").alias("month")).agg(pl.col("amount").sum()).rows()
            ):
                periods.setdefault(month, dict.fromkeys((*USAGE, "numbers", "customers"), 0))["charges"] = amount / 100
        return periods

    def _on_product(self, rows: pl.DataFrame, product: int) -> pl.DataFrame:
        """Rows whose number had the product on the row's day."""
        stretches = []
        for subscription, days in self.profiles.services.days.items():
            for place, state in enumerate(days):
                until = days[place + 1]["day"] if place + 1 < len(days) else date.max
                if state["product_id"] == product:
                    stretches.append((subscription, state["day"], until))
        spans = pl.DataFrame(stretches, schema={"subscription_id": pl.Int64, "a": pl.Date, "b": pl.Date}, orient="row")
        return rows.join(spans, on="subscription_id").filter(
            (pl.col("day") >= pl.col("a")) & (pl.col("day") < pl.col("b"))
        )

    def bundles(self, customer: int, month: date, upto: date) -> dict[str, Row]:
        """By product family of the numbers not closed at the month's end (or by `upto`): numbers, bundles, use."""
        day = min(last_day(index(month)), upto)
        held: dict[str, list[State]] = defaultdict(list)
        for subscription, state in self._states(day).items():
            if self.profiles.services.customer_of[subscription] == customer and state["status"] != "terminated":
                held[self.profiles.services.products[state["product_id"]]["family"]].append(state)
        used = self._month_use(index(month))
        return {family: self._family(states, used) for family, states in held.items()}

    def _states(self, day: date) -> dict[int, State]:
        known = self.__dict__.setdefault("_known_states", {})
        if day not in known:
            known[day] = self.profiles.services.on(day)
        return known[day]

    def _month_use(self, month: int) -> dict[int, tuple]:
        known = self.__dict__.setdefault("_known_use", {})
        if month not in known:
            rows = self.__dict__.setdefault("_months", self._a.monthly(self.as_of)).filter(pl.col("m") == month).select(
                "subscription_id", pl.sum_horizontal(HOME_VOICE) / 60, "sms_out", pl.col("data_mb") / 1000)  # fmt: skip
            known[month] = {row[0]: row[1:] for row in rows.rows()}
        return known[month]

    def _family(self, states: list[State], used: dict[int, tuple]) -> Row:
        products = [self.profiles.services.products[state["product_id"]] for state in states]
        spent = [used.get(state["subscription_id"], (0, 0, 0)) for state in states]
        bundles = {name: None if any(p[name] is None for p in products) else sum(p[name] for p in products)
                   for name in ("bundle_minutes", "bundle_sms", "bundle_mb")}  # fmt: skip
        minutes, sms, mb = (sum(each) for each in zip(*spent, strict=True))
        return bundles | {"numbers": len(states), "minutes": minutes, "sms": sms, "mb": mb}

    def tiles(self, profile: pl.DataFrame) -> Row:
        """The first page's figures, of a profile that was computed for a day."""
        here = profile.filter(pl.col("lifecycle_status").is_in(HERE))
        overdue = pl.sum_horizontal(c for c in profile.columns if c.startswith("debt_overdue_"))
        return {"customers": len(here), "active_numbers": profile["subscriptions_active_count"].sum(),
                "revenue": profile["charges_amount_last_month"].sum(), "debt": profile["debt_amount"].sum(),
                "overdue": profile.select(overdue.sum()).item()}  # fmt: skip

    def churned(self, before: pl.DataFrame, now: pl.DataFrame) -> int:
        """Who was with us in the one profile and is not in the other."""
        gone = set(before.filter(pl.col("lifecycle_status").is_in(HERE))["customer_id"])
        return len(gone & set(now.filter(~pl.col("lifecycle_status").is_in(HERE))["customer_id"]))

    def regions(self, profile: pl.DataFrame) -> dict[str, tuple[int, float]]:
        """Customers and last month's charges of each region."""
        count, money = Counter(), Counter()
        for status, region, amount in profile.select(
            "lifecycle_status", "region_code", "charges_amount_last_month"
        ).rows():
            if status in HERE and region is not None:
                count[region] += 1
                money[region] += amount
        return {region: (count[region], money[region]) for region in count}


def health(row: Row, churn: float | None) -> dict[str, float] | None:
    """The points that each part takes, by docs/clients.md; None for who has left. `row` is a profile."""
    if row["lifecycle_status"] in ("left", "never_active"):
        return None
    trends = [row[name] for name in ("data_mb_trend_pct", "voice_out_minutes_trend_pct") if row[name] is not None]
    fall = max(0.0, -sum(trends) / len(trends)) if trends else 0.0
    lost = max(0, -row["subscriptions_active_change_3m"])
    had = row["subscriptions_active_count"] - row["subscriptions_active_change_3m"]
    legal = {"in_liquidation": 50, "liquidated": 50, "suspended": 30, "blocked": 30}
    return {"usage": min(40, 0.8 * fall), "numbers": min(30, 0.6 * 100 * lost / max(1, had)),
            "overdue": min(40, 40 * (row["overdue_days_max"] or 0) / 90),
            "legal": legal.get(row["legal_status"], 0), "churn": min(40, 0.8 * 100 * (churn or 0))}  # fmt: skip


def norm(values: list[float], place: int, grain: str) -> float | None:
    """The median of the six months, eight weeks or six same weekdays before; None of fewer than three."""
    stride, most = {"month": (1, 6), "week": (1, 8), "day": (7, 6)}[grain]
    before = [values[place - stride * back] for back in range(1, most + 1) if place >= stride * back]
    return median(before) if len(before) >= 3 else None


def _day(column: str) -> pl.Expr:
    """The day on which a number's product counts: that of the row; of a month its last."""
    return pl.col("on") if column == "on" else pl.date(pl.col("m") // 12, pl.col("m") % 12 + 1, 1).dt.month_end()


def _period(column: str, grain: str) -> pl.Expr:
    if column == "m":
        return pl.date(pl.col("m") // 12, pl.col("m") % 12 + 1, 1)
    monday = pl.col("on") - pl.duration(days=pl.col("on").dt.weekday() - 1)
    return monday.cast(pl.Date) if grain == "week" else pl.col("on")
