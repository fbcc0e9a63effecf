"""Runs of campaigns: the start, new members on a new snapshot, events, and the tick that brings everybody on.

A start and an intake hold a lock of their campaign; ticks need none, since they share the work by locking rows.
"""

import datetime as dt
import json
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa
import pyarrow.parquet as parquet

from campaigns.control import UNIVERSAL, clusters, renew
from campaigns.flow import parse
from segments.errors import Problem
from vitrina.campaign_runs.audience import take
from vitrina.campaign_runs.conditions import Conditions
from vitrina.campaign_runs.plan import Audience, Keeper, Kept
from vitrina.durable import write_json
from vitrina.errors import UserError
from vitrina.members.sources import SnapshotRows
from vitrina.runlock import AnotherRunIsAtWork, run_lock
from vitrina.settings import Settings
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.reader import SnapshotReader

log = logging.getLogger("vitrina.campaigns")
UNIVERSAL_FILE: Final = "universal_control.parquet"
UNIVERSAL_OPTIONS: Final = "universal_control.json"
USUAL_SHARE: Final = 2.0
USUAL_AGE: Final = 3
TRY_AGAIN: Final = dt.timedelta(minutes=5)
PROBLEMS: Final = {
    "old": "The data ends on {day}: {days} days ago. An audience is not older than {limit}.",
    "source": "The data behind the audience is not in order: {source}, {entity}: {status}.",
}


def start(
    settings: Settings, keeper: Keeper, campaign: str, now: dt.datetime, sources: Sequence[Mapping[str, Any]] = (),
    in_spite_of: str = "",
) -> Kept:  # fmt: skip
    """Start an approved campaign: readiness, the audience frozen with its groups, then it runs. `sources` are rows of
    `ingest.health.sources`; `in_spite_of`: why it starts although the data is not in order. Started twice, or again
    after it was killed, it comes to the same. Raises `DefinitionError` with all that is not ready, and what the keeper
    raises."""
    with _locked(settings, campaign), _reader(settings) as reader:
        found = data_problems(reader.manifest.as_of, now.date(), sources)
        keeper.begin(campaign, now, found, in_spite_of)
        universal = renew_universal(settings, reader, now)
        audience = _take(settings, keeper, campaign, now, reader, universal)
        kept = keeper.keep(campaign, "start", audience, now, 1)
        keeper.started(campaign, now)
        return kept


def intake(
    settings: Settings, keeper: Keeper, now: dt.datetime, failed: dict[str, dt.datetime] | None = None
) -> dict[str, Kept]:  # fmt: skip
    """Let who entered the segments of campaigns since, and whom events name, enter them; what came of it. A campaign
    that fails is noted in `failed` and passed over for a while."""
    done: dict[str, Kept] = {}
    failed = failed if failed is not None else {}
    with _reader(settings) as reader:
        entering = [each for each in keeper.entering(reader.version) if _is_due(failed, each, now)]
        # Who is new on this snapshot may belong to a household that is left alone.
        universal = renew_universal(settings, reader, now) if entering else _history(settings)
        for campaign in entering:
            with _apart(campaign, failed, now), _locked(settings, campaign):
                audience = _take(settings, keeper, campaign, now, reader, universal)
                done[campaign] = keeper.keep(campaign, "snapshot", audience, now)
        for campaign, waiting in keeper.events().items():
            if _is_due(failed, campaign, now):
                with _apart(campaign, failed, now), _locked(settings, campaign):
                    only = sorted({customer for _, customer in waiting})
                    audience = _take(settings, keeper, campaign, now, reader, universal, only)
                    done[campaign] = keeper.keep(campaign, "event", audience, now)
                    keeper.taken(campaign, waiting, audience, now)
    return done


@contextmanager
def _apart(campaign: str, failed: dict[str, dt.datetime], now: dt.datetime) -> Iterator[None]:
    """What goes wrong with one campaign is told, and costs no other."""
    try:
        yield
    except AnotherRunIsAtWork:
        log.debug("another process takes the audience", extra={"campaign": campaign})
    except Exception:
        log.exception("a campaign was passed over", extra={"campaign": campaign})
        failed[campaign] = now


def _is_due(failed: Mapping[str, dt.datetime], campaign: str, now: dt.datetime) -> bool:
    return campaign not in failed or now - failed[campaign] >= TRY_AGAIN


