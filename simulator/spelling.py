"""Misspellings: what hurried clerks do to a name."""

import numpy as np
import polars as pl

from simulator.randomness import stream

FORIS_TYPO_SHARE = 0.3
"""Share of duplicate cards whose name was typed differently the second time."""


def with_typos(names: pl.DataFrame, candidates: np.ndarray, share: float, seed: int) -> pl.DataFrame:
    """The same names with a slip in the last or first name of some candidates; it depends on the name alone."""
    rows = np.flatnonzero(candidates)
    if not len(rows):
        return names
    columns = {c: names[c].to_list() for c in ("last_name", "first_name")}
    for row in rows.tolist():
        text = columns["last_name"][row] + columns["first_name"][row]
        rng = stream(seed, "typo", *(ord(letter) for letter in text))
        if rng.random() < share:
            column = "last_name" if rng.random() < 0.6 else "first_name"
            columns[column][row] = misspell(columns[column][row], rng)
    return names.with_columns(**{c: pl.Series(v, dtype=pl.String) for c, v in columns.items()})


def misspell(text: str, rng: np.random.Generator) -> str:
    """One slip in a word of at least four letters: letters swapped, dropped, doubled or taken for a neighbour."""
    if len(text) < 4:
        return text
    place = int(rng.integers(1, len(text) - 2))
    kind = int(rng.integers(0, 4))
    if kind == 0:
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if kind == 1:
        return text[:place] + text[place + 1 :]
    if kind == 2:
        return text[: place + 1] + text[place:]
    neighbours = {"а": "о", "о": "а", "и": "е", "е": "и", "a": "o", "o": "a", "i": "e", "e": "i", "д": "т", "d": "t"}
    return text[:place] + neighbours.get(text[place], text[place]) + text[place + 1 :]
