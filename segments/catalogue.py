"""What a condition may name: attributes of the profile, events and related objects, each with its fields.

A catalogue is a value made from rows of three published marts, so definitions compile where no database is. The only
identifiers that ever reach SQL come from here.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from segments.errors import Path, Problem

PROFILE: Final = "customer_profiles"
HISTORY: Final = "customer_profiles_history"
LISTS: Final = "list_members"
LANGUAGES: Final = ("ru", "uz", "en")
_NUMBERS: Final = ("double", "float", "decimal", "numeric", "real")
_WHOLE: Final = ("bigint", "integer", "hugeint", "smallint", "tinyint", "ubigint", "uinteger")
_LIKE: Final = {"code": "text", "integer": "number"}


@dataclass(frozen=True)
class Field:
    """One thing to compare: a column, its type as a person thinks of it, and what it is called.

    `type` is text, code, number, integer, boolean or date; `values_from` says in which mart the labels of codes are
    (table.key.label); `labels`, `units` and `groups` are by language.
    """

    name: str
    type: str
    sql_type: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    units: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    null_meaning: str = ""
    personal: str = "none"
    sources: tuple[str, ...] = ()
    values_from: str | None = None
    renamed_from: tuple[str, ...] = ()
    deprecated_note: str | None = None
    replaced_by: str | None = None

    @property
    def family(self) -> str:
        """Types that may be compared with each other have the same family: text, number, boolean, date."""
        return _LIKE.get(self.type, self.type)


@dataclass(frozen=True)
class Entity:
    """A kind of event or of related object: its mart, whose it is, when it happened or was valid, and its fields."""

    name: str
    kind: str
    table: str
    customer_column: str
    fields: Mapping[str, Field]
    date_column: str | None = None
    month_column: str | None = None
    valid_from_column: str | None = None
    valid_to_column: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    description: str = ""

    @property
    def is_as_of_today(self) -> bool:
        """Whether only its present state is known, so that the past is asked in vain."""
        return not (self.date_column or self.valid_from_column)


@dataclass(frozen=True)
class Catalogue:
    """All that conditions may name."""

    attributes: Mapping[str, Field]
    events: Mapping[str, Entity]
    related: Mapping[str, Entity]

    @cached_property
    def renamed(self) -> Mapping[str, str]:
        """Former names of attributes and what they are called now."""
        return {old: each.name for each in self.attributes.values() for old in each.renamed_from}

    def attribute(self, name: str) -> Field | None:
        """The attribute of that name, present or former."""
        return self.attributes.get(name) or self.attributes.get(self.renamed.get(name, ""))

    def without(self, hidden: Mapping[str, frozenset[str]]) -> "Catalogue":
        """The catalogue less columns by table: what somebody may not use is not there for him."""
        attributes = _less(self.attributes, hidden.get(PROFILE, frozenset()))
        return Catalogue(attributes, _narrowed(self.events, hidden), _narrowed(self.related, hidden))

    @classmethod
    def from_rows(
        cls,
        attribute_rows: Iterable[Mapping[str, Any]],
        entity_rows: Iterable[Mapping[str, Any]],
        field_rows: Iterable[Mapping[str, Any]],
    ) -> "Catalogue":
        """From the marts attribute_catalogue, segment_entities and segment_fields, in the order of `position`."""
        fields: dict[str, dict[str, Field]] = {}
        for row in sorted(field_rows, key=lambda row: row["position"]):
            fields.setdefault(row["entity"], {})[row["name"]] = _field(row)
        found = [
            _entity(row, fields.get(row["name"], {})) for row in sorted(entity_rows, key=lambda row: row["position"])
        ]
        attributes = {row["name"]: _field(row) for row in sorted(attribute_rows, key=lambda row: row["position"])}
        events = {each.name: each for each in found if each.kind == "event"}
        return cls(attributes, events, {each.name: each for each in found if each.kind == "related"})

    def to_json(self) -> dict[str, Any]:
        """Plain values that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Catalogue":
        """The catalogue that `to_json` wrote."""

        def entities(kind: str) -> dict[str, Entity]:
            return {name: Entity(**{**each, "fields": _fields(each["fields"])}) for name, each in plain[kind].items()}

        return cls(_fields(plain["attributes"]), entities("events"), entities("related"))


def unknown(path: Path, name: str, known: Iterable[str]) -> Problem:
    """The problem of a name that the catalogue has not, with the nearest one that it has."""
    near = difflib.get_close_matches(name, list(known), n=1)
    if near:
        return Problem(
            path, "“{name}” is not in the catalogue.", {"name": name, "near": near[0]}, "Did you mean “{near}”?"
        )
    return Problem(path, "“{name}” is not in the catalogue.", {"name": name}, "Choose another one.")


def field_type(sql_type: str, unit: str) -> str:
    """How a person thinks of a column of that SQL type and unit."""
    plain = sql_type.lower()
    if plain.startswith(("date", "timestamp")):
        return "date"
    if plain.startswith("bool"):
        return "boolean"
    if unit == "id":
        return "code"
    if plain.startswith(_WHOLE):
        return "integer"
    if plain.startswith(_NUMBERS):
        return "number"
    return "code" if unit == "code" else "text"


def _field(row: Mapping[str, Any]) -> Field:
    def by_language(name: str) -> dict[str, str]:
        return {each: str(row.get(f"{name}_{each}") or "") for each in LANGUAGES}

    return Field(
        name=row["name"], type=field_type(row["type"], row["unit"]), sql_type=row["type"].lower(),
        labels=by_language("label"), unit=row["unit"], units=by_language("unit_label"),
        group=row.get("group") or "", groups=by_language("group_label"), description=row.get("description") or "",
        null_meaning=row.get("null_meaning") or "", personal=row.get("personal_data_class") or "none",
        sources=_words(row.get("source")), values_from=row.get("values_from"),
        renamed_from=_words(row.get("renamed_from")), deprecated_note=row.get("deprecated_note"),
        replaced_by=row.get("replaced_by"),
    )  # fmt: skip


def _entity(row: Mapping[str, Any], fields: Mapping[str, Field]) -> Entity:
    return Entity(
        name=row["name"], kind=row["kind"], table=row["table_name"], customer_column=row["customer_column"],
        fields=fields, date_column=row.get("date_column"), month_column=row.get("month_column"),
        valid_from_column=row.get("valid_from_column"), valid_to_column=row.get("valid_to_column"),
        labels={each: row.get(f"label_{each}") or "" for each in LANGUAGES}, description=row.get("description") or "",
    )  # fmt: skip


def _fields(plain: Mapping[str, Any]) -> dict[str, Field]:
    def read(each: Mapping[str, Any]) -> Field:
        words: dict[str, Any] = {key: tuple(each[key]) for key in ("sources", "renamed_from")}
        return Field(**{**each, **words})

    return {name: read(each) for name, each in plain.items()}


def _narrowed(entities: Mapping[str, Entity], hidden: Mapping[str, frozenset[str]]) -> dict[str, Entity]:
    return {
        name: replace(each, fields=_less(each.fields, hidden.get(each.table, frozenset())))
        for name, each in entities.items()
    }


def _less(fields: Mapping[str, Field], hidden: frozenset[str]) -> dict[str, Field]:
    return {name: each for name, each in fields.items() if name not in hidden}


def _words(text: str | None) -> tuple[str, ...]:
    return tuple(word.strip() for word in (text or "").split(",") if word.strip())
