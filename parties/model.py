"""The identity model as read from YAML: comparisons, their weights, blocking keys and thresholds. No matching here."""

import hashlib
import math
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

DEFAULT_MODEL = Path(__file__).with_name("model.yaml")


class Level(BaseModel):
    """One outcome of a comparison: `m` and `u` are the shares of this outcome among matches and non-matches.

    An outcome that `refuses` sends the pair to review, whatever its weight.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    code: str
    sql: str
    m: float = Field(gt=0, lt=1)
    u: float = Field(gt=0, lt=1)
    refuses: bool = False

    @property
    def weight(self) -> float:
        """Evidence in bits: positive speaks for one person, negative against."""
        return math.log2(self.m / self.u)


class Comparison(BaseModel):
    """What is compared: the first level whose SQL holds counts, the last is ``else``; `missing` means no evidence."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    missing: str
    levels: tuple[Level, ...]


class IdentityModel(BaseModel):
    """A trained model. Probabilities are 0..1, `block_cap` counts records."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: int
    prior: float = Field(gt=0, lt=1)
    match_threshold: float = Field(gt=0, lt=1)
    review_threshold: float = Field(gt=0, lt=1)
    block_cap: int = Field(gt=1)
    customer_source: str
    tax_registers: tuple[str, ...]
    training: dict[str, Any]
    blocking: dict[str, str]
    comparisons: dict[str, Comparison]

    @cached_property
    def fingerprint(self) -> str:
        """Changes whenever any stored score could change."""
        return hashlib.sha256(self.model_dump_json(exclude={"training"}).encode()).hexdigest()[:16]

    def splink_settings(self) -> dict[str, Any]:
        """The same model in the words of Splink."""
        return {
            "link_type": "dedupe_only",
            "unique_id_column_name": "record_id",
            "probability_two_random_records_match": self.prior,
            "blocking_rules_to_generate_predictions": ["l.record_id = r.record_id"],
            "retain_matching_columns": True,
            "retain_intermediate_calculation_columns": True,
            "linker_uid": "parties",
            "comparisons": [_splink_comparison(name, part) for name, part in self.comparisons.items()],
        }


def _splink_comparison(name: str, comparison: Comparison) -> dict[str, Any]:
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
    ]
    for level in comparison.levels:
        levels.append(
            {
                "sql_condition": "ELSE" if level.sql == "else" else level.sql,
                "label_for_charts": level.code,
                "m_probability": level.m,
                "u_probability": level.u,
            }
        )
    return {"output_column_name": name, "comparison_levels": levels}


def load_model(path: Path = DEFAULT_MODEL) -> IdentityModel:
    """Read a model file. Raises `pydantic.ValidationError` naming the wrong field."""
    return IdentityModel.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
