"""Whether a flow can be launched: everything that is wrong, at its node."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from campaigns.flow import nodes
from campaigns.flow.graph import going_round, leading_to_an_end, reachable
from campaigns.flow.nodes import Flow, Node, may_stay_open, ports
from segments.definition import Definition, Group, used_segments
from segments.errors import Path, Problem


@dataclass(frozen=True)
class Known:
    """What the flow may name. `templates`: (key, channel) → languages in which it is written, each of `languages` is
    needed. None: not looked at. `definition` says what is wrong with a segment's conditions."""

    templates: Mapping[tuple[str, str], Set[str]] | None = None
    languages: Sequence[str] = ("ru", "uz")
    segments: Set[str] | None = None
    rules: Set[str] | None = None
    registers: Set[str] | None = None
    departments: Set[str] | None = None
    channels: Set[str] | None = None
    definition: Callable[[Group], Sequence[Problem]] | None = field(default=None, compare=False)


def check(flow: Flow, known: Known | None = None) -> tuple[Problem, ...]:
    """Everything that keeps the flow from running, in the order of its nodes; () for a flow that can be launched.

    Paths are ("nodes", id, field, …), ("nodes", id, "ports", port) and ("edges", place).
    """
    known = known or Known()
    problems = [*_edges(flow), *_audience(flow)]
    for node in flow.nodes:
        path: Path = ("nodes", node.id)
        problems += _ports(flow, node, path)
        problems += _data(flow, node, path, known)
    return (*problems, *_shape(flow))


def _edges(flow: Flow) -> Iterator[Problem]:
    taken: set[tuple[str, str]] = set()
    for place, edge in enumerate(flow.edges):
        path: Path = ("edges", place)
        source = flow.by_id.get(edge.source)
        if source is None or edge.target not in flow.by_id:
            yield Problem(path, "The arrow leads from or to a node that is not there.", {}, "Remove the arrow.")
            continue
        if edge.port not in ports(source.data):
            yield Problem(path, "The node has no exit “{port}”.", {"port": edge.port}, "Draw the arrow anew.")
        elif (edge.source, edge.port) in taken:
            yield Problem(
                ("nodes", edge.source, "ports", edge.port), "Two arrows leave by one exit.", {}, "Remove one of them."
            )
        if isinstance(flow.by_id[edge.target].data, nodes.Audience):
            yield Problem(path, "No arrow may lead to the audience.", {}, "Remove the arrow.")
        taken.add((edge.source, edge.port))


def _audience(flow: Flow) -> Iterator[Problem]:
    found = [node for node in flow.nodes if isinstance(node.data, nodes.Audience)]
    if not found:
        yield Problem(("nodes",), "The flow has no audience.", {}, "Add the node that everybody enters by.")
    for node in found[1:]:
        yield Problem(("nodes", node.id), "The flow has more than one audience.", {}, "Keep one of them.")


def _ports(flow: Flow, node: Node, path: Path) -> Iterator[Problem]:
    for port in ports(node.data):
        if (node.id, port) not in flow.targets and not may_stay_open(node.data, port):
            yield Problem(
                (*path, "ports", port), "Nothing follows the exit “{port}”.", {"port": port},
                "Lead it to the next node or to an end.",
            )  # fmt: skip


def _shape(flow: Flow) -> Iterator[Problem]:
    begin = [node.id for node in flow.nodes if isinstance(node.data, nodes.Audience)]
    reached, ending, round_ = reachable(flow, begin), leading_to_an_end(flow), set(going_round(flow))
    for node in flow.nodes:
        path: Path = ("nodes", node.id)
        if begin and node.id not in reached:
            yield Problem(path, "Nobody can reach this node.", {}, "Lead an arrow to it, or remove it.")
        if node.id in round_:
            yield Problem(
                path, "The flow goes round here without waiting.", {}, "Put a wait of some minutes in the loop."
            )
        elif ports(node.data) and node.id not in ending and _is_joined(flow, node):
            yield Problem(path, "From here no end can be reached.", {}, "Lead one way out of the loop to an end.")
    for node in flow.nodes:
        behind = flow.targets.get((node.id, "control")) if isinstance(node.data, nodes.Control) else None
        for other in reachable(flow, [behind]) if behind else ():
            if other in flow.by_id and isinstance(flow.by_id[other].data, nodes.CONTACTING):
                yield Problem(
                    ("nodes", other), "The control group of “{node}” would be contacted here.", {"node": node.id},
                    "Lead the control group to an end of its own.",
                )  # fmt: skip


def _is_joined(flow: Flow, node: Node) -> bool:
    """A missing arrow is told as such, and not as an end that cannot be reached."""
    return all(
        (each, port) in flow.targets
        for each in reachable(flow, [node.id]) if each in flow.by_id
        for port in ports(flow.by_id[each].data)
    )  # fmt: skip


