"""What senders left that were killed: from their journals it is known what they had touched and what was answered."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from crm.database import Database
from crm.delivery.desk import Desk
from crm.delivery.journal import Left, left_behind, living
from crm.delivery.settling import charges_of, confirmations, verdict
from crm.services.delivery import claiming, handing, reports
from crm.services.delivery.values import State, Verdict


def recover(database: Database, desk: Desk, folder: Path, now: dt.datetime, tries: int) -> int:
    """Settle what dead senders left in their hands; returns how many messages that were."""
    count = 0
    for left in left_behind(folder):
        with database.begin() as session:
            count += _settled(session, desk, left, now, tries)
    alive = living(folder)
    with database.begin() as session:
        # Senders of other machines leave no journal here: when their lease is over, nobody knows.
        lost = [message_id for message_id, worker in handing.abandoned(session, now) if worker not in alive]
        reports.uncertain(session, lost, now)
    return count + len(lost)


def _settled(session: Session, desk: Desk, left: Left, now: dt.datetime, tries: int) -> int:
    held = handing.in_hand(session, left.worker)
    claimed = [each.message_id for each in held if each.state == State.CLAIMED]
    handed = [each for each in held if each.state == State.HANDING]
    claiming.release(session, left.worker, claimed, now)
    verdicts: list[Verdict] = []
    for each in handed:
        outcome = left.outcomes.get(each.message_id)
        if outcome is not None:
            verdicts.append(verdict(outcome, each.tries, tries, now))
        elif left.is_whole and each.message_id not in left.touched:
            verdicts.append(Verdict(each.message_id, State.DEFERRED, "channel_trouble", due_at=now))
        else:
            verdicts.append(Verdict(each.message_id, State.UNCERTAIN, "hand_over_broken"))
    handing.settle(session, left.worker, verdicts, now)
    taken, back = charges_of({each.message_id: each.charge for each in handed}, verdicts)
    desk.book(session, taken, now)
    desk.give_back(session, back, now)
    for channel in {each.charge.channel for each in handed}:
        reports.record(session, confirmations(channel, left.outcomes.values(), now), now)
    reports.apply_early(session, _ids(verdicts, {each.message_id: each.charge.channel for each in handed}), now)
    return len(held)


def _ids(verdicts: Sequence[Verdict], channels: dict[int, str]) -> list[tuple[str, str]]:
    return [(channels[each.message_id], provider_id) for each in verdicts for provider_id in each.provider_ids]
