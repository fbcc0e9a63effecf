"""The catalogue of conditions as a snapshot publishes it."""

from collections.abc import Collection
from typing import Any, Final

from segments.catalogue import Catalogue
from segments.questions.source import Source

MARTS: Final = ("attribute_catalogue", "segment_entities", "segment_fields")


def read_catalogue(source: Source, tables: Collection[str] = MARTS) -> Catalogue:
    """What conditions may name. `tables` are those that there are: a snapshot of an older release lacks the events and
    objects, one without customers everything."""

    def rows(name: str) -> list[dict[str, Any]]:
        return source.query(f"SELECT * FROM {name}", {}).to_pylist() if name in tables else []

    return Catalogue.from_rows(*(rows(name) for name in MARTS))
