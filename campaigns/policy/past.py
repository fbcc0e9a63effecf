"""What another policy would have made of the contacts that really were: allowed one after another, in their order.

A contact that would have been held back does not count against later ones, so contacts cannot be judged each for
itself. What `decide` says of each, given those allowed before it, is what is counted here: caps, gaps and quiet hours
of the policy's own time zone. Nobody is put off, and consents of the past are not asked for.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa

from campaigns.policy.history import History, Numbers, microseconds, moment, read
from campaigns.policy.moments import period
from campaigns.policy.nodes import CATEGORIES, CHANNELS, Policy
from campaigns.policy.replaying import QUIET, replayed

MOST_ROWS: Final = 6_000_000


@dataclass(frozen=True)
class WhatIf:
    """Contacts under one policy. `held_back` counts them by the path of the first rule that stands against each (or
    "quiet"); `channels` has channel, contacts, allowed; `months` month, contacts, allowed."""

    contacts: int
    allowed: int
    customers: int
    customers_left: int
    held_back: Mapping[str, int]
    channels: pl.DataFrame
    months: pl.DataFrame


def what_if(
    con: duckdb.DuckDBPyConnection,
    policies: Mapping[str, Policy],
    contacts: str = "contacts",
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    holidays: frozenset[dt.date] = frozenset(),
) -> dict[str, WhatIf]:
    """What each policy would have left of the contacts from `since` to before `until` (UTC).

    `contacts`: a relation of `campaigns.policy.batch.CONTACTS`; those of unknown channels and categories are left out.
    `customers` of a result were contacted, `customers_left` still would have been. Whole clusters are read in parts of
    some millions of rows, so memory does not grow with the history.
    """
    where, parameters = _between(since, until)
    found = con.execute(f'SELECT count(*), min("at"), max("at") FROM {contacts} WHERE {where}', parameters).fetchall()
    total, first, last = found[0]
    tallies = {name: _Tally() for name in policies}
    parts = max(1, -(-int(total) // MOST_ROWS))
    for part in range(parts if total else 0):
        history = read(con, contacts, where, parameters, part, parts)
        ends = first.replace(tzinfo=dt.UTC), last.replace(tzinfo=dt.UTC)
        for name, policy in policies.items():
            tallies[name].add(history, policy, *replayed(history, policy, holidays, *ends))
        del history
    return {name: tally.figures() for name, tally in tallies.items()}


def what_if_of(
    contacts: pa.Table,
    policies: Mapping[str, Policy],
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    holidays: frozenset[dt.date] = frozenset(),
) -> dict[str, WhatIf]:
    """The same of contacts that are handed in."""
    with duckdb.connect() as con:
        con.register("contacts", contacts)
        return what_if(con, policies, "contacts", since, until, holidays)


def _between(since: dt.datetime | None, until: dt.datetime | None) -> tuple[str, dict[str, Any]]:
    ends = {"since": (">=", since), "until": ("<", until)}
    given = {name: (sign, at.astimezone(dt.UTC).replace(tzinfo=None)) for name, (sign, at) in ends.items() if at}
    where = " AND ".join(f'"at" {sign} ${name}' for name, (sign, _) in given.items())
    return where or "true", {name: at for name, (_, at) in given.items()}


class _Tally:
    """Adds up parts of the history."""

    def __init__(self) -> None:
        self._customers = self._left = 0
        self._held: dict[str, int] = {}
        self._kinds = np.zeros((2, len(CHANNELS) * len(CATEGORIES)), np.int64)
        self._months: dict[dt.date, list[int]] = {}

    def add(self, history: History, policy: Policy, verdict: Numbers, paths: tuple[str, ...]) -> None:
        """Count a part: for each contact the place in `paths` of what stands against it, or -1."""
        if not len(verdict):
            return
        allowed = verdict < 0
        counts = np.bincount(verdict[~allowed], minlength=len(paths))
        for path, count in zip(paths, counts, strict=True):
            self._held[path] = self._held.get(path, 0) + int(count)
        for row, kinds in enumerate((history.kind, history.kind[allowed])):
            self._kinds[row] += np.bincount(kinds, minlength=self._kinds.shape[1])
        self._customers += int(np.count_nonzero(np.bincount(history.customer, minlength=1)))
        self._left += int(np.count_nonzero(np.bincount(history.customer[allowed], minlength=1)))
        self._by_month(history.at, allowed, policy.timezone)

    def _by_month(self, at: Numbers, allowed: Numbers, timezone: str) -> None:
        begin, last = moment(int(at.min())), moment(int(at.max()))
        while begin <= last:
            first, after = period("month", begin, timezone)
            inside = (at >= microseconds(first)) & (at < microseconds(after))
            month = (first + dt.timedelta(days=2)).date().replace(day=1)
            figures = self._months.setdefault(month, [0, 0])
            figures[0] += int(np.count_nonzero(inside))
            figures[1] += int(np.count_nonzero(inside & allowed))
            begin = after

    def figures(self) -> WhatIf:
        """Everything counted."""
        by_channel = self._kinds.reshape(2, len(CHANNELS), len(CATEGORIES)).sum(axis=2)
        used = [place for place in range(len(CHANNELS)) if by_channel[0, place]]
        channels = pl.DataFrame(
            {
                "channel": [CHANNELS[place] for place in used],
                "contacts": by_channel[0, used],
                "allowed": by_channel[1, used],
            },
            schema={"channel": pl.String, "contacts": pl.Int64, "allowed": pl.Int64},
        )
        months = pl.DataFrame(
            [(month, *figures) for month, figures in sorted(self._months.items())],
            schema={"month": pl.Date, "contacts": pl.Int64, "allowed": pl.Int64}, orient="row",
        )  # fmt: skip
        total, allowed = (int(count) for count in self._kinds.sum(axis=1))
        held = {path: count for path, count in self._held.items() if count or path != QUIET}
        return WhatIf(total, allowed, self._customers, self._left, held, channels, months)
