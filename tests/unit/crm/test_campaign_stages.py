"""A campaign from its idea to its end: what is missing is told, what is approved is fixed, nobody approves his own."""

import datetime as dt

import pytest
from campaign_desk import (
    DECEMBER,
    FIRST,
    agree,
    approved,
    designed,
    flow,
    limit,
    look,
    people,
    stage,
    submitted,
    template,
)
from company import link
from crm_people import NOW, SYSTEM, acting, add_user, later

from crm.database import Database
from crm.errors import CrmError
from crm.models import Campaign
from crm.services import notices, stand_ins
from crm.services.accounts import UserInfo
from crm.services.campaigns import approvals, budgets, register, routes, stages, talking, templates, writing
from crm.services.campaigns.values import Filter, Stage, VersionState
from crm.services.rights import rights_of
from segments.errors import DefinitionError


def test_a_campaign_goes_its_whole_way_and_its_log_tells_of_every_step(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    key = approved(database, who).key
    assert stage(database, key) == "ready"
    with database.begin() as session:
        for name, reason in (("start", ""), ("pause", "phones are down"), ("resume", ""), ("complete", "")):
            stages.transit(session, key, name, acting(who.aziza), DECEMBER, reason=reason)
        with pytest.raises(CrmError, match="conclusions"):
            stages.transit(session, key, "analyse", acting(who.aziza), DECEMBER)
        talking.conclude(session, key, "mixed", "SMS in the evening worked", acting(who.aziza), DECEMBER)
        stages.transit(session, key, "analyse", acting(who.aziza), DECEMBER)
    with database.read() as session:
        events = register.events(session, key)
        assert [each.to_stage.value for each in reversed(events)] == [
            "concept", "design", "approval", "ready", "running", "paused", "running", "completed", "analysed"
        ]  # fmt: skip
        assert {(each.what, each.reason) for each in events} >= {("pause", "phones are down")}
        assert talking.conclusions(session, key)[0].verdict == "mixed"


def test_what_is_missing_is_told_all_at_once_and_nothing_moves(database: Database) -> None:
    who = people(database)
    with database.begin() as session:
        made = writing.create_campaign(session, "Idea", "targeted", acting(who.aziza), NOW)
    with pytest.raises(DefinitionError) as error, database.begin() as session:
        stages.transit(session, made.key, "design", acting(who.aziza), NOW)
    assert {each.path[0] for each in error.value.problems} == {"goal", "dates", "responsible", "kpis"}
    assert stage(database, made.key) == "concept"


def test_a_flow_with_an_unknown_template_cannot_be_submitted_and_the_node_is_named(database: Database) -> None:
    who = people(database)
    limit(database)
    made = designed(database, who.aziza)
    with pytest.raises(DefinitionError) as error, database.begin() as session:
        stages.submit(session, made.key, acting(who.aziza), NOW)
    assert ("nodes", "n2", "template") in {each.path for each in error.value.problems}


def test_neither_the_author_nor_an_editor_approves_whatever_his_role(database: Database) -> None:
    who = people(database)
    template(database, acting(who.bobur))
    limit(database)
    # The head of marketing writes a part of it himself.
    made = designed(database, who.aziza, need=60_000_000 // 1000)
    with database.begin() as session:
        base = register.campaign(session, None, made.key).revision
        writing.save_campaign(session, made.key, acting(who.dilnoza), NOW, base=base, goal="Another goal")
    # Nobody else has her role: that is told when approval is asked for, not found out weeks later.
    with pytest.raises(CrmError, match="Nobody who may approve"), database.begin() as session:
        stages.submit(session, made.key, acting(who.aziza), NOW)
    other = submitted(database, who.aziza)
    for each in (who.aziza, who.bobur, who.farhod):
        with pytest.raises(CrmError) as error:
            agree(database, other.key, each)
        assert error.value.code in {"approval_own", "approval_not_yours"}
    assert stage(database, other.key) == "approval"


def test_nobody_approves_two_steps_of_one_version(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database, 100_000_000)
    made = submitted(database, who.aziza, need=60_000_000)
    agree(database, made.key, who.dilnoza)
    assert look(database, made.key).open_step == "Коммерческий директор"
    # Even as the director's stand-in.
    with database.begin() as session:
        stand_ins.add_stand_in(session, "E5", "E4", NOW.date(), NOW.date(), SYSTEM, NOW, "leave")
    with pytest.raises(CrmError, match="approved a step"):
        agree(database, made.key, who.dilnoza)
    agree(database, made.key, who.farhod)
    assert stage(database, made.key) == "ready"


def test_a_stand_in_approves_for_the_absent_and_that_is_kept(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    made = submitted(database, who.aziza)
    with pytest.raises(CrmError, match="somebody else"):
        agree(database, made.key, who.bobur)
    with database.begin() as session:
        stand_ins.add_stand_in(session, "E4", "E3", NOW.date(), NOW.date(), SYSTEM, NOW, "leave")
    agree(database, made.key, who.bobur)
    with database.read() as session:
        step = approvals.steps(session, made.key)[0]
    assert (step.decided_login, step.on_behalf_of) == ("bobur", "E4")


def test_an_approval_is_of_what_was_seen_and_of_nothing_else(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    made = submitted(database, who.aziza)
    with database.read() as session:
        seen = register.version(session, made.key).fingerprint
    with pytest.raises(CrmError, match="look again"), database.begin() as session:
        approvals.approve(session, made.key, acting(who.dilnoza), NOW, seen="0" * 64)
    with database.begin() as session:
        base = register.campaign(session, None, made.key).revision
        writing.save_campaign(session, made.key, acting(who.bobur), NOW, base=base, ends_on=dt.date(2026, 12, 20))
    assert stage(database, made.key) == "design"
    with pytest.raises(CrmError, match="Nothing waits"), database.begin() as session:
        approvals.approve(session, made.key, acting(who.dilnoza), NOW, seen=seen)


def test_a_change_of_content_after_the_approval_asks_again(database: Database) -> None:
    who = people(database)
    template(database)
    template(database, key="bye")
    limit(database)
    for number, change in enumerate((
        {"flow": flow("bye")}, {"audience": {"segment": "debtors"}}, {"starts_on": FIRST + dt.timedelta(1)},
        {"category": "service"}, None,
    )):  # fmt: skip
        made = approved(database, who, key=f"changed-{number}")
        with database.begin() as session:
            if change is None:
                budgets.set_budget(session, made.key, [], acting(who.bobur), NOW, base=made.revision)
            else:
                writing.save_campaign(session, made.key, acting(who.bobur), NOW, base=made.revision, **change)
        found = look(database, made.key)
        assert (found.stage, found.version_state, found.version) == (Stage.DESIGN, VersionState.DRAFT, 2)
        with database.read() as session:
            first, second = register.version(session, made.key, 1), register.version(session, made.key)
            assert first.state is VersionState.DROPPED
            assert set(second.editors) == {"aziza", "bobur"}
            assert all(line.reserved == 0 for line in budgets.budget(session, made.key))
            kinds = [each.kind for each in notices.notices(session, who.dilnoza.user_id)]
            assert kinds.count("campaign_approval_dropped") == number + 1
        with pytest.raises(CrmError), database.begin() as session:
            stages.require_runnable(session, made.key)


def test_names_priorities_and_moved_nodes_change_nothing_of_what_was_approved(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    made = approved(database, who)
    moved = flow()
    moved["nodes"][0]["position"] = {"x": 500, "y": 500}
    moved["nodes"].reverse()
    with database.begin() as session:
        saved = writing.save_campaign(
            session, made.key, acting(who.aziza), NOW, base=made.revision, name="Other", priority=90, flow=moved
        )
        assert (saved.stage, saved.version) == (Stage.READY, 1)
        assert stages.require_runnable(session, made.key).fingerprint == made.fingerprint


def test_a_size_told_after_the_approval_that_takes_another_route_asks_that_route(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    with database.begin() as session:
        size = {"all": [{"parameter": "audience_size", "is": "at_least", "value": 100_000}]}
        steps = [{"name": "Director", "role": "commercial_director"}]
        routes.save_route(session, "Many", size, steps, SYSTEM, NOW, "test", key="many", position=1)
    made = approved(database, who, audience_size=500)
    for size_, after in ((900, Stage.READY), (200_000, Stage.DESIGN)):
        with database.begin() as session:
            base = register.campaign(session, None, made.key).revision
            saved = writing.save_campaign(session, made.key, acting(who.aziza), NOW, base=base, audience_size=size_)
        assert saved.stage is after
    with database.begin() as session:
        assert stages.submit(session, made.key, acting(who.aziza), NOW).open_step == "Director"


def test_a_running_campaign_is_not_rewritten(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    key = approved(database, who).key
    with database.begin() as session:
        base = stages.transit(session, key, "start", acting(who.aziza), DECEMBER).revision
    with pytest.raises(CrmError, match="pause"), database.begin() as session:
        writing.save_campaign(session, key, acting(who.aziza), DECEMBER, base=base, goal="Something else")
    assert look(database, key).goal == "More data bundles"


def test_what_was_changed_behind_the_services_does_not_run(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    made = approved(database, who)
    with database.begin() as session:
        session.get_one(Campaign, made.campaign_id).audience = {"segment": "everybody", "enter": "once"}
    with pytest.raises(CrmError, match="not what was approved"), database.begin() as session:
        stages.transit(session, made.key, "start", acting(who.aziza), DECEMBER)


def test_a_new_version_of_a_text_does_not_reach_an_approved_campaign_by_itself(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    made = approved(database, who)
    with database.begin() as session:
        base = templates.template(session, "hello").revision
        texts = {"ru": {"text": "Now or never"}, "uz": {"text": "Now or never"}}
        templates.save_template(session, "hello", acting(who.bobur), NOW, base=base, variants=texts)
        templates.publish_template(session, "hello", acting(who.bobur), NOW, "better")
        assert "friend" in templates.texts_of_campaign(session, made.key)["hello"].variants["ru"].text
        assert stages.require_runnable(session, made.key).fingerprint == made.fingerprint
        writing.refresh_pins(session, made.key, acting(who.bobur), NOW, base=made.revision)
    assert stage(database, made.key) == "design"


def test_a_head_of_sales_approves_what_marketing_owns_and_a_writer_without_the_right_does_not(
    database: Database,
) -> None:
    who = people(database)
    template(database)
    limit(database)
    head = add_user(database, "head", "head_of_b2b")
    link(database, head.user_id, "E9")
    made = submitted(database, who.aziza, customer_type="organisation")

    def agrees(user: UserInfo) -> Stage:
        with database.begin() as session:
            seen, mine = register.version(session, made.key).fingerprint, rights_of(session, user.user_id, NOW.date())
            return approvals.approve(session, made.key, acting(user), NOW, seen=seen, rights=mine).stage

    with pytest.raises(CrmError, match="administer"):
        agrees(who.bobur)
    assert [agrees(who.dilnoza), agrees(head)] == [Stage.APPROVAL, Stage.READY]


def test_an_overdue_step_is_told_once_to_those_who_have_to_decide(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    made = submitted(database, who.aziza)
    with database.begin() as session:
        assert approvals.remind(session, later(days=1)) == 0
        assert approvals.remind(session, later(days=3)) == 1
        assert approvals.remind(session, later(days=4)) == 0
    with database.read() as session:
        for each in (who.dilnoza, who.aziza):
            kinds = [note.kind for note in notices.notices(session, each.user_id)]
            assert kinds.count("campaign_approval_overdue") == 1
        page = register.campaigns(session, None, Filter(overdue=True), now=later(days=3))
        assert [each.key for each in page.campaigns] == [made.key]


def test_a_campaign_returned_goes_to_the_stage_that_was_named(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    made = submitted(database, who.aziza)
    with database.begin() as session:
        assert [each.campaign_id for each in approvals.waiting_for(session, acting(who.dilnoza), NOW.date())]
        approvals.return_campaign(
            session, made.key, acting(who.dilnoza), NOW, "The goal is no goal", to=Stage.CONCEPT
        )  # fmt: skip
    assert stage(database, made.key) == "concept"
    with database.read() as session:
        told = notices.notices(session, who.aziza.user_id)[0]
        assert told.values["comment"] == "The goal is no goal"
        assert all(line.reserved == 0 for line in budgets.budget(session, made.key))


def test_a_copy_begins_anew_with_its_days_moved(database: Database) -> None:
    who = people(database)
    template(database)
    limit(database)
    made = approved(database, who)
    with database.begin() as session:
        copy = writing.copy_campaign(
            session, made.key, "Again", acting(who.bobur), NOW, starts_on=dt.date(2027, 1, 10)
        )  # fmt: skip
    assert (copy.stage, copy.author_login, copy.approved) == (Stage.CONCEPT, "bobur", None)
    assert (copy.ends_on, copy.copied_from) == (dt.date(2027, 2, 9), made.campaign_id)
    assert copy.flow == made.flow
    with database.read() as session:
        assert budgets.budget(session, copy.key) == []
