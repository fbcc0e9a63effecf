"""Who may use the routes of signals, tasks and notices, and the transactions in which he changes something."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from apps.api.access import Client
from apps.api.problems import Problem, _
from apps.api.segment_access import Change

VIEWING = _("You are looking through another person's eyes: nothing can be changed.")


def looking(client: Client, subject: str, scope: str = "") -> None:
    """Raises `Problem` unless the caller may look at `subject`; its token scope is of the same name unless given."""
    client.needs(scope or subject)
    client.needs_right(subject, "view")


@contextmanager
def changing(client: Client, subject: str, action: str = "edit", scope: str = "") -> Iterator[Change]:
    """A change by the caller. Raises `Problem`, `CrmError`."""
    looking(client, subject, scope)
    if client.rights.acting_for is not None:
        raise Problem(403, "viewing_only", VIEWING)
    client.needs_right(subject, action)
    with client.services.database.begin() as session:
        yield Change(session, client.actor, client.services.now())


def today(client: Client) -> dt.date:
    """The day by the clock of the installation."""
    return client.services.now().astimezone(ZoneInfo(client.services.settings.timezone)).date()
