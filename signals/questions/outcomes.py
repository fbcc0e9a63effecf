"""What really came after a day: leaving, a fall of revenue, debt not paid. From facts strictly after the day alone.

churn: a person who used something in the 60 days up to the day uses nothing in the last 30 days of the horizon (in all
of a shorter one); an organisation with active subscriptions has at most half of them on the horizon's last day.
revenue_fall: average charges of the full months that begin after the day and end within the horizon are below 80 % of
those of the three months before the day's.
non_payment: something has been overdue for more than 30 days on the horizon's last day.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from segments.catalogue import HISTORY
from segments.questions.source import Source
from signals.compiler.draft import Draft
from signals.definition import Outcome
from signals.definition.nodes import REVENUE_DAYS
from signals.measures import Flow, StateMeasure, measures
from signals.questions.daily import daily_sums
from signals.questions.states import states

ALIVE_DAYS: Final = 60
SILENT_DAYS: Final = 30
LOST_SHARE: Final = 0.5
OVERDUE_DAYS: Final = 30
FALLEN: Final = 0.8
MONTHS_BEFORE: Final = 3
_DAY: Final = dt.timedelta(days=1)
Days = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Units:
    """Customers on days: equally long arrays of ids, ordinals of days, and whether the customer is an organisation."""

    customers: npt.NDArray[np.int64]
    days: Days
    organisation: npt.NDArray[np.bool_]


def last_judged(outcome: Outcome, as_of: dt.date) -> dt.date:
    """The last day whose outcome is known when the facts end with `as_of`."""
    return as_of - _DAY * _horizon(outcome)


def _horizon(outcome: Outcome) -> int:
    # Signals that were raised before the least horizon was asked for are judged by it.
    return max(outcome.within_days, REVENUE_DAYS) if outcome.kind == "revenue_fall" else outcome.within_days


def came_true(source: Source, outcome: Outcome, units: Units) -> npt.NDArray[np.bool_]:
    """For each unit whether what the outcome says came after its day. All units must be judged already."""
    if not len(units.customers):
        return np.zeros(0, bool)
    match outcome.kind:
        case "non_payment":
            return _unpaid(source, outcome.within_days, units)
        case "revenue_fall":
            return _fallen(source, _horizon(outcome), units)
    person = _silent(source, outcome.within_days, units)
    return np.where(units.organisation, _shrunk(source, outcome.within_days, units), person)


def _silent(source: Source, within: int, units: Units) -> npt.NDArray[np.bool_]:
    flow = measures()["active_days"]
    persons = ~units.organisation
    if not isinstance(flow, Flow) or not persons.any():
        return np.zeros(len(persons), bool)
    end, first = int(units.days.max()) + within, int(units.days.min()) - ALIVE_DAYS + 1
    who = np.unique(units.customers[persons])
    sums = daily_sums(source, [flow], dt.date.fromordinal(first), dt.date.fromordinal(end), who.tolist())
    place = sums.places(units.customers)
    alive = sums.gathered(flow.name, units.days - ALIVE_DAYS, units.days, place) > 0
    last = units.days + within
    return alive & persons & (sums.gathered(flow.name, last - min(SILENT_DAYS, within), last, place) == 0)


def _shrunk(source: Source, within: int, units: Units) -> npt.NDArray[np.bool_]:
    chosen = units.organisation
    if not chosen.any():
        return np.zeros(len(chosen), bool)
    days = np.unique(np.concatenate([units.days[chosen], units.days[chosen] + within]))
    known = _values(source, "active_subscriptions", days, f"select customer_id from {HISTORY} where {_ORGANISATIONS}")
    before, after = (_looked_up(known, units.customers, units.days + shift) for shift in (0, within))
    return chosen & (before > 0) & (after <= LOST_SHARE * before)


def _unpaid(source: Source, within: int, units: Units) -> npt.NDArray[np.bool_]:
    known = _values(source, "overdue_days", np.unique(units.days + within), None)
    return _looked_up(known, units.customers, units.days + within) > OVERDUE_DAYS


def _fallen(source: Source, within: int, units: Units) -> npt.NDArray[np.bool_]:
    months = _months(units.days)
    last = _months(units.days + within + 1) - 1
    low, high = int(months.min()) - MONTHS_BEFORE, int(last.max())
    draft = Draft()
    draft.params["customers"] = np.unique(units.customers).tolist()
    sql, params = draft.finish(f"""
        select customer_id, month, cast(sum(amount) as double) as amount from fct_charges
        where month >= {draft.day(_first_day(low))} and month <= {draft.day(_first_day(high))}
          and customer_id in (select unnest($customers)) group by customer_id, month
    """)
    rows = source.query(sql, params)
    who, place = np.unique(rows.column("customer_id").to_numpy(), return_inverse=True)
    charges = np.zeros((len(who) + 1, high - low + 1))
    dates = rows.column("month").to_numpy().astype("datetime64[M]").astype(np.int64) + 1970 * 12
    charges[place, dates - low] = rows.column("amount").to_numpy()
    at = np.searchsorted(who, units.customers)
    at = np.where((at < len(who)) & (np.append(who, -1)[at] == units.customers), at, len(who))
    before = sum(charges[at, months - low - back] for back in range(1, MONTHS_BEFORE + 1)) / MONTHS_BEFORE
    # Running sums, so that every customer may have as many months after as his day leaves in the horizon.
    until = np.cumsum(charges, axis=1)
    after = (until[at, last - low] - until[at, months - low]) / (last - months)
    return np.asarray((before > 0) & (after < FALLEN * before))


_ORGANISATIONS: Final = "customer_type = 'organisation'"


def _values(source: Source, name: str, days: Days, only: str | None) -> pl.DataFrame:
    measure = measures()[name]
    if not isinstance(measure, StateMeasure):
        raise TypeError(name)
    return states(source, measure, [dt.date.fromordinal(int(each)) for each in days], only)


def _looked_up(known: pl.DataFrame, customers: npt.NDArray[np.int64], days: Days) -> npt.NDArray[np.float64]:
    """The state of each customer on each day; zero where there is none."""
    asked = pl.DataFrame({"customer_id": customers, "ordinal": days})
    found = asked.join(known, on=["customer_id", "ordinal"], how="left", maintain_order="left")
    return found["value"].fill_null(0.0).to_numpy()


def _months(days: Days) -> Days:
    dates = (days - dt.date(1970, 1, 1).toordinal()).astype("datetime64[D]")
    return dates.astype("datetime64[M]").astype(np.int64) + 1970 * 12


def _first_day(month: int) -> dt.date:
    return dt.date(month // 12, month % 12 + 1, 1)
