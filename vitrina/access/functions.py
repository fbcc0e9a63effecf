"""Functions, types and operators of DuckDB that a query at the gate may use. What is not here cannot run.

Every one of them computes on the values it is given. Left out on purpose: whatever reads files, settings, variables,
catalogues or the environment; whatever makes rows or long values out of nothing (range, repeat, unnest, lpad); whatever
raises errors at will (error); whatever runs text (query, eval); whatever takes long over one value, where nothing can
stop it (levenshtein); whatever makes long values that the memory limit does not see (regexp_replace).
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


AGGREGATES: Final = _words(
    """any_value approx_count_distinct approx_quantile arbitrary arg_max arg_min array_agg avg bool_and bool_or corr
    count count_if count_star covar_pop covar_samp entropy first group_concat kurtosis last list listagg mad max max_by
    mean median min min_by mode product quantile quantile_cont quantile_disc regr_count regr_intercept regr_r2
    regr_slope skewness stddev stddev_pop stddev_samp string_agg sum sum_no_overflow fsum var_pop var_samp variance"""
)
WINDOWS: Final = _words(
    "row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value"
)
TEXT: Final = _words(
    """ascii chr concat concat_ws contains ends_with length len lower upper lcase ucase left right ltrim rtrim trim
    replace reverse split_part starts_with prefix suffix strip_accents strlen strpos instr position substr substring
    translate regexp_matches regexp_full_match regexp_extract
    md5 like_escape not_like_escape ilike_escape not_ilike_escape nfc_normalize string_split
    str_split split"""
)
NUMBERS: Final = _words(
    """abs ceil ceiling cbrt divide exp even floor gcd greatest isfinite isinf isnan lcm least ln log log10 log2 mod
    multiply pi pow power radians degrees random round round_even sign sqrt subtract add trunc"""
)
DATES: Final = _words(
    """age century current_date current_timestamp now today date_diff datediff date_part datepart date_trunc datetrunc
    date_sub datesub date_add day dayname dayofmonth dayofweek dayofyear decade epoch epoch_ms era hour isodow
    isoyear last_day make_date make_timestamp microsecond millisecond minute month monthname quarter second strftime
    strptime time_bucket timezone to_days to_hours to_minutes to_months to_quarters to_seconds to_weeks to_years
    try_strptime week weekday weekofyear year yearweek"""
)
CHOICES: Final = _words("coalesce if ifnull nullif case")
LISTS: Final = _words(
    """array_extract list_extract list_contains array_contains list_value list_has len list_distinct list_sort list_sum
    list_min list_max list_avg list_median list_count array_length list_element"""
)
OPERATORS: Final = _words("+ - * / // % ** ^ || ~~ !~~ ~~* !~~* ~~~ ~ & | << >>")

FUNCTIONS: Final = AGGREGATES | WINDOWS | TEXT | NUMBERS | DATES | CHOICES | LISTS | OPERATORS

TYPES: Final = _words(
    """bigint bool boolean char date decimal double float float4 float8 hugeint int int1 int2 int4 int8 integer
    interval numeric real smallint text string time timestamp timestamptz tinyint ubigint uinteger usmallint
    utinyint uuid varchar bpchar dec long short signed datetime"""
) | {"timestamp with time zone", "timestamp without time zone", "time without time zone", "double precision"}

# Names that stand alone like a column's, and are functions or hidden columns of the engine all the same.
CLOSED_BARE: Final = _words(
    """current_catalog current_database current_localtime current_localtimestamp current_query current_role
    current_schema current_schemas current_setting current_time current_user localtime localtimestamp session_user
    user rowid file_row_number filename file_index ctid"""
)
