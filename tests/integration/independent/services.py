"""Subscriptions as their events tell them: the state of each on any day, and what a customer then holds."""

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl

from tests.integration.independent.billing import Sources
from tests.integration.independent.calendar_months import first_day, last_day, last_full_month

STATUS = {"activated": "active", "resumed": "active", "suspended": "suspended", "terminated": "terminated"}
State = dict[str, Any]


class Services:
    """Day by day states of all subscriptions."""

    def __init__(self, sources: Sources, customer_of_account: dict[int, int]) -> None:
        self.products = {row["product_id"]: row for row in sources.table("product").iter_rows(named=True)}
        self._all = {row["subscription_id"]: row for row in sources.table("subscription").iter_rows(named=True)}
        self.customer_of = {s: customer_of_account[row["account_id"]] for s, row in self._all.items()}
        self.days: dict[int, list[State]] = defaultdict(list)
        for event in sources.table("subscription_event").sort("moment", "event_id").iter_rows(named=True):
            self._follow(event)

    def _follow(self, event: State) -> None:
        days = self.days[event["subscription_id"]]
        before = days[-1] if days else {"status": None, "product_id": None, "msisdn": None}
        state = {"day": event["day"], "status": STATUS.get(event["event_type"], before["status"]),
                 "product_id": event["product_id"] or before["product_id"],
                 "msisdn": event["msisdn"] or before["msisdn"]}  # fmt: skip
        if days and days[-1]["day"] == event["day"]:
            days.pop()
        days.append(state)

    def on(self, day: date) -> dict[int, State]:
        """State of each subscription that began by a day."""
        states = {s: [x for x in days if x["day"] <= day] for s, days in self.days.items()}
        return {s: self._all[s] | known[-1] for s, known in states.items() if known}

    def open_on(self, day: date) -> dict[int, int]:
        """How many subscriptions of each customer were not ended on a day."""
        counts: dict[int, int] = defaultdict(int)
        for subscription, state in self.on(day).items():
            counts[self.customer_of[subscription]] += state["status"] != "terminated"
        return counts

    def profile(self, day: date) -> pl.DataFrame:
        """Attributes that come from subscriptions, of every customer with any."""
        held: dict[int, list[State]] = defaultdict(list)
        for subscription, state in self.on(day).items():
            held[self.customer_of[subscription]].append(state)
        before = Counter(self.customer_of[s] for s, state in self.on(last_day(last_full_month(day) - 3)).items()
                         if state["status"] == "active")  # fmt: skip
        rows = [self._row(customer, states, day) | {"active_before": before[customer]}
                for customer, states in held.items()]  # fmt: skip
        return pl.DataFrame(rows, infer_schema_length=None)

    def _row(self, customer: int, states: list[State], day: date) -> dict[str, Any]:
        active = [s for s in states if s["status"] == "active"]
        products = [self.products[s["product_id"]] for s in active]
        main = min(states, key=_precedence)
        return {
            "customer_id": customer, "subscriptions_ever_count": len(states),
            "subscriptions_active_count": len(active),
            "subscriptions_suspended_count": sum(s["status"] == "suspended" for s in states),
            "subscriptions_terminated_count": sum(s["status"] == "terminated" for s in states),
            "subscriptions_iot_active_count": sum(p["family"] == "iot" for p in products),
            "subscription_first_activated_date": min(s["activated_date"] for s in states),
            "subscription_last_activated_date": max(s["activated_date"] for s in states),
            "monthly_fees_amount": sum(p["monthly_fee"] for p in products) / 100,
            "bundle_minutes": sum(p["bundle_minutes"] or 0 for p in products),
            "bundle_sms": sum(p["bundle_sms"] or 0 for p in products),
            "bundle_mb": sum(p["bundle_mb"] or 0 for p in products),
            "products_active_count": len({p["product_id"] for p in products}),
            "main_product_id": main["product_id"], "main_msisdn": main["msisdn"],
            "main_subscription": main["subscription_id"], **self._changes(states, day),
        }  # fmt: skip

    def _changes(self, states: list[State], day: date) -> dict[str, int]:
        month = last_full_month(day)
        window = (first_day(month - 11), last_day(month))
        changes = ended = 0
        for state in states:
            days = self.days[state["subscription_id"]]
            for old, new in pairwise(days):
                if window[0] <= new["day"] <= window[1]:
                    changes += old["product_id"] != new["product_id"]
                    ended += new["status"] == "terminated" != old["status"]
        return {"tariff_changes_12m_count": changes, "subscriptions_terminated_12m_count": ended}


def _precedence(state: State) -> tuple:
    rank = ("active", "suspended", "terminated").index(state["status"])
    return rank, -state["day"].toordinal() if rank == 2 else 0, state["activated_date"], state["subscription_id"]
