"""Customers of the operator: who they are, how the billing spells them, and what changes on their cards over time."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from simulator.churn import Churn, build_churn
from simulator.geography import REGIONS, STREETS
from simulator.months import NEVER, Clock
from simulator.names import PersonNames, draw_names
from simulator.organisations import OrganisationNames, draw_organisations
from simulator.randomness import pick, scatter, stream
from simulator.staff import Staff

FIRST_CUSTOMER_ID = 100_001
ORGANISATION_SHARE = 0.06
JOIN_RATE_PER_MONTH = 0.012
DUPLICATE_SHARE = 0.015
SEGMENTS = ("mass", "premium", "soho", "sme", "corporate", "government")


@dataclass(frozen=True)
class Parties:
    """Customers in order of joining; every array has one element per customer.

    `person` is the number of the true party: two customers with the same number are the same person.
    """

    created: np.ndarray
    organisation: np.ndarray
    person: np.ndarray
    original: np.ndarray
    names: PersonNames
    script: np.ndarray
    birth_day: np.ndarray
    region: np.ndarray
    district: np.ndarray
    street: np.ndarray
    house: np.ndarray
    organisations: OrganisationNames
    headcount: np.ndarray
    segment: np.ndarray
    language: np.ndarray
    has_passport: np.ndarray
    has_pinfl: np.ndarray
    has_email: np.ndarray
    has_inn: np.ndarray
    consent: np.ndarray
    update_day: np.ndarray
    manager_slot: np.ndarray
    churn: Churn

    @property
    def count(self) -> int:
        """Number of customers, those of the margin included."""
        return len(self.created)

    @property
    def customer_id(self) -> np.ndarray:
        """FORIS ids by customer number."""
        return np.arange(self.count, dtype=np.int64) + FIRST_CUSTOMER_ID


def population(customers: int, horizon_months: int, months: int) -> int:
    """Customers on the whole timeline, of which `customers` exist when the nominal months end."""
    return customers + int(customers * JOIN_RATE_PER_MONTH * (horizon_months - months))


def build_parties(seed: int, customers: int, months: int, horizon: int, clock: Clock, staff: Staff) -> Parties:
    """Draw all customers of the timeline."""
    rng = stream(seed, "parties")
    count = population(customers, horizon, months)
    created = _joining_days(rng, customers, months, horizon, count, clock)
    organisation = rng.random(count) < ORGANISATION_SHARE
    original = _duplicates(rng, count, organisation)
    same = original
    region = pick(rng, count, [r.weight * (2.2 if r.code == "1726" else 1) for r in REGIONS])[same]
    sizes = np.array([len(r.districts) for r in REGIONS])
    headcount = np.where(organisation, np.ceil((rng.pareto(1.05, count) + 0.4) * 7).clip(1, 20_000), 0).astype(np.int64)
    churn = build_churn(
        seed, created, organisation, np.array([r.quality for r in REGIONS])[region], clock.month_days(horizon)[0]
    )
    update = np.where(rng.random(count) < 0.22, rng.integers(20, max(60, horizon * 30), count), NEVER)
    update = np.where((update > created + 10) & (update < churn.day), update, NEVER)
    names = draw_names(rng, count)
    language = np.where(rng.random(count) < 0.66, 1, 0)
    return Parties(
        created=created, organisation=organisation, person=same, original=original,
        names=names.take(same), script=np.where(
            organisation | (rng.random(count) < 0.62), 0, np.where(rng.random(count) < 0.3, 1, 2)),
        birth_day=(clock.day(clock.start.replace(year=1985, day=1)) + rng.normal(0, 4400,
            count)).astype(np.int64)[same].clip(
            -365 * 88, -365 * 17),
        region=region, district=(rng.random(count) * sizes[region]).astype(np.int64)[same],
        street=rng.integers(0, len(STREETS), count)[same], house=rng.integers(1, 140, count)[same],
        organisations=draw_organisations(rng, count), headcount=headcount,
        segment=_segments(rng, organisation, headcount, count),
        language=np.where(rng.random(count) < 0.02, 2, language),
        has_passport=rng.random(count) < 0.97, has_pinfl=rng.random(count) < 0.9,
        has_email=rng.random(count) < np.where(organisation, 0.85, 0.22), has_inn=rng.random(count) < 0.25,
        consent=rng.random(count) < 0.7, update_day=update,
        manager_slot=_manager_slots(rng, staff, region, organisation), churn=churn,
    )  # fmt: skip


def pinfl(parties: Parties, clock: Clock, seed: int) -> pl.Series:
    """Personal numbers: sex and century, birth date, district, serial and check digit; the same for duplicates."""
    births = clock.dates(parties.birth_day)
    year = births.dt.year().to_numpy()
    first = np.where(year < 2000, 3, 5) + parties.names.female
    serial = scatter(parties.person, 1_000_000, seed)
    head = (
        first * 10**6
        + births.dt.day().to_numpy().astype(np.int64) * 10**4
        + births.dt.month().to_numpy().astype(np.int64) * 100
        + year % 100
    )
    body = head * 10**6 + serial
    check = sum((body // 10**place % 10) * (7, 3, 1)[place % 3] for place in range(13)) % 10
    return pl.Series("pinfl", (body * 10 + check).astype(np.int64)).cast(pl.String)


def _joining_days(
    rng: np.random.Generator, customers: int, months: int, horizon: int, count: int, clock: Clock
) -> np.ndarray:
    recent = int(customers * JOIN_RATE_PER_MONTH * months)
    old = -np.ceil(rng.beta(1.1, 1.9, customers - recent) * 3000).astype(np.int64)
    last = clock.month_days(months)[0]
    within = rng.integers(0, last, recent)
    later = rng.integers(last, clock.month_days(horizon)[0], count - customers)
    return np.sort(np.concatenate([old, within, later]))


def _duplicates(rng: np.random.Generator, count: int, organisation: np.ndarray) -> np.ndarray:
    """For each customer the number of the customer it repeats, or its own: always an earlier private person."""
    original = np.arange(count)
    repeats = np.flatnonzero(~organisation & (rng.random(count) < DUPLICATE_SHARE))
    repeats = repeats[repeats > 20]
    earlier = (rng.random(len(repeats)) * repeats * 0.95).astype(np.int64)
    usable = ~organisation[earlier] & ~np.isin(earlier, repeats)
    earlier, repeats = earlier[usable], repeats[usable]
    _, once = np.unique(earlier, return_index=True)
    original[repeats[once]] = earlier[once]
    return original


def _segments(rng: np.random.Generator, organisation: np.ndarray, headcount: np.ndarray, count: int) -> np.ndarray:
    person = np.where(rng.random(count) < 0.07, 1, 0)
    company = np.select([headcount < 10, headcount < 100], [2, 3], 4)
    company = np.where(rng.random(count) < 0.05, 5, company)
    return np.where(organisation, company, person)


def _manager_slots(rng: np.random.Generator, staff: Staff, region: np.ndarray, organisation: np.ndarray) -> np.ndarray:
    slots = np.full(len(region), -1)
    for number in range(len(REGIONS)):
        own = np.flatnonzero(staff.slot_region == number)
        here = np.flatnonzero(organisation & (region == number))
        slots[here] = own[rng.integers(0, len(own), len(here))]
    return slots
