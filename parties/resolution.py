"""The order of work: read the party records, find and score pairs, cluster, name the parties, write the result.

The steps are in the sibling modules; here is only how they follow each other and when a step can be spared.
"""

import time
from dataclasses import asdict, dataclass, field, replace

import duckdb

from parties import candidates, results, store
from parties.model import IdentityModel, load_model
from parties.preparation import prepare, select_records_sql


@dataclass(frozen=True)
class ResolutionReport:
    """What one resolution did. Counts are of records, parties or pairs; `mode` is full, incremental or unchanged."""

    mode: str
    records: int = 0
    parties: int = 0
    customers: int = 0
    merged_records: int = 0
    compared_pairs: int = 0
    matches_by_rule: dict[str, int] = field(default_factory=dict)
    reviews_by_reason: dict[str, int] = field(default_factory=dict)
    oversized_blocks: list[dict[str, int | str]] = field(default_factory=list)
    model_fingerprint: str = ""
    seconds: float = 0.0


def resolve(
    con: duckdb.DuckDBPyConnection,
    records_table: str = "int_party_records",
    into_schema: str = "resolved",
    previous: str | None = None,
    *,
    model: IdentityModel | None = None,
    full_refresh: bool = False,
) -> ResolutionReport:
    """Resolve the party records of `records_table` into `into_schema`.

    `con` must be able to write and be outside a transaction. `previous` names the schema an earlier resolution was
    written to (default `into_schema`): when nothing changed since, nothing is done; when some records changed, only
    pairs that touch them are scored again. Raises `preparation.RecordsError` on unusable input.
    """
    started = time.perf_counter()
    model = model or load_model()
    fingerprint = f"{store.STORE_VERSION}-{model.fingerprint}"
    select = select_records_sql(con, records_table)
    arrived = store.input_hash(con, select)
    schema = previous or into_schema
    state = None if full_refresh else store.read_state(con, schema)
    if state and state.model_fingerprint != fingerprint:
        state = None
    if state and state.input_hash == arrived and schema == into_schema:
        seconds = time.perf_counter() - started
        return replace(ResolutionReport(**state.report), mode="unchanged", compared_pairs=0, seconds=seconds)
    with duckdb.connect(":memory:") as work:
        _same_limits(con, work)
        store.copy_out(con, work, select, "raw_records")
        report, oversized = _resolve_in(work, con, schema, state, model)
        report = replace(report, model_fingerprint=fingerprint, seconds=time.perf_counter() - started)
        store.write(con, work, into_schema, store.State(arrived, fingerprint, oversized, asdict(report)))
    return report


def _same_limits(con: duckdb.DuckDBPyConnection, work: duckdb.DuckDBPyConnection) -> None:
    threads, memory = store.one_row(con, "select current_setting('threads'), current_setting('memory_limit')")
    work.execute(f"set threads = {threads}; set memory_limit = '{memory}'; set enable_progress_bar = false")


def _resolve_in(
    work: duckdb.DuckDBPyConnection,
    con: duckdb.DuckDBPyConnection,
    schema: str,
    state: store.State | None,
    model: IdentityModel,
) -> tuple[ResolutionReport, str]:
    prepare(work, model.customer_source)
    candidates.find_sure_pairs(work, model)
    oversized, oversized_hash = candidates.build_blocks(work, model)
    # A key that became too common (or rare enough) changes which old pairs are looked at: start afresh.
    incremental = state is not None and state.oversized_hash == oversized_hash
    _fresh_records(work, con, schema, incremental)
    compared = candidates.find_candidates(work, model)
    results.score(work, model)
    results.join_clusters(work, model)
    results.name_parties(work, model)
    report = ResolutionReport(
        mode="incremental" if incremental else "full",
        compared_pairs=compared,
        oversized_blocks=[asdict(block) for block in oversized],
    )
    return _counted(report, work), oversized_hash


def _fresh_records(
    work: duckdb.DuckDBPyConnection, con: duckdb.DuckDBPyConnection, schema: str, incremental: bool
) -> None:
    if not incremental:
        work.execute("create table fresh_records as select record_id from prepared")
        work.execute(f"create table old_scores ({store.TABLES['party_scores']})")
        return
    store.copy_out(con, work, f'select * from "{schema}".party_record_hashes', "old_hashes")
    store.copy_out(con, work, f'select * from "{schema}".party_scores', "old_scores")
    work.execute("""create table fresh_records as select record_id from prepared p
        anti join old_hashes o on (o.source, o.source_id, o.record_hash) = (p.source, p.source_id, p.record_hash)""")


def _counted(report: ResolutionReport, work: duckdb.DuckDBPyConnection) -> ResolutionReport:
    records, parties, customers = store.one_row(
        work,
        "select count(*), count(distinct party_id), count(distinct party_id) filter (party_id >= 0) from party_members",
    )
    rules = work.execute("select rule, count(*) from party_matches group by rule order by rule").fetchall()
    reasons = work.execute("select reason, count(*) from party_reviews group by reason order by reason").fetchall()
    return replace(
        report,
        records=records,
        parties=parties,
        customers=customers,
        merged_records=records - parties,
        matches_by_rule=dict(rules),
        reviews_by_reason=dict(reasons),
    )
