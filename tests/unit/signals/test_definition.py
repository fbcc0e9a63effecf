"""Documents of rules: reading, writing, what is refused and how, fingerprints, due days; texts that mean harm."""

import ast
import copy
import datetime as dt
import json
import random
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from babel.messages.pofile import read_po

from segments.errors import DefinitionError
from signals.definition import due_days, dump, fingerprint, parse, used_measures, used_segments
from signals.engine import check, compile_rule
from signals.measures import WrongMeasure, measures, read_measure
from signals.sentence import MESSAGES, consequences, sentence
from signals.templates import templates
from tests.reference_evaluator.project import project_catalogue
from tests.signal_reference.world import MONTH_ENDS, database, world
from vitrina.i18n import LANGUAGES, LOCALE_DIR, Translator
from vitrina.settings import REPOSITORY

SIGNALS = REPOSITORY / "signals"
DAY = dt.date(2025, 11, 30)
CHANGE = {"kind": "change", "measure": "data_mb", "by_pct": 25}
HOSTILE = (
    "' OR 1=1 --", "'; DROP TABLE customer_profiles_history; --", '"', "'", "\\", "$p0", "$day", "p0", "/* */", "--",
    "{0}", "{name}", "%s", "\x00", "a\x00b", "\u202e", "＇ OR 1=1", "NULL", "read_csv('/etc/passwd')", "😀", "\ud800",
    "x" * 201,
)  # fmt: skip


def of(*conditions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"version": 1, "conditions": {"combinator": "and", "rules": list(conditions)}, **more}


WHOLE = of(
    CHANGE | {"against": "season", "deviations": 3, "at_least": 60, "id": "c1"},
    {"kind": "threshold", "measure": "overdue_days", "operator": ">", "value": 30},
    {"kind": "state", "measure": "legal_status", "from": ["active"], "to": ["blocked", "liquidated"]},
    {"kind": "missing", "measure": "active_days", "days": 14, "before_days": 56},
    audience={"kind": "definition", "customer_type": "organisation", "root": {"combinator": "and", "rules": [
        {"kind": "attribute", "field": "segment", "operator": "in", "value": ["soho", "corporate"]},
        {"kind": "segment", "segment": "vip", "operator": "notIn"}]}},
    check={"every": "month", "day": 5}, priority="high", action={"kind": "task", "title": "Позвонить", "due_days": 2},
    owner={"kind": "employee", "employee_id": "E1"}, cool_down_days=14, worsens_by_pct=25, closes=False,
    limits={"per_owner_a_day": 5, "a_day": 200}, outcome={"kind": "non_payment", "within_days": 90},
)  # fmt: skip
WRONG: dict[str, tuple[dict[str, Any], tuple[str | int, ...]]] = {
    "version": ({"version": 2}, ("version",)),
    "no conditions": (of(), ("conditions", "rules")),
    "no size": (of({"kind": "change", "measure": "data_mb"}), ("conditions", "rules", 0)),
    "impossible fall": (of(CHANGE | {"by_pct": 101}), ("conditions", "rules", 0, "by_pct")),
    "windows": (of(CHANGE | {"weeks": 0}), ("conditions", "rules", 0, "weeks")),
    "kind": (of(CHANGE, {"kind": "guess"}), ("conditions", "rules", 1, "kind")),
    "stranger": (of(CHANGE | {"colour": "red"}), ("conditions", "rules", 0, "colour")),
    "operator": (of({"kind": "threshold", "measure": "data_mb", "operator": "~", "value": 1}),
                 ("conditions", "rules", 0, "operator")),
    "not a number": (of({"kind": "threshold", "measure": "data_mb", "operator": ">", "value": "9"}),
                     ("conditions", "rules", 0, "value")),
    "infinite": (of({"kind": "threshold", "measure": "data_mb", "operator": ">", "value": float("inf")}),
                 ("conditions", "rules", 0, "value")),
    "weekday": (of(CHANGE, check={"every": "week", "weekday": 8}), ("check", "weekday")),
    "department": (of(CHANGE, owner={"kind": "department"}), ("owner", "department_id")),
    "list": (of(CHANGE, action={"kind": "list"}), ("action", "list")),
    "limit": (of(CHANGE, limits={"a_day": 0}), ("limits", "a_day")),
    "outcome": (of(CHANGE, outcome={"kind": "joy"}), ("outcome", "kind")),
    "no full month": (of(CHANGE, outcome={"kind": "revenue_fall", "within_days": 60}), ("outcome", "within_days")),
    "segment": (of(CHANGE, audience={"kind": "segment"}), ("audience", "segment")),
    "root": (of(CHANGE, audience={"kind": "definition", "root": {"combinator": "xor", "rules": []}}),
             ("audience", "root", "combinator")),
    "sql": ({"version": 1, "kind": "sql", "sql": " "}, ("sql",)),
}  # fmt: skip
UNFIT: dict[str, tuple[dict[str, Any], tuple[str | int, ...]]] = {
    "unknown measure": (of(CHANGE | {"measure": "data_mbb"}), ("conditions", "rules", 0, "measure")),
    "state is no number": (of(CHANGE | {"measure": "legal_status"}), ("conditions", "rules", 0, "measure")),
    "number is no state": (of({"kind": "state", "measure": "data_mb"}), ("conditions", "rules", 0, "measure")),
    "unknown word": (of({"kind": "state", "measure": "legal_status", "to": ["asleep"]}),
                     ("conditions", "rules", 0, "measure")),
    "states are never missing": (of({"kind": "missing", "measure": "debt_amount", "days": 5, "before_days": 5}),
                                 ("conditions", "rules", 0, "measure")),
    "two statements": ({"version": 1, "kind": "sql", "sql": "select 1; select 2"}, ("sql",)),
    "no severity": ({"version": 1, "kind": "sql", "sql": "select customer_id, 1 as value where $day > '2020-01-01'"},
                    ("sql",)),
    "another parameter": ({"version": 1, "kind": "sql",
                           "sql": "select customer_id, 1 as value, 2 as severity from t where d = $today"}, ("sql",)),
    "no day": ({"version": 1, "kind": "sql", "sql": "select customer_id, 1 as value, 2 as severity from t"}, ("sql",)),
}  # fmt: skip


