"""Who sees and decides on signals, what decisions leave behind, how managers' answers are counted."""

import datetime as dt

import pytest
from company import link
from crm_people import NOW, SYSTEM, acting, add_user, later
from segment_desk import TODAY, once
from signal_company import CUSTOMER, FIRST, People, always, company, live_rule, of, run
from sqlalchemy import select

from crm.database import Database
from crm.errors import CrmError
from crm.models import AuditRow
from crm.services import signals
from crm.services.accounts import UserInfo
from crm.services.notices import notices
from crm.services.rights import seen_through
from crm.services.signals import Decision, Filter, State
from crm.services.stand_ins import add_stand_in

WAITING = Filter()


@pytest.fixture
def people(database: Database) -> People:
    """The company with one signal about each customer."""
    found = company(database)
    live_rule(database)
    run(database, always(*CUSTOMER), until=FIRST)
    return found


def seen(database: Database, user: UserInfo | None, wanted: Filter = WAITING) -> dict[int, int]:
    with database.read() as session:
        rights = of(database, user) if user else None
        return {each.customer_id: each.signal_id for each in signals.inbox(session, rights, wanted)[0]}


def test_a_manager_sees_his_customers_a_head_those_below_and_the_pool_of_his_region(
    database: Database, people: People
) -> None:
    assert seen(database, people.farmer).keys() == {1, 2}
    assert seen(database, people.colleague).keys() == {3}
    assert seen(database, people.other).keys() == {4}
    assert seen(database, people.head).keys() == {1, 2, 3}
    assert seen(database, None).keys() == set(CUSTOMER)
    head = add_user(database, "bekzod", "head_of_b2b")
    link(database, head.user_id, "E9")
    assert seen(database, head).keys() == {4, 5}


def test_a_stand_in_sees_and_decides_while_it_lasts(database: Database, people: People) -> None:
    with database.begin() as session:
        add_stand_in(session, "E4", "E10", NOW.date(), NOW.date(), SYSTEM, NOW, "leave")
    assert seen(database, people.other).keys() == {1, 2, 4}
    with database.begin() as session:
        ids = [seen(database, people.other)[1]]
        signals.decide(session, of(database, people.other), ids, "reacted", "called", acting(people.other), NOW)
    with database.read() as session:
        tomorrow = of(database, people.other, NOW.date() + dt.timedelta(days=1))
        assert [each.customer_id for each in signals.inbox(session, tomorrow)[0]] == [4]


def test_decisions_are_kept_with_reason_and_author_and_audited(database: Database, people: People) -> None:
    ids, rights, actor = seen(database, people.farmer), of(database, people.farmer), acting(people.farmer)
    with database.begin() as session:
        assert signals.see(session, rights, ids.values(), actor, NOW) == 2
        assert signals.see(session, rights, ids.values(), actor, NOW) == 0
        (done,) = signals.decide(session, rights, [ids[1]], "reacted", "called", actor, later(hours=2), "will pay")
    assert (done.state, done.decision, done.decision_reason, done.decided_login, done.comment) == (
        State.DECIDED, Decision.REACTED, "called", "farida", "will pay",
    )  # fmt: skip
    with database.read() as session:
        kinds = [each.kind for each in signals.history(session, rights, ids[1])]
        audited = session.scalars(select(AuditRow).where(AuditRow.object == "signals", AuditRow.subject == str(ids[1])))
        assert [(row.actor_login, row.details["what"]) for row in audited] == [("farida", "reacted")]
        counted = signals.counts(session, rights)
    assert kinds == ["raised", "seen", "reacted"]
    assert (counted.waiting, counted.by_state, counted.by_priority) == (1, {"decided": 1, "seen": 1}, {"high": 1})


@pytest.mark.parametrize(
    ("decision", "reason", "comment", "code"),
    [
        ("forgot", "called", "", "signal_decision"),
        ("reacted", "seasonal", "", "signal_reason"),
        ("ignored", "called", "", "signal_reason"),
        ("ignored", "other", " ", "signal_comment"),
    ],
)
@once
def test_a_decision_needs_a_reason_of_the_list(
    database: Database, people: People, decision: str, reason: str, comment: str, code: str
) -> None:
    ids = [seen(database, people.farmer)[1]]
    with pytest.raises(CrmError) as refused, database.begin() as session:
        signals.decide(session, of(database, people.farmer), ids, decision, reason, acting(people.farmer), NOW, comment)
    assert refused.value.code == code


