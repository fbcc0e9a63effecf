"""Random policies, contacts and members, and a reading of policies that shares nothing with `campaigns.policy`."""

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from campaigns.policy import Contact, Policy, parse

BEGIN = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
HOLIDAYS = frozenset({dt.date(2026, 3, 8), dt.date(2026, 3, 21), dt.date(2026, 4, 1)})
CLUSTERS = {1: 1, 2: 1, 3: 3, 4: 4, 5: 4, 6: 4}
CHANNELS = ("sms", "email", "push")
CATEGORIES = ("marketing", "service")
# Mostly on few moments of few days, where contacts meet and limits are reached to the minute.
_NEAR = st.integers(0, 5 * 8).map(lambda threes: dt.timedelta(days=24, hours=3 * threes))
_FAR = st.integers(0, 40 * 24 * 12).map(lambda fives: dt.timedelta(minutes=5 * fives))
MINUTES = st.one_of(_NEAR, _NEAR, _NEAR, _FAR)


def _some(words: Sequence[str]) -> st.SearchStrategy[list[str] | None]:
    return st.sampled_from([None, None, None, list(words[:1]), list(words[:2]), list(words[1:])])


SCOPED: dict[str, st.SearchStrategy[Any]] = {
    "channels": _some(CHANNELS), "categories": _some(CATEGORIES), "of": st.sampled_from(["customer", "cluster"])
}  # fmt: skip
CAPS = st.fixed_dictionaries(
    {"per": st.sampled_from(["day", "week", "month"]), "at_most": st.sampled_from([1, 1, 2, 2, 3, 0]),
     "window": st.sampled_from(["calendar", "rolling"]), **SCOPED}
)  # fmt: skip
GAPS = st.fixed_dictionaries({"minutes": st.sampled_from([30, 720, 2880]), **SCOPED})
HOURS = st.sampled_from(["00:00", "09:00", "13:00", "21:00"])
QUIET = st.none() | st.fixed_dictionaries(
    {"from": HOURS, "to": HOURS, "weekdays": st.lists(st.integers(1, 7), max_size=2, unique=True),
     "holidays": st.booleans(), "by_region": st.just({"UZ-X": "Europe/London", "UZ-Y": "Pacific/Apia"}),
     "channels": _some(CHANNELS)}
)  # fmt: skip
POLICIES = st.fixed_dictionaries(
    {"version": st.just(1), "caps": st.lists(CAPS, min_size=1, max_size=3),
     "gaps": st.lists(GAPS, max_size=2), "quiet": QUIET,
     "when_capped": st.sampled_from(["defer", "defer", "drop"]), "defer_days": st.sampled_from([0, 1, 2, 7, 40]),
     "exclude_segments": st.sampled_from([[], ["vip"]]),
     "timezone": st.sampled_from(["Asia/Tashkent", "Europe/London"])}
).map(parse)  # fmt: skip


@st.composite
def contacts(draw: st.DrawFn, most: int = 14, least: int = 0) -> list[Contact]:
    """Contacts of the six customers in forty days of March and April, when London changes to summer time."""
    drawn = draw(
        st.lists(
            st.tuples(st.sampled_from(list(CLUSTERS)), st.sampled_from(CHANNELS), st.sampled_from(CATEGORIES), MINUTES),
            min_size=least,
            max_size=most,
        )
    )
    return [
        Contact(f"c{place}", customer, CLUSTERS[customer], channel, category, "past", BEGIN + after)
        for place, (customer, channel, category, after) in enumerate(drawn)
    ]


def broken(policy: Policy, made: Iterable[Contact], regions: dict[int, str | None] | None = None) -> list[str]:
    """What contacts break of a policy, looked at one rule and one stretch of time at a time."""
    all_made = sorted(made, key=lambda each: each.at)
    zone = ZoneInfo(policy.timezone)
    found: list[str] = []
    for number, rule in enumerate((*policy.caps, *policy.gaps)):
        mine = [each for each in all_made if _falls_under(rule, each)]
        for subject in {getattr(each, f"{rule.of}_id") for each in mine}:
            ats = [each.at for each in mine if getattr(each, f"{rule.of}_id") == subject]
            found += [f"rule {number}, {told}" for told in _of_subject(rule, ats, zone, subject)]
    for each in all_made:
        if policy.quiet is not None and _is_quiet(policy, each, (regions or {}).get(each.customer_id)):
            found.append(f"{each.contact_id} at {each.at} is quiet")
    return found


