"""A person has a segment computed, and is told when that cannot be."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from crm.services import accounts
from crm.services import segments as kept
from crm.services.actor import Actor
from segments.catalogue import Catalogue, Field
from segments.definition import fingerprint, parse
from segments.engine import At
from tests.apps.people import EVERYTHING, copy_accounts, database, now
from tests.apps.small_operator import AS_OF
from tests.apps.test_pages import assert_healthy, opened
from tests.unit.members.keeping import attribute, rules
from vitrina.segment_options import SegmentOptions
from vitrina.settings import get_settings
from vitrina.warehouse.reader import SnapshotReader

DEBTORS = rules(attribute("debt_amount", ">", 0))
AUTHOR = kept.Author(Catalogue({"debt_amount": Field("debt_amount", "number", "decimal(18,2)")}, {}, {}), At(AS_OF))


@pytest.fixture
def home(small_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The small operator with one published segment, in a home of its own, since snapshots are published in it."""
    shutil.copytree(small_home / "published", tmp_path / "published", copy_function=shutil.copy2)
    copy_accounts(small_home, tmp_path)
    base = database(tmp_path)
    with base.begin() as session:
        owner = Actor(accounts.user_by_login(session, EVERYTHING).user_id, EVERYTHING, "")
        kept.create_draft(session, "debtors", DEBTORS, owner, now(), author=AUTHOR)
        verdict = kept.Verdict(fingerprint(parse(DEBTORS)))
        kept.publish_version(
            session, "debtors", owner, now(), "test", author=AUTHOR, verdict=verdict, options=SegmentOptions()
        )
    base.close()
    monkeypatch.setenv("VITRINA_HOME", str(tmp_path))
    get_settings.cache_clear()
    yield tmp_path
    get_settings.cache_clear()


def computed(at: AppTest) -> AppTest:
    """The page when what was begun is over."""
    at.button(key="run_now").click().run()
    for _ in range(100):
        running = at.session_state["_segments_under_way"]
        if not running or all(each.done() for each in running.values()):
            break
        time.sleep(0.1)
    for _ in range(3):  # the fragment's look, and the page's after it
        at.run()
    assert_healthy(at)
    return at


def test_a_segment_is_computed_when_somebody_asks_and_a_failure_is_told(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = opened("segment", key="debtors")
    at.session_state["segment_tab"] = "Расписание"
    at = computed(at.run())
    assert not at.error
    with SnapshotReader.open(home / "published") as reader:
        assert reader.query("select count(*) as n from segment_memberships").to_pylist() == [{"n": 15}]
    monkeypatch.setattr("apps.data.segment_runs.refresh_published", lambda *_: 1 / 0)
    at.button(key="run_now").click().run()
    for _ in range(50):
        if at.error:
            break
        time.sleep(0.05)
        at.run()
    assert "Попробуйте через несколько минут" in at.error[0].value
