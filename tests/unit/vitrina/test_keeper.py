"""The operational database asked by the command line: what it answers, and what is said when it does not."""

from pathlib import Path

import pytest

from vitrina.keeper import CommandLine, KeeperFailed
from vitrina.settings import Settings


def test_a_database_that_nobody_opened_need_not_be_asked(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert not CommandLine(settings, "members", 60).is_there()
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "crm.sqlite").touch()
    assert CommandLine(settings, "members", 60).is_there()


def test_what_the_command_says_of_its_failure_is_told_on(tmp_path: Path) -> None:
    with pytest.raises(KeeperFailed, match=r"(?s)members: .*nonsense"):
        CommandLine(Settings(home=tmp_path), "members", 60).ask("nonsense")


def test_one_that_does_not_answer_in_time_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(KeeperFailed, match="the operational database was not reached"):
        CommandLine(Settings(home=tmp_path), "members", 0.01).ask("plan", "--snapshot", "1")
