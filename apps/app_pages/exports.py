"""Exports: a table as a file, within one's rights, and the files that were made for other systems."""

from typing import Any

import streamlit as st

from apps.data.exports import ExportFile, export_files, shows_no_more
from apps.language import speaker, t
from apps.snapshot import reader
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, page_header
from vitrina.access.gate import GatedReader
from vitrina.access.looks import Purpose
from vitrina.settings import get_settings

FORMATS = {"csv": "CSV", "parquet": "Parquet"}


def own_export(own: GatedReader) -> None:
    """A table as a file: the rows and masks of one's own rights."""
    shown = {table.name: table for table in own.tables()}
    with card(t("A table as a file"), t("Holds the rows and columns that your role may export; it is recorded.")):
        if not shown:
            empty_state("block", t("No table"), t("Your role exports no table."))
            return
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.selectbox(t("Table"), list(shown), key="export_table", width=320)
            kind = st.segmented_control(
                t("Format"), list(FORMATS), default="csv", required=True, key="export_format",
                format_func=FORMATS.__getitem__,
            )  # fmt: skip
            st.link_button(
                t("Download"), f"/api/v1/tables/{name}/export?format={kind}", icon=":material/download:", type="primary"
            )
        if name is not None:
            st.caption(
                f"{label('object', shown[name].object)} · {t('rows: {scope}', scope=label('scope', shown[name].scope))}"
            )


def scheduled_exports(own: GatedReader) -> None:
    """Files for other systems; they may be taken by who may see all that is in them."""
    files = export_files(get_settings())
    with card(t("Files for other systems"), t("Select one to download it."), stretch=False):
        if not files:
            empty_state("folder_off", t("No exports"), t("No export is configured."))
            return
        picked = tables.selectable(
            [_line(each, own) for each in files],
            {
                "name": tables.text(t("Export"), "medium"), "table": tables.text(t("Table"), "medium"),
                "made": tables.text(t("Made"), 140), "rows": tables.number(t("Rows"), 110),
                "size": tables.number(t("Size, KB"), 100), "open": tables.text(t("Download"), 150),
            },
            key="scheduled_exports",
        )  # fmt: skip
        if picked is None:
            return
        chosen = files[picked]
        if chosen.path is None:
            st.caption(t("There is no file yet."))
        elif shows_no_more(chosen.spec, own):
            st.link_button(t("Download"), f"/api/v1/exports/{chosen.spec.name}/file", icon=":material/download:")
        else:
            st.caption(t("The file holds more than your role may export."))


def _line(file: ExportFile, own: GatedReader) -> dict[str, Any]:
    say, made = speaker(), file.manifest
    is_open = file.path is not None and shows_no_more(file.spec, own)
    return {
        "name": file.spec.name, "table": file.spec.source, "made": say.moment(made.created_at if made else None),
        "rows": say.number(made.rows if made else None), "size": say.number(made.bytes / 1024 if made else None),
        "open": t("open to you") if is_open else "—",
    }  # fmt: skip


page_header(t("Exports"), t("Files within your rights; each download is recorded"))
mine = reader(Purpose.EXPORT)
own_export(mine)
scheduled_exports(mine)
