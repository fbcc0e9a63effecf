"""From scored pairs to named parties: the tables that `store` writes are made here, in the working connection."""

import duckdb
import pyarrow as pa

from parties import clustering, scoring
from parties.model import IdentityModel

_PRIORITY = {"same_pinfl": 0, "same_inn": 1, "tax_register": 2}

# An organisation is told by its whole name and a contact together, nothing else is weighed. A name with one more word
# ("Zamin Trade", "Zamin Trade Lux") is a sister company, not a spelling.
_SCORES_SQL = """
create table party_scores as
select l.source as source_l, l.source_id as source_id_l, r.source as source_r, r.source_id as source_id_r,
       s.match_probability, s.match_weight, s.rule, s.explanation, s.objection
from scored s join prepared l on l.record_id = record_id_l join prepared r on r.record_id = record_id_r
where s.match_probability >= ?
union all
select l.source, l.source_id, r.source, r.source_id, ?, null, c.rule,
       '[{"field":"name","level":"' || case when l.name_bag = r.name_bag then 'exact' else 'spelling' end
       || '","effect":"strong_for"},{"field":"' || replace(c.rule, 'organisation_name_and_', '')
       || '","level":"exact","effect":"strong_for"}]', null
from candidates c join prepared l on l.record_id = record_id_l join prepared r on r.record_id = record_id_r
where starts_with(c.rule, 'organisation_')
  and (l.name_bag = r.name_bag
       or (len(l.name_tokens) = len(r.name_tokens) and party_spelling(l.name_tokens, r.name_tokens)))
"""
_KEPT_SQL = """
insert into party_scores
select o.* from old_scores o
join prepared l on (l.source, l.source_id) = (o.source_l, o.source_id_l)
join prepared r on (r.source, r.source_id) = (o.source_r, o.source_id_r)
where l.record_id not in (from fresh_records) and r.record_id not in (from fresh_records)
"""
_ALL_PAIRS_SQL = """
create table all_pairs as
select p.rule, p.record_id_l, p.record_id_r, 1.0::double as match_probability, s.match_weight,
       '[{"field":"' || case p.rule when 'same_pinfl' then 'pinfl' else 'inn' end
       || '","level":"exact","effect":"decisive"}'
       || coalesce(',' || nullif(s.explanation[2:-2], ''), '') || ']' as explanation,
       null::varchar as objection
from sure_pairs p left join scored s using (record_id_l, record_id_r)
union all
select s.rule, l.record_id, r.record_id, s.match_probability, s.match_weight, s.explanation, s.objection
from party_scores s
join prepared l on (l.source, l.source_id) = (s.source_l, s.source_id_l)
join prepared r on (r.source, r.source_id) = (s.source_r, s.source_id_r)
anti join sure_pairs p on p.record_id_l = l.record_id and p.record_id_r = r.record_id
"""
# Customer numbers only grow, so records that arrive later never rename a customer. A party without a customer gets a
# negative hash of its first record: stable as long as that record is its first.
_MEMBERS_SQL = """
create table party_members as
with rooted as (
    select p.*, coalesce(r.root, p.record_id) as root from prepared p left join roots r using (record_id)
), named as (
    select *, min(customer_number) over (partition by root) as party_number,
           first_value(source || chr(31) || source_id) over (partition by root order by record_id) as first_key
    from rooted
)
select coalesce(party_number, -1 - (md5_number_lower(first_key) >> 2)::bigint) as party_id, source, source_id from named
"""
_PAIRS_SELECT = """
select l.source as source_l, l.source_id as source_id_l, r.source as source_r, r.source_id as source_id_r,
       a.match_probability, a.match_weight, a.rule, a.explanation,
       case when a.match_probability >= ? then coalesce(f.reason, a.objection) else 'below_threshold' end as reason,
       coalesce(x.root = y.root, false) as is_together
from all_pairs a join prepared l on l.record_id = a.record_id_l join prepared r on r.record_id = a.record_id_r
left join refused f on (f.record_id_l, f.record_id_r) = (a.record_id_l, a.record_id_r)
left join roots x on x.record_id = a.record_id_l left join roots y on y.record_id = a.record_id_r
"""


def score(work: duckdb.DuckDBPyConnection, model: IdentityModel) -> None:
    """Build `party_scores` (new pairs and kept old ones) and `all_pairs`, which adds the sure pairs."""
    scoring.install_macros(work)
    scoring.score_pairs(work, model, "candidates")
    work.execute(_SCORES_SQL, [model.review_threshold, scoring.ORGANISATION_PROBABILITY])
    work.execute(_KEPT_SQL)
    scoring.score_pairs(work, model, "sure_pairs")  # their evidence is told too, so that a wrong PINFL shows
    work.execute(_ALL_PAIRS_SQL)


def join_clusters(work: duckdb.DuckDBPyConnection, model: IdentityModel) -> None:
    """Build `roots(record_id, root)` and `refused(record_id_l, record_id_r, reason)` from pairs above the threshold."""
    rows = work.execute(
        "select rule, coalesce(match_weight, 0), record_id_l, record_id_r from all_pairs "
        "where match_probability >= ? and objection is null",
        [model.match_threshold],
    ).fetchall()
    pairs = [clustering.Pair(_PRIORITY.get(rule, 3), weight, left, right) for rule, weight, left, right in rows]
    result = clustering.cluster(pairs, _hard_fields(work, model))
    ids = [("record_id", pa.int64()), ("root", pa.int64())]
    _keep(work, "roots", ids, result.root.items())
    ends = [("record_id_l", pa.int64()), ("record_id_r", pa.int64()), ("reason", pa.string())]
    _keep(work, "refused", ends, [(*pair, reason) for pair, reason in result.refused.items()])


def _hard_fields(work: duckdb.DuckDBPyConnection, model: IdentityModel) -> dict[int, tuple[str | None, ...]]:
    rows = work.execute(
        "select record_id, source, pinfl, inn, kind from prepared where record_id in "
        "(select unnest([record_id_l, record_id_r]) from all_pairs)"
    ).fetchall()
    # A tax register lists persons and companies alike, so its kind says nothing.
    return {
        record: (pinfl, inn, None if source in model.tax_registers else kind)
        for record, source, pinfl, inn, kind in rows
    }


def _keep(work: duckdb.DuckDBPyConnection, name: str, fields: list[tuple[str, pa.DataType]], rows: object) -> None:
    listed = list(rows)  # type: ignore[call-overload]
    columns = {field: [row[i] for row in listed] for i, (field, _) in enumerate(fields)}
    work.register("clustered_rows", pa.table(columns, schema=pa.schema(fields)))
    work.execute(f"create table {name} as select * from clustered_rows")
    work.unregister("clustered_rows")


def name_parties(work: duckdb.DuckDBPyConnection, model: IdentityModel) -> None:
    """Build `party_members`, `party_matches`, `party_reviews`, `party_names`, `party_record_hashes`."""
    work.execute(_MEMBERS_SQL)
    work.execute(f"create table told_pairs as {_PAIRS_SELECT}", [model.match_threshold])
    work.execute(
        "create table party_matches as select * exclude (reason, is_together) from told_pairs where reason is null"
    )
    work.execute(
        "create table party_reviews as select * exclude (is_together) from told_pairs "
        "where reason is not null and not is_together"
    )
    work.execute("create table party_names as select source, source_id, name_key from prepared")
    work.execute("create table party_record_hashes as select source, source_id, record_hash from prepared")
