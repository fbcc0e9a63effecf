"""Random streams that depend on the seed and a name only, never on the order of calls."""

from zlib import crc32

import numpy as np


def stream(seed: int, name: str, *keys: int) -> np.random.Generator:
    """An independent generator for one concern (and, where given, one month or chunk of it)."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([seed, crc32(name.encode()), *keys])))


def scatter(index: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Distinct scattered numbers below `size` for distinct indexes below `size`: phone numbers, passports, codes."""
    prime = 15_485_863  # larger than two and five, so coprime to the powers of ten times three that callers use
    return (np.asarray(index, dtype=np.int64) * prime + (seed * 104_729) % size) % size


def lots(seed: int, name: str, ids: np.ndarray) -> np.ndarray:
    """A number in [0, 1) for each id of one concern, whatever other ids there are: the finaliser of MurmurHash3 (A.
    Appleby) over id and seed."""
    found = np.asarray(ids, dtype=np.int64).view(np.uint64) ^ np.uint64(
        crc32(name.encode()) << 32 | crc32(b"%d" % seed)
    )
    for shift, factor in ((33, 0xFF51AFD7ED558CCD), (33, 0xC4CEB9FE1A85EC53), (33, 0xFF51AFD7ED558CCD)):
        found = (found ^ (found >> np.uint64(shift))) * np.uint64(factor)
    return ((found ^ (found >> np.uint64(33))) >> np.uint64(11)) * 2.0**-53


def pick(rng: np.random.Generator, size: int, weights: list[float] | np.ndarray) -> np.ndarray:
    """Numbers of the chosen categories, by weight."""
    edges = np.cumsum(np.asarray(weights, dtype=float))
    return np.searchsorted(edges / edges[-1], rng.random(size), side="right").astype(np.int64)


def first_positions(counts: np.ndarray) -> np.ndarray:
    """Where each group begins when groups of these sizes lie one after the other."""
    return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)
