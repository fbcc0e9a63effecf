"""Usage of one month, subscription by day, as arrays of the cells in which anything happened."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np

from simulator.churn import DECLINE_FLOOR
from simulator.months import NEVER
from simulator.products import product_arrays
from simulator.randomness import pick, stream
from simulator.seasons import day_factors
from simulator.timeline import Timeline

CHUNK, SLAB = 32_768, 131_072
COUNTRIES = ("", "Россия", "Турция", "Казахстан", "ОАЭ", "Южная Корея", "Китай", "Индия", "Киргизия", "Таджикистан",
             "Германия", "Италия", "Саудовская Аравия")  # fmt: skip
_COUNTRY_WEIGHTS = [0, 28, 22, 18, 10, 6, 5, 4, 5, 4, 3, 2, 6]
PRICE = {"voice": 120_00, "intl": 1_800_00, "sms": 60_00, "data_mb": 6_00,
         "roaming_voice": 6_500_00, "roaming_sms": 1_600_00, "roaming_mb": 450_00}  # fmt: skip
"""Prices outside the bundle in hundredths of UZS: per minute, message and megabyte."""
THROTTLE = 0.12
"""Share of the wish for data that is left when the bundle of the month is used up."""


@dataclass
class UsageCells:
    """One element per subscription and day with any usage; data in thousandths of a megabyte, money in 1/100 UZS."""

    subscription: np.ndarray
    day: np.ndarray
    onnet: np.ndarray
    offnet: np.ndarray
    intl: np.ndarray
    incoming: np.ndarray
    sms: np.ndarray
    data: np.ndarray
    roaming_voice: np.ndarray
    roaming_sms: np.ndarray
    roaming_data: np.ndarray
    country: np.ndarray
    charge: np.ndarray
    roaming_charge: np.ndarray

    @classmethod
    def joined(cls, parts: list["UsageCells"]) -> "UsageCells":
        """All the cells of several parts."""
        return cls(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)))

    def take(self, index: np.ndarray) -> "UsageCells":
        """Chosen cells."""
        return UsageCells(*(getattr(self, f.name)[index] for f in fields(self)))


def month_usage(timeline: Timeline, month: int) -> Iterator[UsageCells]:
    """All usage of a month, in slabs of subscriptions in order of number, so that memory stays at one slab.

    It is drawn in chunks of a fixed size, so the result does not depend on the machine.
    """
    count = timeline.subscriptions.count
    for slab in range(0, count, SLAB):
        yield UsageCells.joined(
            [
                _chunk_usage(timeline, month, first // CHUNK, np.arange(first, min(first + CHUNK, count)))
                for first in range(slab, min(slab + SLAB, count), CHUNK)
            ]
        )


def _chunk_usage(timeline: Timeline, month: int, chunk: int, numbers: np.ndarray) -> UsageCells:
    rng = stream(timeline.seed, "usage", month, chunk)
    subs, (first, last) = timeline.subscriptions, timeline.clock.month_days(month)
    numbers = numbers[(subs.activated[numbers] < last) & (subs.terminated[numbers] > first)]
    days = np.arange(first, last, dtype=np.int32)
    factors = day_factors([timeline.clock.date(d) for d in days], timeline.clock.start)
    active = rng.random((len(numbers), len(days)), dtype=np.float32) < _chance(timeline, numbers, days)
    away_from, away_to, country = _trips(rng, timeline, numbers, first, last, float(factors["travel"].mean()))
    row, column = np.nonzero(active)
    sub, day = numbers[row], days[column]
    level = _level(timeline, sub, day)
    away = (day >= away_from[row]) & (day < away_to[row])
    cells = _measures(rng, timeline, sub, day, level, column, factors, away)
    cells.country[away] = country[row][away]
    _overflow(timeline, month, cells)
    cells.roaming_charge = (
        cells.roaming_voice * PRICE["roaming_voice"] // 60
        + cells.roaming_sms * PRICE["roaming_sms"]
        + cells.roaming_data * PRICE["roaming_mb"] // 1000
    )
    used = (cells.onnet + cells.offnet + cells.intl + cells.incoming + cells.sms + cells.data
            + cells.roaming_voice + cells.roaming_sms + cells.roaming_data) > 0  # fmt: skip
    cells.country[(cells.roaming_voice + cells.roaming_sms + cells.roaming_data) == 0] = 0
    return cells.take(np.flatnonzero(used))


def _chance(timeline: Timeline, numbers: np.ndarray, days: np.ndarray) -> np.ndarray:
    subs = timeline.subscriptions
    alive = (subs.activated[numbers, None] <= days) & (days < subs.terminated[numbers, None])
    blocked = (subs.suspended_from[numbers, None] <= days) & (days < subs.suspended_to[numbers, None])
    blocked |= subs.debt_suspended_from[numbers, None] <= days
    return timeline.behaviour.active_share[numbers, None] * (alive & ~blocked)


def _level(timeline: Timeline, sub: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Multiplier of planted drops and of the decline before leaving."""
    b, churn = timeline.behaviour, timeline.parties.churn
    dropped = (b.drop_day[sub] <= day) & (day < b.drop_end[sub])
    level = np.where(dropped, b.drop_factor[sub], np.float32(1))
    customer = timeline.subscriptions.customer[sub]
    declining = np.flatnonzero(churn.decline_day[customer] <= day)
    who = customer[declining]
    begin, end = churn.decline_day[who], churn.day[who]
    share = (day[declining] - begin) / np.maximum(end - begin, 1)
    level[declining] *= (1 - share * (1 - DECLINE_FLOOR[churn.cause[who]])).astype(np.float32)
    return level