def test_a_rule_is_what_its_document_says_and_back() -> None:
    rule = parse(json.dumps(WHOLE))
    assert parse(dump(rule)) == rule
    assert (rule.check.day, rule.limits.a_day, rule.owner.employee_id, rule.closes) == (5, 200, "E1", False)
    assert used_segments(rule) == {"vip"}
    assert used_measures(rule) == {"data_mb", "overdue_days", "legal_status", "active_days"}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_place_is_named_with_what_to_do(name: str) -> None:
    document, path = WRONG[name]
    with pytest.raises(DefinitionError) as caught:
        parse(document)
    assert path in [each.path for each in caught.value.problems]


@pytest.mark.parametrize("name", UNFIT)
def test_what_does_not_fit_its_measure_is_refused(name: str) -> None:
    document, path = UNFIT[name]
    with pytest.raises(DefinitionError) as caught:
        check(parse(document))
    assert path in [each.path for each in caught.value.problems]


def test_the_schema_takes_what_is_read_and_refuses_what_is_not() -> None:
    schema = jsonschema.Draft202012Validator(json.loads((SIGNALS / "schema.json").read_text(encoding="utf-8")))
    for document in (WHOLE, dump(parse(WHOLE)), *(each.rule for each in templates())):
        assert schema.is_valid(document), document
        parse(document)
    for name, (document, _) in WRONG.items():
        assert name == "infinite" or not schema.is_valid(document), name


def test_the_fingerprint_knows_meaning_and_not_order() -> None:
    plain, chance = fingerprint(parse(WHOLE)), random.Random(5)  # noqa: S311
    for _ in range(5):
        other = copy.deepcopy(WHOLE)
        chance.shuffle(other["conditions"]["rules"])
        chance.shuffle(other["audience"]["root"]["rules"])
        other["conditions"]["rules"][0]["id"] = "another"
        for each in other["conditions"]["rules"]:
            each.get("to", []).reverse()
        shuffled = dict(chance.sample(list(other.items()), len(other)))
        assert fingerprint(parse(shuffled)) == plain
    for change in ({"cool_down_days": 15}, {"priority": "low"}, {"closes": True}, {"check": {"every": "day"}}):
        assert fingerprint(parse(WHOLE | change)) != plain
    joined = copy.deepcopy(WHOLE)
    joined["conditions"]["combinator"] = "or"
    assert fingerprint(parse(joined)) != plain


def test_due_days_are_those_of_the_check() -> None:
    first, last = dt.date(2026, 1, 31), dt.date(2026, 3, 9)
    weekly = due_days(parse(of(CHANGE, check={"every": "week", "weekday": 1})), first, last)
    assert [each.isoformat() for each in weekly][:2] == ["2026-02-02", "2026-02-09"]
    assert weekly[-1] == last
    monthly = due_days(parse(of(CHANGE, check={"every": "month", "day": 28})), first, last)
    assert monthly == (dt.date(2026, 2, 28),)
    daily = due_days(parse(of(CHANGE)), first, dt.date(2026, 2, 2))
    assert daily == (dt.date(2026, 2, 1), dt.date(2026, 2, 2))
    assert due_days(parse(of(CHANGE)), last, first) == ()


