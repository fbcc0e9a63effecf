"""SQL workspace: one's own SELECT over the tables one may see, with the rows and masks of one's own rights."""

import streamlit as st

from apps.language import speaker, t
from apps.snapshot import reader
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, page_header, told
from vitrina.access.cursor import Answer
from vitrina.access.gate import GatedReader
from vitrina.access.looks import Purpose
from vitrina.access.rights import Mask
from vitrina.errors import UserError

_ANSWER = "_sql_answer"
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
            try:
                with st.spinner(t("The query is running")):
                    st.session_state[_ANSWER] = (own.rights.fingerprint, own.version, own.run(text or ""))
            except UserError as error:
                st.error(told(error))


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
