"""Names in three spellings, and the slips of clerks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.names import SCRIPTS, draw_names, spell
from simulator.randomness import scatter, stream
from simulator.spelling import misspell
from simulator.transliteration import to_cyrillic, to_latin, to_russian


@pytest.mark.parametrize(
    ("cyrillic", "latin"),
    [("Ғофуров", "Gʻofurov"), ("Шаҳноза", "Shahnoza"), ("Ўткир", "Oʻtkir"), ("Елена", "Yelena"),
     ("Мирзаев", "Mirzayev"), ("Чориев", "Choriyev"), ("Қаҳҳоров", "Qahhorov")],
)  # fmt: skip
def test_cyrillic_becomes_the_official_latin(cyrillic: str, latin: str) -> None:
    assert to_latin(cyrillic) == latin


@pytest.mark.parametrize("name", ["Ғофуров", "Шаҳноза", "Ўткир", "Қаҳҳоров", "Чори", "Раҳимова", "Юлдуз"])
def test_latin_goes_back_to_the_same_cyrillic(name: str) -> None:
    assert to_cyrillic(to_latin(name)) == name


def test_a_russian_office_has_no_uzbek_letters() -> None:
    assert to_russian("Ўктам Қодиров Ғайрат Ҳасан") == "Уктам Кодиров Гайрат Хасан"


def test_the_same_person_is_spelled_in_three_ways() -> None:
    names = draw_names(stream(1, "test"), 200)
    spelled = [spell(names, np.full(200, script)) for script in range(len(SCRIPTS))]
    latin = spelled[2].select("last_name").to_series().to_list()
    assert all(text.isascii() or "ʻ" in text or "ʼ" in text for text in latin)
    different = sum(a != b for a, b in zip(spelled[0].rows(), spelled[1].rows(), strict=True))
    assert different > 150
    assert all(len(text) > 1 for frame in spelled for column in frame for text in column)


@given(st.text(alphabet="абвгдежзиклмнопрстуabcdefghik", min_size=4, max_size=14), st.integers(0, 10_000))
def test_a_slip_changes_at_most_a_letter_or_two(word: str, seed: int) -> None:
    slipped = misspell(word, np.random.default_rng(seed))
    assert abs(len(slipped) - len(word)) <= 1
    assert slipped[0] == word[0]


@given(st.integers(0, 50), st.sampled_from([1000, 10_000_000, 30_000_000]))
def test_scattered_numbers_are_all_different(seed: int, size: int) -> None:
    numbers = scatter(np.arange(1000), size, seed)
    assert len(np.unique(numbers)) == 1000
    assert numbers.min() >= 0
    assert numbers.max() < size
