"""The published snapshot that this run of the script reads, and the memory of what was asked of it.

A run of the script takes the version that the pointer names when the run starts and keeps it to its end, so one page
never mixes two snapshots. Readers and answers are shared by all sessions and keyed by version.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from vitrina.settings import get_settings
from vitrina.warehouse.manifest import Manifest
from vitrina.warehouse.reader import SnapshotReader
from vitrina.warehouse.store import NothingPublished, Store

__all__ = ["NothingPublished", "ask", "begin_run", "manifest", "reader"]

Answer = TypeVar("Answer")
_RUN_KEY = "_snapshot_version"


def begin_run() -> None:
    """Read the pointer once for this run of the script; the router calls it first."""
    try:
        st.session_state[_RUN_KEY] = Store(get_settings().published_dir).pointer().version
    except NothingPublished:
        st.session_state[_RUN_KEY] = None


def _version() -> int:
    version = st.session_state.get(_RUN_KEY)
    if version is None:
        raise NothingPublished("nothing has been published yet")
    return int(version)


@st.cache_resource(max_entries=3, show_spinner=False, on_release=lambda reader: reader.close())
def _open(published: str, version: int) -> SnapshotReader:
    return SnapshotReader.open(get_settings().published_dir, version=version)


def reader() -> SnapshotReader:
    """The reader of this run's version. Raises `NothingPublished`."""
    return _open(str(get_settings().published_dir), _version())


def manifest() -> Manifest:
    """What the snapshot of this run says of itself. Raises `NothingPublished`."""
    return reader().manifest


@st.cache_data(max_entries=500, show_spinner=False)
def _remembered(
    published: str, version: int, question: str, _function: Callable[..., Any], arguments: tuple[Any, ...]
) -> Any:
    return _function(_open(published, version), *arguments)


def ask(function: Callable[..., Answer], *arguments: Any) -> Answer:
    """The answer of a query function for this run's version, remembered for all sessions.

    For aggregates and small lists only: an answer is copied at every use, and customers' own rows should not be kept.
    """
    question = f"{function.__module__}.{function.__qualname__}"
    return _remembered(str(get_settings().published_dir), _version(), question, function, arguments)
