"""What churn models are fed with, beyond the profile, and what they say: a row walks through the trees by itself."""

import math
from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from tests.integration.independent.calendar_months import first_day, index, last_day, last_full_month
from tests.integration.independent.measures import HOME_VOICE
from tests.integration.independent.profile import Profiles

SILENT_DAYS, SHRUNK = 30, 0.30
TOPICS = {"requests_network_3m_count": ("network",), "requests_tariff_3m_count": ("tariff", "roaming"),
          "requests_billing_3m_count": ("billing",), "complaints_3m_count": ("complaint",),
          "termination_requests_3m_count": ("termination",)}  # fmt: skip
ABROAD = ("roaming_voice_sec", "roaming_sms", "roaming_data_mb")
Row = dict[str, Any]


class Features:
    """Profiles of a month end with the rest of the features."""

    def __init__(self, profiles: Profiles) -> None:
        self._p, self._a = profiles, profiles.activity

    def on(self, end: date) -> dict[int, Row]:
        """By customer, at a month end."""
        rows = {row["customer_id"]: row for row in self._p.on(end).iter_rows(named=True)}
        late, devices = self._overdue_months(end), self._devices(end)
        months, asked, states = self._months(end), self._asked(end), self._states(end)
        for who, row in rows.items():
            own, held = months.get(who, {}), states.get(who, {})
            main = self._p.services.products.get(row["main_product_id"], {})
            device = devices.get(row["main_subscription"])
            row |= {
                "overdue_months_12m_count": late[who], "debt_overdue_amount": _overdue(row),
                "usage_decline_months_count": own.get("falls", 0), "charges_decline_months_count": own.get("drops", 0),
                "roaming_months_12m_count": own.get("roaming", 0),
                "out_of_bundle_share_pct_3m": _share(own.get("beyond", 0), own.get("charges", 0)),
                "bundle_minutes_utilisation_pct": _share(own.get("home", 0) / 60, row["bundle_minutes"]),
                "bundle_mb_utilisation_pct": _share(own.get("mb", 0), row["bundle_mb"]),
                "subscriptions_silent_count": held.get("silent", 0), "is_base_shrinking": _shrinking(row, held),
                "main_product_family": main.get("family"), "device_changes_12m_count": held.get("devices", 0),
                "main_product_is_archived": bool(main.get("valid_to") and main["valid_to"] <= end) if main else None,
                "main_device_type": device and device["device_type"],
                "main_device_age_years": device and device["release_year"] and end.year - device["release_year"],
                **{name: 0 for name in ("requests_3m_count", "termination_requests_12m_count", *TOPICS)},
                **asked.get(who, {}),
            }  # fmt: skip
        return rows

    def _months(self, end: date) -> dict[int, Row]:
        """Falls in a row, months with roaming, and sums of charges and use at home."""
        month, found = last_full_month(end), defaultdict[int, Row](dict)
        usage = self._a.monthly(end).filter(pl.col("m") >= month - 11).group_by("customer", "m").agg(
            pl.col("active_days").max(), pl.sum_horizontal(HOME_VOICE).sum().alias("home"),
            (pl.col("data_mb").sum() / 1000).alias("mb"), pl.sum_horizontal(ABROAD).sum().alias("roaming"))  # fmt: skip
        days: dict[int, dict[int, int]] = defaultdict(dict)
        money: dict[int, dict[int, int]] = defaultdict(dict)
        for row in usage.iter_rows(named=True):
            own = found[row["customer"]]
            days[row["customer"]][row["m"]] = row["active_days"]
            own["roaming"] = own.get("roaming", 0) + (row["roaming"] > 0)
            if row["m"] == month:
                own |= {"home": row["home"], "mb": row["mb"]}
        charges = self._a.charges.filter((pl.col("on") <= end) & (pl.col("m") >= month - 11))
        charges = charges.group_by("customer", "m").agg(
            pl.col("amount").sum(),
            pl.col("amount").filter(pl.col("charge_type") == "out_of_bundle").sum().alias("beyond"))  # fmt: skip
        for row in charges.iter_rows(named=True):
            own = found[row["customer"]]
            money[row["customer"]][row["m"]] = row["amount"]
            if row["m"] > month - 3:
                own["charges"] = own.get("charges", 0) + row["amount"]
                own["beyond"] = own.get("beyond", 0) + row["beyond"]
        for who, own in found.items():
            own |= {"falls": _in_a_row(days[who], month), "drops": _in_a_row(money[who], month)}
        return found

    def _overdue_months(self, end: date) -> Counter[int]:
        counted: Counter[int] = Counter()
        for month in range(index(end) - 11, index(end) + 1):
            late = set()
            for account, own in self._p.ageing.on(last_day(month)).items():
                if own["debt_amount"] > own["not_due_amount"]:
                    late.add(self._p.customers.of_account[account])
            counted.update(late)
        return counted

    def _asked(self, end: date) -> dict[int, Row]:
        """Requests of the last three months by topic; wishes to leave of twelve, whoever called."""
        month = last_full_month(end)
        rows = self._a.interactions.filter((pl.col("on") <= end) & (pl.col("m") >= month - 11))
        found: dict[int, Row] = defaultdict(Counter)  # type: ignore[arg-type]
        for who, m, direction, topic in rows.select("customer", "m", "direction", "topic").rows():
            own = found[who]
            own["termination_requests_12m_count"] += topic == "termination"
            if direction == "in" and m > month - 3:
                own["requests_3m_count"] += 1
                for name, topics in TOPICS.items():
                    own[name] += topic in topics
        return found

    def _devices(self, end: date) -> dict[int, Row]:
        """The device of each number on a day: the last one reported by then."""
        found: dict[int, Row] = {}
        for row in sorted(self._p.sources.devices[0], key=lambda r: (r["event_date"], r["imei"])):
            if row["event_date"] <= end:
                found[row["subscription_id"]] = row
        return found

    def _states(self, end: date) -> dict[int, Row]:
        """Open numbers now and three months ago, silent ones, and changes of devices in a year."""
        owner, found = self._p.services.customer_of, defaultdict[int, Row](Counter)  # type: ignore[arg-type]
        since, month = end - timedelta(days=SILENT_DAYS), last_full_month(end)
        used = set(self._a.daily.filter((pl.col("on") > since) & (pl.col("on") <= end))["subscription_id"])
        for number, state in self._p.services.on(end).items():
            own = found[owner[number]]
            own["open"] += state["status"] != "terminated"
            own["silent"] += state["status"] == "active" and state["activated_date"] <= since and number not in used
        for who, count in self._p.services.open_on(last_day(month - 3)).items():
            found[who]["open_before"] = count
        held: dict[int, str] = {}
        for row in sorted(self._p.sources.devices[0], key=lambda r: (r["event_date"], r["imei"])):
            number, when = row["subscription_id"], row["event_date"]
            if when <= end and held.get(number, row["imei"]) != row["imei"]:
                found[owner[number]]["devices"] += first_day(month - 11) <= when <= last_day(month)
            if when <= end:
                held[number] = row["imei"]
        return found


