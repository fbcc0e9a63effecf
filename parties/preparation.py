"""Party records made comparable: cleaned identifiers, contacts and names in parts. Nothing is matched here.

Works in the resolution's own in-memory connection; tables `raw_records` → `prepared`, one row per record.
"""

import duckdb
import pyarrow as pa

from parties.names import APOSTROPHES, word_parts

REQUIRED = ("source", "source_id", "kind", "full_name")
OPTIONAL = ("inn", "pinfl", "phone", "email", "birth_date", "region_code", "sex", "record_id")


class RecordsError(ValueError):
    """The table of party records cannot be resolved: a required column is missing or a record comes twice."""


def select_records_sql(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """SELECT of all known columns as text; optional columns the table lacks are null."""
    present = {row[0] for row in con.execute(f"describe select * from {table}").fetchall()}
    if missing := [name for name in REQUIRED if name not in present]:
        raise RecordsError(f"{table} lacks the columns {', '.join(missing)}")
    columns = (*REQUIRED, *OPTIONAL)
    parts = [f"{name}::varchar as {name}" if name in present else f"null::varchar as {name}" for name in columns]
    digest = "md5_number_lower(concat_ws(chr(31), " + ", ".join(f"coalesce({name}::varchar, '')" for name in columns)
    return f"select *, {digest})) as record_hash from (select {', '.join(parts)} from {table})"


_CLEAN_SQL = """
create table cleaned as
with digits as (
    select *, nullif(trim(inn), '') as inn_text, nullif(trim(pinfl), '') as pinfl_text,
           regexp_replace(coalesce(phone, ''), '\\D', '', 'g') as phone_digits
    from raw_records
), identifiers as (
    select * replace (
        -- 000000000 and the like are what people type when a form insists
        case when regexp_full_match(inn_text, '[0-9]{9}') and translate(inn_text, left(inn_text, 1), '') <> ''
             and inn_text <> '123456789' then inn_text end as inn,
        case when regexp_full_match(pinfl_text, '[0-9]{14}') and translate(pinfl_text, left(pinfl_text, 1), '') <> ''
             then pinfl_text end as pinfl,
        case when length(phone_digits) >= 9 and translate(right(phone_digits, 7), right(phone_digits, 1), '') <> ''
             then right(phone_digits, 9) end as phone,
        case when contains(email, '@') then lower(trim(email)) end as email)
    from digits
)
select row_number() over (order by source, source_id) as record_id,
       source, source_id, kind, full_name, inn, pinfl, phone, email, nullif(trim(region_code), '') as region_code,
       coalesce(try_cast(birth_date as date), try_cast(
           case substr(pinfl, 1, 1) when '3' then '19' when '4' then '19' when '5' then '20' when '6' then '20' end
           || substr(pinfl, 6, 2) || '-' || substr(pinfl, 4, 2) || '-' || substr(pinfl, 2, 2) as date)) as birth_date,
       coalesce(nullif(upper(left(trim(sex), 1)), ''),
                case when substr(pinfl, 1, 1) in ('3', '5') then 'M' when substr(pinfl, 1, 1) in ('4', '6') then 'F' end
       ) as given_sex,
       case when $has_numbers then try_cast(record_id as bigint)
            when source = $customer_source then try_cast(source_id as bigint) end as customer_number,
       record_hash
from identifiers
"""

_WORDS_SQL = f"""
create table record_words as
select record_id, unnest(found) as word, unnest(range(len(found))) as position
from (select record_id, regexp_extract_all(
          translate(upper(nfc_normalize(full_name)), '{APOSTROPHES.replace("'", "''")}', '{"''" * len(APOSTROPHES)}'),
          '\\p{{L}}+(?:''\\p{{L}}+)*''?') as found
      from cleaned where full_name is not null)
"""

_PREPARED_SQL = """
create table prepared as
with parts as (
    select w.record_id, w.position, d.key, d.sex,
           -- "Sobir oʻgʻli": the word before the marker is the father's name
           case when d.part = 'name' and lead(d.part) over (partition by w.record_id order by w.position) = 'marker'
                then 'patronymic' else d.part end as part
    from record_words w join dictionary d using (word)
), names as (
    select record_id,
           string_agg(key, ' ' order by position) as name_key,
           list_sort(list(key) filter (part = 'name' and key <> '')) as name_tokens,
           coalesce(list(key order by position) filter (part = 'initial'), []) as initials,
           min(key) filter (part = 'patronymic') as patronymic,
           max(sex) filter (part in ('marker', 'patronymic')) as patronymic_sex,
           min(sex) as word_sex
    from parts group by record_id
)
select c.* exclude (given_sex), n.name_key, n.name_tokens, coalesce(n.initials, []) as initials, n.patronymic,
       nullif(array_to_string(n.name_tokens, ' '), '') as name_bag,
       coalesce(case when given_sex in ('M', 'F') then given_sex end, n.patronymic_sex, n.word_sex) as sex
from cleaned c left join names n using (record_id)
order by record_id
"""


def prepare(work: duckdb.DuckDBPyConnection, customer_source: str) -> None:
    """Build `prepared` from `raw_records`.

    A customer's number is `record_id` where the table has such numbers, else the `source_id` of `customer_source`.
    Raises `RecordsError` when a (source, source_id) comes twice or is null.
    """
    counts = "count(*) - count(distinct (source, source_id)), count(*) filter (source is null or source_id is null)"
    ((doubled, unnamed),) = work.execute(f"select {counts} from raw_records").fetchall()
    if doubled or unnamed:
        raise RecordsError(f"party records: {doubled} repeated keys, {unnamed} without a key")
    numbered = bool(work.execute("from raw_records where record_id is not null limit 1").fetchall())
    work.execute(_CLEAN_SQL, {"has_numbers": numbered, "customer_source": customer_source})
    work.execute(_WORDS_SQL)
    _fold_dictionary(work)
    work.execute(_PREPARED_SQL)


def _fold_dictionary(work: duckdb.DuckDBPyConnection) -> None:
    found = [row[0] for row in work.execute("select distinct word from record_words").fetchall()]
    parts = [word_parts(word) for word in found]
    columns = {name: [getattr(part, name) for part in parts] for name in ("key", "part", "sex")} | {"word": found}
    table = pa.table(columns, schema=pa.schema([(name, pa.string()) for name in columns]))
    work.register("dictionary_rows", table)
    work.execute("create table dictionary as select * from dictionary_rows")
    work.unregister("dictionary_rows")
