"""What a person's conditions may name: the catalogue of his snapshot, and which of its columns he sees as they are.

Pages and the API both come here. The catalogue is one for all and remembered by snapshot, what is open by what the
reader shows. Membership is computed on uncovered data, so a column that somebody sees covered is no condition of his.
"""

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from crm.services.segments import Author
from segments.catalogue import PROFILE, Catalogue, Entity
from segments.engine import At
from segments.questions import read_catalogue
from vitrina.access.gate import GatedReader
from vitrina.access.rights import Mask
from vitrina.settings import get_settings

_KEPT = 60

Value = TypeVar("Value")
Columns = dict[str, frozenset[str]]


class _Remembered:
    """The last answers by key; one that was not given lately is forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[tuple[str, ...], Any] = OrderedDict()

    def get(self, key: tuple[str, ...], make: Callable[[], Value]) -> Value:
        """The answer to `key`, made when it is not there; two who ask at once may both make it."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]  # type: ignore[no-any-return]
        made = make()
        with self._lock:
            self._answers[key] = made
            while len(self._answers) > _KEPT:
                self._answers.popitem(last=False)
        return made


_remembered = _Remembered()


def catalogue(reader: GatedReader) -> Catalogue:
    """Everything that a condition may name in this snapshot, whoever asks. `usable` leaves out what he may not use."""
    key = ("catalogue", str(get_settings().published_dir), str(reader.version))
    return _remembered.get(key, lambda: read_catalogue(reader, reader.manifest.tables))


def usable(reader: GatedReader) -> Catalogue:
    """The catalogue less what its reader sees covered or not at all: what the builder offers him."""
    key = ("usable", str(get_settings().published_dir), reader.fingerprint)
    return _remembered.get(key, lambda: _usable(catalogue(reader), hidden_columns(reader), open_columns(reader)))


def open_columns(reader: GatedReader) -> Columns:
    """By table to which the reader has a right, the columns that he sees as they are."""
    key = ("open", str(get_settings().published_dir), reader.fingerprint)
    return _remembered.get(key, lambda: _open(reader))


def hidden_columns(reader: GatedReader) -> Columns:
    """By table to which the reader has a right, the columns that he sees covered or not at all."""
    shown = open_columns(reader)
    tables = reader.manifest.tables
    return {
        name: frozenset(column.name for column in tables[name].columns) - names
        for name, names in shown.items()
        if name in tables
    }


def author(reader: GatedReader) -> Author:
    """The reader as one who writes definitions."""
    at = At.current(reader.manifest.as_of)
    return Author(catalogue(reader), at, reader.rights, open_columns(reader), hidden_columns(reader))


def freshness(reader: GatedReader) -> dict[str, dt.date]:
    """The day on which each source last brought something, as the snapshot knows it."""
    found: dict[str, dt.date] = {}
    for name, moment in dict(reader.manifest.watermarks.get("sources") or {}).items():
        if moment:
            source, day = name.split("__")[0], dt.datetime.fromisoformat(str(moment)).date()
            found[source] = max(found.get(source, day), day)
    return found


def _open(reader: GatedReader) -> Columns:
    return {
        table.name: frozenset(column.name for column in table.columns if column.mask is Mask.OPEN)
        for table in reader.tables()
    }


def _usable(whole: Catalogue, hidden: Mapping[str, frozenset[str]], shown: Columns) -> Catalogue:
    def entities(found: Mapping[str, Entity]) -> dict[str, Entity]:
        return {name: each for name, each in found.items() if each.table in shown}

    known = replace(whole, events=entities(whole.events), related=entities(whole.related)).without(hidden)
    return known if PROFILE in shown else replace(known, attributes={})
