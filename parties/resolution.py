"""The order of work: read the party records, find and score pairs, cluster, name the parties, write the result.

The steps are in the sibling modules; here is only how they follow each other and when a step can be spared.
"""

import time
from dataclasses import asdict, dataclass, field, replace

import duckdb
import pyarrow as pa

from parties import candidates, clustering, scoring, store
from parties.model import IdentityModel, load_model
from parties.preparation import prepare, select_records_sql

_PRIORITY = {"same_pinfl": 0, "same_inn": 1, "tax_register": 2}


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
    written to (default `into_schema`): when nothing changed since, nothing is done; when some records changed, only pairs
    that touch them are scored again. Raises `preparation.RecordsError` on unusable input.
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
    work.execute(f"set threads = {threads}; set memory_limit = '{memory}'")


def _resolve_in(
    work: duckdb.DuckDBPyConnection,
    con: duckdb.DuckDBPyConnection,
    schema: str,
    state: store.State | None,
    model: IdentityModel,
) -> tuple[ResolutionReport, str]:
    prepare(work)
    candidates.find_sure_pairs(work, model)
    oversized, oversized_hash = candidates.build_blocks(work, model)
    # A key that became too common (or rare enough) changes which old pairs are looked at: start afresh.
    incremental = state is not None and state.oversized_hash == oversized_hash
    _fresh_records(work, con, schema, incremental)
    compared = candidates.find_candidates(work, model)
    _score(work, model, incremental)
    _cluster(work, model)
    _name_parties(work, model)
    counts = _counts(work)
    report = ResolutionReport(
        mode="incremental" if incremental else "full",
        compared_pairs=compared,
        oversized_blocks=[asdict(block) for block in oversized],
        **counts,
    )
    return report, oversized_hash


def _fresh_records(work: duckdb.DuckDBPyConnection, con: duckdb.DuckDBPyConnection, schema: str, incremental: bool) -> None:
    if not incremental:
        work.execute("create table fresh_records as select record_id from prepared")
        work.execute(f"create table old_scores ({store.TABLES['party_scores']})")
        return
    store.copy_out(con, work, f'select * from "{schema}".party_record_hashes', "old_hashes")
    store.copy_out(con, work, f'select * from "{schema}".party_scores', "old_scores")
    work.execute("""create table fresh_records as select record_id from prepared p
        anti join old_hashes o on (o.source, o.source_id, o.record_hash) = (p.source, p.source_id, p.record_hash)""")


_SCORES_SQL = """
create table party_scores as
select l.source as source_l, l.source_id as source_id_l, r.source as source_r, r.source_id as source_id_r,
       s.match_probability, s.match_weight, s.rule, s.explanation
from scored s join prepared l on l.record_id = record_id_l join prepared r on r.record_id = record_id_r
where s.match_probability >= ?
union all
select l.source, l.source_id, r.source, r.source_id, ?, null, c.rule, '[{"field":"name","level":"exact"},'
       || '{"field":"' || replace(c.rule, 'organisation_name_and_', '') || '","level":"exact"}]'
from candidates c join prepared l on l.record_id = record_id_l join prepared r on r.record_id = record_id_r
where starts_with(c.rule, 'organisation_')
"""
_KEPT_SQL = """
insert into party_scores
select o.* from old_scores o
join prepared l on (l.source, l.source_id) = (o.source_l, o.source_id_l)
join prepared r on (r.source, r.source_id) = (o.source_r, o.source_id_r)
where l.record_id not in (from fresh_records) and r.record_id not in (from fresh_records)
"""
_SURE_SQL = """
create table all_pairs as
select p.rule, p.record_id_l, p.record_id_r, 1.0::double as match_probability, s.match_weight,
       '[{"field":"' || case p.rule when 'same_pinfl' then 'pinfl' else 'inn' end
       || '","level":"exact","effect":"decisive"}' || coalesce(',' || nullif(s.explanation[2:-2], ''), '') || ']' as explanation
from sure_pairs p left join scored s using (record_id_l, record_id_r)
union all
select s.rule, l.record_id, r.record_id, s.match_probability, s.match_weight, s.explanation
from party_scores s
join prepared l on (l.source, l.source_id) = (s.source_l, s.source_id_l)
join prepared r on (r.source, r.source_id) = (s.source_r, s.source_id_r)
anti join sure_pairs p on p.record_id_l = l.record_id and p.record_id_r = r.record_id
"""


