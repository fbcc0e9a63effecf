"""Real customers on whom a text is tried: what its placeholders stand for, as the person may see it."""

from collections.abc import Sequence
from typing import Any, Final

from apps.data.segments import Bench
from apps.data.source import Reader
from crm.services.campaigns.placeholders import PLACEHOLDERS
from segments.definition import Definition
from segments.questions import sample_ids

SAMPLES: Final = 6


def members(bench: Bench, definition: Definition) -> tuple[int, ...]:
    """Some customers of a segment, the same ones at every call. Raises `DefinitionError`, `Refused`."""
    return sample_ids(bench.reader, bench.compiled(definition), SAMPLES)


def anybody(reader: Reader, customer_type: str) -> tuple[int, ...]:
    """Some active customers of a type ("": of any), the same ones at every call."""
    sql = """
        select customer_id from customer_profiles
        where lifecycle_status = 'active' and (? = '' or customer_type = ?)
        order by customer_id * 7919 % 10007, customer_id limit ?
    """
    return tuple(reader.query(sql, [customer_type, customer_type, SAMPLES]).column(0).to_pylist())


def values(reader: Reader, customer_ids: Sequence[int]) -> list[dict[str, Any]]:
    """Their values by placeholder, in the order of the ids; a column that the person does not see at all has none.
    Raises `Refused`."""
    if not customer_ids:
        return []
    columns = ", ".join(f"{column} as {name}" for name, column in PLACEHOLDERS.items())
    marks = ", ".join("?" * len(customer_ids))
    sql = f"select customer_id, {columns} from customer_profiles where customer_id in ({marks})"
    found = {row["customer_id"]: row for row in reader.query(sql, list(customer_ids)).to_pylist()}
    return [found[each] for each in customer_ids if each in found]
