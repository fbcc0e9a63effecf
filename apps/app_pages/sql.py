"""SQL workspace: one's own SELECT over the tables one may see, with the rows and masks of one's own rights."""

import streamlit as st

from apps.asking import Asked
from apps.language import speaker, t
from apps.snapshot import reader
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, page_header, told
from vitrina.access.cursor import Answer
from vitrina.access.gate import GatedReader
from vitrina.access.looks import Purpose
from vitrina.access.rights import Mask

_ANSWER, _ASKED = "_sql_answer", "_sql_asked"
# What is answered so soon is shown at once, without a word of waiting.
_PATIENCE = 1.5
EXAMPLE = """select region_code, count(*) as customers
from customer_profiles
group by region_code
order by customers desc"""


def tables_card(own: GatedReader) -> None:
    """The tables that are open, and the columns of the chosen one with how they are shown."""
    shown = {table.name: table for table in own.tables()}
    with card(t("Tables open to you"), t("A table or column that is not here does not exist for you.")):
        name = st.selectbox(t("Table"), list(shown), key="sql_table")
        if name is None:
            return
        table = shown[name]
        st.caption(f"{label('object', table.object)} · {t('rows: {scope}', scope=label('scope', table.scope))}")
        tables.plain(
            [
                {
                    "name": column.name,
                    "type": column.type.lower(),
                    "mask": "" if column.mask is Mask.OPEN else label("mask", column.mask),
                }
                for column in table.columns
            ],
            {
                "name": tables.text(t("Column"), "medium"),
                "type": tables.text(t("Type"), 110),
                "mask": tables.text(t("Shown"), 90),
            },
            key=f"sql_columns_{name}",
        )


def query_card(own: GatedReader) -> None:
    """The text and its run."""
    with card(t("Query"), t("One SELECT. It is checked, bounded in time, memory and rows, and recorded.")):
        text = st.text_area(
            t("Query"), value=EXAMPLE, key="sql_text", height=210, label_visibility="collapsed", max_chars=20_000
        )
        if st.button(t("Run"), icon=":material/play_arrow:", type="primary", key="sql_run"):
            st.session_state.pop(_ANSWER, None)
            if (before := st.session_state.get(_ASKED)) is not None:
                before.stop()
            st.session_state[_ASKED] = Asked(own, text or "")
            st.session_state[_ASKED].is_over(_PATIENCE)
        if (asked := st.session_state.get(_ASKED)) is not None:
            if asked.is_over():
                take(own, asked)
            else:
                waiting()


def take(own: GatedReader, asked: Asked) -> None:
    """What came of a query, kept for the card below or told at once."""
    st.session_state.pop(_ASKED)
    if asked.error is not None:
        st.error(told(asked.error))
    else:
        st.session_state[_ANSWER] = (own.rights.fingerprint, own.version, asked.answer)


@st.fragment(run_every=0.5)
def waiting() -> None:
    """A query under way, with the way to stop it."""
    asked = st.session_state.get(_ASKED)
    if asked is None or asked.is_over():
        st.rerun()
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(t("The query is running, {seconds} s", seconds=speaker().number(asked.seconds, 0)))
        if st.button(t("Stop"), icon=":material/stop:", key="sql_stop"):
            asked.stop()
            asked.is_over(_PATIENCE)
            st.rerun()


def answer_card(own: GatedReader) -> None:
    """The result, as long as the rights it was made with are those of now."""
    fingerprint, version, answer = st.session_state.get(_ANSWER, ("", 0, None))
    if not isinstance(answer, Answer) or (fingerprint, version) != (own.rights.fingerprint, own.version):
        return
    say, rows = speaker(), answer.table.num_rows
    with card(t("Result"), stretch=False):
        if not rows:
            empty_state("table_rows", t("No rows"), t("The query found nothing that is open to you."))
            return
        took = t("{seconds} s", seconds=say.number(answer.seconds, 1))
        caption = say.plural("{count} row", "{count} rows", rows) + f" · {took}"
        st.caption(caption + (" · " + t("cut at the limit of rows") if answer.is_cut else ""))
        names = answer.table.column_names
        table = answer.table.rename_columns([f"c{number}" for number in range(len(names))])
        tables.paged(
            "sql_rows",
            rows,
            lambda limit, offset: table.slice(offset, limit),
            {f"c{number}": name for number, name in enumerate(names)},
            page_size=100,
        )


page_header(t("SQL workspace"), t("Your own questions to the mart, within your rights"))
mine = reader(Purpose.SQL)
left, right = st.columns([8, 4], gap="small")
with left:
    query_card(mine)
with right:
    tables_card(mine)
answer_card(mine)
