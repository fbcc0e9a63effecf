"""What is asked of the marts for a campaign, and what they answer: plain values and Arrow tables."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import pyarrow as pa

MEMBERS: Final = pa.schema(
    {
        "customer_id": pa.int64(), "cluster_id": pa.int64(), "arm": pa.string(), "reason": pa.string(),
        "region": pa.string(), "manager_id": pa.string(), "way": pa.string(),
    }
)  # fmt: skip
"""A frozen audience, by customer_id. `arm`: contacted, control, universal or excluded (with its `reason`); `way`: JSON
of what was assigned before the first step, null for nothing."""
OPT_OUTS: Final = pa.schema({"customer_id": pa.int64(), "channel": pa.string(), "category": pa.string()})
CONTACTS: Final = pa.schema(
    {
        "contact_id": pa.string(), "customer_id": pa.int64(), "cluster_id": pa.int64(), "channel": pa.string(),
        "category": pa.string(), "campaign_key": pa.string(), "at": pa.timestamp("us"),
    }
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """An audience to be taken: the document of its definition and of the segments that it may name, the flow, the
    contact policy, who wants no messages, past contacts; `only` these customers, when it is not None."""

    campaign: str
    definition: Mapping[str, Any] = field(hash=False)
    segments: Mapping[str, Mapping[str, Any]] = field(hash=False)
    flow: Mapping[str, Any] = field(hash=False)
    policy: Mapping[str, Any] = field(hash=False)
    category: str
    priority: int
    opt_outs: pa.Table = field(hash=False)
    contacts: pa.Table = field(hash=False)
    only: Sequence[int] | None = None


@dataclass(frozen=True)
class Audience:
    """What came of it: `members` (`MEMBERS`), the balance of the groups (None without a control group), the fingerprint
    of the definition; `put_off`: how many the policy would not let be contacted at once, by reason."""

    snapshot: int
    as_of: dt.date
    fingerprint: str
    share_pct: float
    members: pa.Table = field(hash=False)
    balance: Mapping[str, Any] | None = field(default=None, hash=False)
    put_off: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Known:
    """What the marts know of a customer: addresses by channel, language, placeholders, region, whether he consents to
    marketing, and which segments that exclude he is in."""

    addresses: Mapping[str, str]
    language: str
    values: Mapping[str, object] = field(hash=False)
    region: str | None = None
    consents: bool = False
    segments: frozenset[str] = frozenset()


class People(Protocol):
    """The marts, asked about customers."""

    def known(self, customers: Sequence[int], excluding: Sequence[str]) -> Mapping[int, Known]:
        """What is known of these customers, and in which of the segments `excluding` they are."""
        ...


class MartsKeeper(Protocol):
    """Who has what the marts of campaigns hold."""

    def history(self, folder: "Any") -> Mapping[str, int]:
        """Write a Parquet file for each table into a folder; rows by table."""
        ...


@dataclass(frozen=True)
class Kept:
    """A freeze as it was written down. `is_new`: this call did it."""

    number: int
    counts: Mapping[str, int] = field(hash=False)
    digest: str = ""


class Keeper(Protocol):
    """Who keeps campaigns, as runs ask them. What it raises (`UserError`, `DefinitionError`) stops one campaign."""

    def begin(self, campaign: str, now: dt.datetime, data_problems: Sequence[Any], in_spite_of: str) -> None:
        """Check that the campaign may start, with what was found wrong with the data, and let it begin."""
        ...

    def wanted(self, campaign: str, now: dt.datetime, only: Sequence[int] | None = None) -> Wanted:
        """What its audience is, taken together with everything that is needed to take it."""
        ...

    def keep(self, campaign: str, kind: str, audience: Audience, now: dt.datetime, number: int | None = None) -> Kept:
        """Write an audience down, whole or not at all; a second time for the same `number` nothing happens."""
        ...

    def started(self, campaign: str, now: dt.datetime) -> None:
        """The first audience is written: the campaign runs."""
        ...

    def entering(self, snapshot: int) -> Sequence[str]:
        """Campaigns that take new members of their segments in, and have not looked at this snapshot yet."""
        ...

    def events(self) -> Mapping[str, Sequence[tuple[int, int]]]:
        """Events that wait, by campaign: (number of the event, customer)."""
        ...

    def taken(self, campaign: str, events: Sequence[tuple[int, int]], audience: Audience, now: dt.datetime) -> None:
        """The customers of these events were looked at."""
        ...

    def running(self) -> Sequence[tuple[str, str, Mapping[str, Any]]]:
        """What runs: (campaign, fingerprint of its content, flow)."""
        ...

    def segments(self) -> Mapping[str, Mapping[str, Any]]:
        """What every segment means now."""
        ...

    def walk(self, campaign: str, answers: Mapping[str, frozenset[int]], now: dt.datetime) -> Mapping[str, int]:
        """Walk whoever is due; counts of what was done."""
        ...
