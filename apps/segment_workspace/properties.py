"""What a segment is called and where it is kept, who sees it, and its end."""

import streamlit as st

from apps.actions import reason_field
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace import bench as desks
from apps.segment_workspace.bench import Desk
from apps.segment_workspace.common import attempt, changed
from apps.services import services
from apps.ui.labels import label
from apps.ui.layout import card, fact
from crm.services import segments as kept
from crm.services.matrix import matrix
from crm.services.segments import SegmentInfo, Sharing, Status


def properties(found: Desk, info: SegmentInfo | None, may_edit: bool) -> None:
    """The texts (saved with the segment), then sharing and archive for one that is saved."""
    left, right = st.columns(2, gap="small")
    with left, card(t("Description"), None if info else t("Saved together with the segment.")):
        _texts(found, info, may_edit)
    with right, card(t("Who sees it")):
        if info is None:
            st.caption(t("A new segment is yours alone until you share it."))
        else:
            _sharing(info, may_edit)
            _about(info)
            if may_edit:
                _hand_over(info)
            if may_edit and info.status is Status.ARCHIVED:
                _bring_back(info)
            elif may_edit:
                _archive(info)


def _texts(found: Desk, info: SegmentInfo | None, may_edit: bool) -> None:
    with services().database.read() as session:
        known_folders, known_tags = kept.folders(session, person().rights), kept.tags(session, person().rights)
    texts, new = found.texts, found.key or "new"
    folder = st.selectbox(
        t("Folder"),
        sorted({*known_folders, *filter(None, [texts.get("folder")])}),
        accept_new_options=True,
        index=None,
        key=f"folder_{new}",
        placeholder=texts.get("folder") or t("Without a folder"),
        disabled=not may_edit,
    )
    tags = st.multiselect(
        t("Tags"),
        sorted({*known_tags, *texts.get("tags", ())}),
        default=list(texts.get("tags", ())),
        accept_new_options=True,
        placeholder=t("Choose or type tags"),
        key=f"tags_{new}",
        disabled=not may_edit,
    )
    description = st.text_area(
        t("What it is for"),
        value=texts.get("description", ""),
        key=f"description_{new}",
        max_chars=4000,
        height=110,
        disabled=not may_edit,
    )
    texts |= {"tags": tuple(tags), "description": description or ""} | ({"folder": folder} if folder else {})


def _sharing(info: SegmentInfo, may_edit: bool) -> None:
    kinds = list(Sharing)
    kind = st.segmented_control(
        t("Shown to"),
        kinds,
        default=info.sharing,
        required=True,
        format_func=lambda each: label("sharing", each),
        key=f"sharing_{info.key}",
        disabled=not may_edit,
    )
    roles: list[str] = []
    if kind == Sharing.ROLES:
        with services().database.read() as session:
            known = matrix(session).roles
        language = speaker().language
        roles = st.multiselect(
            t("Roles"),
            list(known),
            default=[each for each in info.shared_roles if each in known],
            format_func=lambda code: known[code].names.get(language, code),
            key=f"shared_roles_{info.key}",
            disabled=not may_edit,
        )
    is_other = (kind, tuple(sorted(roles))) != (info.sharing, tuple(sorted(info.shared_roles)))
    if may_edit and is_other and st.button(t("Save who sees it"), key="save_sharing"):
        attempt(lambda: _share(info.key, str(kind), roles))


def _share(key: str, kind: str, roles: list[str]) -> str:
    changed(key, lambda session, actor, now: kept.share(session, key, kind, roles, actor, now))
    return t("Saved")


def _about(info: SegmentInfo) -> None:
    say = speaker()
    with st.grid(2, gap="small", min_column_width=150):
        fact(t("Owner"), info.owner_name or info.owner_login or "—")
        fact(t("Key"), f"`{info.key}`")
        fact(t("Made"), say.moment(info.created_at))
        fact(t("Last change"), f"{say.moment(info.updated_at)}, {info.updated_by}")


def _hand_over(info: SegmentInfo) -> None:
    with st.expander(t("Give to another owner"), icon=":material/move_up:"):
        with services().database.read() as session:
            names = {
                each.user_id: each.display_name or each.login
                for each in kept.possible_owners(session)
                if each.login != info.owner_login
            }
        owner = st.selectbox(
            t("New owner"), list(names), index=None, format_func=names.__getitem__, placeholder=t("Choose a colleague"),
            key=f"new_owner_{info.key}",
        )  # fmt: skip
        reason = reason_field("hand_over_reason")
        if st.button(t("Give to another owner"), key="hand_over", disabled=owner is None) and owner:
            attempt(lambda: _handed_over(info, owner, names[owner], reason))


def _handed_over(info: SegmentInfo, owner: int, name: str, reason: str) -> str:
    changed(info.key, lambda session, actor, now: kept.hand_over(session, info.key, owner, actor, now, reason))
    return t("“{segment}” belongs to {name} now", segment=info.name, name=name)


def _bring_back(info: SegmentInfo) -> None:
    reason = reason_field("bring_back_reason")
    if st.button(t("Take out of the archive"), icon=":material/unarchive:", key="bring_back"):
        attempt(lambda: _brought_back(info, reason))


def _brought_back(info: SegmentInfo, reason: str) -> str:
    changed(info.key, lambda session, actor, now: kept.bring_back(session, info.key, actor, now, reason))
    return t("“{name}” is back from the archive", name=info.name)


def _archive(info: SegmentInfo) -> None:
    with st.expander(t("Put into the archive"), icon=":material/archive:"):
        st.caption(t("Its versions and receipts stay. It is refused while another segment stands on this one."))
        reason = reason_field("archive_reason")
        if st.button(t("Put into the archive"), key="archive"):

            def change() -> str:
                changed(info.key, lambda session, actor, now: kept.archive(session, info.key, actor, now, reason))
                desks.clear_desk()
                return t("“{name}” is in the archive", name=info.name)

            if attempt(change, rerun=False):
                st.switch_page("app_pages/segments.py")
