"""What a definition names and what of it is ready: its fingerprint, its references, its complete part."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from segments.definition.nodes import (
    AttributeRule,
    Definition,
    EventRule,
    Group,
    ListRule,
    Node,
    RelatedRule,
    Rule,
    SegmentRule,
)
from segments.definition.reading import parse
from segments.definition.writing import dump, dump_node
from segments.errors import DefinitionError, Path


def fingerprint(definition: Definition) -> str:
    """64 hexadecimal digits, equal for definitions that differ only in order, ids and disabled parts."""
    if definition.kind == "sql":
        plain: Any = dump(definition)
    else:
        plain = {"version": 1, "root": canonical(definition.root or Group("and", ()))}
    return hashlib.sha256(_text(plain).encode()).hexdigest()


def canonical(node: Node) -> Any:
    """The node's document without ids and disabled parts, with everything that has no order sorted; {} for nothing."""
    if node.disabled:
        return {}
    if not isinstance(node, Group):
        found = dump_node(node)
        found.pop("id", None)
        where = getattr(node, "where", None)
        inner = canonical(where) if where is not None else {}
        found.pop("where", None)
        found |= {"where": inner} if inner else {}
        if found.get("operator") in ("in", "notIn") and isinstance(found.get("value"), list):
            found["value"] = sorted({_text(each): each for each in found["value"]}.items())
        return found
    inside = {_text(each): each for each in map(canonical, node.rules) if each}
    if not inside:
        return {}
    rules = [inside[text] for text in sorted(inside)]
    if len(rules) == 1 and not node.negated:
        return rules[0]
    return {"combinator": node.combinator if len(rules) > 1 else "and", "not": node.negated, "rules": rules}


def walk(definition: Definition) -> Iterator[tuple[Path, Node]]:
    """Every node that counts, with its path; what stands in `where` comes after its rule."""
    if definition.root is not None:
        yield from _walk(definition.root, ("root",))


def outer_rules(definition: Definition) -> Iterator[tuple[Path, Rule]]:
    """The rules that count, with their paths; those that stand in `where` belong to their rule and are not given."""
    if definition.root is not None:
        yield from _rules(definition.root, ("root",))


def _rules(node: Node, path: Path) -> Iterator[tuple[Path, Rule]]:
    if node.disabled:
        return
    if not isinstance(node, Group):
        yield path, node
        return
    for place, each in enumerate(node.rules):
        yield from _rules(each, (*path, "rules", place))


def _walk(node: Node, path: Path) -> Iterator[tuple[Path, Node]]:
    if node.disabled:
        return
    yield path, node
    if isinstance(node, Group):
        for place, each in enumerate(node.rules):
            yield from _walk(each, (*path, "rules", place))
    elif isinstance(node, EventRule | RelatedRule) and node.where is not None:
        yield from _walk(node.where, (*path, "where"))


def used_segments(definition: Definition) -> frozenset[str]:
    """Keys of the segments that it names."""
    return frozenset(node.segment for _, node in walk(definition) if isinstance(node, SegmentRule))


def used_lists(definition: Definition) -> frozenset[str]:
    """Keys of the lists that it names."""
    return frozenset(node.list_key for _, node in walk(definition) if isinstance(node, ListRule))


def used_fields(definition: Definition) -> frozenset[tuple[str, str]]:
    """What it compares: ("", attribute), or (event or entity, field)."""
    return frozenset(_fields(definition.root, "")) if definition.root is not None else frozenset()


def _fields(node: Node, owner: str) -> Iterator[tuple[str, str]]:
    if node.disabled:
        return
    match node:
        case Group():
            for each in node.rules:
                yield from _fields(each, owner)
        case AttributeRule():
            yield owner, node.field
            if node.value_source == "field":
                yield owner, str(node.value)
        case EventRule() | RelatedRule():
            name = node.event if isinstance(node, EventRule) else node.entity
            if isinstance(node, EventRule) and node.field:
                yield name, node.field
            if node.where is not None:
                yield from _fields(node.where, name)
        case SegmentRule() | ListRule():
            pass


def complete(document: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Path, ...]]:
    """The document without conditions that are still being written, and the paths of those, for a live count."""
    left: list[Path] = []

    def kept(node: Any, path: Path) -> Any:
        if isinstance(node, Mapping) and isinstance(node.get("rules"), list):
            inside = [kept(each, (*path, "rules", place)) for place, each in enumerate(node["rules"])]
            return {**node, "rules": [each for each in inside if each is not None]}
        if _stands(node):
            return node
        left.append(path)
        return None

    if document.get("kind", "rules") != "rules":
        return dict(document), ()
    return {**document, "root": kept(document.get("root"), ("root",))}, tuple(left)


def _stands(rule: Any) -> bool:
    try:
        parse({"version": 1, "kind": "rules", "root": {"combinator": "and", "rules": [rule]}})
    except DefinitionError:
        return False
    return True


def _text(plain: Any) -> str:
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
