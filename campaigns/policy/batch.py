"""The decisions of `decide` for a whole audience at one moment, as one SELECT over the table of contacts.

With contacts of the past alone every cap and gap gives one bound, the moment from which it leaves the customer free,
and the first free moment is the latest bound moved out of quiet hours. So one pass over the contacts of the longest
period is enough. Only members for whom something is planned go through `decide` itself.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, Final

from campaigns.policy.deciding import quiet_reason
from campaigns.policy.moments import DAY, Stretch, next_open, open_stretches, period
from campaigns.policy.nodes import ROLLING_DAYS, SUBJECTS, Cap, Gap, Policy

AUDIENCE: Final = (
    "customer_id", "cluster_id", "region", "control", "opted_out", "has_consent", "excluded_segment", "has_address",
)  # fmt: skip
"""Columns of an audience: `control` and `excluded_segment` are texts, null for none; the flags are never null."""
CONTACTS: Final = ("contact_id", "customer_id", "cluster_id", "channel", "category", "campaign_key", "at")
"""Columns of contacts; `at` is a TIMESTAMP in UTC."""
NEVER: Final = dt.datetime(9999, 1, 1)


@dataclass(frozen=True)
class Batch:
    """One question for a whole audience."""

    channel: str
    category: str
    campaign_key: str
    priority: int
    moment: dt.datetime
    holidays: Set[dt.date] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Statement:
    """A SELECT with its named parameters."""

    sql: str
    parameters: dict[str, Any]


@dataclass
class _Values:
    """Values bound by number; moments without their time zone, as the tables have them."""

    bound: dict[str, Any] = field(default_factory=dict)

    def add(self, value: Any) -> str:
        if isinstance(value, dt.datetime):
            value = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo is not None else value
        name = f"p{len(self.bound)}"
        self.bound[name] = value
        return f"${name}::TIMESTAMP" if isinstance(value, dt.datetime) else f"${name}"

    def words(self, words: Sequence[str] | None, column: str) -> str:
        if words is None:
            return ""
        return f" AND {column} IN ({', '.join(map(self.add, words))})" if words else " AND false"


@dataclass(frozen=True)
class _Rule:
    """A cap or gap as SQL: what is gathered of the contacts of a subject, and the bound that comes of it."""

    path: str
    of: str
    gathered: str
    bound: str
    since: dt.datetime


def statement(policy: Policy, batch: Batch, audience: str = "audience", contacts: str = "contacts") -> Statement:
    """Columns customer_id, verdict (allowed, deferred, refused), reason, rule (path of the cap or gap), until, details
    (the segment or control group), as `decide` says them of contacts that happened up to the moment.

    `audience` and `contacts` are relations of `AUDIENCE` and `CONTACTS`; their names are not checked here.
    """
    values = _Values()
    rules = _rules(policy, batch, values)
    sources = "".join(_gathering(of, rules, contacts, batch, values) for of in SUBJECTS)
    joins = "".join(f" LEFT JOIN by_{of} USING ({of}_id)" for of in SUBJECTS if any(each.of == of for each in rules))
    bounds = ", ".join(f"{each.bound} AS bound_{place}" for place, each in enumerate(rules))
    sql = (
        f"WITH {sources} bounded AS (SELECT a.*{', ' + bounds if bounds else ''} FROM {audience} AS a{joins}), "
        f"{_free(policy, batch, len(rules), values)} "
        f"SELECT customer_id, verdict, {_reason(rules)} AS reason, {_rule_path(rules)} AS rule, "
        f"CASE WHEN verdict = 'deferred' THEN until END AS until, details FROM judged"
    )
    used = set(re.findall(r"\$(p\d+)", sql))
    return Statement(sql, {name: value for name, value in values.bound.items() if name in used})


def _rules(policy: Policy, batch: Batch, values: _Values) -> list[_Rule]:
    binding = [(path, rule) for path, rule in policy.rules if rule.scope.binds(batch.channel, batch.category)]
    return [_rule(place, path, rule, policy, batch, values) for place, (path, rule) in enumerate(binding)]


def _rule(place: int, path: str, rule: Cap | Gap, policy: Policy, batch: Batch, values: _Values) -> _Rule:
    which = values.words(rule.scope.channels, "channel") + values.words(rule.scope.categories, "category")
    if isinstance(rule, Gap):
        width = dt.timedelta(minutes=rule.minutes)
        gathered, bound = _nth(place, 1, width, batch, which, values)
        return _Rule(path, rule.of, gathered, bound, batch.moment - width)
    if rule.at_most == 0:
        return _Rule(path, rule.of, "", values.add(NEVER), batch.moment)
    if rule.window == "rolling":
        width = DAY * ROLLING_DAYS[rule.per]
        gathered, bound = _nth(place, rule.at_most, width, batch, which, values)
        return _Rule(path, rule.of, gathered, bound, batch.moment - width)
    first, after = period(rule.per, batch.moment, policy.timezone)
    gathered = f'count(*) FILTER ("at" >= {values.add(first)}{which}) AS found_{place}'
    bound = f"CASE WHEN found_{place} >= {values.add(rule.at_most)} THEN {values.add(after)} END"
    return _Rule(path, rule.of, gathered, bound, first)


def _nth(place: int, number: int, width: dt.timedelta, batch: Batch, which: str, values: _Values) -> tuple[str, str]:
    """The last but (number - 1) contact within `width` binds until `width` after it."""
    inside = f'FILTER ("at" > {values.add(batch.moment - width)}{which})'
    last = f'max("at") {inside}'
    if number > 1:
        last = f'list_extract(max("at", {int(number)}) {inside}, {int(number)})'
    return f"{last} AS found_{place}", f"found_{place} + {values.add(width)}"


def _gathering(of: str, rules: list[_Rule], contacts: str, batch: Batch, values: _Values) -> str:
    mine = [each for each in rules if each.of == of]
    gathered = [each.gathered for each in mine if each.gathered]
    if not mine:
        return ""
    since, until = values.add(min(each.since for each in mine)), values.add(batch.moment)
    return (
        f"by_{of} AS (SELECT {', '.join([f'{of}_id', *gathered])} FROM {contacts} "
        f'WHERE "at" >= {since} AND "at" <= {until} GROUP BY {of}_id), '
    )


def _free(policy: Policy, batch: Batch, count: int, values: _Values) -> str:
    """Steps from the bounds to a verdict."""
    moment, limit = values.add(batch.moment), values.add(batch.moment + DAY * policy.defer_days)
    held = f"greatest({', '.join(f'bound_{place}' for place in range(count))})" if count else "NULL::TIMESTAMP"
    opened = _by_zone(policy, batch, lambda zone: _opening(policy, batch, zone, "held_until", values), values)
    at_once = _by_zone(policy, batch, lambda zone: _opens_at(policy, batch, zone, values), values)
    reason = _by_zone(policy, batch, lambda zone: _quiet_reason(policy, batch, zone, values), values)
    dropped = "true" if policy.when_capped == "drop" else "false"
    excluded = f"coalesce(list_contains({values.add(list(policy.exclude_segments))}, excluded_segment), false)"
    consent = "NOT has_consent" if batch.category in policy.consent else "false"
    return f"""
    held AS (SELECT *, {held} AS held_until FROM bounded),
    opened AS (SELECT *, CASE WHEN held_until IS NULL THEN {at_once} ELSE {opened} END AS until FROM held),
    standing AS (SELECT *,
      CASE WHEN control IS NOT NULL THEN 'control_group' WHEN opted_out THEN 'opted_out'
        WHEN {consent} THEN 'no_consent' WHEN {excluded} THEN 'excluded_segment'
        WHEN NOT has_address THEN 'no_address' END AS refused_for,
      refused_for IS NULL AND held_until IS NOT NULL AS is_held,
      refused_for IS NULL AND held_until IS NULL AND until IS DISTINCT FROM {moment} AS is_quiet FROM opened),
    judged AS (SELECT *,
      CASE WHEN is_quiet THEN {reason} ELSE refused_for END AS other_reason,
      CASE WHEN is_held AND {dropped} THEN 'refused'
        WHEN is_held OR is_quiet THEN CASE WHEN until <= {limit} THEN 'deferred' ELSE 'refused' END
        WHEN refused_for IS NULL THEN 'allowed' ELSE 'refused' END AS verdict,
      CASE refused_for WHEN 'control_group' THEN control WHEN 'excluded_segment' THEN excluded_segment END AS details
      FROM standing)"""


def _rule_path(rules: list[_Rule]) -> str:
    """The path of the rule that stands longest; paths are of this package's own making."""
    cases = " ".join(f"WHEN bound_{place} = held_until THEN '{each.path}'" for place, each in enumerate(rules))
    return f"CASE WHEN is_held THEN CASE {cases} END END" if cases else "NULL::VARCHAR"


