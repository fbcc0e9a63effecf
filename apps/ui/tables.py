"""Tables that are read one page at a time from the database."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

import pandas as pd
import pyarrow as pa
import streamlit as st

from apps.language import speaker, t

PAGE_SIZE = 50
ROW_HEIGHT = 34
Column = Any
Width: TypeAlias = Literal["small", "medium", "large"] | int | None


def paged(
    key: str,
    total: int,
    fetch: Callable[[int, int], pa.Table],
    columns: Mapping[str, Column],
    *,
    selectable: bool = False,
    page_size: int = PAGE_SIZE,
    prepare: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> dict[str, Any] | None:
    """A table over `total` rows of which only the current page is fetched with `fetch(limit, offset)`.

    Columns are shown in the order of `columns` (name → label or column config); others are dropped before the rows
    leave the server. Returns the selected row of the fetched page, all its columns, when `selectable`.
    """
    page = page_of(key, total, page_size)
    rows = fetch(page_size, (page - 1) * page_size)
    selected = _draw(key, page, rows, columns, selectable, prepare)
    pages_control(key, total, page_size, page)
    return selected


def page_of(key: str, total: int, page_size: int) -> int:
    """The page to fetch for the list `key`: what its control says, or the first when the list is shorter than that."""
    page = int(st.session_state.get(f"{key}_page") or 1)
    return page if 1 <= page <= -(-total // page_size) else 1


def first_page(key: str) -> None:
    """Forget the page of the list `key`, whose filter has changed."""
    st.session_state.pop(f"{key}_page", None)


def pages_control(key: str, total: int, page_size: int, page: int) -> None:
    """The line under a list: which rows these are, and the pages when there are several."""
    pages = max(1, -(-total // page_size))
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(_range(page, page_size, total))
        if pages > 1:
            if st.session_state.get(f"{key}_page", page) != page:
                first_page(key)
            # Few pages get a width of their own: beside the caption too little room is measured, and some are left out.
            st.pagination(pages, key=f"{key}_page", width=100 + 44 * pages if pages < 5 else "content")


def _range(page: int, size: int, total: int) -> str:
    first, last = (page - 1) * size + 1, min(page * size, total)
    number = speaker().number
    return t("{first}–{last} of {total}", first=number(first), last=number(last), total=number(total))


def _draw(
    key: str,
    page: int,
    rows: pa.Table,
    columns: Mapping[str, Column],
    selectable: bool,
    prepare: Callable[[pd.DataFrame], pd.DataFrame] | None,
) -> dict[str, Any] | None:
    frame = rows.to_pandas(types_mapper=None)
    if prepare is not None:
        frame = prepare(frame)
    shown = frame[[name for name in columns if name in frame.columns]]
    options: dict[str, Any] = {"on_select": "rerun", "selection_mode": "single-row"} if selectable else {}
    # The key carries the page: a row selected on one page must not point at another row of the next.
    state = st.dataframe(
        shown,
        key=f"{key}_rows_{page}",
        hide_index=True,
        placeholder="—",
        height="content" if len(shown) <= 15 else 15 * ROW_HEIGHT,
        row_height=ROW_HEIGHT,
        column_config=dict(columns),
        **options,
    )
    picked = state.selection.rows if selectable else []
    return rows.slice(picked[0], 1).to_pylist()[0] if picked and picked[0] < rows.num_rows else None


def plain(
    frame: pd.DataFrame | list[dict[str, Any]],
    columns: Mapping[str, Column],
    key: str | None = None,
    row_height: int = ROW_HEIGHT,
) -> None:
    """A short table that is already whole (a dozen rows of a card); text is wrapped in rows higher than usual."""
    table = pd.DataFrame(frame)
    shown = (
        table[[name for name in columns if name in table.columns]]
        if len(table)
        else pd.DataFrame(columns=list(columns))
    )
    st.dataframe(
        shown,
        hide_index=True,
        placeholder="—",
        row_height=row_height,
        column_config=dict(columns),
        key=key,
        height="content" if len(shown) <= 12 else 12 * row_height,
    )


def text(label: str, width: Width = None, help: str | None = None) -> Column:
    """A text column."""
    return st.column_config.TextColumn(label, width=width, help=help)


def number(label: str, width: Width = None, help: str | None = None) -> Column:
    """A column of figures that were formatted in the reader's language: text, but aligned as numbers."""
    return st.column_config.TextColumn(label, width=width, help=help, alignment="right")


def day(label: str, width: Width = "small") -> Column:
    """A date column, DD.MM.YYYY."""
    return st.column_config.DateColumn(label, format="DD.MM.YYYY", width=width)


def moment(label: str, width: Width = None) -> Column:
    """A time column, DD.MM.YYYY HH:MM."""
    return st.column_config.DatetimeColumn(label, format="DD.MM.YYYY HH:mm", width=width)


def selectable(
    rows: list[dict[str, Any]], columns: Mapping[str, Column], key: str, height: int | None = None
) -> int | None:
    """A short whole table in which one row can be chosen; returns its position. Scrolls beyond `height` pixels."""
    frame = pd.DataFrame(rows)
    state = st.dataframe(
        frame[list(columns)] if rows else frame,
        hide_index=True,
        placeholder="—",
        row_height=ROW_HEIGHT,
        column_config=dict(columns),
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        height="content" if height is None or (len(rows) + 1) * ROW_HEIGHT <= height else height,
    )
    picked = state.selection.rows
    return picked[0] if picked and picked[0] < len(rows) else None
