"""How a day of the year changes usage: weekday, season, Uzbek holidays."""

from datetime import date, timedelta

import numpy as np

FIXED_HOLIDAYS = ((1, 1), (3, 8), (3, 21), (5, 9), (9, 1), (10, 1), (12, 8))
RAMADAN_FEASTS = {
    2019: (6, 4), 2020: (5, 24), 2021: (5, 13), 2022: (5, 2), 2023: (4, 21), 2024: (4, 10), 2025: (3, 30), 2026: (3,
        20),
    2027: (3, 9), 2028: (2, 26), 2029: (2, 14), 2030: (2, 4),
}  # fmt: skip
SACRIFICE_FEASTS = {
    2019: (8, 11), 2020: (7, 31), 2021: (7, 20), 2022: (7, 9), 2023: (6, 28), 2024: (6, 16), 2025: (6, 6), 2026: (5,
        27),
    2027: (5, 16), 2028: (5, 5), 2029: (4, 24), 2030: (4, 13),
}  # fmt: skip
PERSONAL_WEEK = np.array([0.97, 0.96, 0.97, 0.99, 1.05, 1.05, 1.01], dtype=np.float32)
BUSINESS_WEEK = np.array([1.2, 1.22, 1.2, 1.18, 1.1, 0.65, 0.45], dtype=np.float32)
DATA_GROWTH_PER_YEAR = 0.14


def is_holiday(day: date) -> bool:
    """Public holidays that people celebrate with calls; each feast lasts two days."""
    feasts = [calendar.get(day.year) for calendar in (RAMADAN_FEASTS, SACRIFICE_FEASTS)]
    moving = any(f and day - date(day.year, *f) in (timedelta(0), timedelta(1)) for f in feasts)
    return moving or (day.month, day.day) in FIXED_HOLIDAYS


def day_factors(days: list[date], origin: date) -> dict[str, np.ndarray]:
    """Multipliers per day: personal and business voice, data, and the wish to travel."""
    holiday = np.array([is_holiday(d) for d in days])
    week = np.array([d.weekday() for d in days])
    phase = 2 * np.pi * np.array([d.timetuple().tm_yday for d in days]) / 365.25
    years = np.array([(d - origin).days for d in days]) / 365.25
    voice = 1 + 0.06 * np.cos(phase)
    data = (1 + 0.09 * np.cos(phase - 0.4)) * (1 + DATA_GROWTH_PER_YEAR) ** years
    factors = {
        "personal": PERSONAL_WEEK[week] * voice * np.where(holiday, 1.45, 1.0),
        "business": BUSINESS_WEEK[week] * voice * np.where(holiday, 0.4, 1.0),
        "data": data * np.where(holiday, 1.15, 1.0),
        "travel": 1 + 0.7 * np.cos(phase - 2 * np.pi * 0.6),
    }
    return {name: values.astype(np.float32) for name, values in factors.items()}