def _data(flow: Flow, node: Node, path: Path, known: Known) -> Iterator[Problem]:
    match node.data:
        case nodes.Message(channel, template):
            yield from _content(channel, template, path, known)
        case nodes.Fallback(steps):
            if not steps:
                yield Problem((*path, "steps"), "There is no step to try.", {}, "Add a step.")
            for place, step in enumerate(steps):
                yield from _content(step.channel, step.template, (*path, "steps", place), known)
        case nodes.Split(branches):
            yield from _branches(branches, path)
        case nodes.Control(share):
            if not 0 < share < 100:
                yield Problem((*path, "share_pct"), "A control group is more than nobody and less than everybody.")
        case nodes.Wait(mode="until_date", date=None):
            yield Problem((*path, "date"), "No date is chosen.")
        case nodes.Wait(mode="until_event", of=of):
            yield from _reference(flow, of, (*path, "of"), needed=False)
        case nodes.Condition():
            yield from _test(flow, node.data, (*path, "test"), known)
        case nodes.Task(title, _, _, department):
            if not title.strip():
                yield Problem((*path, "title"), "The task has no title.")
            if department is not None:
                yield from _named(department, known.departments, (*path, "assignee", "department_id"))
        case nodes.CallRegister(register):
            yield from _named(register, known.registers, (*path, "register"))


def _content(channel: str, template: str, path: Path, known: Known) -> Iterator[Problem]:
    if not channel:
        yield Problem((*path, "channel"), "No channel is chosen.")
    elif known.channels is not None and channel not in known.channels:
        yield Problem((*path, "channel"), "The channel “{channel}” is not set up.", {"channel": channel})
    if not template:
        yield Problem((*path, "template"), "No template is chosen.")
        return
    if known.templates is None or not channel:
        return
    languages = known.templates.get((template, channel))
    if languages is None:
        yield Problem(
            (*path, "template"), "The channel “{channel}” has no template “{template}”.",
            {"channel": channel, "template": template}, "Write it, or choose another one.",
        )  # fmt: skip
        return
    for language in known.languages:
        if language not in languages:
            yield Problem(
                (*path, "template"), "The template “{template}” is not written in the language “{language}”.",
                {"template": template, "language": language}, "Translate it.",
            )  # fmt: skip


def _branches(branches: tuple[nodes.Branch, ...], path: Path) -> Iterator[Problem]:
    if len(branches) < 2:
        yield Problem((*path, "branches"), "A split has at least two branches.")
    if len({each.key for each in branches}) < len(branches):
        yield Problem((*path, "branches"), "Two branches have the same key.")
    for place, branch in enumerate(branches):
        if branch.share <= 0:
            yield Problem((*path, "branches", place, "share"), "A branch that nobody takes is none.")
    total = sum(branch.share for branch in branches)
    if branches and abs(total - 100) > 1e-6:
        yield Problem((*path, "branches"), "The shares sum up to {total}, not to 100.", {"total": round(total, 2)})


def _test(flow: Flow, test: nodes.Condition, path: Path, known: Known) -> Iterator[Problem]:
    match test.kind:
        case "response":
            yield from _reference(flow, test.of, (*path, "of"), needed=False)
        case "status":
            yield from _reference(flow, test.of, (*path, "of"), needed=True)
        case "signal":
            yield from _named(test.rule, known.rules, (*path, "rule"))
        case "definition":
            root = test.root
            if root is None or not root.rules:
                yield Problem((*path, "root"), "There is no condition.")
                return
            for key in sorted(used_segments(Definition("rules", root))):
                yield from _named(key, known.segments, (*path, "root"))
            for found in known.definition(root) if known.definition is not None else ():
                yield Problem((*path, *found.path), found.message, found.values, found.mend)


def _reference(flow: Flow, of: str | None, path: Path, *, needed: bool) -> Iterator[Problem]:
    if of is None:
        if needed:
            yield Problem(path, "It is not said which message is meant.")
        return
    node = flow.by_id.get(of)
    if node is None:
        yield Problem(path, "The node “{node}” is not there.", {"node": of}, "Choose another one.")
    elif not isinstance(node.data, (*nodes.SENDING, nodes.CallRegister)) or (
        needed and isinstance(node.data, nodes.CallRegister)
    ):
        yield Problem(path, "The node “{node}” sends nothing.", {"node": of}, "Choose another one.")


def _named(key: str, known: Set[str] | None, path: Path) -> Iterator[Problem]:
    if not key:
        yield Problem(path, "Nothing is chosen here.")
    elif known is not None and key not in known:
        yield Problem(path, "“{name}” is not there.", {"name": key}, "Choose another one.")