@dataclass
class Ticker:
    """Ticks of a home; keeps answers to conditions between them."""

    settings: Settings
    keeper: Keeper
    conditions: Conditions = field(init=False)
    _failed: dict[str, dt.datetime] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.conditions = Conditions(self.settings)

    def tick(self, clock: Callable[[], dt.datetime]) -> dict[str, Mapping[str, int]]:
        """Take in who enters, then bring everybody on; what was done by campaign. One that fails costs nobody else."""
        intake(self.settings, self.keeper, clock(), self._failed)
        done: dict[str, Mapping[str, int]] = {}
        for campaign, fingerprint, flow in self.keeper.running():
            with _apart(campaign, {}, clock()):
                answers = self.conditions.prepare(campaign, fingerprint, parse(flow), self.keeper.segments())
                done[campaign] = self.keeper.walk(campaign, answers, clock())
        return done


def data_problems(as_of: dt.date, today: dt.date, sources: Sequence[Mapping[str, Any]]) -> list[Problem]:
    """What is wrong with the data that an audience would be taken from: too old, or a source late or broken."""
    found = []
    age = (today - as_of).days
    if age > USUAL_AGE:
        found.append(Problem(("data", "as_of"), PROBLEMS["old"], {"day": as_of, "days": age, "limit": USUAL_AGE}))
    for each in sources:
        if each["status"] in ("failed", "late"):
            values = {name: each[name] for name in ("source", "entity", "status")}
            found.append(Problem(("data", str(each["source"]), str(each["entity"])), PROBLEMS["source"], values))
    return found


def renew_universal(settings: Settings, reader: SnapshotReader, now: dt.datetime, rotate: bool = False) -> pa.Table:
    """The history of the group that no campaign contacts, brought to the snapshot in use: new customers are drawn, who
    is in it stays. It is replaced whole."""
    path = settings.state_dir / UNIVERSAL_FILE
    with reader.cursor() as cursor:
        rows = SnapshotRows(cursor)
        people = rows.query("SELECT customer_id, region_code AS region, customer_type FROM customer_profiles")
        tied, day = clusters(rows), cursor.manifest.as_of
    history = _history(settings)
    renewed = renew(
        history, people, tied, universal_share(settings), day, seed=UNIVERSAL, strata=("region", "customer_type"),
        rotate=rotate,
    )  # fmt: skip
    if history is None or not renewed.history.equals(history):
        _replace(path, renewed.history)
    return renewed.history


def universal_share(settings: Settings) -> float:
    """Percent of customers that no campaign contacts."""
    path = settings.state_dir / UNIVERSAL_OPTIONS
    return float(json.loads(path.read_text(encoding="utf-8"))["share_pct"]) if path.exists() else USUAL_SHARE


def set_universal_share(settings: Settings, share_pct: float) -> None:
    """Another share; who is in the group or not stays so until it is drawn anew. Raises `UserError`."""
    if not 0 <= share_pct <= 50:
        raise UserError("the share of the universal control group is a percentage from 0 to 50")
    settings.state_dir.mkdir(parents=True, exist_ok=True)
    write_json(settings.state_dir / UNIVERSAL_OPTIONS, {"share_pct": share_pct})


def _take(
    settings: Settings, keeper: Keeper, campaign: str, now: dt.datetime, reader: SnapshotReader,
    universal: pa.Table | None, only: Sequence[int] | None = None,
) -> Audience:  # fmt: skip
    wanted = keeper.wanted(campaign, now, only)
    with reader.cursor() as cursor, duckdb.connect(":memory:") as work:
        _resources(settings).apply(work)
        return take(
            wanted, SnapshotRows(cursor), cursor.version, cursor.manifest.as_of, now, work, universal
        )  # fmt: skip


def _history(settings: Settings) -> pa.Table | None:
    path = settings.state_dir / UNIVERSAL_FILE
    return parquet.read_table(path) if path.exists() else None


def _replace(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Of two campaigns that start at once each writes a file of its own; both drew the same.
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    parquet.write_table(table, fresh)
    fresh.replace(path)


def _locked(settings: Settings, campaign: str) -> Any:
    return run_lock(settings.state_dir / f"campaign-{campaign}.lock")


def _reader(settings: Settings) -> Any:
    return SnapshotReader.open(settings.published_dir, resources=_resources(settings))


def _resources(settings: Settings) -> Resources:
    return Resources(memory_limit=settings.memory_limit, threads=settings.threads)
