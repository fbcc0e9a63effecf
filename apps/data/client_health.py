"""The health of a client, 0 to 100: what it is made of, in one place, as SQL over `source`.

It starts at 100, and each part takes points away, at most so many; nothing is weighed in secret, so a manager can
add it up himself. Parts that a person has no right to see are left out of his index.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

SCORES: Final = "customer_scores"
GOOD: Final = 75
POOR: Final = 50


@dataclass(frozen=True)
class Part:
    """One thing that takes points away: `points` is SQL that gives 0 to `most`; `subject` is the object whose right
    shows what it is made of, `table` the mart that it is read from."""

    name: str
    subject: str
    most: int
    points: str
    table: str = "customer_profiles"


# Half of the traffic gone, half of the numbers gone, 90 days overdue: each takes all the points of its part.
PARTS: Final = (
    Part(
        "usage", "usage", 40,
        "least(40, 0.8 * greatest(0, -coalesce((p.data_mb_trend_pct + p.voice_out_minutes_trend_pct) / 2, "
        "p.data_mb_trend_pct, p.voice_out_minutes_trend_pct, 0)))",
    ),
    Part(
        "numbers", "services", 30,
        "least(30, 60.0 * greatest(0, -p.subscriptions_active_change_3m) / "
        "greatest(1, p.subscriptions_active_count - p.subscriptions_active_change_3m))",
    ),
    Part("overdue", "finance", 40, "least(40, 40.0 * coalesce(p.overdue_days_max, 0) / 90)"),
    Part(
        "legal", "customers", 50,
        "case when p.legal_status in ('in_liquidation', 'liquidated') then 50 "
        "when p.legal_status in ('suspended', 'blocked') then 30 else 0 end",
    ),
    Part("churn", "signals", 40, "least(40, 80.0 * coalesce(s.churn_probability, 0))", SCORES),
)  # fmt: skip
# Who has left is nobody's to keep healthy.
GONE: Final = "p.lifecycle_status in ('left', 'never_active')"


def parts_for(subjects: Collection[str], tables: Collection[str]) -> tuple[Part, ...]:
    """The parts that count for who may see these objects, in a snapshot that has these tables."""
    return tuple(part for part in PARTS if part.subject in subjects and part.table in tables)


def source(parts: Collection[Part], first: str = "customer_profiles p") -> str:
    """The tables that the parts are read from, after `first`, which has `customer_profiles p` in it."""
    scores = f" left join {SCORES} s on s.customer_id = p.customer_id"
    return first + (scores if any(part.table == SCORES for part in parts) else "")


def index(parts: Collection[Part]) -> str:
    """SQL of the index: a whole number from 0 to 100, null for a customer who has left."""
    lost = " + ".join(f"coalesce({part.points}, 0)" for part in parts) or "0"
    return f"case when {GONE} then null else cast(round(greatest(0, 100 - ({lost}))) as integer) end"
