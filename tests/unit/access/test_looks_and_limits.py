"""The audit log hears of looks, queries, exports and refusals; time, memory, rows and looks have bounds."""

import datetime as dt
import threading
import time
from collections.abc import Callable

import pytest

from tests.unit.access.conftest import Clock, Log
from tests.unit.access.people import everywhere, with_role
from vitrina.access.errors import Refused, Stopped
from vitrina.access.gate import AccessKind, Gate, GatedCursor, Limits, Purpose
from vitrina.access.rights import Mask, Scope
from vitrina.warehouse.engine import Resources

OPEN = everywhere(Scope.ALL, Mask.OPEN)
LONG = "SELECT count(*) FROM " + ", ".join(f"fct_interactions AS a{i}" for i in range(9))


def test_a_look_at_one_customer_says_who_whose_what_why_and_from_where(gate: Gate, log: Log, clock: Clock) -> None:
    gate.reader(OPEN, Purpose.PAGE, "10.0.0.7", "customer_card").query(
        "SELECT full_name, contact_phone FROM customer_profiles WHERE customer_id = ?", [5]
    )
    (look,) = log
    assert (look.kind, look.at, look.user_id, look.purpose) == (AccessKind.LOOK, clock.now, 7, Purpose.PAGE)
    assert (look.why, look.address, look.customer_ids, look.rows) == ("customer_card", "10.0.0.7", (5,), 1)
    assert look.classes == {"name", "contact"}
    assert look.tables == ("customer_profiles",)


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("SELECT email FROM customer_profiles WHERE $id = customer_id AND true", {"id": 5}),
        ("SELECT email FROM customer_profiles WHERE customer_id = 5", None),
        ("SELECT customer_id, email FROM customer_profiles WHERE email = ?", ["user5@firm5.uz"]),
        ("SELECT * FROM customer_profiles WHERE segment IS NOT NULL AND customer_id = ?", [5]),
    ],
)
def test_whose_data_it_was_is_found_however_he_was_asked_for(gate: Gate, log: Log, sql: str, params: object) -> None:
    gate.reader(OPEN, Purpose.PAGE, "10.0.0.7").query(sql, params)
    assert log[0].customer_ids == (5,)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM customer_profiles WHERE contact_phone IS NOT NULL",
        "SELECT region_code, count(*) FROM customer_profiles GROUP BY 1",
        "SELECT customer_id, segment FROM customer_profiles",
        "SELECT full_name FROM customer_profiles WHERE customer_id = 999",
    ],
)
def test_figures_about_many_and_empty_answers_are_no_looks(gate: Gate, log: Log, sql: str) -> None:
    gate.reader(OPEN, Purpose.PAGE, "10.0.0.7").query(sql)
    assert log == []


def test_covered_values_are_no_looks(gate: Gate, log: Log) -> None:
    for mask in (Mask.PARTIAL, Mask.HASHED, Mask.ABSENT):
        gate.reader(everywhere(Scope.ALL, mask), Purpose.PAGE, "10.0.0.7").query("SELECT * FROM customer_profiles")
    assert log == []


def test_a_page_drawn_again_is_one_look_until_some_time_has_passed(gate: Gate, log: Log, clock: Clock) -> None:
    reader = gate.reader(OPEN, Purpose.PAGE, "10.0.0.7", "card")
    for _ in range(3):
        reader.query("SELECT full_name FROM customer_profiles WHERE customer_id = 5")
    gate.reader(OPEN, Purpose.PAGE, "10.0.0.7", "list").query(
        "SELECT customer_id, full_name FROM dim_customers LIMIT 2"
    )
    clock.now += dt.timedelta(minutes=11)
    reader.query("SELECT full_name FROM customer_profiles WHERE customer_id = 5")
    assert [(look.why, look.customer_ids) for look in log] == [("card", (5,)), ("list", (1, 2)), ("card", (5,))]


def test_own_sql_is_always_written_down_without_its_values(gate: Gate, log: Log) -> None:
    reader = gate.reader(OPEN, Purpose.SQL, "10.0.0.7")
    reader.query("SELECT customer_id FROM dim_customers WHERE full_name LIKE 'Каримов%' AND pinfl <> '312'")
    (told,) = log
    assert told.kind is AccessKind.QUERY
    assert told.classes == {"name", "identity"}
    assert "Каримов" not in told.statement
    assert "312" not in told.statement
    assert len(told.customer_ids) == told.rows == 24


def test_an_export_and_a_refusal_are_written_down(gate: Gate, log: Log) -> None:
    with gate.reader(OPEN, Purpose.EXPORT, "10.0.0.7", "exp_agency").cursor() as cursor:
        cursor.stream("SELECT * FROM dim_contacts").read_all()
    with pytest.raises(Refused):
        gate.reader(with_role("hunter"), Purpose.API, "10.0.0.8")
    with pytest.raises(Refused):
        gate.reader(with_role("hunter"), Purpose.REPORT, "10.0.0.8").query("SELECT * FROM fct_payments")
    assert [(each.kind, each.refusal) for each in log] == [
        (AccessKind.EXPORT, ""),
        (AccessKind.REFUSED, "purpose_closed"),
        (AccessKind.REFUSED, "table_closed: fct_payments"),
    ]


def test_what_cannot_be_written_down_is_not_shown(gate: Gate, log: Log) -> None:
    log.broken = True
    for purpose in Purpose:
        with pytest.raises(OSError, match="audit log"):
            gate.reader(OPEN, purpose, "10.0.0.7").query("SELECT * FROM dim_contacts")