def _reason(rules: list[_Rule]) -> str:
    cases = " ".join(
        f"WHEN bound_{place} = held_until THEN '{each.path.split('s/')[0]}'" for place, each in enumerate(rules)
    )
    return f"CASE WHEN is_held THEN CASE {cases} END ELSE other_reason END" if cases else "other_reason"


def _by_zone(policy: Policy, batch: Batch, of: Callable[[str], str], values: _Values) -> str:
    """What holds in the time zone of each member's region."""
    quiet = policy.quiet
    regions = quiet.by_region if quiet is not None and quiet.scope.binds(batch.channel, batch.category) else {}
    other: dict[str, list[str]] = {}
    for region, zone in regions.items():
        other.setdefault(zone, []).append(region)
    at_home = of(policy.timezone)
    cases = "".join(
        f" WHEN list_contains({values.add(sorted(codes))}, region) THEN {of(zone)}" for zone, codes in other.items()
    )
    return f"CASE{cases} ELSE {at_home} END" if cases else at_home


def _opening(policy: Policy, batch: Batch, zone: str, earliest: str, values: _Values) -> str:
    """The first moment from `earliest` on outside quiet hours; null beyond what may be put off."""
    stretches = _stretches(policy, batch, zone)
    if stretches is None:
        return earliest
    cases = " ".join(
        f"WHEN {earliest} < {values.add(close)} THEN greatest({earliest}, {values.add(opened)})"
        for opened, close in stretches if close > batch.moment
    )  # fmt: skip
    return f"CASE {cases} END" if cases else "NULL::TIMESTAMP"


def _opens_at(policy: Policy, batch: Batch, zone: str, values: _Values) -> str:
    """The same from the moment of the batch on, which is one value for everybody."""
    stretches = _stretches(policy, batch, zone)
    opened = batch.moment if stretches is None else next_open(stretches, batch.moment)
    return "NULL::TIMESTAMP" if opened is None else values.add(opened)


def _stretches(policy: Policy, batch: Batch, zone: str) -> tuple[Stretch, ...] | None:
    """When contacts are possible; None: always."""
    quiet = policy.quiet
    if quiet is None or not quiet.scope.binds(batch.channel, batch.category):
        return None
    last = batch.moment + DAY * (policy.defer_days + 1)
    return open_stretches(quiet, zone, batch.holidays, batch.moment, last)


def _quiet_reason(policy: Policy, batch: Batch, zone: str, values: _Values) -> str:
    return values.add(quiet_reason(policy, zone, batch.moment, batch.holidays)[0])
