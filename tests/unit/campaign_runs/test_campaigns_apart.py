"""A campaign that fails costs no other campaign anything, and is not tried at every tick."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from vitrina.campaign_runs import run
from vitrina.campaign_runs.plan import Kept
from vitrina.errors import UserError
from vitrina.runlock import run_lock
from vitrina.settings import Settings

NOW = dt.datetime(2026, 12, 5, 9, 0, tzinfo=dt.UTC)
FLOW = {
    "version": 1,
    "nodes": [{"id": "a", "kind": "audience", "data": {}}, {"id": "e", "kind": "end", "data": {"reason": "done"}}],
    "edges": [{"source": "a", "port": "next", "target": "e"}],
}


class Campaigns:
    """A keeper of three campaigns that are entered all the time; of `bad` nothing works."""

    def __init__(self) -> None:
        self.walked: list[str] = []
        self.universals: list[object] = []

    def entering(self, snapshot: int) -> Sequence[str]:
        return ["bad", "good", "taken"]

    def events(self) -> Mapping[str, Sequence[tuple[int, int]]]:
        return {}

    def keep(self, campaign: str, kind: str, audience: Any, now: dt.datetime) -> Kept:
        return Kept(2, {})

    def running(self) -> Sequence[tuple[str, str, Mapping[str, Any]]]:
        return [(each, "mark", FLOW) for each in ("bad", "good", "taken")]

    def segments(self) -> Mapping[str, Mapping[str, Any]]:
        return {}

    def walk(self, campaign: str, answers: Any, now: dt.datetime) -> Mapping[str, int]:
        if campaign == "bad":
            raise UserError("what would run is not what was approved")
        self.walked.append(campaign)
        return {}


@pytest.fixture
def tries(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """Whose audience was taken, with which universal group."""
    found: list[tuple[str, object]] = []

    @contextmanager
    def reader(_: Settings) -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(version=7)

    def take(_settings: Settings, _keeper: object, campaign: str, *rest: object) -> object:
        found.append((campaign, rest[2]))
        if campaign == "bad":
            raise UserError("the segment was changed")
        return object()

    monkeypatch.setattr(run, "_reader", reader)
    monkeypatch.setattr(run, "_take", take)
    monkeypatch.setattr(run, "renew_universal", lambda *_: "of this snapshot")
    return found


def test_a_campaign_that_fails_costs_no_other_and_waits(tries: list[tuple[str, object]], tmp_path: Path) -> None:
    settings, keeper = Settings(home=tmp_path), Campaigns()
    ticker = run.Ticker(settings, keeper)  # type: ignore[arg-type]
    with run_lock(settings.state_dir / "campaign-taken.lock"):
        for seconds in (0, 1):
            ticker.tick(lambda after=seconds: NOW + dt.timedelta(seconds=after))  # type: ignore[misc]

    assert keeper.walked == ["good", "taken"] * 2
    assert [campaign for campaign, _ in tries] == ["bad", "good", "good"]


def test_who_enters_later_is_drawn_for_the_group_that_nobody_contacts(
    tries: list[tuple[str, object]], tmp_path: Path
) -> None:
    run.intake(Settings(home=tmp_path), Campaigns(), NOW)  # type: ignore[arg-type]

    assert {universal for _, universal in tries} == {"of this snapshot"}


def test_two_who_renew_the_group_at_once_write_files_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []
    real = run.parquet.write_table

    def write(table: object, path: Path) -> None:
        written.append(path)
        real(table, path)

    monkeypatch.setattr(run.parquet, "write_table", write)
    for _ in range(2):
        run._replace(tmp_path / "group.parquet", run.pa.table({"customer_id": [1]}))

    assert len(set(written)) == 2
    assert [each.name for each in tmp_path.iterdir()] == ["group.parquet"]
