"""Which pairs of records are looked at: sure identifiers first, then bounded blocks. Nothing is scored here.

Tables: `sure_pairs(rule, record_id_l, record_id_r)` and `candidates(rule, record_id_l, record_id_r)`, left id smaller.
"""

from dataclasses import dataclass

import duckdb

from parties.model import IdentityModel

# Each record with the identifier is tied to the first one that has it: n - 1 pairs, not n², however many share it.
_SURE_SQL = """
create table sure_pairs as
with hard as (
    select *, case when list_contains(getvariable('tax_registers'), source) then 'register' else kind end as side
    from prepared
), anchors as (
    select inn, arg_min(record_id, (side <> 'organisation', record_id)) as anchor
    from hard where inn is not null and side <> 'register' group by inn
), stars as (
    select 'same_pinfl' as rule, record_id, min(record_id) over (partition by pinfl, kind) as anchor
    from hard where pinfl is not null and kind = 'person'
    union all
    select 'same_inn', record_id, min(record_id) over (partition by inn, kind) from hard
    where inn is not null and side <> 'register'
    union all
    select 'tax_register', h.record_id, a.anchor from hard h join anchors a using (inn) where side = 'register'
)
select arg_min(rule, rule_order) as rule, record_id_l, record_id_r
from (select rule, least(record_id, anchor) as record_id_l, greatest(record_id, anchor) as record_id_r,
             list_position(['same_pinfl', 'same_inn', 'tax_register'], rule) as rule_order
      from stars where record_id <> anchor)
group by record_id_l, record_id_r
"""


@dataclass(frozen=True)
class OversizedBlocks:
    """Keys of one blocking rule that too many records share: how many keys, the largest block, in records."""

    rule: str
    blocks: int
    largest: int


def find_sure_pairs(work: duckdb.DuckDBPyConnection, model: IdentityModel) -> None:
    """Build `sure_pairs` from equal PINFL (persons), equal INN within a kind, and tax registers by INN."""
    registers = ", ".join(f"'{name}'" for name in model.tax_registers)
    work.execute(f"set variable tax_registers = [{registers}]::varchar[]")
    work.execute(_SURE_SQL)


def build_blocks(work: duckdb.DuckDBPyConnection, model: IdentityModel) -> tuple[list[OversizedBlocks], str]:
    """Build `blocks(rule, key, record_id)` within the cap; return what was left out and a hash naming those keys."""
    parts = [
        f"select '{rule}' as rule, {key} as key, record_id from prepared where kind = 'person'"
        for rule, key in model.blocking.items()
    ]
    for contact in ("phone", "email"):
        parts.append(
            f"select 'organisation_name_and_{contact}', {contact}, record_id from prepared "
            "where kind = 'organisation' and length(name_bag) > 3"
        )
    work.execute(f"create table all_blocks as select * from ({' union all '.join(parts)}) where key is not null")
    work.execute("create table block_sizes as select rule, key, count(*) as size from all_blocks group by all")
    cap = model.block_cap
    work.execute(
        "create table blocks as select distinct b.* from all_blocks b join block_sizes s using (rule, key) "
        f"where s.size between 2 and {cap}"
    )
    over = work.execute(
        f"select rule, count(*), max(size) from block_sizes where size > {cap} group by rule order by rule"
    ).fetchall()
    names = "coalesce(string_agg(rule || key, chr(31) order by rule, key), '')"
    named = f"select md5({names}) from block_sizes where size > {cap}"
    return [OversizedBlocks(*row) for row in over], str(work.execute(named).fetchall()[0][0])


def find_candidates(work: duckdb.DuckDBPyConnection, model: IdentityModel) -> int:
    """Build `candidates` from `blocks`, only pairs that touch `fresh_records`; return their number.

    Pairs whose PINFL or INN contradict each other are kept: they are scored so that a reviewer sees them.
    """
    order = [*model.blocking, "organisation_name_and_phone", "organisation_name_and_email"]
    listed = "[" + ", ".join(f"'{rule}'" for rule in order) + "]"
    work.execute(f"""
        create table candidates as
        with fresh as (select record_id from fresh_records), pairs as (
            select rule, l.record_id as record_id_l, r.record_id as record_id_r
            from blocks l join blocks r using (rule, key)
            where l.record_id < r.record_id and (l.record_id in (from fresh) or r.record_id in (from fresh)))
        select arg_min(rule, list_position({listed}, rule)) as rule, record_id_l, record_id_r
        from pairs group by record_id_l, record_id_r
    """)
    return int(work.execute("select count(*) from candidates").fetchall()[0][0])
