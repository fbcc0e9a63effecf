"""What a churn model may learn from: the declared features, by type of customer, with the business word of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import yaml

Kind = Literal["number", "flag", "category"]
CUSTOMER_TYPES: Final = ("person", "organisation")
FILE: Final = Path(__file__).with_name("features.yaml")
_KNOWN = {"kind", "lag", "of", "told"}
_KINDS = {"number", "flag", "category"}


class WrongFeatures(ValueError):
    """The declaration of features cannot be used: names the feature."""


@dataclass(frozen=True)
class Feature:
    """One feature: the column, the word under which its effect is told, how it is read, and after how many months it is
    known for good (`lag`). The customer's value is said in reasons only when it may be `told`."""

    name: str
    word: str
    kind: Kind = "number"
    lag: int = 0
    of: tuple[str, ...] = CUSTOMER_TYPES
    told: bool = True


def parse_features(document: Mapping[str, Mapping[str, Mapping[str, Any] | None]]) -> tuple[Feature, ...]:
    """Features of a declaration ``{word: {feature: {kind, lag, of}}}``. Raises `WrongFeatures`."""
    found: dict[str, Feature] = {}
    for word, entries in document.items():
        for name, told in entries.items():
            options = dict(told or {})
            if name in found:
                raise WrongFeatures(f"{name} is declared twice")
            if unknown := set(options) - _KNOWN:
                raise WrongFeatures(f"{name}: unknown {', '.join(sorted(unknown))}")
            feature = Feature(name, word, **{**options, "of": tuple(options.get("of", CUSTOMER_TYPES))})
            if feature.kind not in _KINDS or feature.lag not in range(13) or not set(feature.of) <= set(CUSTOMER_TYPES):
                raise WrongFeatures(f"{name}: kind, lag or type of customer that nobody knows")
            found[name] = feature
    return tuple(found.values())


@cache
def declared_features() -> tuple[Feature, ...]:
    """The features delivered with the product."""
    return parse_features(yaml.safe_load(FILE.read_text(encoding="utf-8")))


def features_of(customer_type: str, features: Iterable[Feature] | None = None) -> tuple[Feature, ...]:
    """Those that the model of a type of customers may use."""
    return tuple(each for each in features or declared_features() if customer_type in each.of)
