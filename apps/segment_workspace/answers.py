"""Answers to what the builder asks while somebody chooses: the values of a field, and how they are spread."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from apps.data.segments import Bench, remembered
from apps.language import speaker, t
from apps.segment_workspace.payload import is_listed, used_values, value_label
from segments import questions
from segments.catalogue import Catalogue, Field
from segments.definition import Definition
from segments.errors import DefinitionError
from segments.questions import Distribution
from vitrina.access.errors import GateError

MOST_VALUES, MOST_BARS = 60, 12


def answers(known: Bench, usable: Catalogue, asked: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """By the id of the question; what cannot be answered (a field that is not his) is left out."""
    found: dict[str, Any] = {}
    for question in asked:
        owner, name = str(question.get("owner", "")), str(question.get("field", ""))
        field = field_of(usable, owner, name)
        if field is None:
            continue
        try:
            if question.get("kind") == "values":
                told: Any = values(known, usable, owner, field, str(question.get("text", ""))[:100])
            else:
                told = spread(known, usable, owner, field)
        except (GateError, DefinitionError):
            continue
        found[str(question.get("id", ""))] = told
    return found


def field_of(usable: Catalogue, owner: str, name: str) -> Field | None:
    """The field, if the person may use it."""
    if not owner:
        return usable.attributes.get(name)
    entity = usable.events.get(owner) or usable.related.get(owner)
    return entity.fields.get(name) if entity is not None else None


def values(known: Bench, usable: Catalogue, owner: str, field: Field, text: str) -> dict[str, Any]:
    """The most frequent values that hold the text, each with its name and how often it stands."""
    language = speaker().language
    key = (known.reader.fingerprint, "values", owner, field.name, text, language)
    rows = remembered.get(
        key,
        lambda: questions.values(
            known.reader, usable, field.name, owner, text, limit=MOST_VALUES + 1, language=language
        ),
    )
    items = [[_plain(row.value), row.label or value_label(field.name, row.value), row.rows] for row in rows]
    return {"items": items[:MOST_VALUES], "more": len(items) > MOST_VALUES}


def labels(known: Bench, usable: Catalogue, definition: Definition) -> dict[str, dict[str, str]]:
    """Names of the values that a definition holds, by owner and field."""
    told: dict[str, dict[str, str]] = {}
    for (owner, name), used in used_values(definition).items():
        field = field_of(usable, owner, name)
        if field is None or not used or not is_listed(field):
            continue
        named = {str(value): value_label(name, value) for value in used}
        if field.values_from:
            items = values(known, usable, owner, field, "")["items"]
            named |= {str(value): text for value, text, _ in items if value in used}
        told[f"{owner}|{name}"] = named
    return told


def spread(known: Bench, usable: Catalogue, owner: str, field: Field) -> dict[str, Any]:
    """Bars and figures of a field's values."""
    language = speaker().language
    key = (known.reader.fingerprint, "distribution", owner, field.name, language)
    found: Distribution = remembered.get(
        key, lambda: questions.distribution(known.reader, usable, field.name, owner, language)
    )
    bars = _bars(found, field)
    top = max((count for _, count in bars), default=0) or 1
    return {
        "bars": [{"label": name, "count": count, "share": count / top} for name, count in bars],
        "facts": [list(pair) for pair in _facts(found)],
    }


def _bars(found: Distribution, field: Field) -> list[tuple[str, int]]:
    if found.values:
        named = [(row.label or value_label(field.name, row.value), row.rows) for row in found.values]
        return named[:MOST_BARS]
    digits = 0 if field.type == "integer" or (found.bins and found.bins[-1].high > 50) else 1
    number = speaker().number
    joined = [found.bins[at : at + 2] for at in range(0, len(found.bins), 2)] if len(found.bins) > MOST_BARS else None
    pairs = joined or [(each,) for each in found.bins]
    return [
        (f"{number(pair[0].low, digits)} – {number(pair[-1].high, digits)}", sum(each.rows for each in pair))
        for pair in pairs
    ]


def _facts(found: Distribution) -> list[tuple[str, str]]:
    share = 100 * found.unknown / found.rows if found.rows else 0.0
    say = speaker()
    told = [(t("Empty value"), f"{say.number(found.unknown)} · {say.percent(share)}")]
    figures: tuple[tuple[str, Any], ...] = (
        (t("Smallest"), found.minimum),
        (t("Median"), found.median),
        (t("Average"), found.average),
        (t("Largest"), found.maximum),
    )
    for name, value in figures:
        if value is not None:
            told.append((name, say.date(value) if isinstance(value, dt.date) else say.number(value, _digits(value))))
    return told


def _digits(value: float | int | Decimal) -> int:
    return 0 if value == int(value) or not -1000 < value < 1000 else 1


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool) else str(value)