@once
def test_whom_a_signal_does_not_concern_is_refused_and_nothing_changes(database: Database, people: People) -> None:
    one = seen(database, people.farmer)[1]
    collector = add_user(database, "sardor", "collections")
    admin = add_user(database, "admin", "system_administrator")
    looking = seen_through(of(database, people.farmer), of(database, people.head))
    for rights, user, code in (
        (of(database, people.other), people.other, "signal_unknown"),
        (of(database, admin), admin, "signal_unknown"),
        (of(database, collector), collector, "signal_out_of_reach"),
        (looking, people.head, "viewing_only"),
    ):
        for change in (
            lambda session, r=rights, u=user: signals.decide(session, r, [one], "reacted", "called", acting(u), NOW),
            lambda session, r=rights, u=user: signals.snooze(
                session, r, [one], TODAY + dt.timedelta(days=3), acting(u), NOW, today=TODAY
            ),
        ):
            with pytest.raises(CrmError) as refused, database.begin() as session:
                change(session)
            assert refused.value.code == code, user.login
    with database.read() as session:
        assert signals.signal(session, None, one).state == State.OPEN


@once
def test_all_of_a_bulk_decision_or_none(database: Database, people: People) -> None:
    everybody = seen(database, None)
    with pytest.raises(CrmError), database.begin() as session:
        signals.decide(
            session, of(database, people.farmer), [everybody[1], everybody[4]], "ignored", "known",
            acting(people.farmer), NOW,
        )  # fmt: skip
    assert seen(database, None) == everybody


@once
def test_a_sleeping_signal_is_out_of_sight_until_its_day_then_its_owner_is_told(
    database: Database, people: People
) -> None:
    ids, rights, actor = seen(database, people.farmer), of(database, people.farmer), acting(people.farmer)
    with database.begin() as session:
        signals.snooze(session, rights, [ids[1]], TODAY + dt.timedelta(days=3), actor, NOW, today=TODAY)
    assert seen(database, people.farmer).keys() == {2}
    assert run(database, always(*CUSTOMER)).raised == 0
    with database.begin() as session:
        assert signals.wake(session, TODAY + dt.timedelta(days=2), later(days=2)) == 0
        assert signals.wake(session, TODAY + dt.timedelta(days=3), later(days=3)) == 1
    assert seen(database, people.farmer).keys() == {1, 2}
    with database.read() as session:
        assert notices(session, people.farmer.user_id)[0].kind == "signals_woken"


@once
def test_a_decision_can_be_taken_back_and_a_decided_signal_is_not_raised_in_its_cool_down(
    database: Database, people: People
) -> None:
    ids, rights, actor = seen(database, people.farmer), of(database, people.farmer), acting(people.farmer)
    with database.begin() as session:
        signals.decide(session, rights, [ids[1]], "ignored", "seasonal", actor, NOW)
    assert run(database, always(*CUSTOMER)).raised == 0
    with database.begin() as session:
        (back,) = signals.reopen(session, rights, [ids[1]], actor, NOW)
    assert (back.state, back.decision, back.decided_at) == (State.SEEN, None, None)


@once
def test_a_head_gives_signals_to_his_people_and_to_nobody_else(database: Database, people: People) -> None:
    one = seen(database, people.head)[1]
    rights, actor = of(database, people.head), acting(people.head)
    with database.begin() as session:
        (given,) = signals.assign(session, rights, [one], "E5", actor, NOW, "knows him")
    assert given.owner_id == "E5"
    assert 1 in seen(database, people.colleague)
    # The account manager still sees what is about his customer.
    assert 1 in seen(database, people.farmer)
    with pytest.raises(CrmError) as refused, database.begin() as session:
        signals.assign(session, rights, [one], "E10", actor, NOW, "elsewhere")
    assert refused.value.code == "rule_employee"


@once
def test_filters_narrow_and_pages_count_all(database: Database, people: People) -> None:
    assert seen(database, None, Filter(customers=[3, 4])).keys() == {3, 4}
    assert seen(database, None, Filter(text="4")).keys() == {4}
    assert seen(database, None, Filter(text="PAYMENTS")).keys() == set(CUSTOMER)
    assert seen(database, None, Filter(owners=("E4",), unassigned=True)).keys() == {1, 2, 5}
    assert seen(database, None, Filter(states=(State.CLOSED,))) == {}
    with database.read() as session:
        page, total = signals.inbox(session, None, limit=2, offset=1)
    # Of one priority, the most valuable first.
    assert (total, [each.customer_id for each in page]) == (5, [1, 2])


@once
def test_figures_say_what_each_manager_did_and_how_long_it_took(database: Database, people: People) -> None:
    ids, rights, actor = seen(database, people.farmer), of(database, people.farmer), acting(people.farmer)
    with database.begin() as session:
        signals.decide(session, rights, [ids[1]], "reacted", "called", actor, later(hours=3))
        signals.decide(session, rights, [ids[2]], "ignored", "known", actor, later(hours=9))
    with database.read() as session:
        told = {each.employee_id: each for each in signals.figures(session, None, FIRST, TODAY)}
        mine = signals.figures(session, of(database, people.colleague), FIRST, TODAY)
    assert (told["E4"].raised, told["E4"].reacted, told["E4"].ignored, told["E4"].median_hours) == (2, 1, 1, 6.0)
    assert (told["E5"].raised, told["E5"].open, told["E5"].median_hours) == (1, 1, None)
    assert list(told)[-1] is None
    assert [each.employee_id for each in mine] == ["E5"]
