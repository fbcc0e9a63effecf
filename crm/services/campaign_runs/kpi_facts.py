"""Facts for the figures that a campaign is judged by, as far as its run and its results tell them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crm.services.campaign_runs.figures import Figures


def facts(found: Figures, results: Mapping[str, Any] | None, spent: Decimal) -> dict[str, float]:
    """By the codes of `kpis.COMMON`; what is not known is left out. Shares are in per cent of those who take part, that
    of the delivered in per cent of the messages that went or failed. Additional revenue is what customers paid beyond
    their control group, ROMI that revenue less what was spent, in per cent of it."""
    contacted = found.arms.get("contacted", 0)
    # A message that the peer took and could not deliver is a failed one, and no longer among the sent.
    gone = sum(node.sent + node.failed for node in found.nodes)
    reached, interested, converted = (found.responses.get(type_, 0) for type_ in (1, 2, 3))
    told: dict[str, float] = {"reach": reached, "conversions": converted}
    if gone:
        told["delivered_pct"] = 100 * sum(node.delivered for node in found.nodes) / gone
    if contacted:
        told |= {"interest_pct": 100 * interested / contacted, "conversion_pct": 100 * converted / contacted}
    if converted and spent:
        told["sac"] = float(spent) / converted
    if (revenue := additional(results or {}, "payments")) is not None:
        told["revenue"] = revenue[0]
        if spent:
            told["romi_pct"] = 100 * (revenue[0] / float(spent) - 1)
    return told


def additional(results: Mapping[str, Any], outcome: str) -> tuple[float, float | None, float | None] | None:
    """How much of an outcome came on top in all, with both ends of its interval; None where that cannot be judged."""
    for each in results.get("lifts", []):
        is_judged = each["verdict"] not in ("too_few", "sample_ratio_fault") and each["lift"] is not None
        if each["outcome"] == outcome and each["arm"] == "contacted" and is_judged:
            members = each["members"]
            low, high = (None if each[end] is None else members * each[end] for end in ("lift_low", "lift_high"))
            return members * each["lift"], low, high
    return None
