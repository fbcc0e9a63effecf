"""Templates, routes, policies and files of campaigns: checked where they are written, versions that stay."""

import datetime as dt
from typing import Any

import pytest
from campaign_desk import approved, designed, flow, limit, look, people, stage, template
from crm_people import NOW, SYSTEM, acting, later

from crm.database import Database
from crm.errors import CrmError
from crm.services.campaigns import kpis, policies, portable, register, routes, templates, writing
from crm.services.campaigns.values import Filter, Kind, Kpi, Stage
from segments.errors import DefinitionError


def test_a_text_with_what_is_not_allowed_is_told_at_its_place(database: Database) -> None:
    texts = {
        "ru": {"text": "{{ passport }}"}, "uz": {"text": "", "colour": "red"}, "de": {"text": "Hallo"},
        "en": {"text": "{{ first_name.__class__ }}"},
    }  # fmt: skip
    with pytest.raises(DefinitionError) as error, database.begin() as session:
        templates.create_template(session, "Bad", "sms", texts, SYSTEM, NOW)
    assert {each.path for each in error.value.problems} == {
        ("variants", "ru", "text"), ("variants", "uz", "text"), ("variants", "uz", "colour"), ("variants", "de"),
        ("variants", "en", "text"),
    }  # fmt: skip


def test_a_published_text_never_changes_and_two_who_write_at_once_are_told(database: Database) -> None:
    template(database)
    with database.begin() as session:
        base = templates.template(session, "hello").revision
        changed = {"ru": {"text": "Other"}, "uz": {"text": "Boshqa"}}
        saved = templates.save_template(session, "hello", SYSTEM, NOW, base=base, variants=changed)
        assert (saved.version, saved.published) == (2, 1)
        assert "friend" in templates.template_version(session, "hello").variants["ru"].text
    with pytest.raises(CrmError, match="in the meantime"), database.begin() as session:
        templates.save_template(session, "hello", SYSTEM, NOW, base=base, name="Late")


def test_a_template_in_use_is_not_put_away(database: Database) -> None:
    who = people(database)
    template(database)
    made = designed(database, who.aziza)
    with pytest.raises(CrmError, match="Bundles"), database.begin() as session:
        templates.archive_template(session, "hello", SYSTEM, NOW, "old")
    with database.begin() as session:
        writing.save_campaign(session, made.key, SYSTEM, NOW, base=made.revision, flow=None)
        templates.archive_template(session, "hello", SYSTEM, NOW, "old")
        assert templates.templates(session) == []


def test_the_route_is_chosen_by_what_the_campaign_is(database: Database) -> None:
    people(database)
    usual: dict[str, Any] = {"kind": "targeted", "customer_type": "person", "budget": 10.0, "channels": ["sms"]}
    with database.begin() as session:
        found = [
            routes.route_of(session, usual | change).key
            for change in ({}, {"kind": "mass"}, {"budget": 5e7}, {"customer_type": "organisation"})
        ]
        assert found == ["usual", "mass", "large", "organisations"]
        size = {"all": [{"parameter": "audience_size", "is": "at_least", "value": 1000}]}
        steps = [{"name": "Director", "role": "commercial_director"}]
        routes.save_route(session, "Many", size, steps, SYSTEM, NOW, "test", key="many", position=1)
        # Who does not say how many are in it does not get around it.
        assert [routes.route_of(session, usual | {"audience_size": each}).key for each in (None, 999, 1000)] == [
            "many", "usual", "many"
        ]  # fmt: skip


def test_a_route_always_has_a_step_of_somebody_who_may_approve(database: Database) -> None:
    people(database)
    wrong = [
        {"role": "marketing_specialist"}, {"employee": "E99"}, {"role": "head_of_marketing", "employee": "E2"},
        {"role": "head_of_marketing", "days": 0, "parts": ["weather"]},
    ]  # fmt: skip
    condition = {"all": [{"parameter": "weather", "is": "any_of", "value": ["rain"]}]}
    with pytest.raises(DefinitionError) as error, database.begin() as session:
        routes.save_route(session, "Wrong", condition, wrong, SYSTEM, NOW, "test")
    assert {each.path for each in error.value.problems} == {
        ("condition", "all", 0, "parameter"), ("steps", 0, "role"), ("steps", 1, "employee"), ("steps", 2),
        ("steps", 3, "days"), ("steps", 3, "parts"),
    }  # fmt: skip
    with pytest.raises(DefinitionError), database.begin() as session:
        routes.save_route(session, "None", {"all": []}, [], SYSTEM, NOW, "test")


