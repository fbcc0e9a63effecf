"""Who may use the segment routes, and the transactions in which he changes something."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from apps.api import segment_forms as forms
from apps.api.access import Client
from apps.api.problems import Problem, _
from apps.data.segment_catalogue import author
from crm.services import segments
from crm.services.actor import Actor
from crm.services.segments import Author, SegmentInfo
from vitrina.access.looks import Purpose

Form = dict[str, Any]


@dataclass(frozen=True)
class Change:
    """A transaction in which a caller changes something."""

    session: Session
    actor: Actor
    now: dt.datetime


def looking(client: Client) -> None:
    """Raises `Problem` unless the caller may look at segments."""
    client.needs("segments")
    client.needs_right("segments", "view")


@contextmanager
def changing(client: Client, key: str | None = None) -> Iterator[Change]:
    """A change by the caller, of the segment `key` when there is one. Raises `Problem`, `CrmError`."""
    looking(client)
    if client.rights.acting_for is not None:
        raise Problem(403, "viewing_only", _("You are looking through another person's eyes: nothing can be changed."))
    client.needs_right("segments", "edit")
    with client.services.database.begin() as session:
        if key is not None:
            segments.require_edit(session, client.rights, key)
        yield Change(session, client.actor, client.services.now())


def writer(client: Client) -> Author:
    """The caller as one who writes definitions; made before a change begins, since the gate writes refusals down itself
    and SQLite has one writer at a time."""
    looking(client)
    return author(client.reader(Purpose.API))


def form_of(client: Client, info: SegmentInfo) -> Form:
    """A segment as the caller gets it."""
    return forms.segment_form(info, client.rights)
