"""Rules read a second time, over rows, one customer and one day at a time."""

import datetime as dt
import operator
import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from signals.definition import Change, Condition, Missing, Rule, StateChange, Threshold
from tests.signal_reference.world import DAY, FIRST, MONTH_ENDS, Row

Per = Callable[[Row], float]
USAGE: dict[str, Per] = {
    "voice_out_minutes": lambda row: sum(row[f"voice_out_{kind}_sec"] for kind in ("onnet", "offnet", "intl")) / 60,
    "data_mb": lambda row: float(row["data_mb"]),
    "sms_out": lambda row: row["sms_out"],
    "out_of_bundle_amount": lambda row: 0 if row["roaming_country"] else float(row["charge_amount"]),
    "roaming_amount": lambda row: float(row["charge_amount"]) if row["roaming_country"] else 0,
    "active_days": lambda row: 1,
}
COMPARE = {
    ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le, "=": operator.eq, "!=": operator.ne,
}  # fmt: skip
ZERO_STATES = ("active_subscriptions", "debt_amount", "overdue_amount", "overdue_days")
FLOWS = (*USAGE, "payments_amount", "invoices_amount")


@dataclass(frozen=True)
class Seen:
    """What a condition found of a customer."""

    severity: float
    value: Any
    baseline: Any
    change_pct: float | None = None


