"""Names of organisations, their groups and links, and the people whom the operator talks to there."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import polars as pl

from simulator.randomness import pick, stream
from simulator.transliteration import to_latin
from simulator.word_lists import COMPANY_FIRST, COMPANY_SECOND, COMPANY_THIRD

INDUSTRIES = ("retail", "construction", "agriculture", "manufacturing", "transport", "finance", "education",
              "health", "it", "hospitality", "public", "energy")  # fmt: skip
FORMS = (("ООО", "MChJ", "Общество с ограниченной ответственностью"), ("ЧП", "XK", "Частное предприятие"),
         ("АО", "AJ", "Акционерное общество"), ("СП ООО", "QK MChJ", "Совместное предприятие ООО"),
         ("ГУП", "DUK", "Государственное унитарное предприятие"))  # fmt: skip


class OrganisationNames(NamedTuple):
    """Numbers into the word lists; meaningful where the customer is an organisation."""

    form: np.ndarray
    first: np.ndarray
    second: np.ndarray
    third: np.ndarray
    industry: np.ndarray

    def take(self, index: np.ndarray) -> "OrganisationNames":
        """The same numbers for chosen organisations."""
        return OrganisationNames(*(values[index] for values in self))


def draw_organisations(rng: np.random.Generator, count: int) -> OrganisationNames:
    """Random organisation names for `count` customers."""
    third = np.where(rng.random(count) < 0.45, rng.integers(0, len(COMPANY_THIRD), count), -1)
    return OrganisationNames(
        pick(rng, count, [70, 14, 6, 6, 4]),
        rng.integers(0, len(COMPANY_FIRST), count),
        rng.integers(0, len(COMPANY_SECOND), count),
        third,
        rng.integers(0, len(INDUSTRIES), count),
    )


def spell_organisations(names: OrganisationNames) -> pl.DataFrame:
    """Columns full_name, short_name, name_uz, core (the bare name) and industry."""
    short, uzbek, full = (pl.Series(list(forms))[names.form] for forms in zip(*FORMS, strict=True))
    core, latin = (_joined(names, words) for words in _words_by_script())
    return pl.DataFrame({
        "full_name": full + " «" + core + "»", "short_name": short + " «" + core + "»",
        "name_uz": "«" + latin + "» " + uzbek,
        "core": core, "industry": pl.Series(list(INDUSTRIES))[names.industry],
    })  # fmt: skip


@lru_cache(maxsize=1)
def _words_by_script() -> tuple[tuple[list[str], ...], tuple[list[str], ...]]:
    cyrillic = (list(COMPANY_FIRST), [f" {w}" for w in COMPANY_SECOND], [*(f" {w}" for w in COMPANY_THIRD), ""])
    return cyrillic, tuple([to_latin(word) for word in words] for words in cyrillic)


def _joined(names: OrganisationNames, words: tuple[list[str], ...]) -> pl.Series:
    first, second, third = (pl.Series(part) for part in words)
    return first[names.first] + second[names.second] + third[names.third % len(third)]  # -1 is the empty last one


def draw_links(seed: int, organisations: np.ndarray, created: np.ndarray) -> dict[str, np.ndarray]:
    """Groups of companies: a parent with affiliates (formal), and same directors or addresses (informal).

    Returns arrays customer, linked, kind, formal, day, in order of day, with customer numbers.
    """
    rng = stream(seed, "links")
    pool = rng.permutation(organisations)
    pairs, place = [], 0
    while place + 8 < len(pool) * 0.35:
        size = int(rng.integers(2, 7))
        parent, children = pool[place], pool[place + 1 : place + size]
        for child in children:
            formal = rng.random() < 0.6
            kind = (
                ("parent_of" if rng.random() < 0.7 else "affiliate_of")
                if formal
                else ("same_director", "same_address", "same_founder")[int(rng.integers(0, 3))]
            )
            pairs.append((parent, child, kind, formal))
        place += size
    customer = np.array([p[0] for p in pairs], dtype=np.int64)
    linked = np.array([p[1] for p in pairs], dtype=np.int64)
    day = np.maximum(created[customer], created[linked]) + rng.integers(1, 200, len(pairs))
    order = np.argsort(day, kind="stable")
    kinds = np.array([p[2] for p in pairs], dtype=object)
    formal = np.array([p[3] for p in pairs], dtype=bool)
    ended = np.where(rng.random(len(pairs)) < 0.08, day + rng.integers(100, 900, len(pairs)), 10_000_000)
    return {"customer": customer[order], "linked": linked[order], "kind": kinds[order], "formal": formal[order],
            "day": day[order], "ended": ended[order]}  # fmt: skip
