"""What is found out about a definition before it goes on: its named customers, and the difference to what counts now.

Asked of whatever the caller reads from: for a person, of the customers that he sees.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from crm.services.segments.checking import Author
from crm.services.segments.values import Fixture, Verdict
from segments.definition import Definition, fingerprint
from segments.engine import Compiled, compile_segment
from segments.questions import Source, overlap


def verdict(
    source: Source, definition: Definition, published: Definition | None, known: Sequence[Fixture], author: Author,
    others: Mapping[str, Definition],
) -> Verdict:  # fmt: skip
    """Run the tests of a definition and count who enters and leaves against the published one, if any.

    Raises `DefinitionError`.
    """
    compiled = compile_segment(definition, author.catalogue, author.at, others)
    inside = members_among(source, compiled, [each.customer_id for each in known])
    before = compile_segment(published, author.catalogue, author.at, others) if published is not None else None
    return Verdict(fingerprint(definition), inside, _difference(source, before, compiled))


def members_among(source: Source, compiled: Compiled, customer_ids: Sequence[int]) -> frozenset[int]:
    """Those of the customers that are in a segment."""
    if not customer_ids:
        return frozenset()
    names = [f"customer_{place}" for place in range(len(customer_ids))]
    places = ", ".join(f"${name}" for name in names)
    sql = f"SELECT customer_id FROM ({compiled.sql}) AS inside WHERE customer_id IN ({places})"
    params = {**compiled.params, **dict(zip(names, customer_ids, strict=True))}
    return frozenset(source.query(sql, params).column(0).to_pylist())


def _difference(source: Source, before: Compiled | None, after: Compiled) -> dict[str, Any]:
    if before is None:
        found = overlap(source, {"after": after})
        return {"before": 0, "after": found.sizes[0], "entered": found.sizes[0], "left": 0, "kept": 0}
    found = overlap(source, {"before": before, "after": after})
    kept = found.matrix[0][1]
    old, new = found.sizes
    return {"before": old, "after": new, "entered": new - kept, "left": old - kept, "kept": kept}