def test_looks_have_a_limit_that_wears_off_and_that_another_snapshot_does_not_renew(
    open_gate: Callable[..., Gate], clock: Clock, log: Log
) -> None:
    gate = open_gate(Limits(looks=5))
    reader = gate.reader(OPEN, Purpose.API, "10.0.0.7")
    one = "SELECT full_name FROM customer_profiles WHERE customer_id = ?"
    for customer in (1, 2, 3, 4, 5, 5, 4):
        reader.query(one, [customer])
    with pytest.raises(Refused, match="5 customers in 60 minutes"):
        reader.query(one, [6])
    with pytest.raises(Refused):
        gate.reader(OPEN, Purpose.PAGE, "10.9.9.9").query("SELECT customer_id, full_name FROM dim_customers")
    assert log[-1].refusal == "too_many_looks"
    gate.reader(everywhere(Scope.ALL, Mask.OPEN, user_id=8), Purpose.API, "10.0.0.7").query(one, [6])
    clock.now += dt.timedelta(minutes=61)
    reader.query(one, [6])


def test_a_query_that_takes_too_long_is_stopped(open_gate: Callable[..., Gate]) -> None:
    reader = open_gate(Limits(sql_seconds=0.5)).reader(OPEN, Purpose.SQL, "10.0.0.7")
    started = time.monotonic()
    with pytest.raises(Stopped, match="stopped after"):
        reader.query(LONG)
    assert time.monotonic() - started < 5
    assert reader.rows("SELECT 1") == [(1,)]


def test_a_query_can_be_stopped_from_another_thread(gate: Gate) -> None:
    with gate.reader(OPEN, Purpose.SQL, "10.0.0.7").cursor() as cursor:
        threading.Timer(0.3, cursor.interrupt).start()
        with pytest.raises(Stopped) as caught:
            cursor.query(LONG)
        assert caught.value.code == "cancelled"
        assert cursor.rows("SELECT 1") == [(1,)]


def test_a_query_takes_no_more_memory_than_it_may_and_pages_go_on(open_gate: Callable[..., Gate]) -> None:
    small = Resources("60MB", threads=1, spill_limit="1MB")
    gate = open_gate(Limits(resources=small, sql_seconds=60))
    doubled = "SELECT 'aaaaaaaaaa' AS x"
    for _ in range(40):
        doubled = f"SELECT x || x AS x FROM ({doubled})"
    for sql in (
        f"SELECT length(x) FROM ({doubled})",
        "SELECT list(a0.started_at) FROM " + ", ".join(f"fct_interactions AS a{i}" for i in range(6)),
    ):
        with pytest.raises(Stopped, match="memory"):
            gate.reader(OPEN, Purpose.SQL, "10.0.0.7").query(sql)
    assert gate.reader(OPEN, Purpose.PAGE, "10.0.0.7").rows("SELECT count(*) FROM dim_customers") == [(24,)]


def test_own_sql_brings_so_many_rows_and_says_that_there_are_more(open_gate: Callable[..., Gate]) -> None:
    reader = open_gate(Limits(rows=10)).reader(OPEN, Purpose.SQL, "10.0.0.7")
    cut = reader.run("SELECT customer_id FROM dim_customers ORDER BY customer_id DESC")
    assert cut.is_cut
    assert cut.table.column(0).to_pylist() == list(range(24, 14, -1))
    assert not reader.run("SELECT customer_id FROM dim_customers LIMIT 10").is_cut


def _run_until_stopped(cursor: GatedCursor) -> None:
    with pytest.raises(Stopped):
        cursor.query(LONG)


def test_nobody_has_more_queries_under_way_than_he_may(open_gate: Callable[..., Gate], log: Log) -> None:
    gate = open_gate(Limits(sql_seconds=20, at_once=1))
    with gate.reader(OPEN, Purpose.SQL, "10.0.0.7").cursor() as slow:
        thread = threading.Thread(target=_run_until_stopped, args=[slow])
        thread.start()
        give_up = time.monotonic() + 20
        while not gate._under_way[OPEN.user_id] and time.monotonic() < give_up:
            time.sleep(0.01)
        with pytest.raises(Refused, match="under way"):
            gate.reader(OPEN, Purpose.SQL, "10.0.0.7").query("SELECT 1")
        assert gate.reader(everywhere(Scope.ALL, Mask.OPEN, user_id=8), Purpose.SQL, "x").rows("SELECT 1") == [(1,)]
        slow.interrupt()
        thread.join()
    assert gate.reader(OPEN, Purpose.SQL, "10.0.0.7").rows("SELECT 1") == [(1,)]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT nothing FROM dim_customers", "no column nothing"),
        ("SELECT full_name + 1 FROM dim_customers WHERE customer_id = 1", "value does not fit|cannot be answered"),
        ("SELECT ? + 1", "parameters"),
        ("SELECT 1 FROM dim_customers WHERE", "not understood near line 1"),
        ("SELECT sum(full_name) FROM dim_customers", "cannot be answered"),
    ],
)
def test_a_failure_is_told_in_words_without_the_insides(gate: Gate, sql: str, message: str) -> None:
    with pytest.raises((Refused, Stopped), match=message) as caught:
        gate.reader(OPEN, Purpose.SQL, "10.0.0.7").query(sql)
    for inside in ("snapshot.main", "memory.", "gated_", "barred_", "sha256"):
        assert inside not in str(caught.value)
