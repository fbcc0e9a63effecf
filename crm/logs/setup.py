"""Which record goes to which file. Code logs through `logging` (or structlog) and knows nothing of files."""

import datetime as dt
import logging
import sys
from pathlib import Path
from typing import Any

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter

from crm.logs.files import Clock, JsonLinesFile
from crm.logs.redaction import redact
from vitrina.account_options import LogOptions

SECURITY, CHANGES = "vitrina.security", "vitrina.changes"
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


def utc_now() -> dt.datetime:
    """The clock of the log files, unless a test brings its own."""
    return dt.datetime.now(dt.UTC)


def configure(
    folder: Path, level: str = "INFO", options: LogOptions | None = None, clock: Clock = utc_now
) -> list[logging.Handler]:
    """Send this process's logs to `folder`: `application` from `level` up, `error` from ERROR up, `security` and
    `changes` always. Calling it again replaces the handlers of before; returns those that are in use."""
    options = options or LogOptions()
    if level.upper() not in LEVELS:
        raise ValueError(f"the log level is one of {', '.join(LEVELS)}, not {level}")
    files = {name: _file(folder, name, options, clock) for name in ("application", "error", "security", "changes")}
    files["error"].setLevel(logging.ERROR)
    _attach(logging.getLogger(), level.upper(), files["application"], files["error"], _console())
    _attach(logging.getLogger(SECURITY), "INFO", files["security"])
    _attach(logging.getLogger(CHANGES), "INFO", files["changes"])
    _configure_structlog()
    return list(files.values())


def _file(folder: Path, name: str, options: LogOptions, clock: Clock) -> JsonLinesFile:
    handler = JsonLinesFile(folder, name, options.max_megabytes * 1_000_000, options.keep_days, clock)
    handler.setFormatter(_formatter())
    return handler


def _formatter() -> ProcessorFormatter:
    return ProcessorFormatter(
        foreign_pre_chain=[*_SHARED, ExtraAdder()],
        processors=[
            ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            redact,
            structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
        ],
    )


def _console() -> logging.Handler:
    """Warnings and worse are also told on the terminal, as one clean line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.WARNING)
    renderer = structlog.dev.ConsoleRenderer(colors=False)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                renderer,
            ],
        )
    )
    return handler


def _attach(logger: logging.Logger, level: str, *handlers: logging.Handler) -> None:
    for old in [each for each in logger.handlers if getattr(each, "_vitrina", False)]:
        logger.removeHandler(old)
        old.close()
    for handler in handlers:
        handler._vitrina = True  # type: ignore[attr-defined]
        logger.addHandler(handler)
    logger.setLevel(level)


def _configure_structlog() -> None:
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *_SHARED, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]
