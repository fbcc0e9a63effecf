"""Which customers the segment shares with other segments."""

from typing import Any

import streamlit as st

from apps.data.segments import Bench
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace.bench import Desk, require_open
from apps.segment_workspace.common import settled, show_problems
from apps.services import services
from apps.ui import charts, tables
from apps.ui.layout import empty_state
from crm.services import segments as kept
from segments import questions
from segments.definition import Definition, fingerprint
from segments.errors import DefinitionError
from segments.questions import Overlap

_THIS = ""


def common_members(found: Desk, name: str) -> None:
    """Choose segments; then a matrix, the exclusive parts, and who is in several."""
    known = settled(found)
    if known is None:
        return
    definition, bench = known
    if definition.kind == "sql":
        empty_state("join_inner", t("SQL cannot be overlapped here"), t("Save it, and choose it in another segment."))
        return
    named = _others(bench, found.key)
    if not named:
        empty_state("join_inner", t("No other segments yet"), t("As soon as there is another one, compare them here."))
        return
    chosen = st.multiselect(
        t("Compare with"),
        list(named),
        default=list(named)[:3],
        format_func=named.__getitem__,
        key="overlap_with",
        max_selections=30,
        placeholder=t("Choose segments"),
    )
    if chosen:
        _compare(definition, bench, chosen, {_THIS: name, **named})


def _others(bench: Bench, own: str | None) -> dict[str, str]:
    with services().database.read() as session:
        seen = kept.segments(session, person().rights)
    return {each.key: each.name for each in seen if each.key != own and bench.others[each.key].kind == "rules"}


def _compare(definition: Definition, bench: Bench, chosen: list[str], named: dict[str, str]) -> None:
    all_of = {_THIS: definition, **{key: bench.others[key] for key in chosen}}
    try:
        for each in all_of.values():
            require_open(each, bench)
        told: Overlap = bench.ask(
            "overlap",
            definition,
            lambda: questions.overlap(bench.reader, {key: bench.compiled(each) for key, each in all_of.items()}),
            tuple((key, fingerprint(bench.others[key])) for key in chosen),
        )
    except DefinitionError as error:
        show_problems(error.problems)
        return
    _matrix(told, named)
    say = speaker()
    left, right = st.columns([7, 5], gap="small")
    with left:
        tables.plain(
            [
                {
                    "name": named[key],
                    "size": say.number(told.sizes[at]),
                    "alone": say.number(told.exclusive[at]),
                    "share": say.percent(100 * told.exclusive[at] / told.sizes[at]) if told.sizes[at] else "—",
                }
                for at, key in enumerate(told.keys)
            ],
            {
                "name": tables.text(t("Segment"), "medium"),
                "size": tables.number(t("Customers"), 100),
                "alone": tables.number(t("In it alone"), 110),
                "share": tables.number(t("Share"), 80),
            },
            key="overlap_sizes",
        )
    with right:
        tables.plain(
            [
                {"in": say.number(count), "customers": say.number(customers)}
                for count, customers in enumerate(told.in_several)
            ],
            {"in": tables.number(t("In how many segments"), 180), "customers": tables.number(t("Customers"), 120)},
            key="overlap_several",
        )


def _matrix(told: Overlap, named: dict[str, str]) -> None:
    say, names = speaker(), [named[key] for key in told.keys]
    cells: list[dict[str, Any]] = []
    for row, line in enumerate(names):
        for place, column in enumerate(names):
            count, size = told.matrix[row][place], told.sizes[row]
            part = 100 * count / size if size else 0.0
            cells.append(
                {
                    "column": column,
                    "line": line,
                    "value": part,
                    "text": say.number(count),
                    "tip": f"{line} ∩ {column}: {say.number(count)} · {say.percent(part)}",
                }
            )
    st.caption(t("Customers in both; the colour is the share of the row's segment."))
    height = 90 + 44 * len(names)
    st.echarts_chart(charts.heatmap(cells, names, names, maximum=100), height=height, key="overlap_matrix")
