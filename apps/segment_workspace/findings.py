"""Whether the segment is worth using: what its author should know before it goes out."""

import streamlit as st

from apps.data import segment_catalogue
from apps.language import t
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import settled
from apps.segment_workspace.places import mended, said
from apps.segment_workspace.sentences import node_sentence
from apps.snapshot import reader
from apps.ui.layout import empty_state, escape
from segments import questions
from segments.definition import walk
from segments.errors import Problem


def findings(found: Desk) -> None:
    """The findings, each with the condition that it is about."""
    known = settled(found)
    if known is None:
        return
    definition, bench = known
    with st.spinner(t("The conditions are being checked")):
        told: tuple[Problem, ...] = bench.ask(
            "quality", definition,
            lambda: questions.quality(
                bench.reader, definition, bench.catalogue, bench.at, bench.others, segment_catalogue.freshness(reader())
            ),
        )  # fmt: skip
    if not told:
        empty_state("verified", t("Nothing to remark"), t("Every condition has an effect and stands on fresh data."))
        return
    nodes = dict(walk(definition))
    for problem in told:
        with st.container(border=True):
            node = next(
                (nodes[problem.path[:end]] for end in range(len(problem.path), 1, -1) if problem.path[:end] in nodes),
                None,
            )
            if node is not None and len(problem.path) > 1:
                st.caption(escape(node_sentence(node, bench)))
            st.markdown(
                ":orange[:material/warning:] " + escape(" ".join(filter(None, (said(problem), mended(problem)))))
            )
