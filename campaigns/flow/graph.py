"""The shape of a flow: what can be reached, what leads to an end, what goes round without ever waiting."""

from collections.abc import Callable, Iterable, Mapping

from campaigns.flow.nodes import Edge, End, Flow, Wait, may_stay_open


def reachable(flow: Flow, begin: Iterable[str]) -> frozenset[str]:
    """Nodes that can be come to from `begin`, themselves included."""
    return _closure(_neighbours(flow.edges, lambda edge: (edge.source, edge.target)), begin)


def leading_to_an_end(flow: Flow) -> frozenset[str]:
    """Nodes from which an end (or a port that may stay open) can be come to."""
    ends = [node.id for node in flow.nodes if isinstance(node.data, End)]
    for node in flow.nodes:
        if may_stay_open(node.data, "control") and (node.id, "control") not in flow.targets:
            ends.append(node.id)
    return _closure(_neighbours(flow.edges, lambda edge: (edge.target, edge.source)), ends)


def going_round(flow: Flow) -> tuple[str, ...]:
    """Nodes of loops that a participant could go round without any time passing, in the order of the flow.

    Only a wait of some minutes and the time-out of a wait for an event surely take time: a date may be past, an event
    may have happened.
    """
    edges = [edge for edge in flow.edges if edge.target in flow.by_id and not _takes_time(flow, edge)]
    after = _neighbours(edges, lambda edge: (edge.source, edge.target))
    return tuple(node.id for node in flow.nodes if node.id in _closure(after, after.get(node.id, ())))


def _takes_time(flow: Flow, edge: Edge) -> bool:
    source = flow.by_id.get(edge.source)
    if source is None or not isinstance(source.data, Wait):
        return False
    return source.data.mode == "for" or (source.data.mode == "until_event" and edge.port == "timed_out")


def _neighbours(edges: Iterable[Edge], ends: Callable[[Edge], tuple[str, str]]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for edge in edges:
        source, target = ends(edge)
        found[source] = (*found.get(source, ()), target)
    return found


def _closure(after: Mapping[str, tuple[str, ...]], begin: Iterable[str]) -> frozenset[str]:
    seen: set[str] = set()
    waiting = list(begin)
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            waiting.extend(after.get(here, ()))
    return frozenset(seen)