@dataclass
class Evaluator:
    """Evaluates rules over a world's rows; each question walks over the customer's own rows."""

    tables: Mapping[str, list[Row]]
    by_customer: dict[str, dict[int, list[Row]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, rows in self.tables.items():
            kept: dict[int, list[Row]] = defaultdict(list)
            for row in rows:
                kept[row.get("customer_id", 0)].append(row)
            self.by_customer[name] = kept

    def found(self, rule: Rule, day: dt.date) -> dict[int, Seen]:
        """Customers whom the rule finds on the day (audience everyone, or one type of customers)."""
        profiles = self.profiles(day)
        held = [self.condition(each, profiles, day, rule.audience.customer_type) for each in rule.conditions]
        found = {}
        for customer, profile in profiles.items():
            if rule.audience.customer_type not in (None, profile["customer_type"]):
                continue
            seen = [each[customer] for each in held if customer in each]
            if seen and (rule.combinator == "or" or len(seen) == len(held)):
                first = seen[0]
                found[customer] = Seen(
                    max(each.severity for each in seen), first.value, first.baseline, first.change_pct
                )
        return found

    def profiles(self, day: dt.date) -> dict[int, Row]:
        """Customers at the last month end up to the day."""
        end = max(each for each in MONTH_ENDS if each <= day)
        return {row["customer_id"]: row for row in self.tables["customer_profiles_history"] if row["month_end"] == end}

    def flow(self, name: str, customer: int, after: dt.date, until: dt.date) -> float:
        """What a flow came to on days after `after` and up to `until`."""
        if name in USAGE:
            rows = [row for row in self.by_customer["fct_usage_daily"][customer] if after < row["usage_date"] <= until]
            if name == "active_days":
                return len({row["usage_date"] for row in rows})
            return sum(USAGE[name](row) for row in rows)
        table, date = ("fct_payments", "paid_date") if name == "payments_amount" else ("fct_invoices", "issued_date")
        return sum(float(row["amount"]) for row in self.by_customer[table][customer] if after < row[date] <= until)

    def state(self, name: str, customer: int, day: dt.date) -> Any:
        """A state on a day; None where it is not known."""
        return getattr(self, f"_{name}")(customer, day)

    def condition(
        self, condition: Condition, profiles: Mapping[int, Row], day: dt.date, only: str | None
    ) -> dict[int, Seen]:
        """Customers for whom a condition holds."""
        if isinstance(condition, Change):
            return self._changed(condition, profiles, day, only)
        found = {}
        for customer in profiles:
            seen = self._simple(condition, customer, day)
            if seen is not None:
                found[customer] = seen
        return found

    def _simple(self, condition: Condition, customer: int, day: dt.date) -> Seen | None:
        match condition:
            case Missing():
                split = day - DAY * condition.days
                before = self.flow(condition.measure, customer, split - DAY * condition.before_days, split)
                now = self.flow(condition.measure, customer, split, day)
                return Seen(100, 0, before, -100) if now == 0 and before > 0 else None
            case StateChange():
                now, before = (
                    self.state(condition.measure, customer, each) for each in (day, day - DAY * condition.within_days)
                )
                fits = now is not None and before is not None and now != before
                fits = fits and (not condition.to or now in condition.to)
                return Seen(100, None, None) if fits and (not condition.before or before in condition.before) else None
            case Threshold():
                value = self._now(condition.measure, customer, day, 7 * condition.weeks)
                if value is None or not COMPARE[condition.operator](value, condition.value):
                    return None
                return Seen(100 * (1 + abs(value - condition.value) / max(abs(condition.value), 1)), value, None)
        raise TypeError(condition)

    def _now(self, name: str, customer: int, day: dt.date, length: int) -> Any:
        if name in FLOWS:
            return self.flow(name, customer, day - DAY * length, day)
        return self.state(name, customer, day)

    def _changed(
        self, condition: Change, profiles: Mapping[int, Row], day: dt.date, only: str | None
    ) -> dict[int, Seen]:
        rows: dict[int, tuple[float, list[float]]] = {}
        for customer, profile in profiles.items():
            value = self._now(condition.measure, customer, day, 7 * condition.weeks)
            if value is not None:
                rows[customer] = value, self._earlier(condition, customer, profile, day)
        deep = condition.against in ("norm", "season")
        base = {
            customer: (statistics.median(earlier) if deep else earlier[0])
            for customer, (_, earlier) in rows.items() if len(earlier) >= (3 if deep else 1)
        }  # fmt: skip
        ratios: dict[tuple[Any, ...], list[float]] = defaultdict(list)
        for customer, baseline in base.items():
            if baseline > 0:
                for circle in _circles(profiles[customer]):
                    ratios[circle].append(rows[customer][0] / baseline)
        found = {}
        for customer, baseline in base.items():
            ratio = 1.0
            if condition.against in ("season", "peers"):
                ratio = next(
                    (
                        statistics.median(ratios[each])
                        for each in _circles(profiles[customer])
                        if len(ratios[each]) >= 30
                    ),
                    1.0,
                )
            seen = _judged(condition, rows[customer][0], baseline, baseline * ratio, rows[customer][1])
            if seen is not None:
                found[customer] = seen
        return found

    def _earlier(self, condition: Change, customer: int, profile: Row, day: dt.date) -> list[float]:
        """Values of up to six earlier windows that lie within the customer's life, the nearest first."""
        since = max(profile["subscription_first_activated_date"] or profile["created_date"], FIRST)
        found = []
        for place in range(1, 7):
            end, length = day - DAY * 7 * condition.weeks * place, 7 * condition.weeks
            first = end - DAY * (length - 1) if condition.measure in FLOWS else end
            if first < since:
                break
            found.append(self._now(condition.measure, customer, end, length))
        return [each for each in found if each is not None]

    def _active_subscriptions(self, customer: int, day: dt.date) -> int:
        rows = self._valid("dim_subscriptions", customer, day)
        return len([row for row in rows if row["status"] == "active"])

    def _legal_status(self, customer: int, day: dt.date) -> str | None:
        rows = sorted(self._valid("fct_legal_statuses", customer, day), key=lambda row: row["valid_from"])
        return rows[-1]["legal_status"] if rows else None

    def _agreement_days_to_end(self, customer: int, day: dt.date) -> int | None:
        days = [
            (row["end_date"] - day).days for row in self.by_customer["dim_agreements"][customer]
            if row["signed_date"] <= day <= row["end_date"] and row["updated_at"].date() <= day
            and row["status"] == "active"
        ]  # fmt: skip
        return min(days, default=None)

    def _churn_score(self, customer: int, day: dt.date) -> float | None:
        rows = [row for row in self.by_customer["customer_scores_history"][customer] if row["month_end"] <= day]
        ends = [row["month_end"] for row in self.tables["customer_scores_history"] if row["month_end"] <= day]
        return next((100 * row["churn_probability"] for row in rows if row["month_end"] == max(ends)), None)

    def _open(self, customer: int, day: dt.date) -> list[tuple[dt.date, Any]]:
        """Due dates and what is left of the invoices, payments settling them in the order of issue."""
        paid = sum(row["amount"] for row in self.by_customer["fct_payments"][customer] if row["paid_date"] <= day)
        found = []
        rows = sorted(
            self.by_customer["fct_invoices"][customer], key=lambda row: (row["issued_date"], row["invoice_id"])
        )
        for row in rows:
            if row["issued_date"] <= day:
                left = max(row["amount"] - paid, 0)
                paid = max(paid - row["amount"], 0)
                found.append((row["due_date"], left))
        return found

    def _debt_amount(self, customer: int, day: dt.date) -> float:
        return float(sum(left for _, left in self._open(customer, day)))

    def _overdue_amount(self, customer: int, day: dt.date) -> float:
        return float(sum(left for due, left in self._open(customer, day) if due < day))

    def _overdue_days(self, customer: int, day: dt.date) -> int:
        return max(((day - due).days for due, left in self._open(customer, day) if left > 0 and due < day), default=0)

    def _days_since_last_usage(self, customer: int, day: dt.date) -> int | None:
        days = [(day - row["usage_date"]).days for row in self.by_customer["fct_usage_daily"][customer]]
        return min((each for each in days if 0 <= each < 186), default=None)

    def _bundle_mb_used_pct(self, customer: int, day: dt.date) -> float | None:
        return self._bundle(customer, day, "bundle_mb", lambda row: float(row["data_mb"]))

    def _bundle_minutes_used_pct(self, customer: int, day: dt.date) -> float | None:
        return self._bundle(
            customer, day, "bundle_minutes", lambda row: (row["voice_out_onnet_sec"] + row["voice_out_offnet_sec"]) / 60
        )

    def _bundle(self, customer: int, day: dt.date, column: str, per: Per) -> float | None:
        bundles = {row["product_id"]: row[column] for row in self.tables["dim_products"]}
        rows = [row for row in self._valid("dim_subscriptions", customer, day) if row["status"] == "active"]
        rows = [row for row in rows if (bundles[row["product_id"]] or 0) > 0]
        size = sum(bundles[row["product_id"]] for row in rows)
        numbers = {row["subscription_id"] for row in rows}
        used = sum(
            per(row) for row in self.by_customer["fct_usage_daily"][customer]
            if row["subscription_id"] in numbers and day.replace(day=1) <= row["usage_date"] <= day
        )  # fmt: skip
        return 100 * used / size if size else None

    def _valid(self, table: str, customer: int, day: dt.date) -> list[Row]:
        return [
            row for row in self.by_customer[table][customer]
            if row["valid_from"] <= day and (row["valid_to"] is None or row["valid_to"] > day)
        ]  # fmt: skip


def _circles(profile: Row) -> list[tuple[Any, ...]]:
    kind, segment, family = profile["customer_type"], profile["segment"] or "", profile["main_product_family"] or ""
    return [(kind, segment, family), (kind, segment), (kind,)]


def _judged(condition: Change, value: float, baseline: float, expected: float, earlier: list[float]) -> Seen | None:
    reference = baseline if condition.against == "peers" else expected
    change = 100 * (value - expected) / reference if reference > 0 else None
    sign = -1 if condition.direction == "fall" else 1
    asked = [condition.at_least is None or baseline >= condition.at_least]
    if condition.by_pct is not None:
        from_nothing = sign > 0 and expected <= 0 and value > expected
        asked.append(from_nothing or (change is not None and sign * change >= condition.by_pct))
    if condition.by is not None:
        asked.append(sign * (value - expected) >= condition.by)
    if condition.deviations is not None:
        asked.append(len(earlier) >= 3 and _is_far(condition, value, expected, earlier, sign))
    return Seen(1000 if change is None else abs(change), value, baseline, change) if all(asked) else None


def _is_far(condition: Change, value: float, expected: float, earlier: list[float], sign: int) -> bool:
    norm = statistics.median(earlier)
    gap = statistics.median(abs(each - norm) for each in earlier)
    spread = max(1.4826 * gap, 0.05 * abs(norm))
    return spread > 0 and sign * (value - expected) / spread >= (condition.deviations or 0)
