"""kill -9 of real senders at random moments, with real SMPP and SMTP peers that count what came (`make
courier-crash-test` does it at length)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.courier_crash import Senders, crash


@pytest.fixture(scope="module")
def senders() -> Iterator[Senders]:
    """Processes to kill."""
    started = Senders()
    yield started
    started.stop()


@pytest.mark.parametrize(("name", "messages", "kills"), [("sms", 200, 6), ("email", 80, 4)])
def test_nothing_comes_twice_and_nothing_is_lost(
    senders: Senders, name: str, messages: int, kills: int, tmp_path: Path
) -> None:
    found = crash(senders, tmp_path, name, messages, kills, seed=11)
    assert found.wrong == []
    assert found.kills >= 2
    assert found.taken + found.lost_touch == messages
    assert set(found.states) <= {"delivered", "failed", "uncertain"}
