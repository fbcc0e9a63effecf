"""Rules as people write them: versions, who may change and release them, what they may stand on."""

from dataclasses import replace
from typing import Any

import pytest
from crm_people import NOW, SYSTEM, acting, add_user
from segment_desk import HIDDEN, OPEN, draft, once, rule
from signal_company import AUTHOR, FALLS, FIRST, People, always, company, document, live_rule, of, run

from crm.database import Database
from crm.errors import CrmError
from crm.services import signals
from crm.services.accounts import UserInfo
from crm.services.signals import RuleAuthor, RuleInfo, RuleStatus, State, VersionState
from segments.errors import DefinitionError
from vitrina.access.rights import Rights
from vitrina.signal_options import SignalOptions


def author(rights: Rights | None, **tables: frozenset[str]) -> RuleAuthor:
    """Somebody who sees these tables' columns alone."""
    return RuleAuthor(
        replace(AUTHOR.segments, rights=rights, open_columns=tables or OPEN, hidden_columns=HIDDEN), AUTHOR.tables_of
    )


def create(database: Database, user: UserInfo | None = None, name: str = "Falls", **more: Any) -> RuleInfo:
    with database.begin() as session:
        who = acting(user) if user else SYSTEM
        return signals.create_rule(session, name, document(**more), who, NOW, author=AUTHOR)


def save(database: Database, info: RuleInfo, **more: Any) -> RuleInfo:
    with database.begin() as session:
        return signals.save_rule(
            session, info.key, SYSTEM, NOW, base=info.revision, author=AUTHOR, document=document(**more)
        )  # fmt: skip


def test_what_is_in_use_changes_only_with_a_release(database: Database) -> None:
    made = create(database)
    assert (made.key, made.status, made.published, made.open_version) == ("falls", RuleStatus.DRAFT, None, 1)
    with database.begin() as session:
        live = signals.put_live(session, made.key, SYSTEM, NOW, "tried")
    assert (live.status, live.published, live.open_version) == (RuleStatus.LIVE, 1, None)
    changed = save(database, live, priority="low")
    assert (changed.published, changed.open_version, changed.document["priority"]) == (1, 2, "low")
    assert save(database, changed, priority="low").revision == changed.revision
    with pytest.raises(CrmError) as refused:
        save(database, live, priority="medium")
    assert refused.value.code == "rule_changed"
    with database.begin() as session:
        assert signals.put_live(session, made.key, SYSTEM, NOW, "better").published == 2
        with pytest.raises(CrmError):
            signals.put_live(session, made.key, SYSTEM, NOW, "again")
        present = signals.rule(session, None, made.key)
        back = signals.restore_rule(session, made.key, 1, SYSTEM, NOW, base=present.revision, author=AUTHOR)
        states = [(each.number, each.state, each.restored_from) for each in signals.rule_versions(session, made.key)]
    assert back.document["priority"] == "high"
    published = VersionState.PUBLISHED
    assert states == [(3, VersionState.DRAFT, 1), (2, published, None), (1, published, None)]


@once
def test_figures_of_a_replay_belong_to_the_document_that_was_replayed(database: Database) -> None:
    made, required = create(database), SignalOptions(replay_required=True)
    with pytest.raises(CrmError) as refused, database.begin() as session:
        signals.put_live(session, made.key, SYSTEM, NOW, "now", options=required)
    assert refused.value.code == "rule_no_backtest"
    with database.begin() as session:
        signals.record_backtest(session, made.key, 1, {"alerts": 12, "precision": 0.4}, made.fingerprint, SYSTEM, NOW)
    changed = save(database, made, priority="low")
    with database.read() as session:
        assert signals.rule_version(session, made.key).backtest is None
    with pytest.raises(CrmError) as refused, database.begin() as session:
        signals.record_backtest(session, made.key, 1, {"alerts": 12}, made.fingerprint, SYSTEM, NOW)
    assert refused.value.code == "rule_changed"
    with database.begin() as session:
        signals.record_backtest(session, made.key, 1, {"alerts": 7}, changed.fingerprint, SYSTEM, NOW)
        assert signals.put_live(session, made.key, SYSTEM, NOW, "now", options=required).status == RuleStatus.LIVE


