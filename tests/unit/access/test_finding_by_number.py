"""Who is told a whole number may learn whose it is, within his scope, so often and no more."""

from collections.abc import Callable

import pytest

from tests.unit.access.conftest import Log, Snapshot
from tests.unit.access.people import everywhere, with_role
from vitrina.access.errors import Refused
from vitrina.access.gate import AccessKind, Gate, Limits, Purpose
from vitrina.access.rights import Mask, Scope


def test_an_operator_finds_the_caller_though_numbers_are_covered(gate: Gate, snapshot: Snapshot, log: Log) -> None:
    reader = gate.reader(with_role("first_line_operator"), Purpose.PAGE, "10.0.0.7", "search")
    for table, column in (
        ("dim_customers", "contact_phone"),
        ("dim_subscriptions", "msisdn"),
        ("dim_contacts", "phone"),
    ):
        assert reader.find("phone", snapshot.raw[table][4][column]) == (5,)
    assert reader.find("identity", snapshot.raw["dim_customers"][4]["pinfl"]) == (5,)
    assert {(told.kind, told.statement, told.customer_ids) for told in log} == {
        (AccessKind.QUERY, "find phone", (5,)),
        (AccessKind.QUERY, "find identity", (5,)),
    }
    assert snapshot.raw["dim_customers"][4]["pinfl"] not in str(log)


def test_nobody_is_found_outside_of_the_scope_or_by_a_part_of_the_number(gate: Gate, snapshot: Snapshot) -> None:
    reader = gate.reader(everywhere(Scope.OWN, Mask.PARTIAL), Purpose.PAGE, "10.0.0.7")
    own = {customer for (customer,) in reader.rows("SELECT customer_id FROM dim_customers")}
    for row in snapshot.raw["dim_customers"]:
        expected = (row["customer_id"],) if row["customer_id"] in own else ()
        assert reader.find("phone", row["contact_phone"]) == expected
        assert reader.find("phone", row["contact_phone"][:-1]) == ()
    assert reader.find("phone", "%") == reader.find("phone", "") == reader.find("phone", "' OR 1=1 --") == ()


def test_a_table_that_is_closed_finds_nobody(gate: Gate, snapshot: Snapshot) -> None:
    reader = gate.reader(with_role("telemarketing_operator"), Purpose.PAGE, "10.0.0.7")
    assert reader.find("phone", snapshot.raw["dim_contacts"][0]["phone"]) == ()


@pytest.mark.parametrize("mask", [Mask.HASHED, Mask.ABSENT])
def test_hashed_and_absent_numbers_cannot_be_tried(gate: Gate, snapshot: Snapshot, mask: Mask) -> None:
    reader = gate.reader(everywhere(Scope.ALL, mask), Purpose.PAGE, "10.0.0.7")
    assert reader.find("phone", snapshot.raw["dim_customers"][0]["contact_phone"]) == ()


def test_numbers_cannot_be_tried_one_after_the_other(open_gate: Callable[..., Gate], log: Log) -> None:
    reader = open_gate(Limits(finds=3)).reader(with_role("first_line_operator"), Purpose.PAGE, "10.0.0.7")
    for number in ("+998900000001", "+998900000002", "+998900000001", "+998900000003"):
        reader.find("phone", number)
    with pytest.raises(Refused, match="3 numbers"):
        reader.find("phone", "+998900000004")
    assert log[-1].refusal == "too_many_finds"


def test_only_numbers_can_be_looked_for(gate: Gate) -> None:
    with pytest.raises(ValueError, match="not a number"):
        gate.reader(with_role("first_line_operator"), Purpose.PAGE, "10.0.0.7").find("name", "Каримов")
