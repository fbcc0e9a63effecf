"""A participant's way as plain values for a database column, and back."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from campaigns.flow.facts import Participant, Visit


def progress(participant: Participant) -> dict[str, Any]:
    """What has no column of its own: assignments, visits and tried steps, as JSON has them."""
    return {
        "assignments": dict(participant.assignments),
        "visits": {node: [visit.count, visit.at.isoformat()] for node, visit in participant.visits.items()},
        "tried": list(participant.tried),
    }


def restored(
    campaign: str, customer_id: int, cluster_id: int, node_id: str, state: str, entered_at: dt.datetime | None,
    wake_at: dt.datetime | None, progress: Mapping[str, Any] | None,
) -> Participant:  # fmt: skip
    """The participant that was stored; `progress` as it was given, None for one who has just been entered."""
    kept = progress or {}
    visits = {node: Visit(count, dt.datetime.fromisoformat(at)) for node, (count, at) in kept.get("visits", {}).items()}
    return Participant(
        campaign, customer_id, cluster_id, node_id, state, entered_at, wake_at, dict(kept.get("assignments", {})),
        visits, tuple(kept.get("tried", ())),
    )  # fmt: skip
