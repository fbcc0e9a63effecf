"""Cohorts: customers by the month of their first activity, and what became of them."""

import pyarrow as pa

from apps.data.source import Reader


def has_types(reader: Reader) -> bool:
    """Whether the mart keeps cohorts apart for persons and organisations."""
    found = reader.query(
        "select 1 from information_schema.columns where table_name = 'cohort_retention' and column_name = 'customer_type'"
    )
    return found.num_rows > 0


def retention(reader: Reader, months: int) -> pa.Table:
    """The last `months` cohorts: cohort_month, months_since, customers, active_customers, retention_pct, revenue,
    revenue_per_customer, ordered by cohort and age."""
    return reader.query(
        """select cohort_month, months_since, customers, active_customers, retention_pct, revenue, revenue_per_customer
           from cohort_retention
           where cohort_month > (select max(cohort_month) from cohort_retention) - to_months(cast(? as integer))
           order by cohort_month, months_since""",
        [months],
    )
