"""Published definitions become members: all that are due together, and what went wrong with those that cannot be."""

from dataclasses import dataclass, field

import duckdb

from segments.definition import Definition, parse
from segments.engine import At, Compiled, compile_segment
from segments.errors import DefinitionError
from segments.questions import materialise_query, read_catalogue
from vitrina.access.errors import Refused
from vitrina.access.sql import check
from vitrina.members.plan import Plan
from vitrina.members.sources import Rows

TABLE = "evaluated"


@dataclass
class Evaluated:
    """Members stand in table `evaluated` (segment_key, customer_id); `base` is how many customers there are."""

    keys: list[str]
    base: int
    failed: dict[str, str] = field(default_factory=dict)


def evaluate(plan: Plan, rows: Rows, at: At, work: duckdb.DuckDBPyConnection) -> Evaluated:
    """Evaluate what is due, in one pass over the profile. A definition that fails costs nobody but itself."""
    work.execute(f"CREATE OR REPLACE TABLE {TABLE} (segment_key VARCHAR, customer_id BIGINT)")
    base = rows.query("SELECT count(*) AS n FROM customer_profiles").column(0)[0].as_py()
    compiled, failed = _compiled(plan, rows, at)
    if compiled and (_insert(compiled, rows, work) is not None):
        # One of them stopped all: alone each says of itself.
        told = {key: _insert({key: each}, rows, work) for key, each in compiled.items()}
        failed |= {key: message for key, message in told.items() if message is not None}
    return Evaluated([key for key in compiled if key not in failed], int(base), failed)


def _compiled(plan: Plan, rows: Rows, at: At) -> tuple[dict[str, Compiled], dict[str, str]]:
    catalogue, failed = read_catalogue(rows), dict[str, str]()
    others: dict[str, Definition] = {}
    for key, document in {**plan.drafts, **{key: each.document for key, each in plan.active.items()}}.items():
        try:
            others[key] = _read(document, rows)
        except (DefinitionError, Refused) as error:
            failed[key] = str(error)
    compiled: dict[str, Compiled] = {}
    for key in plan.due:
        if key in others:
            try:
                compiled[key] = compile_segment(others[key], catalogue, at, others)
            except DefinitionError as error:
                failed[key] = str(error)
    return compiled, {key: failed[key] for key in plan.due if key in failed}


def _read(document: object, rows: Rows) -> Definition:
    definition = parse(document)  # type: ignore[arg-type]
    if definition.sql is not None:
        # It was checked when it was saved; here nothing stands between it and everything else.
        check(definition.sql, rows.tables)
    return definition


def _insert(compiled: dict[str, Compiled], rows: Rows, work: duckdb.DuckDBPyConnection) -> str | None:
    """Add the members of these segments; a sentence when the engine cannot, and then there are none of them."""
    work.execute("BEGIN")
    try:
        batches = rows.stream(*materialise_query(compiled))
        work.register("batches", batches)
        work.execute(f"INSERT INTO {TABLE} SELECT segment_key, customer_id FROM batches")
        work.execute("COMMIT")
    except (duckdb.Error, ValueError, OSError) as error:
        work.execute("ROLLBACK")
        return f"{type(error).__name__}: {str(error).splitlines()[0]}"
    finally:
        work.unregister("batches")
    return None
