"""Cohorts: customers by the month of their first activity, and what became of them."""

import pyarrow as pa

from apps.data.source import Reader


def retention(reader: Reader, months: int, customer_type: str | None) -> pa.Table:
    """The last `months` cohorts, of one customer type or of both together, ordered by cohort and age in months.

    Columns: cohort_month, months_since, customers, active_customers, retention_pct, revenue, revenue_per_customer.
    """
    return reader.query(
        """select cohort_month, months_since,
                  cast(sum(customers) as bigint) as customers,
                  cast(sum(active_customers) as bigint) as active_customers,
                  100.0 * sum(active_customers) / sum(customers) as retention_pct,
                  sum(revenue) as revenue,
                  sum(revenue) / sum(customers) as revenue_per_customer
           from cohort_retention
           where cohort_month > (select max(cohort_month) from cohort_retention) - to_months(cast(? as integer))
             and (? is null or customer_type = ?)
           group by cohort_month, months_since order by cohort_month, months_since""",
        [months, customer_type, customer_type],
    )
