"""Names: one key for the spellings of one name, different keys for different names."""

import csv

import pytest

from parties.names import name_key, word_parts, words
from vitrina.settings import get_settings

SAME = [
    ("Абдуллаев Шерзод", "Abdullayev Sherzod", "ABDULLAEV SHERZOD", "Abdulloyev Sherzod"),
    ("Хўжаев Ўткир", "Xoʻjayev O'tkir", "Xo‘jayev O`tkir", "Худжаев Уткир"),
    ("Ёқубов Шуҳрат", "Yoqubov Shuhrat", "Якубов Шухрат", "Yakubov Shukhrat"),
    ("Мирзиёев Жамшид", "Mirziyoyev Jamshid", "Мирзиёев Джамшид", "Mirziyoev Djamshid"),
    ("Быков Дмитрий", "Bykov Dmitriy", "Bikov Dmitry"),
    ("Ғафуров Қаҳрамон", "G'afurov Qahramon", "Гафуров Кахрамон", "Gafurov Kahramon"),
    ("Сергеев Александр", "Sergeyev Alexandr", "SERGEEV ALEKSANDR"),
]


@pytest.mark.parametrize("spellings", SAME)
def test_spellings_of_one_name_share_a_key(spellings: tuple[str, ...]) -> None:
    assert len({name_key(spelling) for spelling in spellings}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ҳасан", "Ҳусан"), ("Каримов", "Каримова"), ("Азиз", "Азиза"), ("Дилноза", "Дилфуза"), ("Умид", "Умида")],
)
def test_different_names_keep_different_keys(one: str, other: str) -> None:
    assert name_key(one) != name_key(other)


def test_a_latin_letter_inside_a_cyrillic_word_does_not_change_the_key() -> None:
    assert name_key("Кapимoв") == name_key("Каримов")


def test_decomposed_letters_and_every_apostrophe_give_the_same_key() -> None:
    assert name_key("У\u0306ткир") == name_key("Ўткир")
    assert len({name_key(f"O{mark}tkir") for mark in "'ʻʼ`’‘´′"}) == 1


def test_patronymics_of_both_traditions_give_the_fathers_name() -> None:
    russian = word_parts(words("Алишерович")[0])
    assert (russian.key, russian.part, russian.sex) == (name_key("Alisher"), "patronymic", "M")
    assert word_parts(words("qizi")[0]).part == word_parts(words("ўғли")[0]).part == "marker"


def test_legal_forms_are_recognised_in_both_scripts() -> None:
    for form in ("ООО", "MChJ", "МЧЖ", "АО"):
        assert word_parts(words(form)[0]).part == "legal_form"


def test_nothing_gives_an_empty_key() -> None:
    assert name_key(None) == name_key("") == name_key(" 123 — ") == ""


def test_official_cyrillic_and_latin_place_names_share_a_key() -> None:
    path = get_settings().shared_data / "uzbekistan" / "translit_pairs_cyr_lat.csv"
    if not path.exists():
        pytest.skip("the reference pairs are not on this machine")
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    equal = sum(name_key(row["cyrillic"]) == name_key(row["latin"]) for row in rows)
    russian = sum(name_key(row["cyrillic"]) == name_key(row["russian"]) for row in rows if row["level"] == "villages")
    villages = sum(row["level"] == "villages" for row in rows)
    assert equal >= len(rows) * 0.998
    assert russian >= villages * 0.86