def _score(work: duckdb.DuckDBPyConnection, model: IdentityModel, incremental: bool) -> None:
    scoring.score_pairs(work, model, "candidates")
    work.execute(_SCORES_SQL, [model.review_threshold, scoring.ORGANISATION_PROBABILITY])
    if incremental:
        work.execute(_KEPT_SQL)
    scoring.score_pairs(work, model, "sure_pairs")  # their evidence is told too, so that a wrong PINFL shows
    work.execute(_SURE_SQL)


def _cluster(work: duckdb.DuckDBPyConnection, model: IdentityModel) -> None:
    rows = work.execute("select rule, coalesce(match_weight, 0), record_id_l, record_id_r from all_pairs "
                        "where match_probability >= ?", [model.match_threshold]).fetchall()  # fmt: skip
    registers = set(model.tax_registers)
    hard = {
        record: (pinfl, inn, None if source in registers else kind)
        for record, source, pinfl, inn, kind in work.execute(
            "select record_id, source, pinfl, inn, kind from prepared where record_id in "
            "(select unnest([record_id_l, record_id_r]) from all_pairs)"
        ).fetchall()
    }
    pairs = [clustering.Pair(_PRIORITY.get(rule, 3), weight, left, right) for rule, weight, left, right in rows]
    result = clustering.cluster(pairs, hard)
    roots = pa.table({"record_id": list(result.root), "root": list(result.root.values())},
                     schema=pa.schema([("record_id", pa.int64()), ("root", pa.int64())]))  # fmt: skip
    refused = pa.table(
        {"record_id_l": [k[0] for k in result.refused], "record_id_r": [k[1] for k in result.refused],
         "reason": list(result.refused.values())},
        schema=pa.schema([("record_id_l", pa.int64()), ("record_id_r", pa.int64()), ("reason", pa.string())]),
    )  # fmt: skip
    for name, table in (("roots", roots), ("refused", refused)):
        work.register("clustered_rows", table)
        work.execute(f"create table {name} as select * from clustered_rows")
        work.unregister("clustered_rows")


def _name_parties(work: duckdb.DuckDBPyConnection, model: IdentityModel) -> None:
    """A party's id: its smallest customer number, else a negative hash of its first record.

    Customer numbers only grow, so records that arrive later never rename a customer.
    """
    work.execute(
        """create table party_members as
        with rooted as (select p.*, coalesce(r.root, p.record_id) as root from prepared p left join roots r using (record_id)),
        named as (select *,
            min(try_cast(source_id as bigint)) filter (source = ?) over (partition by root) as customer_number,
            first_value(source || chr(31) || source_id) over (partition by root order by record_id) as first_key
            from rooted)
        select coalesce(customer_number, -1 - (md5_number_lower(first_key) >> 2)::bigint) as party_id, source, source_id
        from named""",
        [model.customer_source],
    )
    columns = """l.source as source_l, l.source_id as source_id_l, r.source as source_r, r.source_id as source_id_r,
        a.match_probability, a.match_weight, a.rule, a.explanation"""
    ends = """all_pairs a join prepared l on l.record_id = a.record_id_l join prepared r on r.record_id = a.record_id_r
        left join refused f on (f.record_id_l, f.record_id_r) = (a.record_id_l, a.record_id_r)"""
    threshold = model.match_threshold
    work.execute(f"""create table party_matches as select {columns} from {ends}
        where a.match_probability >= {threshold} and f.reason is null""")
    work.execute(f"""create table party_reviews as select {columns}, coalesce(f.reason, 'below_threshold') as reason from {ends}
        left join roots x on x.record_id = a.record_id_l left join roots y on y.record_id = a.record_id_r
        where f.reason is not null or (a.match_probability < {threshold} and (x.root is null or x.root is distinct from y.root))""")
    work.execute("create table party_names as select source, source_id, name_key from prepared")
    work.execute("create table party_record_hashes as select source, source_id, record_hash from prepared")


def _counts(work: duckdb.DuckDBPyConnection) -> dict[str, object]:
    def pairs(query: str) -> dict[str, int]:
        return dict(work.execute(query).fetchall())

    records, parties, customers = store.one_row(
        work,
        "select count(*), count(distinct party_id), count(distinct party_id) filter (party_id >= 0) from party_members",
    )
    return {
        "records": records,
        "parties": parties,
        "customers": customers,
        "merged_records": records - parties,
        "matches_by_rule": pairs("select rule, count(*) from party_matches group by rule order by rule"),
        "reviews_by_reason": pairs("select reason, count(*) from party_reviews group by reason order by reason"),
    }
