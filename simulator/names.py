"""Names of persons in three spellings: Russian office Cyrillic, Uzbek Cyrillic, Uzbek Latin.

The lists are in Uzbek Cyrillic, roots of surnames without their ending; the other spellings are derived.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from simulator.randomness import pick
from simulator.transliteration import to_latin, to_russian

SURNAME_ROOTS = """Карим Раҳим Юсуп Юлдаш Абдуллаʼ Аҳмед Исмаил Ҳамид Ҳасан Ҳусан Алим Салим Тўхта Эргаш Турсун Исломʼ Мирза Нурмат
Умар Усмон Каримжон Расул Собир Тошмат Холмат Шариф Эшмат Юнус Қодир Ғофур Ғани Ҳайдар Ҳаким Абдураҳмон Абдурасул Азим Азиз Акбар
Акрам Анвар Асқар Баҳодир Ботир Дадаж Давлат Жалил Жўра Зокир Иброҳим Икром Комил Латиф Мамат Маҳмуд Миркомил Муҳаммад Мўмин Назар
Норбў Олим Орип Очил Паттах Пўлат Раззоқ Рустам Саид Сатторʼ Содиқ Султон Темир Тоҳир Турдиқул Туйчи Фарҳод Файзулла Фозил Хидоят
Холиқ Хўжа Хушвақт Чори Шавкат Шокир Шукур Эгамберди Элмурод Яҳё Қаҳҳор Қурбон Қосим Ўктам Ўроз Ғайбулла Ҳошим Ҳикмат Бердиқул
Бозор Бўри Жаббор Жумаʼ Зиё Исроил Мадамин Мансур Матёқуб Мусаʼ Набиʼ Ниёз Отажон Полвон Раҳмат Рўзи Сафар Сирож Тангри Тожи
Убайдулла Хайрулла Худойберди Шерали Эсон Эшонқул Иван Петр Кузнец Ким Пак Цой Попʼ Сергеʼ Волк Морозʼ Новик Федорʼ"""
MALE = ["Азиз", "Акмал", "Алишер", "Анвар", "Асқар", "Аброр", "Баҳодир", "Ботир", "Бобур", "Бекзод", "Даврон", "Дилшод", "Дониёр", "Жасур", "Жамшид", "Жавлон", "Зафар", "Зокир", "Илҳом", "Исломжон", "Иброҳим", "Камол", "Карим", "Лазиз", "Мансур", "Марат", "Мирзо", "Муҳаммад", "Мурод", "Нодир", "Нурали", "Одил", "Олим", "Отабек", "Рустам", "Равшан", "Санжар", "Сардор", "Сирожиддин", "Темур", "Тоҳир", "Улуғбек", "Умид", "Фарҳод", "Фаррух", "Хуршид", "Шавкат", "Шерзод", "Шуҳрат", "Элёр", "Эркин", "Юсуф", "Ёқуб", "Қаҳрамон", "Қодир", "Ғайрат", "Ҳасан", "Ҳусан", "Ўткир", "Александр", "Сергей", "Дмитрий", "Андрей", "Владимир", "Евгений", "Тимур", "Руслан", "Виктор", "Артур"]
FEMALE = ["Азиза", "Гулнора", "Дилноза", "Дилфуза", "Дилором", "Динора", "Зебо", "Зулфия", "Зарина", "Интизор", "Камола", "Лайло", "Лола", "Малика", "Мадина", "Мафтуна", "Матлуба", "Моҳира", "Муҳаббат", "Нигора", "Наргиза", "Нафиса", "Нилуфар", "Нодира", "Озода", "Ойгул", "Раъно", "Саида", "Севара", "Сабоҳат", "Ситора", "Умида", "Феруза", "Фотима", "Хуршида", "Шаҳноза", "Шоира", "Юлдуз", "Ёрқиной", "Қизларой", "Ҳилола", "Ҳулкар", "Ўғилой", "Барно", "Гавҳар", "Гўзал", "Дилдора", "Манзура", "Мунира", "Насиба", "Елена", "Ольга", "Наталья", "Светлана", "Ирина", "Анна", "Юлия", "Марина", "Лилия", "Алия"]
FATHERS = ["Азиз", "Акмал", "Алишер", "Анвар", "Баҳодир", "Ботир", "Бобур", "Даврон", "Дилшод", "Жасур", "Жамшид", "Зафар", "Илҳом", "Иброҳим", "Камол", "Карим", "Мансур", "Мурод", "Нодир", "Олим", "Отабек", "Рустам", "Равшан", "Санжар", "Сардор", "Темур", "Тоҳир", "Улуғбек", "Умид", "Фарҳод", "Хуршид", "Шавкат", "Шерзод", "Шуҳрат", "Эркин", "Юсуф", "Қодир", "Ғайрат", "Ҳасан", "Ҳусан", "Абдулла", "Аҳмад", "Маҳмуд", "Раҳим", "Салим", "Собир", "Турсун", "Усмон", "Холмат", "Қурбон", "Александр", "Сергей", "Владимир", "Виктор", "Иван"]
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
    roots = len(SURNAME_ROOTS.split())
    female = rng.random(size) < 0.49
    first = np.where(female, pick(rng, size, _popularity(len(FEMALE))), pick(rng, size, _popularity(len(MALE))))
    return PersonNames(
        pick(rng, size, _popularity(roots)), first, pick(rng, size, _popularity(len(FATHERS))), female
    )


def spell(names: PersonNames, script: np.ndarray) -> pl.DataFrame:
    """Columns last_name, first_name, middle_name; `script` holds numbers into SCRIPTS."""
    tables = _tables()
    sex = names.female.astype(np.int64)
    numbers = {"last_name": names.surname, "first_name": names.first, "middle_name": names.father}
    return pl.DataFrame({
        column: pl.Series(tables[column][0])[tables[column][1][script, sex, number]]
        for column, number in numbers.items()
    })


def _popularity(count: int) -> np.ndarray:
    return 1.0 / (np.arange(count) + 8.0)


@lru_cache(maxsize=1)
def _tables() -> dict[str, tuple[list[str], np.ndarray]]:
    """For each part of a name: all spellings, and where [script, sex, number] is among them."""
    parts = {
        "last_name": (SURNAME_ROOTS.split(), _surname),
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
    soft = root.endswith("ʼ")
    stem = root.rstrip("ʼ")
    ending = "ев" if (soft and stem[-1] in "аеиоу") or stem[-1] in "жйшч" else "ов"
    stem = stem if not soft or ending == "ев" else stem
    if stem[-1] in "аиуў" and ending == "ов":
        ending = "ев" if stem[-1] in "аи" else "нов"
    return _in_script(stem + ending + ("а" if sex else ""), script)


def _first_name(number: int, script: str, sex: int) -> str:
    names = FEMALE if sex else MALE
    return _in_script(names[number % len(names)], script)


def _patronymic(father: str, script: str, sex: int) -> str:
    if script != "ru":
        return _in_script(father + (" қизи" if sex else " ўғли"), script)
    stem = father[:-1] if father[-1] in "айь" else father
    if father[-1] in "й":
        return to_russian(stem + ("евна" if sex else "евич"))
    return to_russian(stem + ("овна" if sex else "ович"))
