"""A definition in words."""

from typing import Any

from apps.data.segments import Bench
from segments.definition import Definition


def sentence(definition: Definition, known: Bench) -> str:
    return ""


def node_sentence(node: Any, known: Bench) -> str:
    return (
        getattr(node, "field", "")
        or getattr(node, "event", "")
        or getattr(node, "entity", "")
        or getattr(node, "segment", "")
        or ""
    )
