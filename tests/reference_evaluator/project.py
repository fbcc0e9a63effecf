"""The catalogue of the product itself, read from the dbt project's property files with no database."""

from functools import cache
from typing import Any

from segments.catalogue import Catalogue
from vitrina.dictionary import PROFILE_MODEL, Column, Model, read_models
from vitrina.settings import REPOSITORY

COLUMNS = ("date_column", "valid_from_column", "valid_to_column")


@cache
def project_catalogue() -> Catalogue:
    """What the marts attribute_catalogue, segment_entities and segment_fields would give."""
    models = read_models(REPOSITORY / "dbt_project")
    profile = models[PROFILE_MODEL]
    asked = [(model, each) for model in models.values() for each in model.meta.get("segment_entities", ())]
    fields = [
        _field(place, column, profile) | {"entity": name}
        for name, model in {each["name"]: model for model, each in asked}.items()
        for place, column in enumerate(model.columns)
        if column.labels
    ]
    attributes = [_field(place, column, profile) for place, column in enumerate(profile.columns)]
    return Catalogue.from_rows(attributes, [_entity(model, each) for model, each in asked], fields)


def _field(place: int, column: Column, profile: Model) -> dict[str, Any]:
    unit = column.meta["unit"]
    units = {f"unit_label_{language}": text for language, text in profile.meta["units"][unit].items()}
    return {"position": place, "name": column.name, "type": column.data_type, **column.meta, **units}


def _entity(model: Model, entity: dict[str, Any]) -> dict[str, Any]:
    named = {column: entity.get(column) for column in COLUMNS}
    month = model.meta.get("month_column")
    return {"customer_column": "customer_id", **entity, **named, "table_name": model.name, "month_column": month}
