"""What senders and ticks ask again and again never goes through all messages and responses there are."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from crm.database import Database
from crm.services.delivery import claiming, handing, outbox
from tests.delivery_desk import NOW

PACE = claiming.Pace(100.0, 100)
ASKED: dict[str, Callable[[Session], object]] = {
    "claim": lambda session: claiming.claim(session, "worker", "sms", NOW, 100, PACE),
    "abandoned": lambda session: handing.abandoned(session, NOW),
    "left by a worker": lambda session: handing.in_hand(session, "worker"),
    "changed": lambda session: outbox.changed_customers(session, "spring", NOW - dt.timedelta(minutes=1)),
}
# Columns that an index has to bound, by the statement's table and what it asks for.
BOUND = {"expires_at": "expires_at<?", "received_at": "received_at>?", "lease_until": "state=?"}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_all_the_time_is_found_by_an_index(database: Database, name: str) -> None:
    asked: list[tuple[str, Any]] = []
    with database.begin() as session:
        engine = session.get_bind()
        assert isinstance(engine, Engine)

        def listen(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
            asked.append((statement, parameters))

        event.listen(engine, "before_cursor_execute", listen)
        ASKED[name](session)
        event.remove(engine, "before_cursor_execute", listen)
        for statement, parameters in asked:
            if "outbox_messages" not in statement and "campaign_responses" not in statement:
                continue
            told = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            plan = " / ".join(row[-1] for row in told)
            assert "SCAN outbox_messages" not in plan, statement
            where = statement.partition("WHERE")[2]
            for column, bounds in BOUND.items():
                if f"{column} <=" in where or f"{column} >=" in where:
                    assert bounds in plan, (plan, statement)
