"""Writing segments: keys, versions, two who save at once, and what may not be saved."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from crm_people import NOW, SYSTEM, acting, add_user
from segment_desk import MACHINE, draft, fingerprint_of, of, once, publish, rule, rules, save, within

from crm.database import Database
from crm.errors import CrmError
from crm.services import segments
from crm.services.audit_log import AuditFilter, search
from crm.services.segments import Status, VersionState
from segments.errors import DefinitionError
from vitrina.access.errors import Refused

SQL = "select customer_id from customer_profiles where {}"


def sql(condition: str) -> dict[str, Any]:
    return {"version": 1, "kind": "sql", "sql": SQL.format(condition)}


@once
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Должники более 100 000 сум", "dolzhniki-bolee-100-000-sum"),
        ("Oʻzbek gʻoyasi", "ozbek-goyasi"),
        ("Debt & more!", "debt-more"),
        ("→", "segment"),
    ],
)
def test_a_key_is_made_of_the_name_in_any_language(database: Database, name: str, key: str) -> None:
    assert draft(database, name).key == key
    assert draft(database, name).key == f"{key}-2"


def test_a_key_stays_when_the_name_changes(database: Database) -> None:
    made = draft(database, "Debtors", rule())
    with database.begin() as session:
        saved = segments.save_draft(
            session, made.key, SYSTEM, NOW, base=1, name="Должники", folder=" b2c / debt/", tags=["x", " x", ""]
        )
    assert (saved.key, saved.name, saved.folder, saved.tags) == ("debtors", "Должники", "b2c/debt", ("x",))
    assert saved.revision == 2


def test_a_draft_is_changed_in_place_until_it_is_published_and_then_a_new_one_begins(database: Database) -> None:
    made = draft(database, "Debtors", rule())
    saved = save(database, made, rule(value=200))
    assert (saved.open_version, saved.status) == (1, Status.DRAFT)
    published = publish(database, made.key)
    assert (published.published, published.open_version, published.status) == (1, None, Status.ACTIVE)
    again = save(database, published, rule(value=300))
    assert (again.published, again.open_version, again.open_state) == (1, 2, VersionState.DRAFT)
    with database.read() as session:
        told = [(each.number, each.state, each.fingerprint) for each in segments.versions(session, made.key)]
    assert told == [
        (2, VersionState.DRAFT, fingerprint_of(rule(value=300))),
        (1, VersionState.PUBLISHED, fingerprint_of(rule(value=200))),
    ]


def test_saving_what_is_there_already_changes_nothing(database: Database) -> None:
    made = draft(database, "Debtors", rule())
    assert save(database, made, rule()).revision == made.revision


def test_of_two_who_save_the_same_draft_at_once_one_is_told_who_was_first(database: Database) -> None:
    made = draft(database, "Debtors", rule())
    people, start = [add_user(database, "aziza"), add_user(database, "botir")], Barrier(2)

    def one(number: int) -> str:
        start.wait()
        try:
            save(database, made, rule(value=number), by=people[number])
        except CrmError as error:
            return f"{error.code} {error.values['login']}"
        return "saved"

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(one, (0, 1)))
    winner = told.index("saved")
    assert told[1 - winner] == f"segment_changed {people[winner].login}"
    with database.read() as session:
        assert segments.version(session, made.key).fingerprint == fingerprint_of(rule(value=winner))


def test_a_change_that_somebody_read_the_row_before_is_not_lost(database: Database) -> None:
    made = draft(database, "Debtors", rule())
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with database.begin() as session:
        segments.require_edit(session, None, made.key)
        save(database, made, rule(value=200))
        with pytest.raises(CrmError) as refused:
            segments.save_draft(session, made.key, SYSTEM, NOW, base=1, author=MACHINE, document=rules(rule(value=3)))
    assert refused.value.code == "segment_changed"


def test_an_old_version_comes_back_as_a_new_draft_and_the_open_one_is_kept(database: Database) -> None:
    made = draft(database, "Debtors", rule())
    publish(database, made.key)
    with database.read() as session:
        opened = save(database, segments.info(session, made.key), rule(value=300))
    with database.begin() as session:
        restored = segments.restore(session, made.key, 1, SYSTEM, NOW, base=opened.revision, author=MACHINE)
        listed = segments.versions(session, made.key)
    assert restored.open_version == 3
    assert [(each.number, each.restored_from) for each in listed] == [(3, 1), (2, None), (1, None)]
    assert [each.fingerprint == fingerprint_of(rule()) for each in listed] == [True, False, True]


def test_every_change_is_in_the_audit_log_with_its_author_and_reason(database: Database) -> None:
    user = add_user(database, "aziza")
    made = draft(database, "Debtors", rule(), by=user)
    with database.begin() as session:
        segments.save_draft(
            session, made.key, acting(user), NOW, base=1, author=MACHINE, document=rules(rule(value=1)), reason="rise"
        )
    with database.read() as session:
        found = search(session, AuditFilter(object="segments"))
    assert [(each.details["what"], each.actor_login, each.subject) for each in found] == [
        ("segment_saved", "aziza", "debtors"), ("segment_created", "aziza", "debtors")
    ]  # fmt: skip
    changed = (found[0].reason, found[0].details["from"], found[0].details["to"])
    assert changed == ("rise", fingerprint_of(rule()), fingerprint_of(rule(value=1)))


def test_circles_and_dead_references_are_refused_at_their_place(database: Database) -> None:
    first = draft(database, "First", rule())
    second = draft(database, "Second", *within("first"))
    draft(database, "Third", *within("second"))
    with pytest.raises(DefinitionError, match="first → third → second → first"):
        save(database, first, *within("third"))
    with pytest.raises(DefinitionError, match="circle"):
        save(database, second, *within("second"))
    with pytest.raises(DefinitionError) as refused:
        save(database, first, rule(), *within("nowhere"))
    assert refused.value.problems[0].path == ("root", "rules", 1, "segment")
    with pytest.raises(DefinitionError, match="There is no list “nowhere”"):
        save(database, first, {"kind": "list", "list": "nowhere", "operator": "in"})


@once
@pytest.mark.parametrize(
    ("condition", "place"),
    [
        (rule(field="main_msisdn", operator="=", value="998901"), ("root", "rules", 0, "field")),
        (rule(field="phone", operator="notNull", value=None), ("root", "rules", 0, "field")),
        (rule(field="segment", operator="=", valueSource="field", value="main_msisdn"), ("root", "rules", 0, "value")),
        (
            {
                "kind": "event", "event": "payments", "measure": {"function": "count"}, "operator": ">", "value": 0,
                "window": {"all": True},
                "where": {"combinator": "and", "rules": [rule(field="payer", operator="=", value="x")]},
            },
            ("root", "rules", 0, "where", "rules", 0, "field"),
        ),
        ({"kind": "related", "entity": "devices", "quantifier": "any"}, ("root", "rules", 0, "entity")),
    ],
)  # fmt: skip
def test_what_an_author_sees_covered_is_no_condition_of_his(
    database: Database, condition: dict[str, Any], place: tuple[str | int, ...]
) -> None:
    user = add_user(database, "aziza", "marketing_specialist")
    condition = {name: value for name, value in condition.items() if value is not None}
    with pytest.raises(DefinitionError) as refused, database.begin() as session:
        segments.create_draft(session, "Phones", rules(condition), acting(user), NOW, author=of(database, user))
    assert [problem.path for problem in refused.value.problems] == [place]
    assert "do not see" in refused.value.problems[0].message
    # The same condition is right in itself.
    assert draft(database, "Phones", condition).open_version == 1


@once
@pytest.mark.parametrize(
    "condition",
    [
        "main_msisdn like '99890%'",
        "customer_id in (select customer_id from fct_payments order by payer)",
        "exists (select * from customer_profiles)",
        "customer_id in (select a.customer_id from customer_profiles a natural join fct_payments b)",
        "exists (select 1 from customer_profiles c join (select '1' as main_msisdn) using (main_msisdn))",
    ],
)
def test_sql_may_not_name_what_its_author_sees_covered_in_any_way(database: Database, condition: str) -> None:
    author = of(database, add_user(database, "aziza", "marketing_specialist"))
    with pytest.raises((DefinitionError, Refused)), database.begin() as session:
        segments.create_draft(session, "Spy", sql(condition), SYSTEM, NOW, author=author)


@once
def test_sql_is_for_those_with_the_right_over_tables_that_are_open_to_them(database: Database) -> None:
    marketing = of(database, add_user(database, "aziza", "marketing_specialist"))
    hunter = of(database, add_user(database, "botir", "hunter"))
    with database.begin() as session:
        made = segments.create_draft(session, "Mine", sql("debt_amount > 5"), SYSTEM, NOW, author=marketing)
    assert made.open_version == 1
    with pytest.raises(CrmError) as refused, database.begin() as session:
        segments.create_draft(session, "Theirs", sql("debt_amount > 5"), SYSTEM, NOW, author=hunter)
    assert refused.value.code == "segment_sql"
    document = {"version": 1, "kind": "sql", "sql": "select customer_id from dim_devices"}
    with pytest.raises(Refused), database.begin() as session:
        segments.create_draft(session, "Closed", document, SYSTEM, NOW, author=marketing)


def test_a_segment_that_an_author_does_not_see_is_none_to_him_unless_it_was_named_before(database: Database) -> None:
    user = add_user(database, "aziza", "head_of_marketing")
    draft(database, "Secret", rule(), by=add_user(database, "other"))
    made = draft(database, "Open", *within("secret"), by=user)
    author = of(database, user)
    with pytest.raises(DefinitionError, match="not shared with you"), database.begin() as session:
        segments.create_draft(session, "Other", rules(*within("secret")), acting(user), NOW, author=author)
    with database.begin() as session:
        saved = segments.save_draft(
            session, made.key, acting(user), NOW, base=1, author=author, document=rules(rule(), *within("secret"))
        )
    assert saved.revision == 2


@pytest.mark.parametrize("value", ["a\x00b", "half \ud83d", "x" * 200_001])
def test_what_a_database_cannot_keep_is_told_and_not_tried(database: Database, value: str) -> None:
    with pytest.raises((CrmError, DefinitionError)):
        draft(database, "Odd", rule(field="segment", operator="=", value=value))


@once
def test_a_definition_that_does_not_compile_is_told_with_the_nearest_name(database: Database) -> None:
    with pytest.raises(DefinitionError, match="Did you mean “debt_amount”"):
        draft(database, "Wrong", rule(field="debt_amout"))


@once
@pytest.mark.parametrize(
    ("name", "key", "code"),
    [(" ", "", "segment_name_missing"), ("A", "../x", "segment_key"), ("B", "a", "segment_key_taken")],
)
def test_a_segment_needs_a_name_and_a_free_key(database: Database, name: str, key: str, code: str) -> None:
    draft(database, "A", rule(), key="a")
    with pytest.raises(CrmError) as refused:
        draft(database, name, rule(), key=key)
    assert refused.value.code == code
