"""Splink scores candidate pairs of persons with the saved model; each score is told in words-ready parts.

Table: `scored(record_id_l, record_id_r, match_probability, match_weight, rule, explanation, objection)`.
Splink is imported on first use: it costs a second that pages and small commands need not pay.
"""

import logging
from typing import Any

import duckdb

from parties.model import IdentityModel

# An organisation without INN is tied by its whole name and a contact together; its probability is a convention.
ORGANISATION_PROBABILITY = 0.98

_MACROS = (
    # A slip of the hand: a letter lost, doubled or moved. A letter replaced is another name: Hasan, Husan; Aziz, Azim.
    """create or replace macro party_word_spelling(x, y) as x = y or jaro_winkler_similarity(x, y) >= 0.9
        or (length(x) <> length(y) and levenshtein(x, y) = 1)
        or (length(x) = length(y) and levenshtein(x, y) = 2 and damerau_levenshtein(x, y) = 1)""",
    # Every word of the shorter name has a close spelling in the longer one.
    """create or replace macro party_spelling_of(s, t) as len(list_filter(s, lambda x:
        len(list_filter(t, lambda y: party_word_spelling(x, y))) = 0)) = 0""",
    """create or replace macro party_spelling(l, r) as len(l) > 1 and len(r) > 1 and
        case when len(l) <= len(r) then party_spelling_of(l, r) else party_spelling_of(r, l) end""",
    # "Karimov A.S.": a word in common, and the initial begins another word of the full name.
    """create or replace macro party_initials_of(short, initials, full_name) as len(initials) > 0
        and list_has_any(short, full_name)
        and len(list_filter(full_name, lambda t: starts_with(t, initials[1]) and not list_contains(short, t))) > 0""",
    """create or replace macro party_initials(l, li, r, ri) as
        party_initials_of(l, li, r) or party_initials_of(r, ri, l)""",
    """create or replace macro party_date_misprint(a, b) as
        (year(a) = year(b))::int + (month(a) = month(b))::int + (day(a) = day(b))::int = 2
        or (year(a) = year(b) and month(a) = day(b) and day(a) = month(b))""",
)


def install_macros(work: duckdb.DuckDBPyConnection) -> None:
    """The comparisons of names and dates that the model's SQL calls."""
    for macro in _MACROS:
        work.execute(macro)


def make_linker(work: duckdb.DuckDBPyConnection, model: IdentityModel) -> Any:
    """A Splink linker over `prepared` persons, with the comparison macros in place."""
    from splink import DuckDBAPI, Linker

    install_macros(work)
    work.execute("create or replace table persons as select * from prepared where kind = 'person'")
    api = DuckDBAPI(connection=work)
    logging.getLogger("splink").setLevel(logging.ERROR)
    persons = api.register("persons", dataset_display_name="persons_input")
    return Linker(persons, model.splink_settings(), log_level=None, validate_settings=False)


def score_pairs(work: duckdb.DuckDBPyConnection, model: IdentityModel, pairs: str) -> None:
    """Create table `scored` for the rows of `pairs` (rule, record_id_l, record_id_r), persons only.

    Weights are bits of evidence including the prior; probability = 2^w / (1 + 2^w).
    """
    work.execute(
        f"""create or replace table blocked as select '0' as match_key, record_id_l as join_key_l,
            record_id_r as join_key_r, rule from {pairs} p
            where exists (from prepared q where q.record_id = p.record_id_l and q.kind = 'person')
              and exists (from prepared q where q.record_id = p.record_id_r and q.kind = 'person')"""
    )
    if not work.execute("from blocked limit 1").fetchall():
        work.execute(_EMPTY_SCORED)
        return
    linker = make_linker(work, model)
    linker.table_management.register_blocked_pairs_for_predict(linker._db_api.register("blocked"))
    predictions = linker.inference.predict(warning_mode="never").physical_name
    work.execute(f"""
        create or replace table scored as
        select p.record_id_l, p.record_id_r, p.match_probability, round(p.match_weight, 6) as match_weight, b.rule,
               {explanation_sql(model)} as explanation, {objection_sql(model)} as objection
        from {predictions} p join blocked b on b.join_key_l = p.record_id_l and b.join_key_r = p.record_id_r""")
    linker._db_api.delete_tables_created_by_splink_from_db()


_EMPTY_SCORED = """create or replace table scored (record_id_l bigint, record_id_r bigint, match_probability double,
    match_weight double, rule varchar, explanation varchar, objection varchar)"""


def objection_sql(model: IdentityModel) -> str:
    """SQL of the first field whose outcome refuses the pair, as ``different_<field>``; null when none does.

    Where a field can refuse, not knowing it refuses as well.
    """
    cases = []
    for name, comparison in model.comparisons.items():
        top = len(comparison.levels) - 1
        refusing = [str(top - i) for i, level in enumerate(comparison.levels) if level.refuses]
        if refusing:
            cases.append(f"when gamma_{name} in (-1, {', '.join(refusing)}) then 'different_{name}'")
    return f"case {' '.join(cases)} end" if cases else "null::varchar"


def explanation_sql(model: IdentityModel) -> str:
    """SQL of the JSON list of compared fields: field, level, weight in bits, effect; fields without data are left out.

    Values are not repeated in it: they are personal data, and the reader sees them in the source records, if allowed.
    """
    parts = []
    for name, comparison in model.comparisons.items():
        top = len(comparison.levels) - 1
        cases = " ".join(
            f"when {top - i} then {_field(name, level.code, level.weight)}" for i, level in enumerate(comparison.levels)
        )
        parts.append(f"case gamma_{name} {cases} end")
    return f"'[' || concat_ws(',', {', '.join(parts)}) || ']'"


def _field(name: str, code: str, weight: float) -> str:
    effect = "strong_for" if weight >= 6 else "for" if weight > 0.5 else "strong_against" if weight <= -4 else "against"
    if abs(weight) <= 0.5:
        effect = "neutral"
    return f"""'{{"field":"{name}","level":"{code}","weight":{weight:.2f},"effect":"{effect}"}}'"""
