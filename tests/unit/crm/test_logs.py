"""Logs: whole JSON lines, closed by size and day, and nothing in them that belongs to a person or opens a door."""

import datetime as dt
import gzip
import json
import logging
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from crm_people import NOW, SYSTEM
from hypothesis import given
from hypothesis import strategies as st

from crm.database import Database
from crm.logs import configure
from crm.logs.files import JsonLinesFile, compress_archive
from crm.logs.redaction import clean_text, redact
from crm.services.audit import AuditKind, Entry, record
from crm.services.audit_log import head

Configure = Callable[..., Path]


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[Configure]:
    """Sends logs to a folder for the length of a test."""
    loggers = [logging.getLogger(name) for name in (None, "vitrina.security", "vitrina.changes")]
    levels = [logger.level for logger in loggers]

    def start(level: str = "INFO") -> Path:
        configure(tmp_path / "logs", level)
        return tmp_path / "logs"

    yield start
    for logger, before in zip(loggers, levels, strict=True):
        for handler in [each for each in logger.handlers if getattr(each, "_vitrina", False)]:
            logger.removeHandler(handler)
            handler.close()
        logger.setLevel(before)
    structlog.reset_defaults()


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_record_is_one_json_line_with_time_level_and_origin(logs: Configure) -> None:
    folder = logs()
    logging.getLogger("vitrina.apps").info("page opened", extra={"page": "home"})
    structlog.get_logger("vitrina.segments").info("counted", rows=12)
    [first, second] = lines(folder / "application.jsonl")
    assert (first["event"], first["level"], first["logger"], first["page"]) == (
        "page opened", "info", "vitrina.apps", "home"
    )  # fmt: skip
    assert (second["event"], second["rows"]) == ("counted", 12)
    assert dt.datetime.fromisoformat(first["timestamp"]).tzinfo is not None


def test_the_level_decides_what_is_kept_and_errors_have_a_file_of_their_own(logs: Configure) -> None:
    folder = logs("WARNING")
    log = logging.getLogger("vitrina.apps")
    log.info("quiet")
    log.warning("careful")
    try:
        raise ValueError("cannot call +998 90 123-45-67")
    except ValueError:
        log.exception("failed")
    assert [line["event"] for line in lines(folder / "application.jsonl")] == ["careful", "failed"]
    [failed] = lines(folder / "error.jsonl")
    assert "ValueError: cannot call [phone]" in failed["exception"]
    with pytest.raises(ValueError, match="log level"):
        logs("LOUD")


def test_the_audit_chain_is_copied_to_the_security_log_and_changes_to_theirs(
    logs: Configure, database: Database
) -> None:
    folder = logs("ERROR")
    with database.begin() as session:
        record(session, SYSTEM, Entry(AuditKind.RIGHTS_CHANGED, "roles", "2", reason="why"), NOW)
        record(session, SYSTEM, Entry(AuditKind.SIGN_IN, "sessions"), NOW)
    with database.read() as session:
        last = head(session)
    security = lines(folder / "security.jsonl")
    assert [line["kind"] for line in security] == ["rights_changed", "sign_in"]
    assert (security[-1]["seq"], security[-1]["hash"]) == (last.seq, last.hash)
    assert [line["reason"] for line in lines(folder / "changes.jsonl")] == ["why"]


def test_what_was_rolled_back_is_not_told(logs: Configure, database: Database) -> None:
    folder = logs()

    def fail() -> None:
        with database.begin() as session:
            record(session, SYSTEM, Entry(AuditKind.SIGN_IN, "sessions"), NOW)
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert not (folder / "security.jsonl").exists()


@pytest.mark.parametrize(
    "text",
    [
        "+998901234567", "998901234567", "+998 90 123-45-67", "(90) 123 45 67", "8901234567", "901234567",
        "aziza.t@mail.uz", "A.B+tag@sub.operator.co.uz", "31201900000005", "AB1234567", "AB 1234567",
        "352099001761481", "8600123412341234", "20208000900123456789",
        "vitrina_abcDEF-123_456ghi", "eyJhbGciOi.eyJzdWIiOiIx.abc-def", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA",
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", ["{}", "customer {} called", "x={};", '"{}"', "({})", "тел.{},"])
def test_personal_numbers_and_tokens_do_not_stand_in_a_text(text: str, around: str) -> None:
    assert text not in clean_text(around.format(text))
    digits = "".join(sign for sign in text if sign.isdigit())
    assert not digits or digits not in "".join(s for s in clean_text(around.format(text)) if s.isdigit())


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("postgresql+psycopg://crm:s3cret@host/base", "s3cret"),
        ("Authorization: Bearer abcdefghijkl", "abcdefghijkl"),
        ("password=hunter2&next=/", "hunter2"),
        ("{'password': 'hunter2'}", "hunter2"),
    ],
)
def test_secrets_do_not_stand_in_a_text(text: str, secret: str) -> None:
    assert secret not in clean_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "Published version 12 as of 2026-11-23", "rows 3000000 in 00:01:25.123", "127.0.0.1:8501", "snapshot v000012",
        "d72b04d40694897ccad79a9f4d0fba2d9aeb6719e60e465743114aa5837e0a24", "0.1234567890123", "R1726/U1726-sales",
        "550e8400-e29b-41d4-a716-44665544abcd", "2026-11-23T17:31:25.123456+00:00", "customer 1234567",
    ],
)  # fmt: skip
def test_ordinary_texts_stay_as_they_are(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "api_token", "Cookie", "authorization", "pinfl", "passport", "contact_phone", "email",
     "full_name", "display_name", "birth_date", "imei", "client_secret"],
)  # fmt: skip
def test_fields_that_hold_such_values_are_covered_at_any_depth(name: str) -> None:
    cleaned = redact(None, "info", {"event": "x", name: "Azizova", "deep": {"list": [{name: "Azizova"}]}})
    assert "Azizova" not in json.dumps(cleaned, ensure_ascii=False)


