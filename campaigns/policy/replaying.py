"""The contacts of all clusters judged in their order: the first ones of all together, then the second ones, and so on.

Each round is a few operations on whole columns, so the work grows with the contacts and the number of rounds with those
of the largest cluster alone.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from campaigns.policy.history import History, Numbers, microseconds
from campaigns.policy.moments import DAY, open_stretches
from campaigns.policy.nodes import CATEGORIES, CHANNELS, ROLLING_DAYS, Cap, Gap, Policy, Scope

QUIET: Final = "quiet"


def replayed(
    history: History, policy: Policy, holidays: frozenset[dt.date], first: dt.datetime, last: dt.datetime
) -> tuple[Numbers, tuple[str, ...]]:
    """For each contact the place of what stands against it in the paths, or -1."""
    rules = [_rule(history, policy, path, rule, first, last) for path, rule in policy.rules]
    verdict = np.full(len(history.at), -1, np.int8)
    closed = _closed(history, policy, holidays, first, last)
    for number in range(int(history.size[0]) if len(history.size) else 0):
        count = int(np.searchsorted(-history.size, -number, side="left"))  # clusters with more contacts than `number`
        rows = history.begin[:count] + number
        held = np.where(closed[rows], np.int8(len(rules)), np.int8(-1))
        views = [rule.look(rows, count) for rule in rules]
        for place in range(len(rules) - 1, -1, -1):
            held[views[place].blocked] = place
        allowed = held < 0
        for rule, view in zip(rules, views, strict=True):
            rule.note(view, allowed)
        verdict[rows] = held
    return verdict, (*(path for path, _ in policy.rules), QUIET)


def _closed(
    history: History, policy: Policy, holidays: frozenset[dt.date], first: dt.datetime, last: dt.datetime
) -> Numbers:
    """Whether each contact was made in quiet hours."""
    quiet = policy.quiet
    if quiet is None:
        return np.zeros(len(history.at), bool)
    stretches = open_stretches(quiet, policy.timezone, holidays, first, last + DAY)
    begins = np.array([microseconds(begin) for begin, _ in stretches], np.int64)
    ends = np.array([microseconds(end) for _, end in stretches], np.int64)
    place = np.searchsorted(ends, history.at, side="right")
    inside = (place < len(ends)) & (history.at >= begins[np.minimum(place, len(ends) - 1)])
    return ~inside & _binding(quiet.scope)[history.kind]


def _binding(scope: Scope) -> Numbers:
    """For each kind of contact, whether a rule binds it."""
    return np.array([scope.binds(channel, category) for channel in CHANNELS for category in CATEGORIES])


@dataclass
class _View:
    """The contacts of a round as a rule sees them: whose they are, which it binds, which it stands against."""

    subject: Any
    binds: Numbers
    blocked: Numbers
    mark: Numbers
    count: Numbers | None = None


class _Rule:
    """What a cap or gap remembers of each subject: the marks of its last contacts, as many as it allows. A mark is a
    moment or the number of a calendar period; while the oldest is less than `width` behind, the rule stands against
    the next contact."""

    def __init__(self, history: History, rule: Cap | Gap, marks: Numbers, width: int, deep: int) -> None:
        self._history, self._marks, self._width, self._deep = history, marks, width, deep
        binds = _binding(rule.scope)
        self._binds = None if binds.all() else binds
        self._by_cluster = rule.of == "cluster"
        subjects = len(history.begin) if self._by_cluster else history.customers
        self._ring = np.full((deep, subjects), np.iinfo(marks.dtype).min // 2, marks.dtype)
        self._next = np.zeros(subjects, np.int16) if deep > 1 else None

    def look(self, rows: Numbers, count: int) -> _View:
        """The contacts at `rows`, the next ones of the first `count` clusters."""
        subject: Any = slice(0, count) if self._by_cluster else self._history.customer[rows]
        mark = self._marks[rows]
        binds = np.ones(1, bool) if self._binds is None else self._binds[self._history.kind[rows]]
        if not self._deep:
            return _View(subject, binds, np.broadcast_to(binds, mark.shape), mark)
        place = self._next[subject] if self._next is not None else None
        if place is None:
            oldest = self._ring[0, subject]
        else:
            who = np.arange(count) if self._by_cluster else subject
            oldest = self._ring[place, who]
        return _View(subject, binds, binds & (mark - oldest < self._width), mark, place)

    def note(self, view: _View, allowed: Numbers) -> None:
        """Remember those that were allowed."""
        if not self._deep:
            return
        counted = np.flatnonzero(allowed & view.binds)
        who = counted if self._by_cluster else view.subject[counted]
        if self._next is None or view.count is None:
            self._ring[0, who] = view.mark[counted]
        else:
            place = view.count[counted]
            self._ring[place, who] = view.mark[counted]
            self._next[who] = (place + 1) % self._deep


def _rule(history: History, policy: Policy, path: str, rule: Cap | Gap, first: dt.datetime, last: dt.datetime) -> _Rule:
    if isinstance(rule, Gap):
        return _Rule(history, rule, history.at, rule.minutes * 60_000_000, 1)
    if rule.window == "rolling":
        return _Rule(history, rule, history.at, ROLLING_DAYS[rule.per] * 86_400_000_000, rule.at_most)
    return _Rule(history, rule, history.bucket(rule.per, policy.timezone, first, last), 1, rule.at_most)
