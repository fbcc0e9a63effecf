"""What Dagster needs to know of the dbt project, read from dbt's manifest."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MONTHLY = "month_partition"


@dataclass(frozen=True)
class Node:
    """One dbt model or test. `parents` are names of models, or of raw tables for dbt sources."""

    unique_id: str
    name: str
    kind: str
    parents: tuple[str, ...]
    description: str
    group: str
    is_monthly: bool
    columns: tuple[tuple[str, str, str], ...]
    severity: str


class DbtProject:
    """Models and tests of one parsed dbt project, in an order in which they can be built."""

    def __init__(self, manifest_path: Path) -> None:
        self._manifest = json.loads(manifest_path.read_text(encoding="utf-8"))

    @cached_property
    def models(self) -> tuple[Node, ...]:
        """Enabled models, parents before children."""
        nodes = {n.name: n for n in self._nodes() if n.kind == "model"}
        ordered: dict[str, Node] = {}

        def visit(node: Node) -> None:
            if node.name in ordered:
                return
            for parent in node.parents:
                if parent in nodes:
                    visit(nodes[parent])
            ordered[node.name] = node

        for name in sorted(nodes):
            visit(nodes[name])
        return tuple(ordered.values())

    @cached_property
    def tests(self) -> tuple[Node, ...]:
        """Data tests, each with the models that it reads."""
        return tuple(sorted((n for n in self._nodes() if n.kind == "test"), key=lambda n: n.unique_id))

    def ancestors(self, name: str) -> frozenset[str]:
        """Names of all models above a model, itself included."""
        by_name = {m.name: m for m in self.models}
        seen: set[str] = set()
        stack = [name]
        while stack:
            current = stack.pop()
            if current in by_name and current not in seen:
                seen.add(current)
                stack.extend(by_name[current].parents)
        return frozenset(seen)

    def _nodes(self) -> list[Node]:
        return [
            self._node(raw)
            for raw in self._manifest["nodes"].values()
            if raw["resource_type"] in ("model", "test", "seed")
        ]

    def _node(self, raw: dict) -> Node:
        parents = tuple(name for name in (self._name(parent) for parent in raw["depends_on"].get("nodes", [])) if name)
        kind = "model" if raw["resource_type"] in ("model", "seed") else "test"
        config = raw.get("config", {})
        return Node(
            unique_id=raw["unique_id"],
            name=raw["name"],
            kind=kind,
            parents=parents,
            description=raw.get("description") or "",
            group=(raw.get("fqn") or ["", "other"])[1] if kind == "model" else "tests",
            is_monthly=config.get("materialized") == MONTHLY,
            columns=tuple(
                (c["name"], c.get("data_type") or "", c.get("description") or "")
                for c in raw.get("columns", {}).values()
            ),
            severity=str(config.get("severity") or "error").lower(),
        )

    def _name(self, unique_id: str) -> str | None:
        if unique_id.startswith(("model.", "seed.")):
            return self._manifest["nodes"].get(unique_id, {}).get("name")
        source = self._manifest["sources"].get(unique_id)
        if source is None:
            return None
        # The tables of the `resolved` schema are assets of their own; the others are raw tables.
        return source["name"] if source["source_name"] == "resolved" else f"{source['source_name']}__{source['name']}"
