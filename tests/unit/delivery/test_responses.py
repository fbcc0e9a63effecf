"""Whose a response is: windows, precedence, what nobody can place; and opting out."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from crm.database import Database
from crm.errors import CrmError
from crm.models import CampaignResponse, OutboxMessage
from crm.services.actor import system
from crm.services.delivery import opt_outs, outbox, responses
from crm.services.delivery.values import NewResponse
from tests.delivery_desk import NOW, new

ACTOR = system("tests")
DAY = dt.timedelta(days=1)


def contact(
    database: Database, customer: int, campaign: str, days: float, channel: str = "sms", **details: object
) -> None:
    """A message that reached somebody so many days ago."""
    message = new(customer, channel, campaign, details=details or None)
    with database.begin() as session:
        outbox.put(session, [message], NOW)
        at = NOW - days * DAY
        values = {"state": "sent", "contacted_at": at, "sent_at": at, "address_digest": f"{channel}-{customer}"}
        session.execute(update(OutboxMessage).where(OutboxMessage.key == message.key).values(values))


def answered(database: Database, **given: object) -> CampaignResponse | None:
    """A response that came now; how it was placed."""
    with database.begin() as session:
        response = NewResponse(**{"source": "test", "external_id": "1", "type": 2, "kind": "reply", "at": NOW, **given})  # type: ignore[arg-type]
        if not responses.record(session, response, NOW):
            return None
        wanted = (CampaignResponse.source == response.source, CampaignResponse.external_id == response.external_id)
        return session.scalars(select(CampaignResponse).where(*wanted)).one()


def test_a_response_is_recorded_once(database: Database) -> None:
    contact(database, 1, "a", 1)
    assert answered(database, key=new(1, campaign="a").key) is not None
    assert answered(database, key=new(1, campaign="a").key) is None


@pytest.mark.parametrize(
    ("type_", "days", "counted"),
    [(1, 6.9, True), (1, 7.1, False), (2, 13.9, True), (2, 14.1, False), (3, 29.9, True), (3, 30.1, False)],
)
def test_a_response_counts_inside_the_window_of_its_message(
    database: Database, type_: int, days: float, counted: bool
) -> None:
    contact(database, 1, "a", days)
    found = answered(database, type=type_, key=new(1, campaign="a").key)
    assert found is not None
    assert (found.campaign, found.is_counted) == ("a", counted)
    with database.read() as session:
        facts = outbox.facts(session, "a", [1])
        assert len(facts[1][1]) == int(counted)


def test_a_campaign_has_windows_of_its_own(database: Database) -> None:
    contact(database, 1, "a", 3, windows={"2": 2})
    found = answered(database, key=new(1, campaign="a").key)
    assert found is not None
    assert not found.is_counted


def test_a_reply_belongs_to_the_latest_message_to_its_address(database: Database) -> None:
    contact(database, 1, "a", 3)
    contact(database, 1, "b", 1)
    contact(database, 1, "c", 0.5, channel="email")
    found = answered(database, channel="sms", address_digest="sms-1")
    assert found is not None
    assert (found.campaign, found.customer_id, found.is_planned) == ("b", 1, True)


def test_a_conversion_goes_to_the_message_that_aroused_interest_else_to_the_latest(database: Database) -> None:
    contact(database, 1, "a", 9)
    contact(database, 1, "b", 2)
    contact(database, 1, "old", 40)
    first = answered(database, type=3, kind="payment", source="billing", customer_id=1, value=Decimal("99000.5"))
    assert first is not None
    assert (first.campaign, first.value) == ("b", Decimal("99000.5"))
    answered(database, external_id="click", key=new(1, campaign="a").key, kind="click", at=NOW - DAY)
    second = answered(database, external_id="2", type=3, kind="payment", source="billing", customer_id=1)
    assert second is not None
    assert second.campaign == "a"


def test_a_conversion_without_a_contact_is_nobodys_doing(database: Database) -> None:
    contact(database, 1, "a", 31)
    assert answered(database, type=3, source="billing", customer_id=1) is None
    assert answered(database, external_id="2", type=3, source="billing", customer_id=2) is None
    contact(database, 3, "a", -1)
    assert answered(database, external_id="3", type=3, source="billing", customer_id=3) is None


def test_an_answer_that_nobody_can_place_waits_with_suggestions_and_is_placed_by_a_person(database: Database) -> None:
    contact(database, 1, "a", 3)
    contact(database, 1, "b", 20)
    contact(database, 2, "a", 1)
    found = answered(database, channel="telegram", address_digest="telegram-77", text="Narxi qancha?")
    assert found is not None
    assert (found.state, found.campaign, found.is_counted) == ("open", None, False)
    with database.begin() as session:
        assert [each.text for each in responses.waiting(session)] == ["Narxi qancha?"]
        told = responses.suggestions(session, found.response_id, customer_id=1)
        assert [(each.campaign, each.is_counted) for each in told] == [("a", True), ("b", False)]
        placed = responses.match(session, found.response_id, told[0].message_id, ACTOR, NOW)
        assert (placed.campaign, placed.customer_id, placed.is_planned, placed.is_counted) == ("a", 1, False, True)
        assert responses.waiting(session) == []
        with pytest.raises(CrmError):
            responses.match(session, found.response_id, told[0].message_id, ACTOR, NOW)
        assert [each.campaign for each in responses.of_customer(session, 1)] == ["a"]


def test_an_answer_outside_every_window_is_suggested_by_its_address(database: Database) -> None:
    contact(database, 1, "a", 60)
    found = answered(database, channel="sms", address_digest="sms-1")
    assert found is not None
    with database.begin() as session:
        (told,) = responses.suggestions(session, found.response_id)
        assert (told.same_address, told.is_counted, told.customer_id) == (True, False, 1)
        responses.dismiss(session, found.response_id, "Wrong number", ACTOR, NOW)
        assert responses.waiting(session) == []
        with pytest.raises(CrmError):
            responses.dismiss(session, found.response_id, "again", ACTOR, NOW)


def test_an_opt_out_holds_for_its_channel_and_category_until_it_is_taken_back(database: Database) -> None:
    with database.begin() as session:
        assert opt_outs.opt_out(session, 1, "sms", NOW, "office")
        assert not opt_outs.opt_out(session, 1, "sms", NOW, "office")
        assert opt_outs.opt_out(session, 2, "all", NOW, "office", category="all")
        assert opt_outs.opt_out(session, None, "sms", NOW, "sms", address_digest="d3")
    with database.begin() as session:
        found = opt_outs.refusals(session, [1, 2, 3], ["d3"])
        assert found.forbid(1, None, "sms", "marketing")
        assert not found.forbid(1, None, "email", "marketing")
        assert not found.forbid(1, None, "sms", "service")
        assert found.forbid(2, None, "push", "collection")
        assert found.forbid(3, "d3", "sms", "marketing")
        assert not found.forbid(3, "d4", "sms", "marketing")
        with pytest.raises(CrmError):
            opt_outs.opt_in(session, 1, "sms", ACTOR, NOW, " ")
        opt_outs.opt_in(session, 1, "sms", ACTOR, NOW, "Asked for it in the office")
        assert not opt_outs.refusals(session, [1], []).forbid(1, None, "sms", "marketing")
        assert [(row[0], row[1]) for row in opt_outs.active(session)] == [(2, "all")]
        with pytest.raises(CrmError):
            opt_outs.opt_in(session, 1, "sms", ACTOR, NOW, "again")


def test_an_address_that_says_stop_is_left_alone_also_when_its_customer_had_said_so_before(database: Database) -> None:
    with database.begin() as session:
        opt_outs.opt_out(session, 1, "sms", NOW, "call centre")
        assert opt_outs.opt_out(session, 1, "sms", NOW, "sms", address_digest="d" * 64)
        assert not opt_outs.opt_out(session, 1, "sms", NOW, "sms", address_digest="d" * 64)
        assert opt_outs.refusals(session, [2], ["d" * 64]).forbid(2, "d" * 64, "sms", "marketing")
        opt_outs.opt_in(session, 1, "sms", system("tests"), NOW, "he asked for it")
        assert not opt_outs.refusals(session, [1, 2], ["d" * 64]).forbid(1, "d" * 64, "sms", "marketing")
