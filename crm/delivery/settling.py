"""From the peer's answer to what is written down: sent, tried again later, or given up; and who owes what."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from crm.delivery.channels import Accepted, Outcome
from crm.services.actor import printable
from crm.services.delivery.values import Charge, NewReport, ReportState, State, Verdict

_FIRST_WAIT, _LONGEST_WAIT = dt.timedelta(seconds=30), dt.timedelta(hours=1)


def verdict(outcome: Outcome, tried: int, tries: int, now: dt.datetime) -> Verdict:
    """What becomes of a message that was `tried` so often before, of `tries` times at most."""
    if isinstance(outcome, Accepted):
        ids = tuple(printable(each, 120) for each in outcome.provider_ids)
        return Verdict(outcome.message_id, State.SENT, provider_ids=ids)
    told = {"code": outcome.code, "text": printable(outcome.text, 200)}
    if outcome.permanent:
        reason = "opted_out" if outcome.is_blocked else "rejected"
        return Verdict(outcome.message_id, State.REFUSED if outcome.is_blocked else State.FAILED, reason, told)
    wait = dt.timedelta(seconds=outcome.seconds) if outcome.seconds is not None else _pause(tried)
    if outcome.is_throttled:
        return Verdict(outcome.message_id, State.DEFERRED, "throttled", told, now + wait)
    if tried + 1 >= tries:
        return Verdict(outcome.message_id, State.FAILED, "gave_up", told)
    return Verdict(outcome.message_id, State.QUEUED, "channel_trouble", told, now + wait)


def confirmations(channel: str, outcomes: Iterable[Outcome], now: dt.datetime) -> list[NewReport]:
    """Reports of deliveries that the peer's acceptance was already."""
    delivered = [each for each in outcomes if isinstance(each, Accepted) and each.is_delivered and each.provider_ids]
    ids = [printable(each.provider_ids[0], 120) for each in delivered]
    return [NewReport(channel, f"accepted:{each}", ReportState.DELIVERED, now, each) for each in ids]


def charges_of(charges: Mapping[int, Charge], verdicts: Sequence[Verdict]) -> tuple[list[Charge], list[Charge]]:
    """What is owed now, and what is not owed after all. For what is uncertain the promise stays."""
    taken = [charges[each.message_id] for each in verdicts if each.state == State.SENT]
    back = [charges[each.message_id] for each in verdicts if each.state not in (State.SENT, State.UNCERTAIN)]
    return taken, back


def _pause(tried: int) -> dt.timedelta:
    return min(_FIRST_WAIT * 2 ** min(tried, 10), _LONGEST_WAIT)
