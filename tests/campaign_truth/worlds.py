"""Campaigns whose true effect is known, because it was planted: units as `campaigns.effect` takes them, and the truth.

Segments differ in how often their members buy and in what the campaign does to them. Members of a cluster resemble each
other. Revenue has a heavy tail (log-normal) and follows the customer's own revenue before the campaign. Groups are
drawn by `campaigns.control.assign`, as in a real campaign.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from campaigns.control import assign

SEGMENTS = ("base", "premium", "student", "rural", "sleeping")


@dataclass(frozen=True)
class Settings:
    """`effect` False plants none (A/A). `alike` is the deviation of clusters on the scale of log odds and log revenue,
    `tail` the deviation of log revenue, `follows` how much of it the past explains (0 to 1)."""

    members: int = 4_000
    control_pct: float = 20.0
    variants: int = 1
    clustered: bool = False
    effect: bool = True
    alike: float = 0.8
    tail: float = 1.2
    follows: float = 0.8


@dataclass(frozen=True)
class Planted:
    """`bought` and `earned` are true mean effects over all members, per variant; by segment likewise."""

    units: pl.DataFrame
    shares: dict[str, float]
    bought: dict[str, float]
    earned: dict[str, float]
    bought_in: dict[tuple[str, str], float]


def planted(number: int, settings: Settings) -> Planted:
    """The campaign of this number; the same number gives the same campaign."""
    rng = np.random.default_rng([20_261_124, number])
    members = _members(rng, settings)
    ids = members["customer_id"].to_numpy()
    drawn = assign(members, members.select("customer_id", "cluster_id"), f"campaign {number}", settings.control_pct,
                   ["segment"])  # fmt: skip
    control = np.array(drawn.column("is_control"))
    # Which variant a cluster gets is drawn like the control group: never two variants in one household.
    clusters, place = np.unique(members["cluster_id"].to_numpy(), return_inverse=True)
    variant = rng.integers(0, settings.variants, len(clusters))[place]
    arm = np.where(control, "control", np.char.add("v", variant.astype(str)))
    segment = segment_numbers(members)
    odds = np.array([-3.2, -2.2, -2.7, -3.0, -4.0])[segment]
    shared = rng.normal(0, settings.alike if settings.clustered else 0.0, len(clusters))[place]
    lift = rng.uniform(-0.1, 0.9, (settings.variants, len(SEGMENTS))) * settings.effect
    growth = rng.uniform(-0.05, 0.25, (settings.variants, len(SEGMENTS))) * settings.effect
    base = _share(odds + shared)
    level = np.exp(np.array([2.0, 3.2, 2.2, 1.6, 1.0])[segment] + settings.tail * (
        np.sqrt(settings.follows) * members["habit"].to_numpy() + 0.3 * shared))  # fmt: skip
    rest = settings.tail * np.sqrt(1 - settings.follows)
    noise = np.exp(rng.normal(0, rest, len(ids)) - rest**2 / 2)
    gets = np.where(control, -1, variant)
    extra = np.where(gets >= 0, lift[variant, segment], 0.0)
    more = np.where(gets >= 0, growth[variant, segment], 0.0)
    units = members.select("customer_id", "cluster_id", "segment").with_columns(
        arm=pl.Series(arm), bought=pl.Series(rng.random(len(ids)) < _share(odds + shared + extra)),
        revenue=pl.Series(level * noise * (1 + more)), before=pl.Series(level * np.exp(rng.normal(0, rest, len(ids)))),
        cost=pl.Series(np.where(control, 0.0, 0.4)),
    )  # fmt: skip
    free = (100 - settings.control_pct) / settings.variants
    names = [f"v{v}" for v in range(settings.variants)]
    gains = {name: _share(odds + shared + lift[v, segment]) - base for v, name in enumerate(names)}
    inside = {(name, each): float(gains[name][segment == s].mean())
              for name in names for s, each in enumerate(SEGMENTS) if (segment == s).any()}  # fmt: skip
    return Planted(
        units, {"control": settings.control_pct, **dict.fromkeys(names, free)},
        {name: float(gains[name].mean()) for name in names},
        {name: float((level * growth[v, segment]).mean()) for v, name in enumerate(names)}, inside,
    )  # fmt: skip


def segment_numbers(members: pl.DataFrame) -> np.ndarray:
    """Numbers of the members' segments."""
    return np.array([SEGMENTS.index(each) for each in members["segment"].to_list()])


def _members(rng: np.random.Generator, settings: Settings) -> pl.DataFrame:
    ids = np.sort(rng.choice(10 * settings.members, settings.members, replace=False)) + 1
    clusters = ids.copy()
    if settings.clustered:
        sizes = rng.choice([1, 2, 3, 5, 12], settings.members, p=[0.5, 0.25, 0.15, 0.08, 0.02])
        begins = np.cumsum(sizes) - sizes
        begins = begins[begins < settings.members]
        clusters = np.repeat(ids[begins], np.diff(np.append(begins, settings.members)))
    segment = rng.choice(len(SEGMENTS), settings.members, p=[0.4, 0.15, 0.2, 0.15, 0.1])
    return pl.DataFrame({"customer_id": ids, "cluster_id": clusters, "segment": np.array(SEGMENTS)[segment],
                         "habit": rng.normal(0, 1, settings.members)})  # fmt: skip


def _share(odds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-odds))
