"""Writes the operational database until it is killed; says after every commit what was committed."""

import datetime as dt
import sys
from itertools import count

from crm.services import sessions
from crm.services.actor import Actor
from crm.services.audit import AuditKind, Entry, record
from crm.start import prepare
from vitrina.account_options import AccountOptions


def main(url: str, user_id: int, run: str) -> None:
    """A session and an audit entry per transaction, for ever."""
    database = prepare(url, dt.datetime.now(dt.UTC))
    for number in count():
        now = dt.datetime.now(dt.UTC)
        with database.begin() as session:
            _, session_id = sessions.create(session, user_id, "10.0.0.1", f"{run}-{number}", now, AccountOptions())
            entry = Entry(AuditKind.SIGN_IN, "sessions", f"{run}-{number}", details={"session": session_id})
            record(session, Actor(user_id, "victim", "10.0.0.1"), entry, now)
        print(f"{run}-{number}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
