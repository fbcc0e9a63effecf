"""Agreements, billing accounts and subscriptions, with everything that happens to a subscription."""

from dataclasses import dataclass

import numpy as np

from simulator.churn import CAUSES
from simulator.months import NEVER
from simulator.parties import Parties
from simulator.products import product_arrays
from simulator.randomness import first_positions, pick, stream

FIRST_AGREEMENT_ID, FIRST_ACCOUNT_ID, FIRST_SUBSCRIPTION_ID = 200_001, 300_001, 1_000_001
EVENT_TYPES = ("activated", "tariff_changed", "suspended", "resumed", "terminated", "msisdn_changed")
ACTIVATED, TARIFF, SUSPENDED, RESUMED, TERMINATED, NUMBER = range(6)
REASONS = (
    "price",
    "quality",
    "competitor",
    "moved",
    "debt",
    "business_closed",
    "sim_not_needed",
    "no_funds",
    "request",
)
DEBT_SUSPENSION_DAYS = 60


@dataclass(frozen=True)
class Subscriptions:
    """Arrays by agreement, account and subscription number; days are day numbers, NEVER where it does not happen."""

    agreement_customer: np.ndarray
    account_agreement: np.ndarray
    account_customer: np.ndarray
    account_prepaid: np.ndarray
    account: np.ndarray
    customer: np.ndarray
    first_product: np.ndarray
    second_product: np.ndarray
    tariff_day: np.ndarray
    activated: np.ndarray
    terminated: np.ndarray
    suspended_from: np.ndarray
    suspended_to: np.ndarray
    debt_suspended_from: np.ndarray
    number_day: np.ndarray
    reason: np.ndarray

    @property
    def count(self) -> int:
        """Number of subscriptions."""
        return len(self.account)

    @property
    def subscription_id(self) -> np.ndarray:
        """FORIS ids by subscription number."""
        return np.arange(self.count, dtype=np.int64) + FIRST_SUBSCRIPTION_ID

    def product_at(self, number: np.ndarray, day: np.ndarray | int) -> np.ndarray:
        """Product number of subscriptions on a day."""
        return np.where(self.tariff_day[number] <= day, self.second_product[number], self.first_product[number])

    def is_suspended(self, number: np.ndarray, day: np.ndarray | int) -> np.ndarray:
        """Whether subscriptions are suspended on a day."""
        usual = (self.suspended_from[number] <= day) & (day < self.suspended_to[number])
        return usual | (self.debt_suspended_from[number] <= day)

    def events(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All events of the timeline as (subscription, day, type), in order of day."""
        days = [self.activated, self.tariff_day, self.suspended_from, self.suspended_to, self.terminated,
                self.number_day, self.debt_suspended_from]  # fmt: skip
        kinds = [ACTIVATED, TARIFF, SUSPENDED, RESUMED, TERMINATED, NUMBER, SUSPENDED]
        who = np.concatenate([np.flatnonzero(d < NEVER) for d in days])
        day = np.concatenate([d[d < NEVER] for d in days])
        kind = np.concatenate([np.full((d < NEVER).sum(), k) for d, k in zip(days, kinds, strict=True)])
        order = np.lexsort((kind, who, day))
        return who[order], day[order], kind[order]


def build_subscriptions(seed: int, parties: Parties, months: int, horizon_day: int) -> Subscriptions:
    """Draw the accounts and subscriptions of all customers."""
    rng = stream(seed, "subscriptions")
    sims = _sim_counts(rng, parties)
    agreements = np.where(parties.organisation, 1 + (sims > 15) + (sims > 80), 1)
    agreement_customer = np.repeat(np.arange(parties.count), agreements)
    per_agreement = np.where(
        parties.organisation[agreement_customer] & (sims[agreement_customer] > 5),
        1 + (rng.random(len(agreement_customer)) < 0.4),
        1,
    )
    account_agreement = np.repeat(np.arange(len(agreement_customer)), per_agreement)
    account_customer = agreement_customer[account_agreement]
    prepaid = np.where(
        parties.organisation[account_customer],
        rng.random(len(account_customer)) < 0.04,
        rng.random(len(account_customer)) < 0.93,
    )
    customer = np.repeat(np.arange(parties.count), sims)
    accounts = np.bincount(account_customer, minlength=parties.count)
    account = first_positions(accounts)[customer] + (rng.random(len(customer)) * accounts[customer]).astype(np.int64)
    is_first = np.arange(len(customer)) == first_positions(sims)[customer]
    life = _life(rng, parties, customer, is_first)
    products = _products(rng, parties, customer, life["activated"], months)
    return Subscriptions(
        agreement_customer=agreement_customer, account_agreement=account_agreement, account_customer=account_customer,
        account_prepaid=prepaid, account=account, customer=customer,
        **products, **_interruptions(rng, parties, customer, life, prepaid[account], products, horizon_day),
        **life)  # fmt: skip


def _sim_counts(rng: np.random.Generator, parties: Parties) -> np.ndarray:
    persons = 1 + pick(rng, parties.count, [87, 11, 2])
    heavy = np.ceil((rng.pareto(1.25, parties.count) + 0.6) * 1.3)
    organisations = np.minimum(heavy, np.maximum(3, parties.headcount)).clip(1, 600).astype(np.int64)
    return np.where(parties.organisation, organisations, persons)


def _life(
    rng: np.random.Generator, parties: Parties, customer: np.ndarray, is_first: np.ndarray
) -> dict[str, np.ndarray]:
    created, leaving = parties.created[customer], parties.churn.day[customer]
    lag = np.where(is_first, 0, rng.exponential(240, len(customer))).astype(np.int64)
    activated = np.minimum(created + lag, np.maximum(created, leaving - 45))
    dropped = np.maximum(activated, 0) + 40 + (rng.exponential(30.4 / 0.008, len(customer))).astype(np.int64)
    single = np.where(is_first, NEVER, dropped)
    terminated = np.where(single < leaving, single, leaving)
    cause = parties.churn.cause[customer]
    reason = np.where(terminated >= NEVER, -1, np.where(single < leaving, REASONS.index("sim_not_needed"), cause))
    return {"activated": activated, "terminated": terminated, "reason": reason}


def _products(
    rng: np.random.Generator, parties: Parties, customer: np.ndarray, activated: np.ndarray, months: int
) -> dict[str, np.ndarray]:
    catalogue = product_arrays(months)
    organisation = parties.organisation[customer]
    first, second = (_draw_product(rng, catalogue, organisation, activated) for _ in range(2))
    machine = catalogue.family[first] != "mobile"
    second = np.where(machine | (catalogue.family[second] != "mobile"), first, second)
    return {"first_product": first, "second_product": second}


def _draw_product(rng: np.random.Generator, catalogue, organisation: np.ndarray, day: np.ndarray) -> np.ndarray:
    chosen = np.zeros(len(day), dtype=np.int64)
    for is_organisation, allowed in ((False, catalogue.for_person), (True, catalogue.for_organisation)):
        rows = np.flatnonzero(organisation == is_organisation)
        open_then = (catalogue.opened_day <= day[rows, None]) & (day[rows, None] < catalogue.withdrawn_day)
        weight = catalogue.weight * allowed * np.where(open_then, 1.0, 1e-6)
        edges = np.cumsum(weight, axis=1)
        drawn = rng.random(len(rows)) * edges[:, -1]
        chosen[rows] = (edges < drawn[:, None]).sum(axis=1)
    return chosen


def _interruptions(
    rng: np.random.Generator, parties: Parties, customer: np.ndarray, life: dict[str, np.ndarray],
    prepaid: np.ndarray, products: dict[str, np.ndarray], horizon_day: int,
) -> dict[str, np.ndarray]:  # fmt: skip
    count = len(customer)
    begin, end = np.maximum(life["activated"], 0), np.minimum(life["terminated"], horizon_day)
    debt = parties.churn.cause[customer] == CAUSES.index("debt")
    leaving = parties.churn.day[customer]
    own_end = (life["terminated"] == leaving) & debt & (leaving < NEVER)
    debt_from = np.where(own_end & (leaving - DEBT_SUSPENSION_DAYS > begin + 5), leaving - DEBT_SUSPENSION_DAYS, NEVER)
    room = np.minimum(end, debt_from)

    def moment(share: np.ndarray | float) -> np.ndarray:
        day = begin + 10 + (rng.random(count) * np.maximum(room - begin - 40, 0)).astype(np.int64)
        return np.where((rng.random(count) < share) & (room - begin > 60), day, NEVER)

    years = np.maximum(room - begin, 0) / 365
    suspended = moment(np.minimum(np.where(prepaid, 0.09, 0.03) * years, 0.5))
    resumed = np.where(suspended < NEVER, suspended + rng.integers(3, 26, count), NEVER)
    tariff = moment(np.minimum(0.14 * years, 0.6))
    tariff = np.where(products["first_product"] == products["second_product"], NEVER, tariff)
    return {"suspended_from": suspended, "suspended_to": resumed, "debt_suspended_from": debt_from,
            "tariff_day": tariff, "number_day": moment(0.02)}  # fmt: skip