def places(text: str) -> list[dict[str, Any]]:
    root = {"combinator": "and", "rules": [{"kind": "attribute", "field": "district", "operator": "=", "value": text}]}
    return [
        of(CHANGE | {"measure": text}), of(CHANGE | {"id": text}), of(CHANGE, priority=text),
        of({"kind": "state", "measure": "legal_status", "from": [text], "to": []}),
        of(CHANGE, audience={"kind": "segment", "segment": text}),
        of(CHANGE, audience={"kind": "definition", "root": root}),
        of(CHANGE, action={"kind": "task", "title": text}), of(CHANGE, action={"kind": "list", "list": text}),
        of(CHANGE, action={"kind": "notify_group", "department_id": text}),
        of(CHANGE, owner={"kind": "employee", "employee_id": text}), of(CHANGE, **{text + " ": 1}),
        of({"kind": "threshold", "measure": "data_mb", "operator": text, "value": 1}),
    ]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_hostile_text_is_bound_or_refused_and_never_sql(text: str) -> None:
    for document in places(text):
        try:
            compiled = compile_rule(parse(document), project_catalogue(), MONTH_ENDS, [DAY])
        except DefinitionError:
            continue
        if len(text) > 4:
            assert text not in compiled.sql
        SOURCE.query(compiled.sql, compiled.params)
    assert SOURCE.query("select count(*) as n from customer_profiles_history").column(0)[0].as_py() > 0


SOURCE = database(world(3, 12))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_template_is_said_in_every_language(language: str) -> None:
    speaker = Translator(language)
    for each in templates():
        rule = parse(each.document(speaker.text))
        check(rule)
        for text in (
            sentence(rule, project_catalogue(), speaker),
            consequences(rule, speaker),
            speaker.text(each.name),
        ):
            assert text
            assert "{" not in text


@pytest.mark.parametrize("language", ["ru", "uz"])
def test_every_text_has_a_translation(language: str) -> None:
    with (LOCALE_DIR / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        entries = [each for each in read_po(source) if each.id and all(each.string)]
    known = {text for each in entries for text in (each.id if isinstance(each.id, tuple) else (each.id,))}
    told = {text for each in templates() for text in each.messages} | MESSAGES | problems()
    assert len(told) > 100
    assert told - known == set()


def problems() -> set[str]:
    """English texts of problems, as they stand in the code."""
    found: set[str] = set()
    for path in [*SIGNALS.glob("definition/*.py"), *SIGNALS.glob("compiler/*.py"), SIGNALS / "engine.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _called(node) in ("Problem", "_bad"):
                given = [each.value for each in node.args[1:] if isinstance(each, ast.Constant)]
                found |= {each for each in given if isinstance(each, str) and each}
            if isinstance(node, ast.Assign) and _named(node) & {"message", "mend"}:
                found |= {each.value for each in ast.walk(node.value) if isinstance(each, ast.Constant)}  # type: ignore[misc]
    return found


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _named(node: ast.Assign) -> set[str]:
    return {each.id for target in node.targets for each in ast.walk(target) if isinstance(each, ast.Name)}


def test_measures_are_data_that_a_schema_and_the_reader_take_alike() -> None:
    folder = SIGNALS / "measures"
    schema = jsonschema.Draft202012Validator(json.loads((folder / "schema.json").read_text(encoding="utf-8")))
    files = list(folder.glob("*.yaml"))
    assert {path.stem for path in files} == set(measures())
    for path in files:
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert schema.is_valid(plain), path.name
        for broken in (plain | {"colour": 1}, plain | {"unit": "parsec"}, {**plain, "labels": {"en": "x"}}):
            assert not schema.is_valid(broken)
            with pytest.raises(WrongMeasure):
                read_measure(broken)
    with pytest.raises(WrongMeasure):
        read_measure(plain_state() | {"sql": "select 1 as day"})


def plain_state() -> dict[str, Any]:
    path: Path = SIGNALS / "measures" / "active_subscriptions.yaml"
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_a_new_measure_needs_no_python() -> None:
    plain = {
        "name": "big_payments", "kind": "flow", "labels": {"ru": "а", "uz": "b", "en": "c"}, "unit": "count",
        "table": "fct_payments", "date": "paid_date", "month": "month", "daily": "1", "where": "amount > 100",
    }  # fmt: skip
    registry = dict(measures()) | {"big_payments": read_measure(plain)}
    rule = parse(of({"kind": "threshold", "measure": "big_payments", "operator": ">=", "value": 1, "weeks": 13}))
    compiled = compile_rule(rule, project_catalogue(), MONTH_ENDS, [DAY], registry=registry)
    assert compiled.tables == {"fct_payments", "customer_profiles_history"}
    SOURCE.query(compiled.sql, compiled.params)
