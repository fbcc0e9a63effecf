"""Who falls where is a matter of the seed and the cluster alone: the same on every machine, in any order of rows.

Source: G. L. Steele, D. Lea, C. H. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014, with the
mixing constants of D. Stafford's variant 13. Seeds are texts; BLAKE2b makes numbers of them.
"""

import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt

_GOLDEN: Final = 0x9E3779B97F4A7C15
_FIRST: Final = 0xBF58476D1CE4E5B9
_SECOND: Final = 0x94D049BB133111EB
_MASK: Final = (1 << 64) - 1


def hashes(seed: str, ids: npt.ArrayLike) -> npt.NDArray[np.uint64]:
    """A number of 64 bits for each id."""
    key = _key(seed)
    found = np.asarray(ids).astype(np.int64).view(np.uint64) ^ np.uint64(key)
    with np.errstate(over="ignore"):
        return _mix(_mix(found + np.uint64(_GOLDEN)) + np.uint64(key))


def uniforms(seed: str, ids: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """A number in [0, 1) for each id: 53 bits of its hash."""
    return (hashes(seed, ids) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def uniform(seed: str, identity: int) -> float:
    """The number of one id, without arrays; equal to what `uniforms` gives it."""
    key = _key(seed)
    return (_mix_one(_mix_one((((identity & _MASK) ^ key) + _GOLDEN) & _MASK) + key & _MASK) >> 11) * 2.0**-53


def _key(seed: str) -> int:
    return int.from_bytes(hashlib.blake2b(seed.encode(), digest_size=8).digest(), "little")


def _mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * np.uint64(_FIRST)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(_SECOND)
    return values ^ (values >> np.uint64(31))


def _mix_one(value: int) -> int:
    value = (value ^ (value >> 30)) * _FIRST & _MASK
    value = (value ^ (value >> 27)) * _SECOND & _MASK
    return value ^ (value >> 31)
