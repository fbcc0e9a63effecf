"""The published snapshot that this run of the script reads, as the person before it may see it.

A run of the script takes the version that the pointer names when the run starts and keeps it to its end, so one page
never mixes two snapshots. Pages get at data through the gate alone; answers are remembered by version and rights.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from apps import identity
from apps.gatekeeper import gatekeeper
from vitrina.access.gate import GatedReader
from vitrina.access.looks import Purpose
from vitrina.settings import get_settings
from vitrina.warehouse.manifest import Manifest
from vitrina.warehouse.store import NothingPublished

__all__ = ["NothingPublished", "ask", "begin_run", "manifest", "reader"]

Answer = TypeVar("Answer")
_RUN_KEY, _PAGE_KEY = "_snapshot_version", "_page"


def begin_run() -> None:
    """Read the pointer once for this run of the script; the router calls it first."""
    try:
        st.session_state[_RUN_KEY] = gatekeeper().current_version()
    except NothingPublished:
        st.session_state[_RUN_KEY] = None


def on_page(name: str) -> None:
    """Which page is being drawn: the audit log keeps it with every look at personal data."""
    st.session_state[_PAGE_KEY] = name


def _version() -> int:
    version = st.session_state.get(_RUN_KEY)
    if version is None:
        raise NothingPublished("nothing has been published yet")
    return int(version)


def reader(purpose: Purpose = Purpose.PAGE) -> GatedReader:
    """The person's reader of this run's version. Raises `NothingPublished`, `NotSignedIn`."""
    person = identity.person()
    page = str(st.session_state.get(_PAGE_KEY) or "")
    return gatekeeper().gate(_version()).reader(person.rights, purpose, person.address, page)


def manifest() -> Manifest:
    """What the snapshot of this run says of itself. Raises `NothingPublished`."""
    return reader().manifest


@st.cache_data(max_entries=500, show_spinner=False)
def _remembered(
    published: str, fingerprint: str, question: str, arguments: tuple[Any, ...], _answer: Callable[[], Any]
) -> Any:
    return _answer()


def ask(function: Callable[..., Answer], *arguments: Any) -> Answer:
    """The answer of a query function for this run's version, remembered for all who see the same data.

    For aggregates and small lists only: an answer is copied at every use, and customers' own rows should not be kept.
    """
    own = reader()
    question = f"{function.__module__}.{function.__qualname__}"
    published = str(get_settings().published_dir)
    return _remembered(published, own.fingerprint, question, arguments, lambda: function(own, *arguments))
