"""Keys of segments and lists: made from the name once, then stable, fit for addresses and file names."""

import re
from collections.abc import Collection

from slugify import slugify

from crm.errors import CrmError

_LONGEST = 60
_KEY = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,78}[a-z0-9])?")
# Marks of Uzbek letters, which are no separators of words.
_MARKS = str.maketrans("", "", "ʻʼ‘’`'")


def new_key(name: str, taken: Collection[str], fallback: str) -> str:
    """A key nobody has: Latin letters, digits and dashes of the name (`fallback` for a name without any)."""
    start = slugify(name.translate(_MARKS), max_length=_LONGEST, word_boundary=True) or fallback
    key, number = start, 2
    while key in taken:
        key, number = f"{start}-{number}", number + 1
    return key


def checked_key(key: str) -> str:
    """A key from outside as it is. Raises `CrmError` when it has other signs than a key may have."""
    if not _KEY.fullmatch(key):
        raise CrmError("segment_key", key=key[:100])
    return key