def _trips(
    rng: np.random.Generator, timeline: Timeline, numbers: np.ndarray, first: int, last: int, wish: float
) -> tuple[np.ndarray, ...]:
    count = len(numbers)
    travels = rng.random(count) < timeline.behaviour.travel[numbers] * 2.2 * wish
    begin = np.where(travels, rng.integers(first, last, count), NEVER)
    return begin, begin + rng.integers(2, 13, count), pick(rng, count, _COUNTRY_WEIGHTS)


def _measures(
    rng: np.random.Generator, timeline: Timeline, sub: np.ndarray, day: np.ndarray, level: np.ndarray,
    column: np.ndarray, factors: dict[str, np.ndarray], away: np.ndarray,
) -> UsageCells:  # fmt: skip
    b, count = timeline.behaviour, len(sub)
    week = np.where(b.business[sub], factors["business"][column], factors["personal"][column])
    talk = level * week * rng.standard_exponential(count, dtype=np.float32) * b.voice_sec[sub]
    split = rng.random(count, dtype=np.float32)
    onnet = b.onnet[sub] * (0.6 + 0.8 * split)
    onnet = np.minimum(onnet, np.float32(1))
    abroad = np.where(split < 0.25, b.intl[sub] * 4, 0)
    heard = talk * b.incoming[sub] * (1.5 - split)
    messages = rng.standard_exponential(count, dtype=np.float32) * b.sms[sub] * level
    surf = (0.35 + 0.65 * rng.standard_exponential(count, dtype=np.float32)) * b.data_kb[sub] * level
    surf *= factors["data"][column]
    home, out = ~away, away

    def whole(values: np.ndarray) -> np.ndarray:
        return values.astype(np.int64)

    return UsageCells(
        subscription=sub, day=day, onnet=whole(talk * onnet * (1 - abroad) * home),
        offnet=whole(talk * (1 - onnet) * (1 - abroad) * home), intl=whole(talk * abroad * home),
        incoming=whole(heard * home), sms=whole((messages + 0.3) * home), data=whole(surf * home),
        roaming_voice=whole(talk * 0.25 * out), roaming_sms=whole((messages + 0.5) * out),
        roaming_data=whole(np.minimum(surf * 0.12, 60_000) * out), country=np.zeros(count, dtype=np.int64),
        charge=np.zeros(count, dtype=np.int64), roaming_charge=np.zeros(count, dtype=np.int64),
    )  # fmt: skip


def _overflow(timeline: Timeline, month: int, cells: UsageCells) -> None:
    """Plant over-limits, slow data down behind the bundle, and price what is outside it, day by day."""
    b, catalogue = timeline.behaviour, product_arrays(timeline.months)
    planted = b.over_limit_month[cells.subscription] == month
    factor = np.where(planted, b.over_limit_factor[cells.subscription], np.float32(1))
    for name in ("onnet", "offnet", "data"):
        setattr(cells, name, (getattr(cells, name) * factor).astype(np.int64))
    first_day = timeline.clock.month_days(month)[0]
    product = timeline.subscriptions.product_at(cells.subscription, first_day)
    starts = _group_starts(cells.subscription)
    before, after = _beyond(cells.data, catalogue.data_kb[product], starts)
    throttled = np.where(planted, 1.0, THROTTLE)
    excess = ((after - before) * throttled).astype(np.int64)
    cells.data = cells.data - (after - before) + excess
    priced_data = np.where(catalogue.data_kb[product] == 0, excess, excess * planted)
    voice = np.subtract(*reversed(_beyond(cells.onnet + cells.offnet, catalogue.voice_sec[product], starts)))
    sms = np.subtract(*reversed(_beyond(cells.sms, catalogue.sms[product], starts)))
    cells.charge = (voice * PRICE["voice"] // 60 + sms * PRICE["sms"] + priced_data * PRICE["data_mb"] // 1000
                    + cells.intl * PRICE["intl"] // 60)  # fmt: skip


def _group_starts(sorted_keys: np.ndarray) -> np.ndarray:
    """For each element the position at which its group begins."""
    is_first = np.concatenate([[True], sorted_keys[1:] != sorted_keys[:-1]]) if len(sorted_keys) else np.array([], bool)
    return np.maximum.accumulate(np.where(is_first, np.arange(len(sorted_keys)), 0))


def _beyond(used: np.ndarray, bundle: np.ndarray, starts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What was beyond the bundle before and after each day, counted within the month."""
    total = np.cumsum(used)
    after = total - (total - used)[starts] if len(used) else total
    return np.maximum(after - used - bundle, 0), np.maximum(after - bundle, 0)
