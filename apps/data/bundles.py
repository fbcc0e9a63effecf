"""Usage against the bundles that were paid for, by product family: of the running month and of the months before.

A family's bundle is the sum over its numbers that were open on the last day counted; null as soon as one of them has no
limit. What counts against it are calls within the country, SMS and data at home, as the profile's utilisation does.
"""

import datetime as dt
from typing import Any

from apps.data.source import Reader, scalar

_USED = """round(sum(u.voice_out_onnet_sec + u.voice_out_offnet_sec) / 60.0, 1) as minutes, sum(u.sms_out) as sms,
           round(sum(u.data_mb), 1) as mb"""


def running_month(reader: Reader, customer_id: int) -> tuple[dt.date | None, list[dict[str, Any]]]:
    """The last day with stored usage, and per product family: numbers, fee, bundle and use of that day's month."""
    asked = "select max(usage_data_date) from customer_profiles where customer_id = ?"
    last = scalar(reader.query(asked, [customer_id]))
    if last is None:
        return None, []
    rows = reader.query(
        f"""with held as (
              select s.subscription_id, p.family, p.monthly_fee, p.bundle_minutes, p.bundle_sms, p.bundle_mb
              from dim_subscriptions s join dim_products p using (product_id)
              where s.customer_id = $customer and s.is_current and s.status <> 'terminated'),
            bundle as (
              select family, count(*) as numbers, sum(monthly_fee) as fee, {_bundles()} from held group by family),
            used as (
              select h.family, {_USED} from fct_usage_monthly u join held h using (subscription_id)
              where u.customer_id = $customer and u.month = $month group by h.family)
            select b.*, coalesce(u.minutes, 0) as minutes, coalesce(u.sms, 0) as sms, coalesce(u.mb, 0) as mb
            from bundle b left join used u using (family) order by b.numbers desc, b.family""",
        {"customer": customer_id, "month": last.replace(day=1)},
    )
    return last, rows.to_pylist()


def history(reader: Reader, customer_id: int, since: dt.date) -> list[dict[str, Any]]:
    """Per month from `since` and product family: use and the bundle in force at the month's end, oldest first."""
    return reader.query(
        f"""with used as (
              select u.month, u.subscription_id, sum(u.voice_out_onnet_sec) as voice_out_onnet_sec,
                     sum(u.voice_out_offnet_sec) as voice_out_offnet_sec, sum(u.sms_out) as sms_out,
                     sum(u.data_mb) as data_mb
              from fct_usage_monthly u where u.customer_id = $customer and u.month >= $since
              group by u.month, u.subscription_id),
            months as (select distinct month, last_day(month) as ends from used),
            held as (
              select m.month, s.subscription_id, p.family, p.bundle_minutes, p.bundle_sms, p.bundle_mb
              from months m
              join dim_subscriptions s
                on s.customer_id = $customer and s.valid_from <= m.ends and s.valid_to > m.ends
              join dim_products p using (product_id) where s.status <> 'terminated'),
            bundle as (select month, family, count(*) as numbers, {_bundles()} from held group by month, family),
            spent as (
              select u.month, h.family, {_USED} from used u
              join held h on h.month = u.month and h.subscription_id = u.subscription_id group by u.month, h.family)
            select b.*, coalesce(s.minutes, 0) as minutes, coalesce(s.sms, 0) as sms, coalesce(s.mb, 0) as mb
            from bundle b left join spent s on s.month = b.month and s.family = b.family
            order by b.month, b.family""",
        {"customer": customer_id, "since": since},
    ).to_pylist()


def _bundles() -> str:
    """SQL of the three bundles of a family; one number without a limit makes the family's bundle unlimited."""
    return ", ".join(
        f"case when count(*) = count({column}) then sum({column}) end as {column}"
        for column in ("bundle_minutes", "bundle_sms", "bundle_mb")
    )
