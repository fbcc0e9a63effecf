"""Everything that a sentence is made of, for those who look whether it is translated."""

from collections.abc import Mapping
from typing import Any, Final

from segments.sentence import clauses, words

_WHOLE: Final = frozenset(
    {
        "Customers chosen by an SQL query", "Customers {conditions}", "All customers", " and ", " or ", "“{name}”",
        "yes", "no", "{count} more", "the period until {date}", "the period since {date}",
        "the period from {start} to {end}", "all time", "it is not true that ({conditions})",
        "{clause} (or this is not known)", "{things} before, but none within {window}",
        "{things} within {before}, but none within {window}", "no {things} within {window}", "no {things} ever",
        "{things} within {window}", "{things} at some time", "{counted} within {window}", "{counted} in all",
        "{what} within {window}", "there are {things}", "there are no {things}",
        "{things}, for each of which ({conditions})", "records of “{name}”", "records “{name}”",
        "in the segment “{name}”", "not in the segment “{name}”", "in the list “{name}”", "not in the list “{name}”",
    }
)  # fmt: skip


def _texts(table: Mapping[Any, str | tuple[str, str]]) -> set[str]:
    return {text for each in table.values() for text in (each if isinstance(each, tuple) else (each,))}


MESSAGES: Final = _WHOLE.union(*(_texts(each) for each in (*clauses.TABLES, *words.TABLES)))
