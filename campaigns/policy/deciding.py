"""The one function on every path to a customer: whether he may be contacted now, and if not, why and when.

A verdict counts contacts that happened and those that campaigns of higher priority have planned. What is allowed can
be sent without breaking the policy; what is put off is told the first moment at which nothing known stands against it.
"""

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from zoneinfo import ZoneInfo

from campaigns.policy.moments import DAY, next_open, open_stretches, period, zone_of
from campaigns.policy.nodes import ROLLING_DAYS, Cap, Gap, Policy
from campaigns.policy.writing import dump_cap, dump_gap

ALL: Final = "all"
MINUTE: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact that happened at `at` (UTC), or, with `planned_priority`, one that a campaign of that priority is going
    to make then."""

    contact_id: str
    customer_id: int
    cluster_id: int
    channel: str
    category: str
    campaign_key: str
    at: dt.datetime
    planned_priority: int | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants to contact whom, at `moment` (UTC, aware). A greater `priority` goes first. `contact_id`: the contact
    itself, should it already be in the history."""

    customer_id: int
    cluster_id: int
    channel: str
    category: str
    campaign_key: str
    priority: int
    moment: dt.datetime
    region: str | None = None
    contact_id: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the customer stands: categories he consents to, (channel, category) pairs he opted out of (`all`: any),
    segments he is in, control groups he belongs to ("universal" or a campaign's), channels he can be reached by (None:
    not looked at); holidays of his country."""

    consents: frozenset[str] = frozenset()
    opt_outs: frozenset[tuple[str, str]] = frozenset()
    segments: frozenset[str] = frozenset()
    controls: frozenset[str] = frozenset()
    channels: frozenset[str] | None = None
    holidays: frozenset[dt.date] = frozenset()


@dataclass(frozen=True, slots=True)
class Allowed:
    """The contact may be made now."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now; `until` (UTC) is the first moment at which it may be. `reason` is a key of `REASONS`."""

    until: dt.datetime
    reason: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """Not at all. `reason` is a key of `REASONS`."""

    reason: str
    values: Mapping[str, Any]


Verdict = Allowed | Deferred | Refused
ALLOWED: Final = Allowed()


@dataclass(frozen=True, slots=True)
class _Bound:
    """A cap or gap that binds the request, with the moments of the contacts it counts, in order."""

    path: str
    rule: Cap | Gap
    ats: tuple[dt.datetime, ...]


def decide(policy: Policy, request: Request, history: Iterable[Contact], standing: Standing) -> Verdict:
    """Whether the contact may be made. `history`: contacts with the customer and his cluster, at least from
    `policy.memory` before the moment on, in any order. Raises `ValueError` for a moment without a time zone."""
    if request.moment.tzinfo is None:
        raise ValueError("the moment of a request needs a time zone")
    refused = standing_refusal(policy, request, standing)
    return refused or _in_time(policy, request, list(history), standing)


def standing_refusal(policy: Policy, request: Request, standing: Standing) -> Refused | None:
    """Why the customer is not contacted whatever the moment."""
    if standing.controls:
        return Refused("control_group", {"group": min(standing.controls)})
    pairs = {(channel, kind) for channel in (request.channel, ALL) for kind in (request.category, ALL)}
    if standing.opt_outs & pairs:
        return Refused("opted_out", {"channel": request.channel, "category": request.category})
    if request.category in policy.consent and request.category not in standing.consents:
        return Refused("no_consent", {"category": request.category})
    if excluded := [key for key in policy.exclude_segments if key in standing.segments]:
        return Refused("excluded_segment", {"segment": excluded[0]})
    if standing.channels is not None and request.channel not in standing.channels:
        return Refused("no_address", {"channel": request.channel})
    return None


def choose_channel(
    policy: Policy, request: Request, channels: Sequence[str], history: Iterable[Contact], standing: Standing
) -> tuple[str, Verdict]:
    """The channel to contact by, of those that are possible, with its verdict: the first allowed one in the policy's
    order, else the one that is allowed first, else the refusal of the first. Raises `ValueError` without channels."""
    if not channels:
        raise ValueError("there is no channel to choose from")
    known = list(history)
    order = {channel: place for place, channel in enumerate(policy.channel_priority)}
    ordered = sorted(channels, key=lambda channel: order.get(channel, len(order)))
    verdicts = [(each, decide(policy, replace(request, channel=each), known, standing)) for each in ordered]
    allowed = [each for each in verdicts if isinstance(each[1], Allowed)]
    put_off = [(verdict.until, place) for place, (_, verdict) in enumerate(verdicts) if isinstance(verdict, Deferred)]
    return allowed[0] if allowed else verdicts[min(put_off)[1]] if put_off else verdicts[0]


def _in_time(policy: Policy, request: Request, history: list[Contact], standing: Standing) -> Verdict:
    counted = [each for each in history if each.contact_id != request.contact_id or not each.contact_id]
    happened = [each for each in counted if each.planned_priority is None]
    ahead = [each for each in counted if (each.planned_priority or 0) > request.priority]
    bounds = _bounds(policy, request, happened)
    reason, values = _blocker(policy, bounds, request.moment)
    if ahead:
        bounds = _bounds(policy, request, happened + ahead)
        if not reason and (told := _blocker(policy, bounds, request.moment))[0]:
            reason, values = "higher_priority", told[1] | {"campaign": max(ahead, key=_planned).campaign_key}
    is_capped = bool(reason)
    opening = opening_of(policy, request, standing)
    if not reason and opening(request.moment) != request.moment:
        reason, values = _quiet_reason(policy, request, standing)
    if not reason:
        return ALLOWED
    limit = request.moment + DAY * policy.defer_days
    if is_capped and policy.when_capped == "drop":
        return Refused(reason, values)
    until = _first_free(policy, bounds, opening, request.moment, limit)
    if until is None:
        return Refused(reason, {**values, "beyond_days": policy.defer_days})
    return Deferred(until, reason, values)