def _falls_under(rule: Any, each: Contact) -> bool:
    scope = rule.scope
    return each.channel in (scope.channels or [each.channel]) and each.category in (scope.categories or [each.category])


def _of_subject(rule: Any, ats: list[dt.datetime], zone: ZoneInfo, subject: int) -> list[str]:
    if hasattr(rule, "minutes"):
        close = [(a, b) for a, b in pairwise(ats) if (b - a).total_seconds() < rule.minutes * 60]
        return [f"{subject}: {pair} too close" for pair in close]
    if rule.window == "rolling":
        days = {"day": 1, "week": 7, "month": 30}[rule.per]
        ends = [(at, sum(1 for other in ats if at - dt.timedelta(days=days) < other <= at)) for at in ats]
        return [f"{subject}: {count} up to {at}" for at, count in ends if count > rule.at_most]
    names = []
    for at in ats:
        day = at.astimezone(zone)
        names.append({"day": f"{day:%Y-%m-%d}", "week": f"{day:%G-%V}", "month": f"{day:%Y-%m}"}[rule.per])
    return [f"{subject}: {names.count(name)} in {name}" for name in set(names) if names.count(name) > rule.at_most]


def _is_quiet(policy: Policy, each: Contact, region: str | None) -> bool:
    quiet = policy.quiet
    assert quiet is not None
    if not _falls_under(quiet, each):
        return False
    there = each.at.astimezone(ZoneInfo(quiet.by_region.get(region or "", policy.timezone)))
    now, begin, end = there.hour * 60 + there.minute, _minutes(quiet.start), _minutes(quiet.end)
    at_night = begin <= now < end if begin <= end else now >= begin or now < end
    return at_night or there.isoweekday() in quiet.weekdays or (quiet.holidays and there.date() in HOLIDAYS)


def _minutes(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def crowded(seed: int) -> tuple[Policy, list[Contact], dt.datetime]:
    """A policy, thirty contacts of the fortnight before a moment, and the moment: drawn evenly, so that every rule has
    something to count, which small examples rarely have."""
    draw = random.Random(seed)  # noqa: S311 (worlds to test in, not secrets)

    def scope() -> dict[str, Any]:
        return {"channels": draw.choice([None, None, ["sms", "push"]]), "of": draw.choice(["customer", "cluster"]),
                "categories": draw.choice([None, None, ["marketing"]])}  # fmt: skip

    moment = BEGIN + dt.timedelta(days=draw.randrange(16, 30), hours=draw.randrange(24))
    document = {
        "version": 1, "timezone": draw.choice(["Asia/Tashkent", "Europe/London"]),
        "defer_days": draw.choice([0, 1, 3, 9, 40]),
        "caps": [{"per": draw.choice(["day", "week", "month"]), "at_most": draw.choice([1, 2, 3, 5]),
                  "window": draw.choice(["calendar", "rolling"]), **scope()} for _ in range(draw.randrange(3))],
        "gaps": [{"minutes": draw.choice([60, 720, 1440, 4320]), **scope()} for _ in range(draw.randrange(3))],
        "quiet": draw.choice([None, {"from": "21:00", "to": "09:00", "weekdays": [7], "holidays": True,
                                     "by_region": {"UZ-X": "Europe/London", "UZ-Y": "Pacific/Apia"}}]),
        "when_capped": draw.choice(["defer", "defer", "defer", "drop"]), "exclude_segments": ["vip"],
    }  # fmt: skip
    made = []
    for place in range(30):
        customer = draw.choice(list(CLUSTERS))
        ago = dt.timedelta(hours=draw.randrange(draw.choice([6, 72, 340])))
        made.append(Contact(f"c{place}", customer, CLUSTERS[customer], draw.choice(CHANNELS), draw.choice(CATEGORIES),
                            "past", moment - ago))  # fmt: skip
    # Each customer has few of them, so that not everybody is held back by everything.
    return parse(document), made[: draw.randrange(4, 30)], moment
