"""The description of the API as a page of ours: it loads nothing from elsewhere, so it works offline and under the
content policy. Everything on it is read from the same OpenAPI description that programs read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import FileResponse, HTMLResponse, Response

from apps.services import services
from apps.sign_in.forms import speaker_of
from vitrina.i18n import LANGUAGES

HERE: Final = Path(__file__).resolve().parent
_BOUNDS: Final = {
    "minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<", "minLength": "length ≥",
    "maxLength": "length ≤", "minItems": "items ≥", "maxItems": "items ≤", "pattern": "matches",
}  # fmt: skip

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Field:
    """One parameter or one field of a body: where it goes, its type in words, and what it may be."""

    name: str
    place: str
    type: str
    required: bool
    note: str


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked of the API. `body` is the media type of what is sent, empty when nothing is."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    fields: tuple[Field, ...]
    body: str
    answers: tuple[str, ...]


@router.get("/docs")
def reference(request: Request) -> Response:
    """Every route with its parameters, for who is signed in."""
    say = speaker_of(request)
    web = services().settings.web
    origin = web.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"
    groups = operations(request.app.openapi())
    page = _templates().get_template("reference.html")
    return HTMLResponse(page.render(say=say, t=say.text, languages=LANGUAGES, groups=groups, origin=origin))


@router.get("/docs/style.css")
def style() -> Response:
    """The page's own style."""
    return FileResponse(HERE / "templates" / "reference.css", media_type="text/css")


def operations(described: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """The operations of an OpenAPI description by their tag, in the order in which it names them."""
    groups: dict[str, list[Operation]] = {}
    for path, methods in described["paths"].items():
        for method, told in methods.items():
            group = groups.setdefault(next(iter(told.get("tags") or ["other"])), [])
            group.append(_operation(described, path, method, told))
    return groups


def _operation(described: Mapping[str, Any], path: str, method: str, told: Mapping[str, Any]) -> Operation:
    sent: Mapping[str, Any] = told.get("requestBody", {}).get("content", {})
    kind = next(iter(sent), "")
    fields = [
        _field(
            described,
            each["name"],
            each["in"],
            each["schema"],
            each.get("required", False),
            each.get("description", ""),
        )
        for each in told.get("parameters", ())
    ]
    answers = tuple(next(iter(each.get("content", {})), "") for code, each in told["responses"].items() if code < "400")
    return Operation(
        told["operationId"], method.upper(), f"/api{path}", told.get("summary", ""), told.get("description", ""),
        (*fields, *_of_body(described, sent[kind].get("schema", {}) if kind else {})), kind, answers,
    )  # fmt: skip


def _of_body(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Field]:
    whole = _resolved(described, schema)
    for name, each in whole.get("properties", {}).items():
        yield _field(described, name, "body", each, name in whole.get("required", ()))


def _field(
    described: Mapping[str, Any],
    name: str,
    place: str,
    schema: Mapping[str, Any],
    required: bool,
    description: str = "",
) -> Field:
    schema = _resolved(described, schema)
    notes = [description or str(schema.get("description", ""))]
    # A bound of what may also be nothing stands in the part that is something.
    bounds = (schema, *(_resolved(described, each) for each in schema.get("anyOf", ())))
    notes += [f"{sign} {part[key]}" for part in bounds for key, sign in _BOUNDS.items() if key in part]
    if schema.get("default") not in (None, ""):
        notes.append(f"= {schema['default']}")
    return Field(name, place, _type(described, schema), required, "; ".join(note for note in notes if note))


def _type(described: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    schema = _resolved(described, schema)
    if "enum" in schema:
        return " | ".join(str(each) for each in schema["enum"])
    if "const" in schema:
        return str(schema["const"])
    if parts := schema.get("anyOf") or schema.get("oneOf"):
        return " | ".join(dict.fromkeys(_type(described, part) for part in parts))
    if schema.get("type") == "array":
        return f"[{_type(described, schema.get('items', {}))}]"
    if schema.get("type") == "object" and schema.get("properties"):
        return "{" + ", ".join(schema["properties"]) + "}"
    return str(schema.get("format") or schema.get("type") or "any")


def _resolved(described: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema, or the one that it refers to."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return described["components"]["schemas"][name] if name else schema


@lru_cache(maxsize=1)
def _templates() -> Environment:
    folder = FileSystemLoader(HERE / "templates")
    return Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
