"""Months: the one way in which large data is divided, from the delivery to the published file."""

from datetime import date

import dagster as dg

FIRST_MONTH = "2015-01-01"

# Every month of every partitioned asset is an event to write, about 20 ms. So Dagster follows the months of what is
# large or worth a backfill of its own; the other month partitions of dbt are built along with these.
FOLLOWED_BY_MONTH = frozenset({"fct_usage_daily", "fct_usage_monthly", "customer_profiles_history"})


def month_partitions(timezone: str) -> dg.MonthlyPartitionsDefinition:
    """Every month from `FIRST_MONTH` to the current one, which is open."""
    return dg.MonthlyPartitionsDefinition(start_date=FIRST_MONTH, timezone=timezone, end_offset=1)


def range_tags(first: date, last: date) -> dict[str, str]:
    """Run tags that make one run cover the months from `first` to `last`, both included."""
    return {
        "dagster/asset_partition_range_start": first.replace(day=1).isoformat(),
        "dagster/asset_partition_range_end": last.replace(day=1).isoformat(),
    }
