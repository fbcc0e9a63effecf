"""kill -9 of processes that write the operational database: what was committed stays, and nothing is half there."""

import datetime as dt
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from crm.models import AuditRow, UserSession
from crm.services import accounts
from crm.services.accounts import NewUser
from crm.services.actor import system
from crm.services.audit_log import verify
from crm.start import prepare
from tests.integration.postgres_server import running_postgres
from vitrina.account_options import AccountOptions
from vitrina.settings import REPOSITORY

NOW = dt.datetime.now(dt.UTC)
PASSWORD = "Lake-Of-9-Swans"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'crm.sqlite'}"
        return
    with running_postgres() as address:
        yield address


def killed_after(seconds: float, url: str, user_id: int, run: str) -> list[str]:
    """What a writer said it had committed before it was killed."""
    command = [sys.executable, "-m", "tests.integration.crm_victim", url, str(user_id), run]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        writer.kill()
        # A line that the kill cut in two is no word of ours.
        return [line.strip() for line in [first, *writer.stdout] if line.endswith("\n")]


def test_what_was_committed_survives_and_the_chain_is_whole(url: str) -> None:
    database = prepare(url, NOW)
    with database.begin() as session:
        new = NewUser("victim", "Victim of kills")
        user = accounts.create_user(session, new, PASSWORD, system("test"), NOW, AccountOptions())
    said = [killed_after(0.05 + 0.1 * run, url, user.user_id, f"run{run}") for run in range(4)]
    database.upgrade()
    with database.read() as session:
        assert verify(session) is None
        logged = set(session.scalars(select(AuditRow.subject).where(AuditRow.kind == "sign_in")))
        opened = set(session.scalars(select(UserSession.agent)))
    database.close()
    committed = {each for run in said for each in run}
    assert len(committed) > 20
    assert committed <= logged
    # A session without its entry, or an entry without its session, would be half a transaction.
    assert logged == opened
    assert len(logged - committed) <= len(said)
