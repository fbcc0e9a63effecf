"""Signals by HTTP: the inbox, decisions, history, figures of managers, runs.

A caller has the token scope `signals` and the right of his role; he sees and decides what his right reaches.
"""

import datetime as dt
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from apps.api.access import Known
from apps.api.problems import Problem, _, speaker_of
from apps.api.segment_forms import Body, Customer, Name, Reason, Text, plain
from apps.api.signal_access import changing, looking, today
from crm.services import signals
from crm.services.signals import Decision, Filter, Priority, Sort, State
from crm.signal_messages import IGNORES, REACTIONS
from vitrina.access.rights import Scope

router = APIRouter(tags=["signals"])
SUBJECT = "signals"
Form = dict[str, Any]
Word = Annotated[str, Query(max_length=200)]
Ids = Annotated[list[Customer], Field(min_length=1, max_length=500)]


class Chosen(Body):
    """Signals by number, all or none."""

    signals: Ids


class Decided(Chosen):
    """`reason` is a code of /v1/signal-reasons; "other" needs a comment."""

    decision: Decision
    reason: Name
    comment: Text = ""


class Snoozed(Chosen):
    """Back on the day `until`."""

    until: dt.date
    comment: Text = ""


class Assigned(Chosen):
    """To another employee."""

    employee: Annotated[str, Field(max_length=64)]
    reason: Reason


def _filter(
    state: Annotated[list[State] | None, Query()] = None, priority: Annotated[list[Priority] | None, Query()] = None,
    rule: Annotated[list[str] | None, Query()] = None, owner: Annotated[list[str] | None, Query()] = None,
    unassigned: bool = False, customer: Annotated[list[int] | None, Query()] = None, text: Word = "",
    since: dt.date | None = None, until: dt.date | None = None,
) -> Filter:  # fmt: skip
    return Filter(
        tuple(state or ()), tuple(priority or ()), tuple(rule or ()), tuple(owner or ()), unassigned, customer, text,
        since, until,
    )  # fmt: skip


@router.get("/signals")
def inbox(
    client: Known, wanted: Annotated[Filter, Depends(_filter)], sort: Sort = Sort.URGENT,
    limit: Annotated[int, Query(ge=1, le=500)] = 50, offset: Annotated[int, Query(ge=0)] = 0,
) -> Form:  # fmt: skip
    """Signals that you see: open and seen ones unless `state` says otherwise. Repeat a parameter for several values."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        rows, total = signals.inbox(session, client.rights, wanted, sort=sort, limit=limit, offset=offset)
        counted = signals.counts(session, client.rights, wanted)
    return {"total": total, "signals": plain(rows), "counts": plain(counted)}


@router.get("/signals/{number}")
def one(client: Known, number: int) -> Form:
    """A signal with its history."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        found = signals.signal(session, client.rights, number)
        told = signals.history(session, client.rights, number)
    return {**plain(found), "history": plain(told)}


@router.get("/customers/{customer_id}/signals")
def of_customer(client: Known, customer_id: int) -> list[Form]:
    """A customer's signals that you see, in whatever state, newest first."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        return _told(signals.signals_of_customer(session, client.rights, customer_id))


@router.post("/signals/seen")
def seen(client: Known, body: Chosen) -> Form:
    """You have looked at these."""
    with changing(client, SUBJECT) as change:
        return {"seen": signals.see(change.session, client.rights, body.signals, change.actor, change.now)}


@router.post("/signals/decide")
def decide(client: Known, body: Decided) -> list[Form]:
    """React to signals, or ignore them."""
    with changing(client, SUBJECT) as change:
        decided = signals.decide(
            change.session, client.rights, body.signals, body.decision, body.reason, change.actor, change.now,
            body.comment,
        )  # fmt: skip
        return _told(decided)


@router.post("/signals/snooze")
def snooze(client: Known, body: Snoozed) -> list[Form]:
    """Put signals to sleep."""
    with changing(client, SUBJECT) as change:
        asleep = signals.snooze(
            change.session, client.rights, body.signals, body.until, change.actor, change.now, today=today(client),
            comment=body.comment, options=client.services.settings.signals,
        )  # fmt: skip
        return _told(asleep)


@router.post("/signals/reopen")
def reopen(client: Known, body: Chosen) -> list[Form]:
    """Take decisions back, or wake signals."""
    with changing(client, SUBJECT) as change:
        return _told(signals.reopen(change.session, client.rights, body.signals, change.actor, change.now))


@router.post("/signals/assign")
def assign(client: Known, body: Assigned) -> list[Form]:
    """Give signals to an employee whom your right reaches."""
    with changing(client, SUBJECT) as change:
        given = signals.assign(
            change.session, client.rights, body.signals, body.employee, change.actor, change.now, body.reason
        )
        return _told(given)


@router.get("/signal-reasons")
def reasons(client: Known, request: Request) -> Form:
    """Reasons of decisions by code, in the language that you ask for."""
    looking(client, SUBJECT)
    say = speaker_of(request).text
    return {
        decision: {code: say(text) for code, text in reasons.items()}
        for decision, reasons in (("reacted", REACTIONS), ("ignored", IGNORES))
    }


@router.get("/signal-figures")
def figures(client: Known, since: dt.date, until: dt.date) -> list[Form]:
    """By employee: raised, seen, reacted, ignored, the median of hours until a decision."""
    looking(client, SUBJECT)
    with client.services.database.read() as session:
        return [plain(each) for each in signals.figures(session, client.rights, since, until)]


@router.get("/signal-runs")
def runs(client: Known, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[Form]:
    """The last days that rules were held against: counts over all customers, for who may see everybody's signals."""
    looking(client, "signal_rules", SUBJECT)
    if client.rights.scope(SUBJECT, "view") is not Scope.ALL:
        raise Problem(403, "right_missing", _("Your role does not allow this."))
    with client.services.database.read() as session:
        return [plain(each) for each in signals.runs(session, limit)]


def _told(found: list[signals.SignalInfo]) -> list[Form]:
    return [plain(each) for each in found]
