"""How each subscription is used: personal levels, and the planted drops and over-limits."""

from dataclasses import dataclass

import numpy as np

from simulator.months import NEVER, Clock
from simulator.products import UNLIMITED, product_arrays
from simulator.randomness import stream
from simulator.subscriptions import Subscriptions

TYPICAL_MINUTES = {"mobile": 420, "fixed": 900, "iot": 0}
DROP_SHARE, OVER_LIMIT_SHARE = 0.025, 0.02


@dataclass(frozen=True)
class Behaviour:
    """Arrays by subscription number; rates are per active day."""

    active_share: np.ndarray
    voice_sec: np.ndarray
    incoming: np.ndarray
    onnet: np.ndarray
    intl: np.ndarray
    sms: np.ndarray
    data_kb: np.ndarray
    travel: np.ndarray
    business: np.ndarray
    drop_day: np.ndarray
    drop_end: np.ndarray
    drop_factor: np.ndarray
    over_limit_month: np.ndarray
    over_limit_factor: np.ndarray


def build_behaviour(seed: int, subs: Subscriptions, organisation: np.ndarray, months: int, clock: Clock) -> Behaviour:
    """Draw personal levels around what the tariff of each subscription offers."""
    rng = stream(seed, "behaviour")
    count = subs.count
    catalogue = product_arrays(months)
    product = subs.first_product
    family = catalogue.family[product]
    minutes = np.where(catalogue.voice_sec[product] >= UNLIMITED, 1500, catalogue.voice_sec[product] / 60)
    minutes = np.where((minutes == 0) & (family == "mobile"), 60, minutes) * 0.55
    gigabytes = np.where(catalogue.data_kb[product] >= UNLIMITED, 180_000_000, catalogue.data_kb[product])
    level = rng.lognormal(-0.15, 0.45, count)
    active = np.where(family == "iot", 0.85, rng.beta(3.2, 1.9, count))
    drop = np.where(rng.random(count) < DROP_SHARE, rng.integers(20, max(40, months * 31), count), NEVER)
    lasting = rng.random(count) < 0.5
    planned = rng.random(count) < OVER_LIMIT_SHARE * min(months, 12) / 6
    return Behaviour(
        active_share=active.astype(np.float32),
        voice_sec=(minutes * 60 * level / 30 / np.maximum(active, 0.1)).astype(np.float32),
        incoming=rng.uniform(0.6, 1.5, count).astype(np.float32),
        onnet=rng.beta(4, 3, count).astype(np.float32),
        intl=np.where(rng.random(count) < 0.12, rng.beta(1.5, 25, count), 0).astype(np.float32),
        sms=np.where(family == "iot", 0.4, rng.gamma(0.7, 1.1, count)).astype(np.float32),
        data_kb=(gigabytes * 0.6 * rng.lognormal(-0.15, 0.5, count) / 30 / np.maximum(active, 0.1)).astype(np.float32),
        travel=np.where(family == "mobile", rng.beta(0.5, 28, count) * np.where(organisation, 1.6, 1), 0).astype(
            np.float32
        ),
        business=organisation,
        drop_day=drop,
        drop_end=np.where(lasting, NEVER, drop + rng.integers(30, 100, count)),
        drop_factor=rng.uniform(0.15, 0.5, count).astype(np.float32),
        over_limit_month=np.where(planned, rng.integers(0, months, count), -1),
        over_limit_factor=rng.uniform(2.5, 5.0, count).astype(np.float32),
    )