def test_the_address_of_a_machine_stays_and_of_a_home_does_not() -> None:
    kept = redact(None, "info", {"event": "x", "address": "10.0.0.5"})
    gone = redact(None, "info", {"event": "x", "address": "Amir Temur 5"})
    assert (kept["address"], gone["address"]) == ("10.0.0.5", "[removed]")


@given(
    st.from_regex(r"\+?998\d{9}", fullmatch=True) | st.from_regex(r"[3-6]\d{13}", fullmatch=True),
    st.text(" ,;:/\"'()=", max_size=3),
)
def test_no_number_gets_through_in_any_setting(number: str, edge: str) -> None:
    assert number not in json.dumps(redact(None, "info", {"event": f"a {edge}{number}{edge} b", "n": int(number)}))


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = dt.datetime.now(dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now


def handler(folder: Path, clock: Clock, max_bytes: int = 1_000, keep_days: int = 30) -> JsonLinesFile:
    made = JsonLinesFile(folder, "application", max_bytes, keep_days, clock)
    made.setFormatter(logging.Formatter("%(message)s"))
    return made


def write(target: JsonLinesFile, text: str) -> None:
    target.emit(logging.LogRecord("t", logging.INFO, "", 0, text, (), None))


def archived(folder: Path) -> list[str]:
    give_up = time.monotonic() + 30
    # Compressing gives way to who is at it already: a thread that the last full file started.
    while list((folder / "archive").glob("*.jsonl")) and time.monotonic() < give_up:
        compress_archive(folder / "archive", 30, dt.datetime.now(dt.UTC))
    texts = [gzip.decompress(path.read_bytes()).decode() for path in sorted((folder / "archive").glob("*.jsonl.gz"))]
    return [line for text in texts for line in text.splitlines()]


def test_a_full_file_is_archived_and_no_line_is_lost(tmp_path: Path) -> None:
    target = handler(tmp_path, Clock())
    written = [f"{number:04d} " + "x" * 95 for number in range(60)]
    for text in written:
        write(target, text)
    present = (tmp_path / "application.jsonl").read_text().splitlines()
    assert sorted(archived(tmp_path) + present) == written
    assert len(present) < 10
    assert not list((tmp_path / "archive").glob("*.jsonl"))


def test_a_new_day_begins_a_new_file(tmp_path: Path) -> None:
    clock = Clock()
    target = handler(tmp_path, clock, max_bytes=10**9)
    write(target, "yesterday")
    clock.now += dt.timedelta(days=1)
    write(target, "today")
    assert (tmp_path / "application.jsonl").read_text() == "today\n"
    assert archived(tmp_path) == ["yesterday"]


def test_old_archives_are_removed(tmp_path: Path) -> None:
    clock = Clock()
    handler(tmp_path, clock)
    old, young = (tmp_path / "archive" / f"application-{name}.jsonl.gz" for name in ("old", "young"))
    for path, days in ((old, 40), (young, 20)):
        path.write_bytes(b"")
        moment = (clock.now - dt.timedelta(days=days)).timestamp()
        os.utime(path, (moment, moment))
    handler(tmp_path, clock)
    assert (old.exists(), young.exists()) == (False, True)


def test_what_a_killed_process_left_half_archived_is_archived_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive" / "application-2026-11-01-001.jsonl").write_text("left\n")
    (tmp_path / "archive" / "application-2026-11-01-001.tmp").write_bytes(b"half")
    handler(tmp_path, Clock())
    assert archived(tmp_path) == ["left"]
    assert not list((tmp_path / "archive").glob("*.tmp"))


def _many(folder: Path, name: int) -> None:
    target = handler(folder, Clock(), max_bytes=4_000)
    for number in range(200):
        write(target, f"{name}-{number:03d} " + "y" * 60)


def test_several_processes_write_and_rotate_one_log_without_losing_a_line(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_many, args=(tmp_path, name)) for name in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    present = (tmp_path / "application.jsonl").read_text().splitlines()
    every = [line.split()[0] for line in archived(tmp_path) + present]
    assert len(every) == 800
    assert len(set(every)) == 800


def test_a_record_that_cannot_be_written_does_not_hurt_who_logs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging, "raiseExceptions", False)
    target = handler(tmp_path, Clock())
    monkeypatch.setattr(os, "write", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    write(target, "lost")
