"""Who is in which segment: computed on the snapshot, compared with before, kept, and published as a light version."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.members.keeping import Keeper, attribute, rules
from vitrina.members.refresh import member_store, refresh_build, refresh_published
from vitrina.members.store import SegmentsAreBusy
from vitrina.members.tables import TABLES
from vitrina.runlock import run_lock
from vitrina.settings import REPOSITORY, Settings
from vitrina.warehouse import light
from vitrina.warehouse.live import list_folder
from vitrina.warehouse.reader import SnapshotReader
from vitrina.warehouse.retention import Retention, sweep, verify
from vitrina.warehouse.store import Store

NOW = dt.datetime(2026, 11, 23, 6, 0, tzinfo=dt.UTC)
AS_OF = dt.date(2026, 11, 22)


def numbered(operator: str, *customers: int) -> dict[str, Any]:
    """A condition that holds for customers by their number: their charges of the last month grow with it."""
    charges = [45_000 + 1000 * customer for customer in customers]
    return attribute("charges_amount_last_month", operator, charges if len(charges) > 1 else charges[0])


ORGANISATIONS = rules(attribute("customer_type", "=", "organisation"))
FIRST_TEN = rules(numbered("<=", 10))


def later(minutes: int) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)


def rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with SnapshotReader.open(settings.published_dir) as reader, reader.cursor() as cursor:
        return cursor.rows(query)


def members(settings: Settings, key: str) -> list[int]:
    query = f"select customer_id from segment_memberships where segment_key = '{key}' order by 1"
    return [customer for (customer,) in rows(settings, query)]


def test_members_are_published_beside_everything_that_was_published_before(settings: Settings) -> None:
    before = Store(settings.published_dir).manifest(1)
    done = refresh_published(settings, Keeper(firms=ORGANISATIONS, first=FIRST_TEN), NOW)
    assert done is not None
    assert (done.version, done.refreshes, done.as_of) == (2, 1, AS_OF)
    assert members(settings, "first") == list(range(1, 11))
    assert members(settings, "firms") == [i for i in range(1, 61) if i % 4 == 0]
    assert rows(settings, "select distinct since_date from segment_memberships") == [(AS_OF,)]
    kept = {name: entry for name, entry in done.tables.items() if name not in TABLES}
    assert {name: entry.rows for name, entry in kept.items()} == {n: before.tables[n].rows for n in kept}
    assert before.tables.keys() == done.tables.keys()
    assert rows(settings, "select count(*) from fct_payments") == [(before.tables["fct_payments"].rows,)]
    assert verify(settings.published_dir, 2) == []
    old, new = (settings.published_dir / f"v00000{n}" / "dim_customers.parquet" for n in (1, 2))
    assert os.stat(old).st_ino == os.stat(new).st_ino


def test_a_next_run_tells_who_entered_and_who_left_and_keeps_since_when(settings: Settings) -> None:
    keeper = Keeper(some=FIRST_TEN)
    refresh_published(settings, keeper, NOW)
    keeper.documents["some"] = rules(numbered("between", 8, 12))
    refresh_published(settings, keeper, later(5))
    assert members(settings, "some") == [8, 9, 10, 11, 12]
    query = """select change, list(customer_id order by customer_id) from segment_changes
               where changed_at = (select max(changed_at) from segment_changes) group by 1 order by 1"""
    assert rows(settings, query) == [("entered", [11, 12]), ("left", [1, 2, 3, 4, 5, 6, 7])]
    sizes = "select members, entered_count, left_count, is_held from segment_sizes order by computed_at"
    assert rows(settings, sizes) == [(10, 10, 0, False), (5, 2, 7, False)]
    assert [(snapshot, each[0].members) for snapshot, each in keeper.told] == [(1, 10), (1, 5)]


def test_a_held_segment_keeps_its_members_and_says_what_it_would_have_had(settings: Settings) -> None:
    keeper = Keeper(some=FIRST_TEN, other=ORGANISATIONS)
    refresh_published(settings, keeper, NOW)
    keeper.documents["some"], keeper.disbelieved = rules(numbered("=", 1)), frozenset({"some"})
    refresh_published(settings, keeper, later(5))
    assert members(settings, "some") == list(range(1, 11))
    last = "select members, is_held from segment_sizes where segment_key = 'some' order by computed_at desc limit 1"
    assert rows(settings, last) == [(1, True)]
    assert rows(settings, "select count(*) from segment_changes where segment_key = 'some'") == [(10,)]


def test_a_definition_that_fails_costs_nobody_but_itself(settings: Settings) -> None:
    keeper = Keeper(
        broken=rules(attribute("no_such_attribute", "=", 1)),
        sql={"version": 1, "kind": "sql", "sql": "select customer_id from read_csv('/etc/passwd')"},
        runtime={"version": 1, "kind": "sql", "sql": "select cast(rfm_group as bigint) as customer_id from rfm_groups"},
        fine=FIRST_TEN,
    )
    refresh_published(settings, keeper, NOW)
    (_, outcomes) = keeper.told[0]
    assert {each.key: each.state for each in outcomes if each.state == "failed"} == dict.fromkeys(
        ("broken", "sql", "runtime"), "failed"
    )
    assert all(each.message for each in outcomes if each.state == "failed")
    assert members(settings, "fine") == list(range(1, 11))


def test_only_what_is_due_is_computed_and_what_goes_out_of_use_is_not_published(settings: Settings) -> None:
    keeper = Keeper(a=FIRST_TEN, b=ORGANISATIONS)
    refresh_published(settings, keeper, NOW)
    keeper.documents, keeper.due = {"a": rules(numbered("=", 2))}, ()
    refresh_published(settings, keeper, later(5))
    assert (members(settings, "a"), members(settings, "b")) == (list(range(1, 11)), [])
    assert refresh_published(settings, keeper, later(10)) is None


def test_a_condition_on_an_uploaded_list_is_computed_from_its_members(settings: Settings) -> None:
    import duckdb

    folder = list_folder(settings.home / "lists", "vip")
    folder.mkdir(parents=True)
    with duckdb.connect() as own:
        own.execute(f"copy (select 5::bigint as customer_id) to '{folder}/members.parquet' (format parquet)")
    refresh_published(settings, Keeper(listed=rules({"kind": "list", "list": "vip", "operator": "in"})), NOW)
    assert members(settings, "listed") == [5]


@pytest.mark.parametrize("step", ["_natives", "_kept", "_entry"])
def test_a_refresh_that_dies_leaves_the_snapshot_and_is_made_good(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    keeper = Keeper(some=FIRST_TEN)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(light._Refresh, step, killed)
        with pytest.raises(KeyboardInterrupt):
            refresh_published(settings, keeper, NOW)
    assert Store(settings.published_dir).pointer().version == 1
    assert keeper.told == []
    keeper.due = ()
    assert refresh_published(settings, keeper, later(5)) is None
    assert keeper.told[0][1][0].members == 10, "the keeper learns of the run that was kept"
    keeper.due = None
    done = refresh_published(settings, keeper, later(10))
    assert done is not None
    assert members(settings, "some") == list(range(1, 11))
    assert verify(settings.published_dir, done.version) == []
    assert not list(settings.published_dir.glob("*.tmp"))


def test_a_run_that_dies_before_it_is_recorded_never_was(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from vitrina.members import store as keeping

    refresh_published(settings, Keeper(some=FIRST_TEN), NOW)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(keeping, "append_line", killed)
        with pytest.raises(KeyboardInterrupt):
            refresh_published(settings, Keeper(some=ORGANISATIONS), later(5))
    store = member_store(settings)
    assert [run.run_id for run in store.runs()] == ["20261123T060000000000Z"]
    assert members(settings, "some") == list(range(1, 11))
    refresh_published(settings, Keeper(some=ORGANISATIONS), later(10))
    assert members(settings, "some") == [i for i in range(1, 61) if i % 4 == 0]
    assert len(list((store.root / "runs").iterdir())) == 2, "what was left behind is swept"


def test_refreshes_take_the_place_of_no_snapshot_that_retention_keeps(settings: Settings) -> None:
    for number in range(4):
        refresh_published(settings, Keeper(some=FIRST_TEN), later(number))
    kept = Store(settings.published_dir).published_versions()
    assert kept == [1, 4, 5], "refreshes that were followed are gone, but for the one that was read meanwhile"
    sweep(settings.published_dir, Retention(keep_versions=1, keep_days=0), later(10))
    assert Store(settings.published_dir).published_versions() == [5]
    assert verify(settings.published_dir, 5) == []
    assert members(settings, "some") == list(range(1, 11))


def test_members_are_computed_on_a_build_before_it_is_published(settings: Settings) -> None:
    import duckdb

    settings.build_path.parent.mkdir(parents=True)
    with SnapshotReader.open(settings.published_dir) as reader, duckdb.connect(str(settings.build_path)) as build:
        build.execute("create schema marts")
        for name in reader.manifest.tables:
            if name != "list_members":
                build.register("taken", reader.query(f"select * from {name}"))
                build.execute(f"create table marts.{name} as select * from taken")
    keeper = Keeper(some=FIRST_TEN)
    with run_lock(settings.state_dir / "run.lock"):
        run = refresh_build(settings, AS_OF, keeper, NOW)
        with pytest.raises(SegmentsAreBusy, match="about to publish"):
            refresh_published(settings, keeper, later(5))
    assert run is not None
    assert run.snapshot is None
    with duckdb.connect(str(settings.build_path)) as build:
        assert build.execute("select count(*) from marts.segment_memberships").fetchall() == [(10,)]
        assert build.execute("select count(*) from marts.segment_sizes").fetchall() == [(1,)]
    assert keeper.told == [], "it is told when it is published"


def test_the_tables_are_those_of_the_dictionary() -> None:
    page = REPOSITORY / "dbt_project" / "outside" / "segment_tables.yml"
    models = {model["name"]: model for model in yaml.safe_load(page.read_text(encoding="utf-8"))["models"]}
    for name, columns in TABLES.items():
        told = [f"{column['name']} {column['data_type'].upper()}" for column in models[name]["columns"]]
        assert columns.split(", ") == told


def test_a_process_that_is_killed_while_it_publishes_leaves_a_whole_snapshot(settings: Settings) -> None:
    """A real kill: the child dies by signal in mid-refresh, before the pointer moves."""
    child = os.fork()
    if child == 0:
        original = light._Refresh._natives

        def natives(self: Any, *given: Any) -> Any:
            original(self, *given)
            os.kill(os.getpid(), 9)

        light._Refresh._natives = natives  # type: ignore[method-assign]
        refresh_published(settings, Keeper(some=FIRST_TEN), NOW)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert verify(settings.published_dir, 1) == []
    assert [path.name for path in Path(settings.published_dir).glob("*.tmp")] == ["v000002.tmp"]
    done = refresh_published(settings, Keeper(some=FIRST_TEN), later(5))
    assert done is not None
    assert verify(settings.published_dir, done.version) == []
    assert members(settings, "some") == list(range(1, 11))
