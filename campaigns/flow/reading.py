"""From a JSON document to a flow: its shape is checked here, whether it can run is asked of `check`."""

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from campaigns.flow import nodes
from campaigns.flow.nodes import Branch, Edge, Flow, Node, Step
from campaigns.parts import CampaignPartReader
from segments.definition import Group
from segments.definition import parse as parse_segment
from segments.errors import DefinitionError, Path, Problem

MOST_NODES: Final = 200
MOST_STEPS: Final = 8
MOST_MINUTES: Final = 366 * 24 * 60
MAX_LONG: Final = 4000
IDENTITY: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
_WAITS: Final = {
    "for": {"minutes"},
    "until_date": {"date", "time"},
    "until_event": {"response", "of", "at_most_minutes"},
}
_TESTS: Final = {"response": {"response", "of"}, "status": {"of", "is"}, "definition": {"root"}, "signal": {"rule"}}


def parse(document: Mapping[str, Any] | str) -> Flow:
    """The flow that a document (or its JSON text) holds. Raises `DefinitionError` naming every wrong place."""
    reader = _Reader()
    flow = reader.flow(document)
    if reader.problems or flow is None:
        raise DefinitionError(reader.problems)
    return flow


class _Reader(CampaignPartReader):
    """Goes on after a mistake, so that all of them are told at once."""

    def flow(self, document: Mapping[str, Any] | str) -> Flow | None:
        if isinstance(document, str):
            try:
                document = json.loads(document)
            except (ValueError, RecursionError):
                return self._bad((), "This is not a JSON document.")
        if not isinstance(document, Mapping):
            return self._bad((), "A flow is a JSON object.")
        if document.get("version") != nodes.VERSION or isinstance(document.get("version"), bool):
            return self._bad(
                ("version",), "This version of the format is not known; the known one is {known}.", known=nodes.VERSION
            )
        self._unknown(document, {"version", "nodes", "edges"}, ())
        read = [self._node(each, place) for place, each in enumerate(self._list(document, "nodes", (), MOST_NODES))]
        found = [each for each in read if each is not None]
        seen: set[str] = set()
        for node in found:
            if node.id in seen:
                self._bad(("nodes", node.id, "id"), "Two nodes have the id “{id}”.", id=node.id)
            seen.add(node.id)
        edges = self._list(document, "edges", (), MOST_NODES * 10)
        return Flow(tuple(found), tuple(filter(None, (self._edge(each, place) for place, each in enumerate(edges)))))

    def _node(self, found: Any, place: int) -> Node | None:
        if not isinstance(found, Mapping):
            return self._bad(("nodes", place), "A JSON object is expected here.")
        identity = found.get("id")
        if not isinstance(identity, str) or not IDENTITY.fullmatch(identity):
            return self._bad(("nodes", place, "id"), "An id has up to 40 Latin letters, digits, dashes or underscores.")
        path: Path = ("nodes", identity)
        kind = found.get("kind")
        if not isinstance(kind, str) or kind not in nodes.KINDS:
            return self._bad((*path, "kind"), "This kind of node is not known.")
        self._unknown(found, {"id", "kind", "position", "data"}, path)
        data = found.get("data", {})
        if not isinstance(data, Mapping):
            return self._bad((*path, "data"), "A JSON object is expected here.")
        x, y = self._position(found.get("position"), path)
        read: Callable[[Mapping[str, Any], Path], nodes.Data | None] = getattr(self, f"_{kind}")
        made = read(data, path)
        return Node(identity, made, x, y) if made is not None else None

    def _position(self, found: Any, path: Path) -> tuple[float, float]:
        if found is None:
            return 0.0, 0.0
        good = isinstance(found, Mapping) and set(found) == {"x", "y"}
        if not good or not all(isinstance(each, int | float) and abs(each) < 1e7 for each in found.values()):
            self._bad((*path, "position"), "A position is two numbers, x and y.")
            return 0.0, 0.0
        return float(found["x"]), float(found["y"])

    def _edge(self, found: Any, place: int) -> Edge | None:
        path: Path = ("edges", place)
        names = ("source", "port", "target")
        if not isinstance(found, Mapping) or not all(isinstance(found.get(name), str) for name in names):
            return self._bad(path, "An edge has a source, a port and a target.")
        self._unknown(found, set(names), path)
        return Edge(found["source"], found["port"], found["target"])

    def _audience(self, found: Mapping[str, Any], path: Path) -> nodes.Audience:
        self._unknown(found, set(), path)
        return nodes.Audience()

    def _message(self, found: Mapping[str, Any], path: Path) -> nodes.Message:
        self._unknown(found, {"channel", "template"}, path)
        return nodes.Message(self._channel(found, path), self._open(found, "template", path))

    def _fallback(self, found: Mapping[str, Any], path: Path) -> nodes.Fallback:
        self._unknown(found, {"steps", "order"}, path)
        steps = self._list(found, "steps", path, MOST_STEPS)
        read = [self._step(each, (*path, "steps", place)) for place, each in enumerate(steps)]
        order = self._choice(found, "order", nodes.ORDERS, "given", path)
        return nodes.Fallback(tuple(filter(None, read)), order)

    def _step(self, found: Any, path: Path) -> Step | None:
        if not isinstance(found, Mapping):
            return self._bad(path, "A JSON object is expected here.")
        self._unknown(found, {"channel", "template", "success", "wait_minutes"}, path)
        success = self._choice(found, "success", nodes.SUCCESSES, "delivered", path)
        wait = self._count(found, "wait_minutes", path, 1, MOST_MINUTES, 60)
        return Step(self._channel(found, path), self._open(found, "template", path), success, wait)

    def _wait(self, found: Mapping[str, Any], path: Path) -> nodes.Wait:
        mode = self._choice(found, "mode", tuple(_WAITS), "for", path)
        self._unknown(found, {"mode"} | _WAITS[mode], path)
        if mode == "for":
            return nodes.Wait(mode, self._count(found, "minutes", path, 1, MOST_MINUTES, None))
        if mode == "until_date":
            return nodes.Wait(
                mode, date=self._day(found, "date", path), time=self._time(found, "time", path, dt.time(10))
            )
        at_most = self._count(found, "at_most_minutes", path, 1, MOST_MINUTES, None)
        return nodes.Wait(
            mode, response=self._response(found, path), of=self._reference(found, path), at_most_minutes=at_most
        )

    def _condition(self, found: Mapping[str, Any], path: Path) -> nodes.Condition | None:
        self._unknown(found, {"test"}, path)
        test, path = found.get("test"), (*path, "test")
        if not isinstance(test, Mapping):
            return self._bad(path, "A JSON object is expected here.")
        kind = self._choice(test, "kind", tuple(_TESTS), "response", path)
        self._unknown(test, {"kind"} | _TESTS[kind], path)
        match kind:
            case "response":
                return nodes.Condition(kind, self._response(test, path), self._reference(test, path))
            case "status":
                status = self._choice(test, "is", nodes.STATUSES, "delivered", path)
                return nodes.Condition(kind, of=self._reference(test, path), status=status)
            case "definition":
                return nodes.Condition(kind, root=self._root(test, path))
        return nodes.Condition(kind, rule=self._open(test, "rule", path))

    def _split(self, found: Mapping[str, Any], path: Path) -> nodes.Split:
        self._unknown(found, {"branches"}, path)
        branches = self._list(found, "branches", path, 20)
        read = [self._branch(each, (*path, "branches", place)) for place, each in enumerate(branches)]
        return nodes.Split(tuple(filter(None, read)))

    def _branch(self, found: Any, path: Path) -> Branch | None:
        if not isinstance(found, Mapping):
            return self._bad(path, "A JSON object is expected here.")
        self._unknown(found, {"key", "name", "share"}, path)
        key = found.get("key")
        if not isinstance(key, str) or not IDENTITY.fullmatch(key):
            return self._bad((*path, "key"), "An id has up to 40 Latin letters, digits, dashes or underscores.")
        return Branch(key, self._open(found, "name", path), self._percent(found, "share", path))

    def _control(self, found: Mapping[str, Any], path: Path) -> nodes.Control:
        self._unknown(found, {"share_pct"}, path)
        return nodes.Control(self._percent(found, "share_pct", path))

    def _task(self, found: Mapping[str, Any], path: Path) -> nodes.Task:
        self._unknown(found, {"title", "description", "due_days", "assignee"}, path)
        assignee = found.get("assignee") or {"kind": "manager"}
        department = None
        if not isinstance(assignee, Mapping):
            self._bad((*path, "assignee"), "A JSON object is expected here.")
        elif self._choice(assignee, "kind", ("manager", "department"), "manager", (*path, "assignee")) == "department":
            self._unknown(assignee, {"kind", "department_id"}, (*path, "assignee"))
            department = self._open(assignee, "department_id", (*path, "assignee"))
        return nodes.Task(
            self._open(found, "title", path), self._open(found, "description", path, MAX_LONG),
            self._count(found, "due_days", path, 0, 365, 3), department,
        )  # fmt: skip

    def _call_register(self, found: Mapping[str, Any], path: Path) -> nodes.CallRegister:
        self._unknown(found, {"register", "script", "attempts"}, path)
        script = self._open(found, "script", path, MAX_LONG)
        return nodes.CallRegister(
            self._open(found, "register", path), script, self._count(found, "attempts", path, 1, 20, 3)
        )

    def _end(self, found: Mapping[str, Any], path: Path) -> nodes.End:
        self._unknown(found, {"reason"}, path)
        return nodes.End(self._open(found, "reason", path))

    def _channel(self, found: Mapping[str, Any], path: Path) -> str:
        return "" if found.get("channel") in (None, "") else self._choice(found, "channel", nodes.CHANNELS, "", path)

    def _response(self, found: Mapping[str, Any], path: Path) -> int:
        return self._count(found, "response", path, 1, 3, 2)

    def _reference(self, found: Mapping[str, Any], path: Path) -> str | None:
        return self._open(found, "of", path) or None

    def _root(self, found: Mapping[str, Any], path: Path) -> Group | None:
        if found.get("root") is None:
            return None
        try:
            return parse_segment({"version": 1, "kind": "rules", "root": found["root"]}).root
        except DefinitionError as error:
            for problem in error.problems:
                self.problems.append(Problem((*path, *problem.path), problem.message, problem.values, problem.mend))
            return None
