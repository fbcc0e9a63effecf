"""Characters that a one-byte encoding cannot hold: found before writing, replaced by rule or refused by name."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import duckdb

from vitrina.warehouse.engine import literal, one_row, quoted, quoted_list

_HIGHEST = 0x10FFFF
# What a reader of the file will recognise, best first; the first that the encoding holds is taken.
_REPLACEMENTS: dict[str, tuple[str, ...]] = {
    "ʻ": ("‘", "'"), "ʼ": ("’", "'"), "‘": ("'",), "’": ("'",), "“": ('"',), "”": ('"',), "«": ('"',), "»": ('"',),
    "–": ("-",), "—": ("-",), "−": ("-",), "…": ("...",), "№": ("No",), "\u00a0": (" ",), "\u202f": (" ",),
    "қ": ("к",), "ғ": ("г",), "ҳ": ("х",), "ў": ("у",), "ә": ("а",), "ө": ("о",), "ү": ("у",), "ұ": ("у",), "ң": ("н",),
}  # fmt: skip
# The official Latin spelling of Uzbek, with the letters that Russian has besides.
_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "yo", "ж": "j", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
    "х": "x", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sch", "ъ": "'", "ы": "y", "ь": "'", "э": "e", "ю": "yu",
    "я": "ya", "қ": "q", "ғ": "g'", "ҳ": "h", "ў": "o'",
}  # fmt: skip


@dataclass(frozen=True)
class Unmappable:
    """One character that cannot be written, and the first row found with it."""

    column: str
    character: str
    row: str

    def __str__(self) -> str:
        code = f"U+{ord(self.character):04X}"
        return f"column {self.column}, row {self.row}: {self.character!r} ({code})"


class UnmappableCharacters(ValueError):
    """Text that the target encoding cannot hold; `found` says where. Nothing was written."""

    def __init__(self, encoding: str, found: Sequence[Unmappable]) -> None:
        self.encoding, self.found = encoding, tuple(found)
        listed = "; ".join(str(item) for item in self.found[:5])
        more = f" and {len(self.found) - 5} more" if len(self.found) > 5 else ""
        super().__init__(f"{encoding} cannot hold: {listed}{more}")


@lru_cache(maxsize=16)
def repertoire(encoding: str) -> frozenset[str] | None:
    """Characters that a one-byte encoding holds; None for Unicode encodings, which hold all."""
    if encoding.startswith("utf"):
        return None
    decoded = (bytes([code]).decode(encoding, errors="ignore") for code in range(256))
    return frozenset(character for character in decoded if character)


def outside_class(encoding: str) -> str:
    """A regular expression (RE2) of one character that the encoding cannot hold."""
    codes = sorted(ord(character) for character in repertoire(encoding) or ())
    ranges, start = [], 0
    for code in [*codes, _HIGHEST + 1]:
        if code > start:
            ranges.append(f"\\x{{{start:X}}}-\\x{{{code - 1:X}}}")
        start = code + 1
    return f"[{''.join(ranges)}]"


def replacement(character: str, encoding: str) -> str | None:
    """What to write instead: a look-alike, the letter without its mark, or Latin; None when nothing readable fits."""
    lower = character.lower()
    options = [*_REPLACEMENTS.get(character, ())]
    if lower != character:
        options += [option.upper() for option in _REPLACEMENTS.get(lower, ())]
    stripped = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
    options.append(stripped)
    if lower in _LATIN:
        options.append(_LATIN[lower] if lower == character else _LATIN[lower].capitalize())
    held = repertoire(encoding) or frozenset()
    return next((option for option in options if option and option != character and set(option) <= held), None)


def unmappable(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str], key: Sequence[str], encoding: str
) -> list[Unmappable]:
    """Every character of the text columns that the encoding cannot hold, each once a column, with a row to look at."""
    if repertoire(encoding) is None:
        return []
    found, pattern = [], literal(outside_class(encoding))
    for column in columns:
        text = f"nfc_normalize({quoted(column)})"
        query = f"SELECT DISTINCT unnest(regexp_extract_all({text}, {pattern})) AS c FROM {relation} ORDER BY c"
        for (character,) in connection.execute(query).fetchall():
            found.append(Unmappable(column, character, _row_with(connection, relation, text, character, key)))
    return found


def _row_with(
    connection: duckdb.DuckDBPyConnection, relation: str, text: str, character: str, key: Sequence[str]
) -> str:
    shown = quoted_list(key) if key else '"row number"'
    numbered = f'SELECT *, row_number() OVER () AS "row number" FROM {relation}'
    query = f'SELECT {shown} FROM ({numbered}) WHERE contains({text}, ?) ORDER BY "row number" LIMIT 1'
    values = one_row(connection, query, [character])
    names = key or ("number",)
    return ", ".join(f"{name}={value}" for name, value in zip(names, values, strict=True))


def replacements_for(
    found: Sequence[Unmappable], encoding: str, policy: Literal["error", "transliterate"]
) -> dict[str, dict[str, str]]:
    """What to replace by column: {column: {character: text}}.

    Raises `UnmappableCharacters` for all that was found under policy ``error``, and for characters that have no
    readable replacement under ``transliterate``.
    """
    chosen = {item: replacement(item.character, encoding) for item in found}
    refused = [item for item in found if policy == "error" or chosen[item] is None]
    if refused:
        raise UnmappableCharacters(encoding, refused)
    mapping: dict[str, dict[str, str]] = {}
    for item, text in chosen.items():
        mapping.setdefault(item.column, {})[item.character] = text or ""
    return mapping


def replaced_sql(column: str, mapping: dict[str, str]) -> str:
    """Expression of a text column with its characters replaced."""
    expression = f"nfc_normalize({quoted(column)})"
    for character, text in mapping.items():
        expression = f"replace({expression}, {literal(character)}, {literal(text)})"
    return expression
