"""What messages and responses say: a stronger response counts as the weaker ones, what has arrived was delivered."""

import datetime as dt
from collections.abc import Iterable, Sequence

from campaigns.flow.facts import ARRIVED, HANDED_OVER, LOST, Facts, MessageFact, ResponseFact

_LEVELS = {"delivered": 1, "read": 2, "interest": 2}


def has_responded(
    level: int, of: str | None, facts: Facts, since: dt.datetime | None, until: dt.datetime | None = None
) -> bool:
    """Whether a response of this type or a stronger one came from `since` (None: the node was never visited) up to
    `until`. A response that names no node counts for each."""
    if since is None:
        return False

    def counts(node_id: str | None, at: dt.datetime) -> bool:
        return (of is None or node_id is None or node_id == of) and since <= at and (until is None or at <= until)

    if any(each.type >= level and counts(each.node_id, each.at) for each in facts.responses):
        return True
    return level == 1 and any(each.state in ARRIVED and counts(each.node_id, each.at) for each in facts.messages)


def has_status(status: str, messages: Iterable[MessageFact]) -> bool:
    """Whether the messages of a node, taken together, are delivered, sent or failed (all of them)."""
    found = list(messages)
    match status:
        case "delivered":
            return any(each.state in ARRIVED for each in found)
        case "sent":
            return any(each.sent_at is not None or each.state in HANDED_OVER for each in found)
    return bool(found) and all(each.state in LOST for each in found)


def has_succeeded(
    success: str, node_id: str, key: str, message: MessageFact | None, responses: Sequence[ResponseFact]
) -> bool:
    """Whether one step of a fallback came to its success. A response without a key belongs to what was sent before."""
    if message is not None:
        if success == "delivered" and message.state in ARRIVED:
            return True
        if success == "read" and message.state == "read":
            return True
    sent_at = message.sent_at if message is not None else None
    return any(
        each.type >= _LEVELS[success]
        and (
            each.key == key
            if each.key is not None
            else sent_at is not None and each.node_id in (None, node_id) and each.at >= sent_at
        )
        for each in responses
    )
