"""What a segment is: the format of its document, reading and writing, and what can be known without a catalogue."""

from segments.definition.looking import (
    canonical,
    complete,
    fingerprint,
    outer_rules,
    used_fields,
    used_lists,
    used_segments,
    walk,
)
from segments.definition.nodes import (
    AttributeRule,
    Definition,
    EventRule,
    Group,
    ListRule,
    Node,
    RelatedRule,
    Relative,
    Rule,
    SegmentRule,
    Window,
)
from segments.definition.reading import parse
from segments.definition.writing import dump, dump_node, dump_value, dump_window

__all__ = [
    "AttributeRule", "Definition", "EventRule", "Group", "ListRule", "Node", "RelatedRule", "Relative", "Rule",
    "SegmentRule", "Window", "canonical", "complete", "dump", "dump_node", "dump_value", "dump_window", "fingerprint",
    "outer_rules", "parse", "used_fields", "used_lists", "used_segments", "walk",
]  # fmt: skip
