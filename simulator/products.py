"""The operator's product offerings, in force and withdrawn. A null bundle means unlimited, zero means pay per use."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from simulator.months import NEVER, Clock


class Offering(NamedTuple):
    """One row of the catalogue; validity is a share of the nominal history (negative: before it began)."""

    name: str
    name_uz: str
    name_en: str
    family: str
    customer_type: str
    monthly_fee: int
    minutes: int | None
    sms: int | None
    mb: int | None
    opened: float
    withdrawn: float | None
    weight: float


OFFERINGS = (
    Offering("Старт", "Start", "Start", "mobile", "person", 25_000, 200, 100, 2_000, -2.0, None, 16),
    Offering("Оптима", "Optima", "Optima", "mobile", "person", 45_000, 700, 300, 12_000, -2.0, None, 24),
    Offering("Оптима Плюс", "Optima Plyus", "Optima Plus", "mobile", "person", 60_000, 1_000, 500, 25_000, -1.0,
        None, 18),
    Offering("Безлимит", "Cheksiz", "Unlimited", "mobile", "person", 90_000, None, 1_000, 60_000, -1.0, None, 9),
    Offering("Премиум", "Premium", "Premium", "mobile", "person", 150_000, None, None, 150_000, -1.0, None, 4),
    Offering("Молодёжный", "Yoshlar", "Youth", "mobile", "person", 35_000, 300, 200, 15_000, -0.5, None, 14),
    Offering("Семейный", "Oilaviy", "Family", "mobile", "person", 70_000, 1_500, 500, 30_000, 0.2, None, 6),
    Offering("Онлайн", "Onlayn", "Online", "mobile", "person", 40_000, 400, 200, 8_000, -2.5, 0.5, 10),
    Offering("Классик", "Klassik", "Classic", "mobile", "person", 10_000, 0, 0, 0, -4.0, -0.2, 6),
    Offering("Модем", "Modem", "Modem", "mobile", "any", 80_000, 0, 50, 100_000, -1.5, None, 3),
    Offering("Бизнес Старт", "Biznes Start", "Business Start", "mobile", "organisation", 55_000, 800, 200, 10_000,
        -2.0, None, 22),
    Offering("Бизнес Про", "Biznes Pro", "Business Pro", "mobile", "organisation", 95_000, 2_000, 500, 40_000, -1.0,
        None, 18),
    Offering("Корпоративный", "Korporativ", "Corporate", "mobile", "organisation", 75_000, 1_500, 300, 20_000, -2.0,
        None, 24),
    Offering("Корпоративный Безлимит", "Korporativ Cheksiz", "Corporate Unlimited", "mobile", "organisation",
        160_000, None, 1_000, 100_000, 0.1, None, 8),
    Offering("Бизнес Эконом", "Biznes Ekonom", "Business Economy", "mobile", "organisation", 35_000, 300, 100, 3_000,
        -4.0, 0.3, 8),
    Offering("M2M Базовый", "M2M Bazaviy", "M2M Basic", "iot", "organisation", 8_000, 0, 10, 100, -1.5, None, 9),
    Offering("M2M Мониторинг", "M2M Monitoring", "M2M Tracking", "iot", "organisation", 15_000, 0, 50, 500, -1.0,
        None, 6),
    Offering("Офисная телефония", "Ofis telefoniyasi", "Office Telephony", "fixed", "organisation", 120_000, 3_000,
        0, 0, -3.0, None, 4),
    Offering("Домашний интернет", "Uy interneti", "Home Internet", "fixed", "person", 110_000, 0, 0, None, -1.0,
        None, 4),
    Offering("Антиспам", "Antispam", "Antispam", "vas", "any", 3_000, 0, 0, 0, -0.5, None, 0),
    Offering("Гудок", "Gudok", "Ringback Tone", "vas", "any", 2_500, 0, 0, 0, -4.0, 0.6, 0),
)  # fmt: skip
UNLIMITED = 1 << 40


class ProductArrays(NamedTuple):
    """The catalogue as arrays by product number, for vectorised look-ups; seconds and thousandths of a megabyte."""

    fee: np.ndarray
    voice_sec: np.ndarray
    sms: np.ndarray
    data_kb: np.ndarray
    family: np.ndarray
    for_person: np.ndarray
    for_organisation: np.ndarray
    weight: np.ndarray
    opened_day: np.ndarray
    withdrawn_day: np.ndarray


@lru_cache(maxsize=8)
def product_arrays(months: int) -> ProductArrays:
    """Arrays for a history of so many nominal months."""
    days = months * 30.4
    bundle = [[UNLIMITED if v is None else v for v in (o.minutes, o.sms, o.mb)] for o in OFFERINGS]
    minutes, sms, mb = (np.array(column, dtype=np.int64) for column in zip(*bundle, strict=True))
    withdrawn = [NEVER if o.withdrawn is None else int(o.withdrawn * days) for o in OFFERINGS]
    return ProductArrays(
        fee=np.array([o.monthly_fee for o in OFFERINGS], dtype=np.int64) * 100,
        voice_sec=np.minimum(minutes * 60, UNLIMITED), sms=sms, data_kb=np.minimum(mb * 1000, UNLIMITED),
        family=np.array([o.family for o in OFFERINGS]),
        for_person=np.array([o.customer_type in ("person", "any") for o in OFFERINGS]),
        for_organisation=np.array([o.customer_type in ("organisation", "any") for o in OFFERINGS]),
        weight=np.array([o.weight for o in OFFERINGS]),
        opened_day=np.array([int(o.opened * days) - 900 * (o.opened < 0) for o in OFFERINGS]),
        withdrawn_day=np.array(withdrawn),
    )  # fmt: skip


def product_rows(clock: Clock, months: int, after: int, until: int) -> pl.DataFrame:
    """Rows of FORIS `product` that changed in (after, until]: a planned withdrawal is announced when it happens."""
    arrays = product_arrays(months)
    withdrawn = arrays.withdrawn_day <= until
    changed_day = np.where(withdrawn, arrays.withdrawn_day, arrays.opened_day)
    frame = pl.DataFrame({
        "product_id": np.arange(1, len(OFFERINGS) + 1),
        **{c: [getattr(o, a) for o in OFFERINGS] for c, a in (
            ("name", "name"), ("name_uz", "name_uz"), ("name_en", "name_en"), ("family", "family"),
            ("customer_type", "customer_type"), ("monthly_fee", "monthly_fee"), ("bundle_minutes", "minutes"),
            ("bundle_sms", "sms"), ("bundle_mb", "mb"))},
        "valid_from": clock.dates(arrays.opened_day),
        "valid_to": clock.dates(np.where(withdrawn, arrays.withdrawn_day, NEVER)),
        "updated_at": clock.instants(changed_day, 10 * 3600),
    })  # fmt: skip
    return frame.filter(pl.Series((changed_day > after) & (changed_day <= until)))
