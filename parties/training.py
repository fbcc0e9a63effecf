"""Training of the identity model: m and u of every comparison level from the party records at hand.

u is counted on random pairs (seeded); m on pairs of persons who carry the same PINFL in two records, the one field that
tells the truth without asking anybody. The result is a model file that is reviewed and committed like code.
"""

from pathlib import Path
from typing import Any

import duckdb
import yaml

from parties import candidates, scoring
from parties.model import Comparison, IdentityModel, Level
from parties.preparation import prepare, select_records_sql
from parties.store import copy_out, one_row

# A level never seen in the sample may still come: no outcome is taken as proof by itself.
_SMALLEST_M, _SMALLEST_U = 0.002, 1e-5


class TooFewLabelsError(ValueError):
    """Fewer than 100 pairs of records share a PINFL: their shares would be noise."""


def train(
    con: duckdb.DuckDBPyConnection,
    records_table: str,
    model: IdentityModel,
    *,
    seed: int = 7,
    random_pairs: float = 2e6,
) -> IdentityModel:
    """The same model with m and u measured on `records_table`; the given values stay where nothing was observed.

    Raises `TooFewLabelsError` when the records hold too few pairs with one PINFL.
    """
    with duckdb.connect(":memory:") as work:
        # One thread: sampling is then the same at every training.
        work.execute("set threads = 1")
        copy_out(con, work, select_records_sql(con, records_table), "raw_records")
        prepare(work, model.customer_source)
        candidates.find_sure_pairs(work, model)
        (labelled,) = one_row(work, "select count(*) from sure_pairs where rule = 'same_pinfl'")
        if labelled < 100:
            raise TooFewLabelsError(f"{labelled} pairs of records share a PINFL; 100 are needed")
        linker = scoring.make_linker(work, model)
        linker.training.estimate_u_using_random_sampling(max_pairs=random_pairs, seed=seed, min_count_per_level=None)
        linker.training.estimate_m_from_label_column("pinfl")
        trained = linker.misc.save_model_to_json()
        (records,) = one_row(work, "select count(*) from persons")
    comparisons = {
        name: _measured(comparison, part)
        for (name, comparison), part in zip(model.comparisons.items(), trained["comparisons"], strict=True)
    }
    note = {"method": "m by PINFL, u by random pairs", "records": records, "labelled_pairs": labelled, "seed": seed}
    return model.model_copy(update={"comparisons": comparisons, "training": note})


def _measured(comparison: Comparison, trained: dict[str, Any]) -> Comparison:
    found = [level for level in trained["comparison_levels"] if not level.get("is_null_level")]
    pairs = list(zip(comparison.levels, found, strict=True))
    # Splink leaves the m of a level that it never observed as it was. Such a level keeps its given m, and its given u
    # too when random pairs did not show it either: a floor for u alone would make strong evidence of the unknown.
    kept_m = [t.get("m_probability") in (None, level.m) for level, t in pairs]
    kept_u = [m and (t.get("u_probability") or 0) < _SMALLEST_U for m, (_, t) in zip(kept_m, pairs, strict=True)]
    m = _shares([t.get("m_probability") for _, t in pairs], [lv.m for lv in comparison.levels], kept_m, _SMALLEST_M)
    u = _shares([t.get("u_probability") for _, t in pairs], [lv.u for lv in comparison.levels], kept_u, _SMALLEST_U)
    levels = [
        level.model_copy(update={"m": m_value, "u": u_value})
        for level, m_value, u_value in zip(comparison.levels, m, u, strict=True)
    ]
    return comparison.model_copy(update={"levels": tuple(levels)})


def _shares(observed: list[Any], given: list[float], kept: list[bool], smallest: float) -> list[float]:
    values = [g if keep else max(float(o or 0), smallest) for o, g, keep in zip(observed, given, kept, strict=True)]
    room = 1 - sum(value for value, keep in zip(values, kept, strict=True) if keep)
    seen = sum(value for value, keep in zip(values, kept, strict=True) if not keep) or 1.0
    return [float(f"{value if keep else value * room / seen:.6g}") for value, keep in zip(values, kept, strict=True)]


def write_model(model: IdentityModel, path: Path) -> None:
    """Write m, u and the training note into a model file, keeping its comments and every other line."""
    lines, part, codes = [], "", {c: lv for c, lv in _levels(model)}
    for line in path.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if line.startswith("  ") and not line.startswith("   ") and text.endswith(":"):
            part = text[:-1]
        if text.startswith("- {code:"):
            level = codes[(part, text.split("code: ")[1].split(",")[0])]
            line = f"{line[: line.rindex(', m: ')]}, m: {_number(level.m)}, u: {_number(level.u)}}}"
        if line.startswith("training:"):
            note = yaml.safe_dump(model.training, default_flow_style=True, width=200, sort_keys=False)
            line = f"training: {note.strip()}"
        lines.append(line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _levels(model: IdentityModel) -> list[tuple[tuple[str, str], Level]]:
    return [((name, level.code), level) for name, part in model.comparisons.items() for level in part.levels]


def _number(value: float) -> str:
    return f"{value:.10f}".rstrip("0")
