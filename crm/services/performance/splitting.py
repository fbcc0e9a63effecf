"""A figure divided so that the parts add up exactly. Pure functions."""

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from crm.services.performance.values import Subject

Weight = int | float | Fraction


def split(total: int, weights: Sequence[Weight], step: int = 1) -> list[int]:
    """`total` in proportion to the weights, in multiples of `step`, by largest remainders.

    The parts add up to `total` exactly; a larger weight never gets the smaller part (of a negative total, the larger
    loss); what is less than a step goes to the largest. Weights below 0 count as 0; all 0 means equal. Raises
    ValueError without weights.
    """
    if not weights:
        raise ValueError("nobody to split among")
    exact = [max(Fraction(weight), Fraction(0)) for weight in weights]
    if not any(exact):
        exact = [Fraction(1)] * len(weights)
    steps, left = divmod(abs(total), step)
    whole = sum(exact)
    shares = [steps * weight / whole for weight in exact]
    parts = [int(share) for share in shares]
    order = sorted(range(len(shares)), key=lambda each: (-(shares[each] - parts[each]), -exact[each], each))
    for place in order[: steps - sum(parts)]:
        parts[place] += 1
    amounts = [part * step for part in parts]
    amounts[max(range(len(amounts)), key=lambda each: (exact[each], -each))] += left
    return [amount if total >= 0 else -amount for amount in amounts]


def split_tree(
    total: int, root: Subject, below: Mapping[Subject, Sequence[Subject]], weight_of: Callable[[Subject], Weight],
    step: int = 1,
) -> dict[Subject, int]:  # fmt: skip
    """The figure of every subject from `root` down: each node's is divided among those right below it (`below`) by the
    weights of the leaves that they hold, so that every level adds up to the one above it."""
    weights: dict[Subject, Fraction] = {}

    def gather(subject: Subject) -> Fraction:
        parts = below.get(subject, ())
        own = sum(map(gather, parts), Fraction(0)) if parts else max(Fraction(weight_of(subject)), Fraction(0))
        weights[subject] = own
        return own

    gather(root)
    amounts, waiting = {root: total}, [root]
    while waiting:
        here = waiting.pop()
        parts = below.get(here, ())
        if parts:
            shares = split(amounts[here], [weights[part] for part in parts], step)
            amounts |= dict(zip(parts, shares, strict=True))
            waiting += parts
    return amounts
