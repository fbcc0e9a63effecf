"""What the agency sends: reports by day, every row that does not count named with what is wrong; its brief.

`agency(info)` stands under the media plan, on the tab of the budget.
"""

import hashlib
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from apps.campaign_workspace.access import changed, may_administer, may_lead
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, empty_state, escape
from crm import campaign_messages as said
from crm.services.campaigns import media
from crm.services.campaigns.media import ReportInfo
from crm.services.campaigns.values import CampaignInfo
from vitrina.lists.reading import form_of, rows


def agency(info: CampaignInfo) -> None:
    """The reports, newest first; for those who lead the campaign the field for another one."""
    with services().database.read() as session:
        found = media.reports(session, info.key)
    with card(
        t("Agency reports"), t("The agency's file has a row a day for each line of the media plan."), stretch=False
    ):
        st.link_button(
            t("Brief for the agency"), f"/api/v1/campaigns/{info.key}/brief", icon=":material/download:",
            help=t("A workbook: what the campaign is about, and the media plan to be filled in and sent back."),
        )  # fmt: skip
        if may_lead(info):
            _load(info)
        if not found:
            empty_state("inbox", t("No report has come yet"), t("Load the file that the agency sent."))
        for each in found[:10]:
            _report(info, each)


def _load(info: CampaignInfo) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        file = st.file_uploader(t("Report of the agency: XLSX or CSV"), type=["xlsx", "csv"], key="agency_file")
        if st.button(t("Load the report"), icon=":material/upload:", key="agency_load", disabled=file is None):
            attempt(partial(_loaded, info, file))


def _loaded(info: CampaignInfo, file: Any) -> str:
    content = file.getvalue()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report"
        path.write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        found: ReportInfo = changed(
            info,
            lambda session, actor, now: media.load_report(
                session, info.key, file.name, digest, rows(form_of(path)), actor, now
            ),
        )
    return _counted(found)


def _counted(each: ReportInfo) -> str:
    return t("Rows of the report: {accepted} of {received} count", accepted=each.accepted, received=each.received)


def _report(info: CampaignInfo, each: ReportInfo) -> None:
    say, is_withdrawn = speaker(), each.withdrawn_at is not None
    mark = f" :gray-badge[{t('withdrawn, report')}]" if is_withdrawn else ""
    with st.container(border=True, key=f"agency_report_{each.report_id}"):
        st.markdown(f"**{escape(each.file_name)}**{mark} · {escape(_counted(each))}")
        st.caption(f"{escape(each.actor_login)}, {say.moment(each.at)} {escape(each.withdrawn_reason)}")
        if each.quarantined:
            _wrong(each)
        if not is_withdrawn:
            _ways(info, each)


def _wrong(each: ReportInfo) -> None:
    with services().database.read() as session:
        refused = media.quarantine(session, each.report_id)
    lines = [
        {
            "row": str(one.row),
            "field": t(_FIELDS.get(one.field, one.field)),
            "what": t(said.ROW_PROBLEMS[one.problem], **one.values),
        }
        for one in refused
    ]
    st.caption(t("Rows that do not count"))
    tables.plain(
        lines,
        {
            "row": tables.number(t("Row"), 70),
            "field": tables.text(t("Field"), 160),
            "what": tables.text(t("What is wrong"), "large"),
        },
        key=f"agency_wrong_{each.report_id}",
    )


def _ways(info: CampaignInfo, each: ReportInfo) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if may_administer() and st.button(
            t("Book the costs"), icon=":material/payments:", key=f"agency_book_{each.report_id}"
        ):
            attempt(partial(_booked, info, each.report_id))
        if may_lead(info):
            with st.popover(t("Withdraw the report"), icon=":material/undo:"):
                reason = st.text_input(t("Reason"), key=f"agency_reason_{each.report_id}", max_chars=500)
                if st.button(
                    t("Withdraw the report"),
                    key=f"agency_withdraw_{each.report_id}",
                    disabled=not (reason or "").strip(),
                ):
                    attempt(partial(_withdrawn, info, each.report_id, reason or ""))


def _booked(info: CampaignInfo, report_id: int) -> str:
    def book(session: Any, actor: Any, now: Any) -> Any:
        media.require_report_of(session, info.key, report_id)
        return media.book_costs(session, report_id, actor, now)

    return t("{amount} booked to the budget", amount=speaker().money(changed(info, book, "administer")))


def _withdrawn(info: CampaignInfo, report_id: int, reason: str) -> str:
    def withdraw(session: Any, actor: Any, now: Any) -> Any:
        media.require_report_of(session, info.key, report_id)
        return media.withdraw_report(session, report_id, actor, now, reason)

    changed(info, withdraw)
    return t("The report is withdrawn")


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


_FIELDS = {
    "code": _("Line of the plan"),
    "day": _("Date, column"),
    "reach": _("Reach, column"),
    "clicks": _("Clicks, column"),
    "impressions": _("Impressions, column"),
    "leads": _("Leads, column"),
    "cost": _("Cost, column"),
}
