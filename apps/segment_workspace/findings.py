"""Whether the segment is worth using: what its author should know before it goes out."""

from collections.abc import Callable

import streamlit as st

from apps.data import segment_catalogue
from apps.language import t
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import settled
from apps.segment_workspace.places import mended, said
from apps.segment_workspace.sentences import phrases
from apps.snapshot import reader
from apps.ui.layout import empty_state, escape
from segments import questions
from segments.errors import Path, Problem


def findings(found: Desk) -> None:
    """The findings, each with the condition that it is about."""
    known = settled(found)
    if known is None:
        return
    definition, bench = known
    with st.spinner(t("The conditions are being checked")):
        told: tuple[Problem, ...] = bench.ask(
            "quality",
            definition,
            lambda: questions.quality(
                bench.reader, definition, bench.catalogue, bench.at, bench.others, segment_catalogue.freshness(reader())
            ),
        )
    if not told:
        empty_state("verified", t("Nothing to remark"), t("Every condition has an effect and stands on fresh data."))
        return
    said_at = phrases(definition, bench)
    for problem in told:
        with st.container(border=True):
            if about := _condition(said_at, problem.path):
                st.caption(escape(about))
            text = " ".join(filter(None, (said(problem), mended(problem))))
            st.markdown(":orange[:material/warning:] " + escape(text))


def _condition(said_at: Callable[[Path], str], path: Path) -> str:
    """The innermost condition on the way to a finding; nothing for one about the whole."""
    told = (said_at(path[:end]) for end in range(len(path), 1, -1))
    return next(filter(None, told), "")
