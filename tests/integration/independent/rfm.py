"""RFM scores and groups by counting, for each customer, who is as good or better."""

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from typing import Any

# Rows: r_score 5..1; columns: mean of frequency and money, halves up, 1..5.
GROUPS = {
    5: ("new_customers", "potential_loyal", "potential_loyal", "champions", "champions"),
    4: ("promising", "potential_loyal", "potential_loyal", "loyal", "champions"),
    3: ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose"),
    1: ("lost", "lost", "at_risk", "at_risk", "cannot_lose"),
}


def scores(payers: dict[int, tuple[str, int, int, int]]) -> dict[int, tuple[int, int, int, str]]:
    """By customer: type, days since the last payment, payments and money in; the three scores and the group out."""
    by_type: dict[str, dict[int, tuple]] = defaultdict(dict)
    for customer, (kind, *values) in payers.items():
        by_type[kind][customer] = tuple(values)
    found = {}
    for members in by_type.values():
        columns = [sorted(values[n] for values in members.values()) for n in range(3)]
        for customer, values in members.items():
            r = _score(bisect_right(columns[0], values[0]), len(members))
            f, m = (_score(len(members) - bisect_left(columns[n], values[n]), len(members)) for n in (1, 2))
            found[customer] = (r, f, m, GROUPS[r][(f + m + 1) // 2 - 1])
    return found


def _score(as_good_or_better: int, all_of_them: int) -> Any:
    return 6 - math.ceil(5 * as_good_or_better / all_of_them)
