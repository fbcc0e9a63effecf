"""kill -9 of real senders at random moments, with real SMPP and SMTP peers that count what came (`make
courier-crash-test` does it at length)."""

from pathlib import Path

import pytest

from benchmarks.courier_crash import crash


@pytest.mark.parametrize(("name", "messages", "kills"), [("sms", 250, 8), ("email", 120, 5)])
def test_nothing_comes_twice_and_nothing_is_lost(name: str, messages: int, kills: int, tmp_path: Path) -> None:
    found = crash(tmp_path, name, messages, kills, seed=11)
    assert found.wrong == []
    assert found.kills >= 3
    assert found.taken + found.lost_touch == messages
    assert set(found.states) <= {"delivered", "failed", "uncertain"}
