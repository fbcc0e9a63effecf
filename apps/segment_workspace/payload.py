"""What the builder in the browser is told of the catalogue, in the reader's language."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from apps.language import speaker, t
from apps.ui.labels import LABELS, label
from segments.catalogue import Catalogue, Entity, Field
from segments.definition import AttributeRule, Definition, EventRule, RelatedRule, walk

# Which vocabulary names the codes of a field; fields that are called otherwise than their vocabulary stand here.
_VOCABULARIES = {
    "region_code": "region",
    "lifecycle_status": "lifecycle",
    "previous_status": "legal_status",
    "role": "contact_role",
    "decision_influence": "influence",
    "company_type": "customer_type",
    "product_family": "family",
    "main_product_family": "family",
    "main_payment_type": "payment_type",
    "last_payment_method": "method",
    "main_payment_method_12m": "method",
    "last_interaction_channel": "channel",
}
_NEVER = "never null"


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


# What people call a thing beside its label, by a word of its name: the search of the builder finds it by these, too.
_ALSO = {
    "debt": _("debtor, owes, arrears"),
    "overdue": _("late, past due"),
    "charges": _("spend, bill, expense"),
    "payments": _("paid, top-up"),
    "voice": _("calls, talk"),
    "data": _("internet, traffic, gigabytes"),
    "sms": _("messages, texts"),
    "subscriptions": _("SIM cards, lines"),
    "tenure": _("loyalty, how long a customer"),
    "agreement": _("contract"),
    "agreements": _("contracts"),
    "roaming": _("abroad, travel"),
    "arpu": _("average bill, income"),
    "bundle": _("package, allowance"),
    "device": _("phone, handset"),
    "region": _("city, area"),
    "complaints": _("unhappy"),
    "tariff": _("plan, rate"),
    "product": _("plan, rate"),
    "birthday": _("congratulation"),
    "churn": _("leaving"),
}


def vocabulary(field: str) -> str | None:
    """The vocabulary that names the codes of a field."""
    kind = _VOCABULARIES.get(field, field.removeprefix("main_").removeprefix("last_"))
    return kind if kind in LABELS else None


def value_label(field: str, value: Any) -> str:
    """A value of a field in the reader's language."""
    if isinstance(value, bool):
        return t("Yes") if value else t("No")
    kind = vocabulary(field)
    return label(kind, value) if kind and value is not None else str(value)


def catalogue_data(catalogue: Catalogue, segments: Iterable[Any], lists: Iterable[Any]) -> dict[str, Any]:
    """Everything that a condition may be about; `segments` and `lists` have key, name and note."""
    language = speaker().language
    groups = {each.group: each.groups.get(language, "") for each in catalogue.attributes.values() if each.group}
    data = {
        "groups": [{"name": name, "label": text or name} for name, text in groups.items()],
        "attributes": [_field(each, language) for each in catalogue.attributes.values()],
        "events": [_entity(each, language) for each in catalogue.events.values()],
        "related": [_entity(each, language) for each in catalogue.related.values()],
        "segments": list(segments),
        "lists": list(lists),
    }
    text = json.dumps(data, sort_keys=True, ensure_ascii=False)
    return {"revision": hashlib.sha256(f"{language}{text}".encode()).hexdigest()[:16], **data}


def _entity(entity: Entity, language: str) -> dict[str, Any]:
    return {
        "name": entity.name,
        "label": name_of(entity, language),
        "description": _told(entity.description),
        "fields": [_field(each, language) for each in entity.fields.values()],
    }


def _field(field: Field, language: str) -> dict[str, Any]:
    meaning = "" if is_never_empty(field.null_meaning) else field.null_meaning
    unit = field.units.get(language, "") if field.unit not in ("text", "code", "id", "flag", "date") else ""
    told = {
        "name": field.name,
        "label": name_of(field, language),
        "type": field.type,
        "group": field.group,
        "unit": unit,
        "description": _told(field.description),
        "nulls": _told(meaning) or meaning,
        "source": ", ".join(value_label("source", each) for each in field.sources),
        "deprecated": field.deprecated_note or "",
        "listed": is_listed(field),
        "words": " ".join(t(_ALSO[word]) for word in field.name.split("_") if word in _ALSO),
    }
    return {name: value for name, value in told.items() if value not in ("", False)}


def is_never_empty(meaning: str) -> bool:
    """Whether what is said of empty values is that there are none."""
    return not meaning or meaning.startswith(_NEVER)


def _told(text: str) -> str:
    """A text of the mart's own description in the reader's language; nothing when it is not translated."""
    say = speaker()
    return say.text(text) if text and (say.language == "en" or say.has(text)) else ""


def name_of(thing: Field | Entity, language: str) -> str:
    """What an attribute, event or object is called."""
    return thing.labels.get(language) or thing.labels.get("en") or thing.name


def is_listed(field: Field) -> bool:
    """Whether its values are few or named, so that they are picked rather than typed."""
    return (
        (field.type == "code" and field.unit != "id") or bool(field.values_from) or vocabulary(field.name) is not None
    )


def used_values(definition: Definition) -> Mapping[tuple[str, str], set[Any]]:
    """By owner and field, the values that a definition holds: their names are shown before any list is opened."""
    found: dict[tuple[str, str], set[Any]] = {}
    owners: list[tuple[tuple[Any, ...], str]] = []
    for path, node in walk(definition):
        if isinstance(node, EventRule | RelatedRule):
            owners.append((path, node.event if isinstance(node, EventRule) else node.entity))
        elif isinstance(node, AttributeRule):
            owner = next((name for start, name in reversed(owners) if path[: len(start)] == start), "")
            values = node.value if isinstance(node.value, tuple) else (node.value,)
            plain = {each for each in values if isinstance(each, str | int)}
            found.setdefault((owner, node.field), set()).update(plain)
    return found