def _in_a_row(values: dict[int, int], month: int) -> int:
    """How many months in a row, back from the last, fell against the one before; at most six."""
    for step in range(6):
        if values.get(month - step, 0) >= values.get(month - step - 1, 0):
            return step
    return 6


def _share(part: float, of: float | None) -> float | None:
    return round(100 * part / of, 2) if of else None


def _overdue(row: Row) -> float | None:
    names = [name for name in row if name.startswith("debt_overdue_") and name != "debt_overdue_amount"]
    return sum(row[name] or 0 for name in names)


def _shrinking(row: Row, held: Row) -> bool | None:
    before = held.get("open_before", 0)
    if row["customer_type"] != "organisation" or not before:
        return None
    return before - held.get("open", 0) >= SHRUNK * before


def encoded(model: Row, row: Row) -> list[float]:
    """A customer's numbers in the order of the model's file; what is missing is not a number."""
    values = []
    for feature in model["encoder"]["features"]:
        value, name = row[feature["name"]], feature["name"]
        if feature["kind"] == "category":
            value = model["encoder"]["places"][name].get(None if value is None else str(value))
        values.append(math.nan if value is None else float(np.float32(value)))
    return values


def log_odds(model: Row, values: list[float]) -> float:
    """The sum of the leaves to which the answers lead."""
    forest, total = model["forest"], model["forest"]["base"]
    for place, feature in enumerate(forest["feature"]):
        node = 0
        while node < 7:
            value = values[feature[node]] if feature[node] >= 0 else 0.0
            if feature[node] < 0:
                left = True
            elif math.isnan(value):
                left = forest["missing_left"][place][node]
            else:
                left = value <= float(np.float32(forest["threshold"][place][node]))
            node = 2 * node + (1 if left else 2)
        total += forest["value"][place][node - 7]
    return total


def probability(model: Row, odds: float) -> float:
    """Calibrated as the model's file says: a curve of two parameters, or straight lines between points."""
    told = model["calibration"]
    if told["method"] == "platt":
        slope, shift = told["points"]
        return 1 / (1 + math.exp(-(slope * odds + shift)))
    points, levels = told["points"], told["probabilities"]
    if odds <= points[0] or odds >= points[-1]:
        return levels[0] if odds <= points[0] else levels[-1]
    place = next(n for n, point in enumerate(points) if point > odds)
    share = (odds - points[place - 1]) / (points[place] - points[place - 1])
    return levels[place - 1] + share * (levels[place] - levels[place - 1])


def paying(profiles: Profiles, day: date) -> dict[int, tuple[int, int, float, float]]:
    """Of each payer: weeks with a payment after the first, weeks to the last and to the day, mean of such a week."""
    weeks: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    first: dict[int, date] = {}
    rows = profiles.activity.payments.filter((pl.col("on") <= day) & (pl.col("amount") > 0)).sort("on")
    for who, when, amount in rows.select("customer", "on", "amount").rows():
        began = first.setdefault(who, when)
        weeks[who][(when - began).days // 7] += amount
    return {who: (len(own) - 1, max(own), (day - first[who]).days / 7, sum(own.values()) / len(own) / 100)
            for who, own in weeks.items()}  # fmt: skip


def worth(model: Row, x: int, t_x: float, t: float, m: float) -> tuple[float, float]:
    """Chance that a payer still is one (Fader, Hardie and Lee 2005) and the mean of his weeks (gamma-gamma, 2013)."""
    r, alpha, a, b, p, q, v = (model[name] for name in ("r", "alpha", "a", "b", "p", "q", "v"))
    alive = 1.0
    if x:
        alive = 1 / (1 + a / (b + x - 1) * ((alpha + t) / (alpha + t_x)) ** (r + x))
    return alive, p * (v + (x + 1) * m) / (p * (x + 1) + q - 1)