def test_rules_are_changed_within_ones_reach_and_released_by_administrators_of_rules(database: Database) -> None:
    people = company(database)
    made = create(database, people.farmer)
    marketer = add_user(database, "malika", "head_of_marketing")
    chief = add_user(database, "bekzod", "head_of_b2b")
    expected = {
        people.farmer: (True, False), people.colleague: (False, False), people.head: (True, True),
        marketer: (True, True), chief: (False, False),
    }  # fmt: skip
    with database.read() as session:
        told = {
            user: (
                signals.may_edit_rule(session, of(database, user), made.key),
                signals.may_release_rule(session, of(database, user), made.key),
            )
            for user in expected
        }
        assert told == expected
        signals.require_rule_view(session, of(database, people.other), made.key)
        for check, code in (
            (signals.require_rule_edit, "rule_out_of_reach"),
            (signals.require_rule_release, "rule_release"),
        ):
            with pytest.raises(CrmError) as refused:
                check(session, of(database, people.colleague), made.key)
            assert refused.value.code == code
        operator = add_user(database, "olim", "first_line_operator")
        with pytest.raises(CrmError) as refused:
            signals.require_rule_view(session, of(database, operator), made.key)
        assert refused.value.code == "rule_unknown"
        assert signals.rules(session, of(database, operator)) == []


@once
def test_a_rule_stands_on_what_its_author_sees(database: Database) -> None:
    people = company(database)
    rights = of(database, people.farmer)
    with database.begin() as session:
        blind = author(rights, customer_profiles=frozenset({"customer_id"}))
        with pytest.raises(DefinitionError) as refused:
            signals.create_rule(session, "x", document(), acting(people.farmer), NOW, author=blind)
        assert [(each.path, each.values) for each in refused.value.problems] == [
            (("conditions",), {"name": "fct_payments"})
        ]  # fmt: skip
        text = "select customer_id, amount as value, 1 as severity from fct_payments where paid_date <= $day"
        sql = {name: each for name, each in document().items() if name != "conditions"} | {"kind": "sql", "sql": text}
        with pytest.raises(CrmError) as no_sql:
            signals.create_rule(session, "x", sql, acting(people.farmer), NOW, author=author(rights))
        assert no_sql.value.code == "segment_sql"
        chief = author(of(database, people.head))
        with pytest.raises(DefinitionError):
            signals.create_rule(
                session, "x", {**sql, "sql": text.replace("amount", "length(payer)")}, SYSTEM, NOW, author=chief
            )
        assert signals.create_rule(session, "Payments", sql, SYSTEM, NOW, author=chief).document["kind"] == "sql"


@once
@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"audience": {"kind": "segment", "segment": "nobodys"}}, ("audience", "segment")),
        ({"action": {"kind": "list", "list": "nowhere"}}, ("action", "list")),
        ({"action": {"kind": "notify_group", "department_id": "X"}}, ("action", "department_id")),
        ({"owner": {"kind": "department", "department_id": "X"}}, ("owner", "department_id")),
        ({"owner": {"kind": "employee", "employee_id": "E99"}}, ("owner", "employee_id")),
        ({"conditions": {"combinator": "and", "rules": [{**FALLS, "weeks": 0}]}}, ("conditions", "rules")),
    ],
)
def test_what_a_rule_names_has_to_be_there(database: Database, more: dict[str, Any], path: tuple[str, ...]) -> None:
    company(database)
    with pytest.raises(DefinitionError) as refused:
        create(database, **more)
    assert refused.value.problems[0].path[:2] == path


@once
def test_others_private_segments_are_no_audience(database: Database) -> None:
    people = company(database)
    mine = draft(database, "Debtors", rule(), by=people.colleague)
    audience = {"kind": "segment", "segment": mine.key}
    with pytest.raises(DefinitionError), database.begin() as session:
        signals.create_rule(
            session, "x", document(audience=audience), acting(people.farmer), NOW,
            author=author(of(database, people.farmer)),
        )  # fmt: skip
    assert create(database, audience=audience).document["audience"]["segment"] == mine.key


@once
def test_archived_rules_close_what_nobody_decided_on_and_come_back_paused(database: Database) -> None:
    people: People = company(database)
    key = live_rule(database)
    run(database, always(1, 3), until=FIRST)
    with database.begin() as session:
        one = next(each for each in signals.inbox(session, None)[0] if each.customer_id == 1)
        signals.decide(
            session, of(database, people.farmer), [one.signal_id], "ignored", "known", acting(people.farmer), NOW
        )  # fmt: skip
        signals.archive_rule(session, key, SYSTEM, NOW, "replaced")
    with database.begin() as session:
        states = {
            each.customer_id: (each.state, each.closed_why)
            for each in signals.inbox(session, None, signals.Filter(states=tuple(State)))[0]
        }
        assert states == {1: (State.DECIDED, ""), 3: (State.CLOSED, "rule_archived")}
        assert signals.rules(session, None) == []
        assert signals.bring_rule_back(session, key, SYSTEM, NOW, "needed").status == RuleStatus.PAUSED
