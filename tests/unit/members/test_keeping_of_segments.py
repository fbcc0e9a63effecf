"""The operational database as the keeper of segments: what is due, what is not believed, and what is written down."""

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from crm.database import Database
from crm.services import segments as kept
from crm.services.actor import system
from crm.services.segments.keeper import Keeper
from segments.catalogue import Catalogue, Field
from segments.definition import fingerprint, parse
from segments.engine import At
from tests.unit.members.keeping import attribute, rules
from vitrina.cli.main import app
from vitrina.cli.operational import opened
from vitrina.members.plan import Outcome
from vitrina.settings import Settings

NOW = dt.datetime.now(dt.UTC)
AUTHOR = kept.Author(
    Catalogue({"debt_amount": Field("debt_amount", "number", "decimal(18,2)")}, {}, {}), At(NOW.date())
)
DOCUMENT = rules(attribute("debt_amount", ">", 100))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home of its own."""
    return Settings(home=tmp_path_factory.mktemp("keeper"), crm_url="")


@pytest.fixture(scope="module")
def database(settings: Settings) -> Iterator[Database]:
    """With one published segment and one draft."""
    with opened(settings) as made:
        with made.begin() as session:
            for name in ("debtors", "thought"):
                kept.create_draft(session, name, DOCUMENT, system("test"), NOW, author=AUTHOR)
            kept.publish_version(
                session, "debtors", system("test"), NOW, "test", author=AUTHOR,
                verdict=kept.Verdict(fingerprint(parse(DOCUMENT))), options=settings.segments,
            )  # fmt: skip
        yield made


def outcome(members: int, minutes: int) -> Outcome:
    at = (NOW + dt.timedelta(minutes=minutes)).isoformat()
    return Outcome("debtors", 1, at, NOW.date().isoformat(), "done", members, members, 0, 1000)


def test_a_size_that_is_not_believed_is_found_without_a_trace_and_used_when_it_is_released(
    settings: Settings, database: Database
) -> None:
    register = Keeper(database, settings.segments, lambda: NOW + dt.timedelta(minutes=5))
    plan = register.plan(1)
    assert (plan.due, plan.active["debtors"].document, list(plan.drafts)) == (("debtors",), DOCUMENT, ["thought"])
    register.record([outcome(100, 0)], 1)
    assert register.plan(1).due == ()
    assert register.plan(2).due == ("debtors",)
    assert register.held([outcome(900, 1)], 2) == {"debtors"}
    with database.read() as session:
        assert len(kept.runs(session, "debtors")) == 1, "asking leaves no trace"
    register.record([outcome(900, 1)], 2)
    assert register.plan(2).due == ()
    with database.begin() as session:
        kept.release(session, "debtors", system("test"), NOW, "meant so")
    assert register.plan(2).due == ("debtors",), "the size that was released comes into use at once"
    register.record([outcome(900, 2)], 2)
    assert register.plan(2).due == ()


def test_a_receipt_is_held_against_the_file(settings: Settings, database: Database, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_bytes(b"customer_id\n1\n")
    taken = kept.Taken(
        "debtors", 1, DOCUMENT, 1, NOW.date(), 1, ("customer_id", "email:partial"), "csv", file.name,
        hashlib.sha256(file.read_bytes()).hexdigest(),
    )  # fmt: skip
    with database.begin() as session:
        receipt = kept.record_export(session, taken, system("test"), NOW).receipt_id
    command = ["members", "verify-receipt", receipt, str(file), "--home", str(settings.home)]
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 0, told.output
    assert "email:partial" in told.output
    file.write_bytes(b"customer_id\n2\n")
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 1
    assert "NO The file is the one that was taken out" in told.output