def test_one_policy_is_in_force_on_a_day_and_the_past_keeps_its_own(database: Database) -> None:
    today = NOW.date()
    with database.begin() as session:
        assert policies.install_policy(session, SYSTEM, NOW) == 1
        assert policies.install_policy(session, SYSTEM, NOW) == 0
        stricter = {**policies.DELIVERED, "when_capped": "drop"}
        second = policies.save_policy(session, stricter, today + dt.timedelta(7), SYSTEM, NOW, "complaints")
        assert second.changes == {"when_capped": {"before": "defer", "after": "drop"}}
        days = [today, today + dt.timedelta(6), today + dt.timedelta(7)]
        assert [policies.policy_in_force(session, day).number for day in days] == [1, 1, 2]
    for document, day, code in (
        (stricter, today - dt.timedelta(1), "policy_past"), (stricter, today + dt.timedelta(8), "policy_same"),
    ):  # fmt: skip
        with pytest.raises(CrmError) as error, database.begin() as session:
            policies.save_policy(session, document, day, SYSTEM, NOW, "test")
        assert error.value.code == code
    with pytest.raises(DefinitionError), database.begin() as session:
        policies.save_policy(session, {"version": 1, "caps": "many"}, today, SYSTEM, NOW, "test")


def test_a_campaign_lives_in_a_file_and_comes_back_the_same(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    made = approved(database, who)
    with database.begin() as session:
        document = portable.exported(session, made.key)
        pulled = portable.content_hash(document)
        # What is as it was changes nothing, not even of an approved campaign.
        same = portable.imported(session, document, acting(who.bobur), NOW, pulled=pulled)
        assert (same.stage, same.revision) == (Stage.READY, made.revision)
        copy = portable.imported(session, {**document, "key": "elsewhere"}, acting(who.bobur), NOW)
        there = portable.exported(session, "elsewhere")
        assert {**there, "key": made.key} == document
        assert (copy.stage, copy.author_login) == (Stage.CONCEPT, "bobur")
        changed = portable.imported(
            session, {**document, "goal": "Another"}, acting(who.bobur), NOW, pulled=pulled, reason="file"
        )
        assert changed.stage is Stage.DESIGN
    with pytest.raises(CrmError, match="in the meantime"), database.begin() as session:
        portable.imported(session, {**document, "goal": "A third"}, acting(who.aziza), NOW, pulled=pulled)


def test_a_file_with_mistakes_names_all_of_their_places(database: Database) -> None:
    document = {
        "version": 1, "key": "x", "name": "X", "kind": "targeted", "colour": "red", "priority": "high",
        "kpis": [{"code": "reach"}], "budget": {},
    }  # fmt: skip
    with pytest.raises(DefinitionError) as error, database.begin() as session:
        portable.imported(session, document, SYSTEM, NOW)
    assert {each.path[0] for each in error.value.problems} == {"colour", "priority", "budget"}
    del document["colour"], document["priority"], document["budget"]
    with pytest.raises(DefinitionError) as error, database.begin() as session:
        portable.imported(session, {**document, "starts_on": "soon"}, SYSTEM, NOW)
    assert {each.path for each in error.value.problems} == {("starts_on",), ("kpis", 0)}


def test_the_register_is_searched_paged_and_shown_as_a_calendar(database: Database) -> None:
    who = people(database)
    template(database)
    for number, goal in enumerate(("More", "Новогодняя акция", "Less")):
        designed(database, who.aziza, key=f"c{number}", goal=goal, starts_on=dt.date(2026, 12, 1 + 10 * number))
    with database.begin() as session:
        writing.create_campaign(
            session, "Telegram drive", "trigger", acting(who.bobur), NOW, flow=flow("x", "telegram")
        )
    with database.read() as session:
        every = register.campaigns(session, None, now=NOW, order="name", limit=2)
        assert (every.total, len(every.campaigns)) == (4, 2)

        def found(**wanted: Any) -> set[str]:
            page = register.campaigns(session, None, Filter(**wanted), now=NOW)
            return {each.key for each in page.campaigns}

        assert found(text="НОВОГОД") == {"c1"}
        assert found(text="tele") == found(channels=("telegram",)) == {"telegram-drive"}
        assert found(kinds=(Kind.TARGETED,)) == found(mine=who.aziza.user_id) == {"c0", "c1", "c2"}
        assert found(stages=(Stage.CONCEPT,)) == {"telegram-drive"}
        assert register.stage_counts(session, None, now=NOW)[Stage.DESIGN] == 3
        days = register.calendar(session, None, dt.date(2026, 12, 1), dt.date(2026, 12, 15), now=NOW)
        assert [each.key for each in days] == ["c0", "c1"]


def test_targets_keep_their_facts_and_only_targets_are_content(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    made = approved(database, who)
    with database.begin() as session:
        kpis.record_facts(session, made.key, {"reach": 1200.0, "unknown": 1.0}, "results of the run", later(days=1))
        (found,) = kpis.kpis(session, made.key)
        assert (found.is_reached, found.fact_source) == (True, "results of the run")
        assert register.campaign(session, None, made.key).stage is Stage.READY
        targets = [Kpi("reach", "Reach", "customers", 2000), Kpi("sac", "Cost", "sum", 10, "at_most")]
        after = kpis.set_kpis(session, made.key, targets, acting(who.aziza), NOW, base=made.revision)
        assert [each.is_reached for each in after] == [False, None]
    assert stage(database, made.key) == "design"
    base = look(database, made.key).revision
    with pytest.raises(CrmError, match="each code once"), database.begin() as session:
        kpis.set_kpis(session, made.key, [targets[0]] * 2, acting(who.aziza), NOW, base=base)
