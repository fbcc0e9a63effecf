"""Take the members out: chosen columns, a format, progress, the file, and the receipts of what was taken before."""

from typing import Any

import streamlit as st

from apps.data import segment_catalogue
from apps.data.member_files import FORMATS, MemberFile, Order, files
from apps.data.segments import Bench
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import settled
from apps.segment_workspace.payload import name_of
from apps.services import services
from apps.snapshot import reader
from apps.ui import tables
from apps.ui.layout import card, empty_state, told
from crm.services import segments as kept
from segments.definition import Definition, fingerprint
from vitrina.access.looks import Purpose
from vitrina.errors import UserError

_FILE = "_member_file"
_NAMES = {"csv": "CSV", "xlsx": "XLSX", "parquet": "Parquet"}
_USUAL = ("full_name", "contact_phone", "main_msisdn", "language", "region_code")


def taking(found: Desk) -> None:
    """The order at the left, the receipts at the right."""
    known = settled(found)
    if known is None:
        return
    definition, bench = known
    left, right = st.columns(2, gap="small")
    with left, card(t("A file of the members"), t("Rows and masks are those of your rights; each file has a receipt.")):
        if person().is_viewing_as:
            empty_state("block", t("Not through another's eyes"), t("Files are taken in one's own name."))
        else:
            _order(found, definition, bench)
            _progress()
    with right, card(t("Receipts"), t("What was taken out of this segment, provable later.")):
        _receipts(found.key)


def _order(found: Desk, definition: Definition, bench: Bench) -> None:
    fields = segment_catalogue.catalogue(reader()).attributes
    open_to_him = _exportable()
    language = speaker().language
    names = {name: name_of(each, language) for name, each in fields.items() if name in open_to_him}
    names.pop("customer_id", None)
    chosen = st.multiselect(
        t("Columns"), list(names), default=[each for each in _USUAL if each in names], format_func=names.__getitem__,
        key="taking_columns", help=t("The number of the customer is always the first."), max_selections=100,
        placeholder=t("Choose columns"),
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            t("Format"),
            list(FORMATS),
            default="csv",
            required=True,
            format_func=_NAMES.__getitem__,
            key="taking_format",
        )
        if st.button(t("Make the file"), icon=":material/file_export:", type="primary", key="taking_go"):
            _begin(found, definition, bench, tuple(chosen), str(kind), names)


def _exportable() -> frozenset[str]:
    """Columns of the profile that his role may take out in some form."""
    shown = next((each for each in reader(Purpose.EXPORT).tables() if each.name == "customer_profiles"), None)
    return frozenset(column.name for column in shown.columns if column.mask != "absent") if shown else frozenset()


def _begin(
    found: Desk, definition: Definition, bench: Bench, columns: tuple[str, ...], kind: str, names: dict[str, str]
) -> None:
    version = None
    if found.key is not None:
        with services().database.read() as session:
            same = [each for each in kept.versions(session, found.key) if each.fingerprint == fingerprint(definition)]
        version = same[0].number if same else None
    name = found.key or "segment"
    headings = {"customer_id": t("Customer No."), **names}
    order = Order(bench.compiled(definition), columns, kind, headings, found.key, version, name)
    try:
        made = files.begin(services(), reader(Purpose.EXPORT), order, person().actor)
    except UserError as error:
        st.error(told(error))
    else:
        st.session_state[_FILE] = made


@st.fragment(run_every=0.5)
def _progress() -> None:
    made: MemberFile | None = st.session_state.get(_FILE)
    if made is None:
        return
    say = speaker()
    if made.error is not None:
        if isinstance(made.error, UserError):
            st.error(told(made.error))
        else:
            st.error(t("The file could not be made. Try again."))
    elif made.receipt is None:
        share = made.written / made.total if made.total else 0.0
        st.progress(
            min(share, 1.0),
            text=t("{written} of {total} rows", written=say.number(made.written), total=say.number(made.total)),
        )
        if st.button(t("Cancel"), key="taking_cancel", disabled=made.cancelled.is_set()):
            made.cancel()
    else:
        taken = made.receipt.taken
        st.markdown(
            ":green[:material/check_circle:] "
            + say.plural("{count} row in the file", "{count} rows in the file", taken.rows)
        )
        st.link_button(t("Download"), f"/api/v1/segment-files/{made.token}", icon=":material/download:", type="primary")
        st.caption(
            t(
                "Receipt {number}, SHA-256 of the file {hash}…",
                number=made.receipt.receipt_id,
                hash=taken.file_sha256[:16],
            )
        )


def _receipts(key: str | None) -> None:
    with services().database.read() as session:
        found = kept.exports(session, person().own_rights, key, limit=50) if key else []
    if not found:
        empty_state("receipt_long", t("Nothing has been taken out"), t("A receipt is kept of every file."))
        return
    picked = tables.selectable([_line(each) for each in found], {
        "at": tables.text(t("Made"), 130), "who": tables.text(t("By whom"), 140), "rows": tables.number(t("Rows"), 90),
        "format": tables.text(t("Format"), 80), "number": tables.text(t("Receipt"), 150),
    }, key="segment_receipts", height=300)  # fmt: skip
    if picked is not None:
        _verified(found[picked].receipt_id)


def _line(each: Any) -> dict[str, Any]:
    say = speaker()
    return {
        "at": say.moment(each.at), "who": each.actor_login, "rows": say.number(each.taken.rows),
        "format": each.taken.format.upper(), "number": each.receipt_id,
    }  # fmt: skip


def _verified(receipt_id: str) -> None:
    with services().database.read() as session:
        proof = kept.verify(session, person().own_rights, receipt_id)
    taken, say = proof.receipt.taken, speaker()
    ok = proof.holds
    mark = ":green[:material/verified:]" if ok else ":red[:material/gpp_bad:]"
    st.markdown(f"{mark} {t('The receipt agrees with the audit log.') if ok else t('The receipt has been changed.')}")
    st.caption(
        t(
            "Data as of {date}, snapshot {version}; columns: {columns}", date=say.date(taken.as_of),
            version=taken.snapshot_version, columns=", ".join(taken.columns),
        )
    )  # fmt: skip
    st.code(f"SHA-256 {taken.file_sha256}\n{t('Definition')} {proof.receipt.fingerprint}", language=None)
