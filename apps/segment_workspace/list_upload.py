"""A list of customers from a file: what is understood of it, the upload in the background, its result."""

import shutil
import tempfile
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from apps.actions import changing
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.snapshot import reader
from apps.ui import tables
from apps.ui.labels import label
from crm.services import segments as kept
from crm.services.segments import ListFacts
from vitrina.lists.errors import MESSAGES, BadList
from vitrina.lists.identifiers import ANY, KINDS
from vitrina.lists.upload import Preview, Uploaded, preview, upload_list

_JOB, _FILE = "_list_upload", "_list_file"


@dataclass
class Job:
    """One upload under way: the list that it becomes, and its end."""

    key: str
    name: str
    future: Future[Uploaded]


def upload_card() -> None:
    """The form, and the upload under way after it."""
    job: Job | None = st.session_state.get(_JOB)
    if job is not None:
        _under_way()
        return
    file = st.file_uploader(t("File: CSV, text or XLSX"), type=["csv", "txt", "tsv", "xlsx"], key="list_file")
    if file is None:
        st.caption(t("Phones, INN, PINFL, accounts, agreements, e-mails and customer numbers are recognised."))
        return
    path = _stored(file)
    try:
        known = preview(path)
    except BadList as error:
        st.error(t(MESSAGES[error.code], **error.values))
        return
    chosen = _columns(known)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(t("Name of the list"), value=Path(file.name).stem[:100], key="list_name", max_chars=200)
        if st.button(t("Upload and match"), icon=":material/upload:", type="primary", key="list_go"):
            attempt(lambda: _begin((name or "").strip(), path, file.name, chosen))


def _stored(file: Any) -> Path:
    """The file on disk, once for each upload; a list may be too large to be kept in memory twice."""
    known: tuple[str, Path] | None = st.session_state.get(_FILE)
    if known is not None and known[0] == file.file_id and known[1].exists():
        return known[1]
    folder = services().settings.state_dir / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=Path(file.name).suffix.lower(), delete=False) as made:
        shutil.copyfileobj(file, made, 1 << 20)
    st.session_state[_FILE] = (file.file_id, Path(made.name))
    return Path(made.name)


def _columns(known: Preview) -> dict[int, str] | None:
    """What was recognised, to be chosen otherwise; None leaves it as it is."""
    kinds = {each.place: each.kind for each in known.layout.columns}
    width = max((len(row) for row in known.rows), default=0)
    head = known.rows[0] if known.rows and known.layout.has_heading else ()
    names = {place: text.strip() for place, text in enumerate(head) if text.strip()}
    options = ["", *KINDS, ANY]
    st.caption(t("What the columns identify by") if kinds else t("Nothing is recognised: choose what the columns hold"))
    chosen: dict[int, str] = {}
    with st.container(horizontal=True):
        for place in range(min(width, 8)):
            title = names.get(place) or t("Column {number}", number=place + 1)
            kind = st.selectbox(
                title,
                options,
                index=options.index(kinds.get(place, "")),
                key=f"list_column_{place}",
                width=190,
                format_func=lambda each: label("list_kind", each) if each else t("not used"),
            )
            if kind:
                chosen[place] = kind
    shown = known.rows[bool(head) : 6]
    st.dataframe(
        {f"{names.get(place) or place + 1}": [row[place] if place < len(row) else "" for row in shown]
         for place in range(min(width, 8))},
        hide_index=True, height="content",
    )  # fmt: skip
    return chosen if chosen != kinds else None


def _begin(name: str, path: Path, file_name: str, columns: Mapping[int, str] | None) -> str:
    with changing("segments", "edit") as (session, _actor, _now):
        key = kept.list_key(session, name)
    own, say, home = reader(), speaker(), services().settings.home
    future = _thread().submit(
        upload_list, home, key, path, file_name, own, columns=columns, say=lambda text: say.text(text)
    )
    st.session_state[_JOB] = Job(key, name, future)
    return t("The list is being matched")


@st.fragment(run_every=1)
def _under_way() -> None:
    job: Job = st.session_state[_JOB]
    if not job.future.done():
        with st.status(t("“{name}” is being matched", name=job.name), state="running"):
            st.caption(t("Large files take a minute or two. You may go on working."))
        return
    st.session_state.pop(_JOB)
    _stored_path = st.session_state.pop(_FILE, None)
    if _stored_path is not None:
        _stored_path[1].unlink(missing_ok=True)
    try:
        found = job.future.result()
    except BadList as error:
        st.session_state["list_failed"] = t(MESSAGES[error.code], **error.values)
    else:
        attempt(lambda: _register(job, found), rerun=False)
        st.session_state["list_result"] = found
    st.rerun()


def _register(job: Job, found: Uploaded) -> None:
    counts = found.counts
    facts = ListFacts(
        found.file_name,
        found.sha256,
        counts.received,
        counts.members,
        counts.matched,
        counts.unmatched,
        found.snapshot_version,
    )
    with changing("segments", "edit") as (session, actor, now):
        kept.register_list(session, job.name, facts, actor, now, key=job.key)


def result_card() -> None:
    """What the last upload of this session came to."""
    if failed := st.session_state.pop("list_failed", None):
        st.error(failed)
    found: Uploaded | None = st.session_state.get("list_result")
    if found is not None:
        show_result(
            found.key, found.counts.received, found.counts.members, found.counts.matched, found.counts.unmatched
        )


def show_result(key: str, rows: int, members: int, matched: Mapping[str, int], unmatched: Mapping[str, int]) -> None:
    """Rows that found a customer by kind of identifier, and those that did not by reason, with their file."""
    say = speaker()
    with st.grid(3, gap="small", min_column_width=150):
        st.metric(t("Rows"), say.number(rows), border=True)
        st.metric(t("Customers found"), say.number(members), border=True)
        st.metric(t("Rows without a customer"), say.number(sum(unmatched.values())), border=True)
    left, right = st.columns(2, gap="small")
    with left:
        st.caption(t("Found by"))
        tables.plain(
            [{"kind": label("list_kind", kind), "rows": say.number(count)} for kind, count in matched.items()],
            {"kind": tables.text(t("Identifier"), "medium"), "rows": tables.number(t("Rows"), 100)},
            key=f"list_matched_{key}",
        )
    with right:
        st.caption(t("Not found because"))
        tables.plain(
            [{"why": label("list_reason", why), "rows": say.number(count)} for why, count in unmatched.items()],
            {"why": tables.text(t("Reason"), "medium"), "rows": tables.number(t("Rows"), 100)},
            key=f"list_unmatched_{key}",
        )
    if unmatched:
        st.link_button(
            t("Download the rows without a customer"),
            f"/api/v1/customer-lists/{key}/unmatched",
            icon=":material/download:",
        )


@lru_cache(maxsize=1)
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(2, thread_name_prefix="list-upload")
