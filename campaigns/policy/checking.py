"""What keeps a policy that can be read from being used."""

from collections.abc import Iterator, Set

from campaigns.policy.nodes import Cap, Gap, Policy
from segments.errors import Problem


def check(policy: Policy, segments: Set[str] | None = None) -> tuple[Problem, ...]:
    """Everything that is wrong with a policy, at its place; `segments`: keys that there are (None: not looked at)."""
    return tuple((*_segments(policy, segments), *_rules(policy)))


def _segments(policy: Policy, segments: Set[str] | None) -> Iterator[Problem]:
    for place, key in enumerate(policy.exclude_segments):
        if segments is not None and key not in segments:
            yield Problem(("exclude_segments", place), "“{name}” is not there.", {"name": key}, "Choose another one.")


def _rules(policy: Policy) -> Iterator[Problem]:
    seen: set[Cap | Gap] = set()
    for path, rule in policy.rules:
        kind, place = path.split("/")
        if isinstance(rule, Cap) and not rule.at_most and rule.scope.channels is None and rule.scope.categories is None:
            yield Problem(
                (kind, int(place), "at_most"), "Nobody could ever be contacted.", {}, "Give a greater number."
            )
        if rule in seen:
            yield Problem((kind, int(place)), "The same rule stands here twice.", {}, "Remove one of them.")
        seen.add(rule)
