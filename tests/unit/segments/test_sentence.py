"""Definitions in words: what a person would say, in three languages, with nothing left out."""

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from segments.catalogue import Catalogue, Field
from segments.definition import parse
from segments.sentence import MESSAGES, phrase, sentence
from tests.reference_evaluator.definitions import Document, documents
from tests.reference_evaluator.worlds import attribute_rows, entity_rows, field_rows
from vitrina.i18n import LANGUAGES, translator
from vitrina.settings import REPOSITORY

MONEY = {"unit": "UZS", "unit_label_ru": "сум", "unit_label_uz": "soʻm", "unit_label_en": "UZS"}
YEARS = {"unit": "years", "unit_label_ru": "лет", "unit_label_uz": "yil", "unit_label_en": "years"}
NAMED = {
    "debt_amount": ("Задолженность", "Qarz", "Debt"),
    "age_years": ("Возраст, лет", "Yoshi", "Age, years"),
    "segment": ("Сегмент клиента", "Mijoz segmenti", "Customer segment"),
    "agreement_next_end_date": ("Ближайшее окончание договора", "Shartnoma tugashi", "Next agreement end"),
    "has_marketing_consent": ("Согласие на рассылки", "Xabarlarga rozilik", "Marketing consent"),
    "arpu_3m": ("ARPU за 3 мес.", "ARPU, 3 oy", "ARPU, 3 months"),
    "amount": ("Сумма", "Summa", "Amount"),
    "status": ("Статус", "Holat", "Status"),
}


