"""Conditions of flows on customers, answered for everybody at once on the snapshot in use, once a snapshot."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final

import duckdb

from campaigns.flow import Flow
from segments.definition import Definition, dump
from segments.engine import At
from vitrina.members.evaluate import TABLE, evaluate
from vitrina.members.plan import Plan, Wanted
from vitrina.members.sources import SnapshotRows
from vitrina.settings import Settings
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.reader import SnapshotReader

_KEY: Final = "condition {node}"


class Conditions:
    """Answers by (campaign, content, node); computed anew when another snapshot is in use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._resources = Resources(memory_limit=settings.memory_limit, threads=settings.threads)
        self._found: dict[tuple[str, str], tuple[int, Mapping[str, frozenset[int]]]] = {}
        self.failed: dict[str, str] = {}

    def prepare(
        self, campaign: str, fingerprint: str, flow: Flow, segments: Mapping[str, Mapping[str, Any]]
    ) -> Mapping[str, frozenset[int]]:  # fmt: skip
        """Who meets the conditions on definitions of a flow, by node. A condition that fails is left out: nobody passes
        it until it can be answered. Raises `NothingPublished`."""
        roots = {each.id: each.data.root for each in flow.nodes if getattr(each.data, "kind", "") == "definition"}  # type: ignore[union-attr]
        if not roots:
            return {}
        with SnapshotReader.open(self._settings.published_dir, resources=self._resources) as reader:
            version, mark = reader.version, (campaign, fingerprint)
            if mark in self._found and self._found[mark][0] == version:
                return self._found[mark][1]
            documents = {node: dump(Definition("rules", root)) for node, root in roots.items() if root is not None}
            with reader.cursor() as cursor, duckdb.connect(":memory:") as work:
                answers = self._evaluated(documents, segments, SnapshotRows(cursor), cursor.manifest.as_of, work)
            self._found[mark] = version, answers
            return answers

    def _evaluated(
        self, documents: Mapping[str, Mapping[str, Any]], segments: Mapping[str, Mapping[str, Any]],
        rows: SnapshotRows, as_of: dt.date, work: duckdb.DuckDBPyConnection,
    ) -> Mapping[str, frozenset[int]]:  # fmt: skip
        keys = {_KEY.format(node=node): node for node in documents}
        plan = Plan({key: Wanted(0, documents[node]) for key, node in keys.items()}, tuple(keys), segments)
        found = evaluate(plan, rows, At.current(as_of), work)
        self.failed = {keys[key]: message for key, message in found.failed.items() if key in keys}
        answers: dict[str, frozenset[int]] = {}
        for key in found.keys:
            ids = work.execute(f"SELECT customer_id FROM {TABLE} WHERE segment_key = ?", [key]).fetchnumpy()
            answers[keys[key]] = frozenset(ids["customer_id"].tolist())
        return answers
