"""How a text looks on real customers: their own words, what an SMS costs, who has no value for it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from apps.data import campaign_samples
from apps.language import speaker, t
from apps.segment_workspace.bench import bench
from apps.services import services
from apps.snapshot import reader
from apps.ui.layout import escape, told
from crm.delivery.rendering import Content, Preview, preview
from crm.delivery.sms_text import SmsSize
from crm.services import segments as kept_segments
from crm.services.campaigns.templates import Variant
from crm.services.campaigns.values import CampaignInfo
from segments.errors import DefinitionError
from vitrina.errors import UserError

LANGUAGE_NAMES: Final = {"ru": "Русский", "uz": "Oʻzbekcha", "en": "English"}


def samples(info: CampaignInfo | None = None) -> list[dict[str, Any]]:
    """Values of sample customers: of the campaign's segment when it has one that can be asked, else of anybody."""
    own, customer_type = reader(), info.customer_type if info is not None else ""
    ids: tuple[int, ...] = ()
    if info is not None and "segment" in info.audience:
        with services().database.read() as session:
            definition = kept_segments.definitions(session).get(str(info.audience["segment"]))
        try:
            ids = campaign_samples.members(bench(None, definition), definition) if definition is not None else ()
        except (DefinitionError, UserError):
            # He may not ask about this segment's members; anybody shows how the text reads as well.
            ids = ()
    return campaign_samples.values(own, ids or campaign_samples.anybody(own, customer_type))


def shown(channel: str, text: Variant, people: Sequence[Mapping[str, Any]]) -> None:
    """The text on each sample customer, side by side. Refusals of the text itself are told."""
    try:
        found = preview(channel, text.text, text.subject, text.html, people)
    except UserError as error:
        st.error(told(error))
        return
    if not found:
        st.caption(t("There is no customer to show it on."))
        return
    with st.grid(3, gap="small", min_column_width=260):
        for person, each in zip(people, found, strict=True):
            _card(channel, person, each)


def _card(channel: str, person: Mapping[str, Any], each: Preview) -> None:
    with st.container(border=True, height="stretch", gap="small"):
        st.caption(f"{escape(str(person.get('short_name') or person.get('full_name') or '—'))} · "
                   f"{person['customer_id']}")  # fmt: skip
        if each.content is None:
            st.markdown(f":orange[:material/warning: {escape(t('Would not be sent: a value is missing.'))}]")
            st.caption(escape(each.problem))
            return
        _content(channel, each.content)


def _content(channel: str, found: Content) -> None:
    if found.subject:
        st.markdown(f"**{escape(found.subject)}**")
    st.markdown(escape(found.text).replace("\n", "  \n"))
    if channel == "sms" and found.sms is not None:
        st.caption(sms_line(found.sms))


def sms_line(size: SmsSize) -> str:
    """How many SMS a text takes, and why so many."""
    say = speaker()
    parts = say.plural("{count} SMS", "{count} SMS, plural", size.parts)
    alphabet = t("Latin alphabet") if size.alphabet == "gsm" else t("Cyrillic or special signs")
    line = t("{parts} · {length} characters · {alphabet} · {left} left in the last one", parts=parts,
             length=say.number(size.length), alphabet=alphabet, left=say.number(size.left))  # fmt: skip
    if size.foreign and len(size.foreign) <= 6:
        line += " · " + t("dearer because of: {signs}", signs=" ".join(size.foreign))
    return line