def named(rows: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    made = []
    for row in rows:
        labels = zip(("label_ru", "label_uz", "label_en"), NAMED.get(row["name"], ()), strict=False)
        units = {"UZS": MONEY, "years": YEARS}.get(row.get("unit", ""), {})
        made.append({**row, **dict(labels), **units})
    return made


CATALOGUE = Catalogue.from_rows(named(attribute_rows()), entity_rows(), named(field_rows()))
DEBT = {"kind": "attribute", "field": "debt_amount", "operator": ">", "value": 100000}
SILENT = {"kind": "event", "event": "payments", "measure": {"function": "never"}, "window": {"last": 30, "unit": "day"}}
ACTIVE = {"kind": "attribute", "field": "status", "operator": "=", "value": "active"}
VIP = {"kind": "segment", "segment": "vip", "operator": "notIn"}
OLD = {"kind": "attribute", "field": "age_years", "operator": ">=", "value": 60, "nulls": "in"}
PREMIUM = {"kind": "attribute", "field": "segment", "operator": "in", "value": ["premium", "soho"]}


def of(*rules: Document, combinator: str = "and", **more: Any) -> Document:
    return {"version": 1, "root": {"combinator": combinator, "rules": list(rules), **more}}


def said(document: Document, language: str, **more: Any) -> str:
    text = sentence(parse(document), CATALOGUE, translator(language), **more)
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def counted(function: str, operator: str, value: Any, window: Document, **more: Any) -> Document:
    field = {"field": "amount"} if function in ("sum", "average") else {}
    measure = {"function": function, **field}
    event = {"kind": "event", "event": "payments", "measure": measure, "operator": operator, "value": value}
    return {**event, "window": window, **more}


@pytest.mark.parametrize(
    ("document", "ru", "uz", "en"),
    [
        (
            of(DEBT, SILENT),
            "Клиенты, у которых задолженность больше 100 000 сум и за последние 30 дней не было платежей",
            "Mijozlar: qarz 100 000 soʻm dan koʻp va oxirgi 30 kun ichida toʻlovlar boʻlmagan",
            "Customers whose debt is more than 100 000 UZS and who had no payments in the last 30 days",
        ),
        (
            of({**DEBT, "operator": "<", "value": 0.5, "nulls": "in"}),
            "Клиенты, у которых задолженность меньше 0,5 сум (в том числе если неизвестно)",
            "Mijozlar: qarz 0,5 soʻm dan kam (nomaʼlum boʻlsa ham)",
            "Customers whose debt is less than 0.5 UZS (or this is not known)",
        ),
        (
            of(PREMIUM, of(OLD, VIP, combinator="or")["root"]),
            "Клиенты, у которых сегмент клиента — Премиум или SOHO и (у которых возраст не меньше 60 лет (в том"
            " числе если неизвестно) или которые не входят в сегмент «Важные клиенты»)",
            "Mijozlar: mijoz segmenti — Премиум yoki SOHO va (yoshi kamida 60 (nomaʼlum boʻlsa ham) yoki"
            " “Важные клиенты” segmentida emas)",
            "Customers whose customer segment is Премиум or SOHO and (whose age is at least 60 years (or this is not"
            " known) or who are not in the segment “Важные клиенты”)",
        ),
        (
            of(counted("count", ">=", 3, {"previous": "month"}), counted("sum", "<", 50, {"last": 2, "unit": "year"})),
            "Клиенты, у которых за прошлый месяц платежей не меньше 3 и сумма платежей за последние 2 года меньше"
            " 50 сум",
            "Mijozlar: oʻtgan oy ichida toʻlovlar soni kamida 3 va oxirgi 2 yil ichidagi toʻlovlar summasi"
            " 50 soʻm dan kam",
            "Customers who had at least 3 payments in the previous month and whose sum of payments in the last 2 years"
            " is less than 50 UZS",
        ),
        (
            of({"kind": "related", "entity": "subscriptions", "quantifier": "count", "operator": ">", "value": 1,
                "where": {"rules": [ACTIVE]}}),
            "Клиенты, у которых абонентских номеров (статус — active) больше 1",
            "Mijozlar: abonent raqamlari (holat — active) soni 1 dan koʻp",
            "Customers who have more than 1 subscriptions (status is active)",
        ),
        (
            of(DEBT, VIP, **{"not": True}),
            "Клиенты, для которых неверно, что (у которых задолженность больше 100 000 сум и которые не входят в"
            " сегмент «Важные клиенты»)",
            "Mijozlar: (qarz 100 000 soʻm dan koʻp va “Важные клиенты” segmentida emas) sharti bajarilmaydi",
            "Customers for whom it is not true that (whose debt is more than 100 000 UZS and who are not in the segment"
            " “Важные клиенты”)",
        ),
        (of(), "Все клиенты", "Barcha mijozlar", "All customers"),
        (of({**DEBT, "disabled": True}), "Все клиенты", "Barcha mijozlar", "All customers"),
    ],
)  # fmt: skip
def test_a_definition_reads_as_a_person_would_say_it(document: Document, ru: str, uz: str, en: str) -> None:
    labels = {"premium": "Премиум", "soho": "SOHO"}

    def label(field: Field, code: Any) -> str | None:
        return labels.get(code) if field.name == "segment" else None

    def name(kind: str, key: str) -> str | None:
        return {("segment", "vip"): "Важные клиенты"}.get((kind, key))

    for language, expected in (("ru", ru), ("uz", uz), ("en", en)):
        assert said(document, language, value_label=label, name=name) == expected


@pytest.mark.parametrize(
    ("count", "unit", "words"),
    [
        (1, "day", "последний день"), (3, "day", "последние 3 дня"), (5, "day", "последние 5 дней"),
        (21, "day", "последний 21 день"), (2, "week", "последние 2 недели"), (1, "week", "последнюю неделю"),
        (12, "month", "последние 12 месяцев"), (2, "year", "последние 2 года"), (5, "year", "последние 5 лет"),
    ],
)  # fmt: skip
def test_russian_periods_have_their_forms(count: int, unit: str, words: str) -> None:
    document = of({**SILENT, "window": {"last": count, "unit": unit}})
    assert said(document, "ru") == f"Клиенты, у которых за {words} не было платежей"


def test_one_condition_is_said_by_its_path() -> None:
    related = {"kind": "related", "entity": "subscriptions", "quantifier": "any", "where": {"rules": [ACTIVE]}}
    definition = parse(of(DEBT, of(related, SILENT, combinator="or")["root"]))
    speaker = translator("ru")

    def at(*path: str | int) -> str:
        return phrase(definition, path, CATALOGUE, speaker).replace("\u202f", " ").replace("\u00a0", " ")

    assert at("root", "rules", 0) == "Задолженность больше 100 000 сум"
    assert at("root", "rules", 1, "rules", 1) == "За последние 30 дней не было платежей"
    assert at("root", "rules", 1, "rules", 0, "where", "rules", 0) == "Статус — active"
    assert at("root", "rules", 1) == (
        "У которых есть абонентские номера (статус — active) или за последние 30 дней не было платежей"
    )
    assert phrase(parse(of()), ("root",), CATALOGUE, speaker) == "Все клиенты"
    for nowhere in (("root", "rules", 7), ("root", "where"), (), ("sql",)):
        with pytest.raises(KeyError):
            at(*nowhere)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(document=documents(("loyal",)))
def test_whatever_is_right_can_be_said(language: str, document: Document) -> None:
    text = said(document, language)
    assert text
    assert "{" not in text
    assert text.count("(") == text.count(")")


def test_every_message_is_told_to_those_who_look_after_translations() -> None:
    for path in (REPOSITORY / "segments" / "sentence").glob("*.py"):
        assert literals(path) <= MESSAGES, path


def literals(path: Path) -> set[str]:
    """Texts that are given to a speaker in so many words."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("text", "_within")
        ):
            given_texts = [each.value for each in node.args if isinstance(each, ast.Constant)]
            found |= {each for each in given_texts if isinstance(each, str)}
    return found
