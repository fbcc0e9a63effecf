"""Party records for tests: a small table builder and a town of persons known to two systems."""

import random
from datetime import date, timedelta

import duckdb

COLUMNS = ("source", "source_id", "kind", "full_name", "inn", "pinfl", "phone", "email", "birth_date", "region_code")
Record = dict[str, str | None]
_SURNAMES = "Каримов Раҳимов Юсупов Исмоилов Ҳамидов Тўхтаев Эргашев Мирзаев Умаров Собиров Ғофуров Ёқубов"
_GIVEN = "Азиз Алишер Баҳодир Дилшод Жасур Зафар Илҳом Камол Лазиз Мурод Нодир Отабек Рустам Санжар Тоҳир Умид"
LATIN = str.maketrans({
    "А": "A", "Б": "B", "Д": "D", "Ж": "J", "З": "Z", "И": "I", "К": "K", "Л": "L", "М": "M", "Н": "N", "О": "O",
    "Р": "R", "С": "S", "Т": "T", "У": "U", "Ҳ": "H", "Э": "E", "Ғ": "Gʻ", "Ё": "Yo", "Ю": "Yu", "а": "a", "б": "b",
    "в": "v", "г": "g", "д": "d", "е": "e", "ж": "j", "з": "z", "и": "i", "й": "y", "к": "k", "қ": "q", "л": "l",
    "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ў": "oʻ", "ф": "f", "х": "x",
    "ҳ": "h", "ш": "sh", "ю": "yu",
})  # fmt: skip


def record(source: str, source_id: str, full_name: str, kind: str = "person", **known: str | None) -> Record:
    """One record; everything not given is unknown."""
    given = {"source": source, "source_id": source_id, "kind": kind, "full_name": full_name, **known}
    return {**dict.fromkeys(COLUMNS), **given}


def connect(records: list[Record]) -> duckdb.DuckDBPyConnection:
    """A database with the records in `int_party_records`."""
    con = duckdb.connect()
    con.execute("set threads = 1")
    typed = ", ".join(f"{name} {'date' if name == 'birth_date' else 'varchar'}" for name in COLUMNS)
    con.execute(f"create table int_party_records ({typed})")
    add(con, records)
    return con


def add(con: duckdb.DuckDBPyConnection, records: list[Record]) -> None:
    """More records for the same table."""
    places = ", ".join("?" * len(COLUMNS))
    if records:
        con.executemany(f"insert into int_party_records values ({places})", [[r[c] for c in COLUMNS] for r in records])


def members(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], int]:
    """Party of each record."""
    rows = con.execute("select source, source_id, party_id from resolved.party_members").fetchall()
    return {(source, source_id): party for source, source_id, party in rows}


def town(size: int, seed: int = 5) -> tuple[list[Record], dict[str, str]]:
    """Persons in billing, a third of them in accounting too with other spellings; and the truth (1C id → FORIS id)."""
    rng = random.Random(seed)  # noqa: S311
    surnames, given = _SURNAMES.split(), _GIVEN.split()
    records, truth = [], {}
    for number in range(1, size + 1):
        last, first, father = rng.choice(surnames), rng.choice(given), rng.choice(given)
        born = date(1955, 1, 1) + timedelta(days=rng.randrange(17_000))
        pinfl = f"{3 if born.year < 2000 else 5}{born:%d%m%y}{number:06d}0"
        phone = f"+99890{rng.randrange(10**7):07d}"
        known = {"birth_date": born.isoformat(), "phone": phone, "pinfl": pinfl if rng.random() < 0.8 else None}
        records.append(record("foris", str(number), f"{last} {first} {father}ович", **known))
        if rng.random() < 0.33:
            name = rng.choice([f"{last} {first} {father} oʻgʻli", f"{first} {last}"]).translate(LATIN)
            drop = rng.choice(["phone", "birth_date", "none"])
            other = {**known, drop: None} if drop != "none" else known
            other = {**other, "pinfl": pinfl if rng.random() < 0.3 else None}
            records.append(record("onec", f"K{number}", name, **other))
            truth[f"K{number}"] = str(number)
    return records, truth
