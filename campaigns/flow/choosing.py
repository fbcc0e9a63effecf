"""Which branch a number draws, and in which order the steps of a fallback are tried."""

from campaigns.flow import nodes
from campaigns.flow.facts import Terms


def branch_of(split: nodes.Split, drawn: float) -> str:
    """Branches in the order of their keys share the line from 0 to 100."""
    reached, ordered = 0.0, sorted(split.branches, key=lambda each: each.key)
    for branch in ordered:
        reached += branch.share
        if drawn * 100 < reached:
            return branch.key
    return ordered[-1].key


def by_expected_cost(fallback: nodes.Fallback, terms: Terms) -> tuple[int, ...]:
    """Steps in the order of price by chance of success, which makes the expected cost until the first success least
    whenever the steps succeed independently of each other (exchange of neighbours). What never succeeds comes last."""

    def cost(place: int) -> float:
        step = fallback.steps[place]
        chance = terms.chances.get((step.channel, step.success), 0.0)
        return terms.prices.get(step.channel, 0.0) / chance if chance > 0 else float("inf")

    return tuple(sorted(range(len(fallback.steps)), key=lambda place: (cost(place), place)))
