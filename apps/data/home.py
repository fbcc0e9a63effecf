"""The figures of the first page: how the customer base stands and how it came there."""

from typing import Any

from apps.data.source import Reader, one


def today(reader: Reader) -> dict[str, Any]:
    """The base on the snapshot's date: customers, active numbers, revenue of the last full month, debt."""
    return (
        one(
            reader.query(
                """select count(*) filter (where lifecycle_status in ('new', 'active', 'suspended')) as customers,
                  count(*) filter (where lifecycle_status not in ('new', 'active', 'suspended')) as has_left,
                  coalesce(sum(subscriptions_active_count), 0) as active_numbers,
                  coalesce(sum(charges_amount_last_month), 0) as revenue,
                  coalesce(sum(debt_amount), 0) as debt, coalesce(sum(debt_overdue_amount), 0) as overdue,
                  max(month_end) as month_end
           from customer_profiles"""
            )
        )
        or {}
    )


def by_month(reader: Reader, months: int = 13) -> list[dict[str, Any]]:
    """The same at stored month ends, oldest first; `churned` counts customers who were with us a month before and had
    left by then (null for the first stored month)."""
    return reader.query(
        """with ends as (
             select distinct month_end from customer_profiles_history order by 1 desc limit cast(? as integer) + 1),
           states as (
             select h.month_end, h.customer_id, h.customer_type, h.subscriptions_active_count as numbers,
                    h.charges_amount_last_month as revenue, h.debt_amount as debt,
                    h.lifecycle_status in ('new', 'active', 'suspended') as here
             from customer_profiles_history h where h.month_end in (from ends)),
           left_us as (
             select now.month_end, count(*) as churned
             from states as now join states as before
               on before.customer_id = now.customer_id and before.month_end = last_day(now.month_end - interval 1 month)
             where before.here and not now.here group by 1)
           select s.month_end, count(*) filter (where s.here) as customers,
                  coalesce(sum(s.numbers), 0) as active_numbers,
                  coalesce(sum(s.revenue), 0) as revenue,
                  coalesce(sum(s.revenue) filter (where s.customer_type = 'person'), 0) as revenue_persons,
                  coalesce(sum(s.revenue) filter (where s.customer_type = 'organisation'), 0) as revenue_organisations,
                  coalesce(sum(s.debt), 0) as debt,
                  case when s.month_end > (select min(month_end) from ends)
                    then coalesce(any_value(l.churned), 0) end as churned
           from states s left join left_us l using (month_end)
           group by s.month_end order by s.month_end desc limit ?""",
        [months, months],
    ).to_pylist()[::-1]


def by_region(reader: Reader) -> list[dict[str, Any]]:
    """Customers and revenue of the last full month by region, the largest first."""
    return reader.query(
        """select region_code, count(*) as customers, coalesce(sum(charges_amount_last_month), 0) as revenue
           from customer_profiles where lifecycle_status in ('new', 'active', 'suspended') and region_code is not null
           group by 1 order by 3 desc"""
    ).to_pylist()
