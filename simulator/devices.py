"""Phones, modems and trackers behind the subscriptions, and the daily files in which the DMS tells of them."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from simulator.months import NEVER
from simulator.products import product_arrays
from simulator.randomness import pick, scatter, stream
from simulator.subscriptions import FIRST_SUBSCRIPTION_ID
from simulator.timeline import Timeline
from simulator.usage_files import gzip_bytes

MODELS = (
    ("Samsung", "Galaxy A05", "smartphone", "Android", "13", 2023, 14), ("Samsung", "Galaxy A15", "smartphone",
        "Android", "14", 2024, 16),
    ("Samsung", "Galaxy A54", "smartphone", "Android", "13", 2023, 10), ("Samsung", "Galaxy A32", "smartphone",
        "Android", "11", 2021, 9),
    ("Samsung", "Galaxy S23", "smartphone", "Android", "13", 2023, 4), ("Samsung", "Galaxy S25", "smartphone",
        "Android", "15", 2025, 3),
    ("Xiaomi", "Redmi 9A", "smartphone", "Android", "10", 2020, 9), ("Xiaomi", "Redmi 12", "smartphone", "Android",
        "13", 2023, 13),
    ("Xiaomi", "Redmi Note 13", "smartphone", "Android", "13", 2024, 14), ("Xiaomi", "14T", "smartphone", "Android",
        "14", 2024, 3),
    ("Apple", "iPhone 11", "smartphone", "iOS", "16", 2019, 7), ("Apple", "iPhone 13", "smartphone", "iOS", "17",
        2021, 7),
    ("Apple", "iPhone 15", "smartphone", "iOS", "18", 2023, 5), ("Apple", "iPhone 16 Pro", "smartphone", "iOS", "18",
        2024, 3),
    ("Honor", "X6b", "smartphone", "Android", "14", 2024, 6), ("Infinix", "Hot 40i", "smartphone", "Android", "13",
        2023, 5),
    ("Tecno", "Spark 20", "smartphone", "Android", "13", 2023, 5), ("Artel", "Style", "smartphone", "Android", "8",
        2018, 2),
    ("Nokia", "105", "feature_phone", None, None, 2019, 10), ("Nokia", "3310", "feature_phone", None, None, 2017, 3),
    ("Samsung", "Galaxy Tab A9", "tablet", "Android", "13", 2023, 2),
    ("ZTE", "MF79U", "modem", None, None, 2019, 0), ("Huawei", "B535", "modem", None, None, 2020, 0),
    ("Teltonika", "FMB920", "iot", None, None, 2018, 0), ("Quectel", "BG95", "iot", None, None, 2020, 0),
)  # fmt: skip
"""Vendor, model, type, operating system, its version, year of release, weight among phones."""
MODEM_NUMBERS, IOT_NUMBERS = (21, 22), (23, 24)
MAX_DEVICES = 4
MEAN_DAYS_OF_A_PHONE = 700


class DeviceLives(NamedTuple):
    """Which device (number of a model) each subscription holds from which day; ordered by day."""

    day: np.ndarray
    subscription: np.ndarray
    model: np.ndarray
    serial: np.ndarray


def device_lives(timeline: Timeline) -> DeviceLives:
    """All devices of the timeline: the first one at activation, then upgrades, never back to an older year."""
    rng, subs = stream(timeline.seed, "devices"), timeline.subscriptions
    count = subs.count
    family = product_arrays(timeline.months).family[subs.first_product]
    year = np.array([m[5] for m in MODELS])
    day, model = subs.activated.copy(), _first_models(rng, family, count)
    parts = []
    for turn in range(MAX_DEVICES):
        alive = np.flatnonzero((day < subs.terminated) & (day < NEVER))
        parts.append((day[alive], alive, model[alive], alive * MAX_DEVICES + turn))
        fixed = family != "mobile"
        wait = np.where(fixed, 4000, rng.exponential(MEAN_DAYS_OF_A_PHONE, count) + 60).astype(np.int64)
        day = np.maximum(day, 0) + wait
        newer = _first_models(rng, family, count)
        model = np.where(year[newer] >= year[model], newer, model)
    columns = [np.concatenate(c) for c in zip(*parts, strict=True)]
    order = np.lexsort((columns[1], columns[0]))
    return DeviceLives(*(c[order] for c in columns))


def _first_models(rng: np.random.Generator, family: np.ndarray, count: int) -> np.ndarray:
    phones = pick(rng, count, [m[6] for m in MODELS])
    modems, trackers = rng.choice(MODEM_NUMBERS, count), rng.choice(IOT_NUMBERS, count)
    return np.select([family == "iot", family == "fixed"], [trackers, modems], phones)


def imei(model: np.ndarray, serial: np.ndarray, seed: int) -> pl.Series:
    """Fifteen digits: type code of the model, serial number, Luhn digit."""
    codes = np.array([35_000_000 + 137_911 * (n + 1) for n in range(len(MODELS))])
    # Two digits of the serial go into the type code, so that models with many devices have several codes, as in life.
    number = scatter(serial, 100_000_000, seed)
    body = (codes[model] + number // 1_000_000) * 1_000_000 + number % 1_000_000
    digits = np.stack([body // 10**place % 10 for place in range(13, -1, -1)])
    doubled = digits[1::2] * 2
    total = digits[::2].sum(axis=0) + (doubled - 9 * (doubled > 9)).sum(axis=0)
    return pl.Series(body * 10 + (10 - total % 10) % 10).cast(pl.String)


def write_dms_days(timeline: Timeline, folder: Path, full_day: int, after: int, until: int) -> list[Path]:
    """Write the device files of the days (after, until]; the file of `full_day` holds every device in use."""
    folder.mkdir(parents=True, exist_ok=True)
    lives, paths = device_lives(timeline), []
    for day in range(max(after + 1, full_day), until + 1):
        rows = (
            _in_use(timeline, lives, day) if day == full_day else np.arange(*np.searchsorted(lives.day, [day, day + 1]))
        )
        path = folder / f"devices_{timeline.clock.date(day):%Y%m%d}.jsonl.gz"
        path.write_bytes(gzip_bytes(device_lines(timeline, lives, rows, day)))
        paths.append(path)
    return paths


def device_lines(timeline: Timeline, lives: DeviceLives, rows: np.ndarray, day: int) -> bytes:
    """JSON lines of chosen devices as seen on a day."""
    model = lives.model[rows]
    columns = list(zip(*MODELS, strict=True))
    frame = pl.DataFrame({
        "event_date": timeline.clock.dates(np.full(len(rows), day)).cast(pl.String),
        "subscription_id": lives.subscription[rows] + FIRST_SUBSCRIPTION_ID,
        "imei": imei(model, lives.serial[rows], timeline.seed),
        **{name: pl.Series(list(columns[number]))[model] for number, name in
           enumerate(("vendor", "model", "device_type", "os", "os_version", "release_year"))},
    })  # fmt: skip
    return frame.write_ndjson().encode() if len(frame) else b""


def _in_use(timeline: Timeline, lives: DeviceLives, day: int) -> np.ndarray:
    seen = np.flatnonzero(lives.day <= day)
    last = np.full(timeline.subscriptions.count, -1)
    last[lives.subscription[seen]] = seen  # later rows overwrite earlier ones: lives are in order of day
    current = last[last >= 0]
    return np.sort(current[timeline.subscriptions.terminated[lives.subscription[current]] > day])
