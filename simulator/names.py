"""Names of persons in three spellings: Russian office Cyrillic, Uzbek Cyrillic, Uzbek Latin.

The lists are in Uzbek Cyrillic, roots of surnames without their ending; the other spellings are derived.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from simulator.randomness import pick
from simulator.transliteration import to_latin, to_russian
from simulator.word_lists import FATHERS, FEMALE, MALE, SURNAME_ROOTS

_INDECLINABLE = {"Ким", "Пак", "Цой"}
SCRIPTS = ("ru", "uz_cyrl", "uz_latn")


@dataclass(frozen=True)
class PersonNames:
    """Numbers into the name lists for many persons; `female` is boolean."""

    surname: np.ndarray
    first: np.ndarray
    father: np.ndarray
    female: np.ndarray

    def take(self, index: np.ndarray) -> "PersonNames":
        """The same names for chosen persons."""
        return PersonNames(self.surname[index], self.first[index], self.father[index], self.female[index])


def draw_names(rng: np.random.Generator, size: int) -> PersonNames:
    """Random names; a few surnames and given names are much more common than others."""
    roots = len(SURNAME_ROOTS)
    female = rng.random(size) < 0.49
    first = np.where(female, pick(rng, size, _popularity(len(FEMALE))), pick(rng, size, _popularity(len(MALE))))
    return PersonNames(pick(rng, size, _popularity(roots)), first, pick(rng, size, _popularity(len(FATHERS))), female)


def spell(names: PersonNames, script: np.ndarray) -> pl.DataFrame:
    """Columns last_name, first_name, middle_name; `script` holds numbers into SCRIPTS."""
    tables = _tables()
    sex = names.female.astype(np.int64)
    numbers = {"last_name": names.surname, "first_name": names.first, "middle_name": names.father}
    return pl.DataFrame(
        {
            column: pl.Series(tables[column][0])[tables[column][1][script, sex, number]]
            for column, number in numbers.items()
        }
    )


def _popularity(count: int) -> np.ndarray:
    return 1.0 / (np.arange(count) + 8.0)


@lru_cache(maxsize=1)
def _tables() -> dict[str, tuple[list[str], np.ndarray]]:
    """For each part of a name: all spellings, and where [script, sex, number] is among them."""
    parts = {
        "last_name": (SURNAME_ROOTS, _surname),
        "first_name": (range(max(len(MALE), len(FEMALE))), _first_name),
        "middle_name": (FATHERS, _patronymic),
    }
    tables = {}
    for column, (items, render) in parts.items():
        spellings = [render(item, script, sex) for script in SCRIPTS for sex in (0, 1) for item in items]
        tables[column] = (spellings, np.arange(len(spellings)).reshape(len(SCRIPTS), 2, len(items)))
    return tables


def _in_script(uzbek: str, script: str) -> str:
    return {"ru": to_russian, "uz_cyrl": str, "uz_latn": to_latin}[script](uzbek)


def _surname(root: str, script: str, sex: int) -> str:
    if root in _INDECLINABLE:
        return _in_script(root, script)
    ending = "ев" if root[-1] in "аеиёйжшч" else "ов"
    return _in_script(root + ending + ("а" if sex else ""), script)


def _first_name(number: int, script: str, sex: int) -> str:
    names = FEMALE if sex else MALE
    return _in_script(names[number % len(names)], script)


def _patronymic(father: str, script: str, sex: int) -> str:
    if script != "ru":
        return _in_script(father + (" қизи" if sex else " ўғли"), script)
    if father[-1] == "й":
        return to_russian(father[:-1] + ("евна" if sex else "евич"))
    link = "ев" if father[-1] == "а" else "ов"
    return to_russian(father + link + ("на" if sex else "ич"))