def _planned(contact: Contact) -> tuple[int, str]:
    return contact.planned_priority or 0, contact.campaign_key


def _first_free(
    policy: Policy, bounds: Sequence[_Bound], opening: Callable[[dt.datetime], dt.datetime | None], moment: dt.datetime,
    limit: dt.datetime,
) -> dt.datetime | None:  # fmt: skip
    """The first moment up to `limit` that every rule leaves free: each pass moves to where the strictest of those that
    still stand against it ends, so it ends at the least common free moment."""
    while moment <= limit:
        later = moment
        for bound in bounds:
            free = next_free(bound.rule, bound.ats, moment, policy.timezone)
            if free is None:
                return None
            later = max(later, free)
        opened = opening(later)
        if opened is None:
            return None
        if opened == moment:
            return moment
        moment = opened
    return None


def _bounds(policy: Policy, request: Request, contacts: Sequence[Contact]) -> list[_Bound]:
    found = []
    for path, rule in policy.rules:
        if rule.scope.binds(request.channel, request.category):
            ats = sorted(each.at for each in contacts if _counts(rule, request, each))
            found.append(_Bound(path, rule, tuple(ats)))
    return found


def _counts(rule: Cap | Gap, request: Request, contact: Contact) -> bool:
    same = (
        contact.customer_id == request.customer_id
        if rule.of == "customer"
        else contact.cluster_id == request.cluster_id
    )
    return same and rule.scope.binds(contact.channel, contact.category)


def _blocker(policy: Policy, bounds: Sequence[_Bound], moment: dt.datetime) -> tuple[str, dict[str, Any]]:
    """Reason and values of the rule that stands longest against a contact at `moment`; ("", {}) where none does."""
    longest: tuple[dt.datetime, _Bound] | None = None
    for bound in bounds:
        free = next_free(bound.rule, bound.ats, moment, policy.timezone) or dt.datetime.max.replace(tzinfo=dt.UTC)
        if free > moment and (longest is None or free > longest[0]):
            longest = free, bound
    if longest is None:
        return "", {}
    return ("cap" if isinstance(longest[1].rule, Cap) else "gap"), values_of(policy, longest[1].path)


def next_free(rule: Cap | Gap, ats: Sequence[dt.datetime], moment: dt.datetime, timezone: str) -> dt.datetime | None:
    """`moment` where the rule leaves it free for one contact more, else a later one before which it surely does not;
    None for never. `ats`: moments of the contacts it counts, in order."""
    if isinstance(rule, Gap):
        width = MINUTE * rule.minutes
        near = [at for at in ats if abs(moment - at) < width]
        return near[-1] + width if near else moment
    if rule.at_most == 0:
        return None
    if rule.window == "calendar":
        first, after = period(rule.per, moment, timezone)
        return after if bisect_left(ats, after) - bisect_left(ats, first) >= rule.at_most else moment
    width = DAY * ROLLING_DAYS[rule.per]
    near = [at for at in ats if abs(moment - at) < width]
    return near[-rule.at_most] + width if len(near) >= rule.at_most else moment


def opening_of(policy: Policy, request: Request, standing: Standing) -> Callable[[dt.datetime], dt.datetime | None]:
    """For a moment not before the request's: the first one from it on that is outside quiet hours."""
    quiet = policy.quiet
    if quiet is None or not quiet.scope.binds(request.channel, request.category):
        return lambda moment: moment
    last = request.moment + DAY * (policy.defer_days + 1)
    zone = zone_of(policy, request.region)
    stretches = open_stretches(quiet, zone, standing.holidays, request.moment, last)
    return lambda moment: next_open(stretches, moment)


def _quiet_reason(policy: Policy, request: Request, standing: Standing) -> tuple[str, dict[str, Any]]:
    zone = zone_of(policy, request.region)
    return quiet_reason(policy, zone, request.moment, standing.holidays)


def quiet_reason(
    policy: Policy, zone: str, moment: dt.datetime, holidays: Iterable[dt.date]
) -> tuple[str, dict[str, Any]]:
    """Whether it is the day or the hour that keeps quiet at `moment` in a time zone."""
    quiet = policy.quiet
    if quiet is None:
        return "", {}
    day = moment.astimezone(ZoneInfo(zone)).date()
    if day.isoweekday() in quiet.weekdays or (quiet.holidays and day in set(holidays)):
        return "day_off", {"day": day.isoformat()}
    return "quiet_hours", {"from": f"{quiet.start:%H:%M}", "to": f"{quiet.end:%H:%M}", "timezone": zone}


def values_of(policy: Policy, path: str) -> dict[str, Any]:
    """What a cap or gap asks for, by its path in the policy, as verdicts tell it."""
    kind, place = path.split("/")
    rule = dump_cap(policy.caps[int(place)]) if kind == "caps" else dump_gap(policy.gaps[int(place)])
    return {"rule": path, **rule}
