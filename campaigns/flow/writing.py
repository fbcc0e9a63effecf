"""From a flow to its document, with every setting written out; `parse(dump(flow))` is the flow again."""

import hashlib
import json
from typing import Any

from campaigns.flow import nodes
from campaigns.flow.nodes import Flow, Node
from segments.definition import canonical, dump_node


def dump(flow: Flow) -> dict[str, Any]:
    """The JSON document of a flow."""
    return {
        "version": nodes.VERSION,
        "nodes": [
            {"id": node.id, "kind": node.kind, "position": {"x": node.x, "y": node.y}, "data": dump_data(node.data)}
            for node in flow.nodes
        ],
        "edges": [{"source": edge.source, "port": edge.port, "target": edge.target} for edge in flow.edges],
    }


def fingerprint(flow: Flow) -> str:
    """64 hexadecimal digits, equal for flows that differ only in positions and in the order of what has none."""
    plain = {
        "nodes": sorted((_plain(node) for node in flow.nodes), key=_text),
        "edges": sorted({(edge.source, edge.port, edge.target) for edge in flow.edges}),
    }
    return hashlib.sha256(_text(plain).encode()).hexdigest()


def dump_data(data: nodes.Data) -> dict[str, Any]:
    """The `data` of a node."""
    match data:
        case nodes.Message():
            return {"channel": data.channel or None, "template": data.template or None}
        case nodes.Fallback():
            steps = [
                {"channel": step.channel or None, "template": step.template or None, "success": step.success,
                 "wait_minutes": step.wait_minutes}
                for step in data.steps
            ]  # fmt: skip
            return {"steps": steps, "order": data.order}
        case nodes.Wait():
            return _wait(data)
        case nodes.Condition():
            return {"test": _test(data)}
        case nodes.Split():
            return {"branches": [{"key": each.key, "name": each.name, "share": each.share} for each in data.branches]}
        case nodes.Control():
            return {"share_pct": data.share_pct}
        case nodes.Task():
            whose: dict[str, Any] = {"kind": "manager"}
            if data.department_id is not None:
                whose = {"kind": "department", "department_id": data.department_id}
            return {"title": data.title, "description": data.description, "due_days": data.due_days, "assignee": whose}
        case nodes.CallRegister():
            return {"register": data.register or None, "script": data.script, "attempts": data.attempts}
        case nodes.End():
            return {"reason": data.reason}
    return {}


def _wait(wait: nodes.Wait) -> dict[str, Any]:
    match wait.mode:
        case "for":
            return {"mode": "for", "minutes": wait.minutes}
        case "until_date":
            day = wait.date.isoformat() if wait.date else None
            return {"mode": "until_date", "date": day, "time": f"{wait.time:%H:%M}"}
    return {"mode": "until_event", "response": wait.response, "of": wait.of, "at_most_minutes": wait.at_most_minutes}


def _test(test: nodes.Condition) -> dict[str, Any]:
    match test.kind:
        case "response":
            return {"kind": "response", "response": test.response, "of": test.of}
        case "status":
            return {"kind": "status", "of": test.of, "is": test.status}
        case "definition":
            return {"kind": "definition", "root": dump_node(test.root) if test.root is not None else None}
    return {"kind": "signal", "rule": test.rule or None}


def _plain(node: Node) -> dict[str, Any]:
    data = dump_data(node.data)
    if isinstance(node.data, nodes.Split):
        data["branches"] = sorted(data["branches"], key=_text)
    if isinstance(node.data, nodes.Condition) and node.data.root is not None:
        data["test"]["root"] = canonical(node.data.root)
    return {"id": node.id, "kind": node.kind, "data": data}


def _text(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
