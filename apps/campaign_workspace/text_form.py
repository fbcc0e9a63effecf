"""One message text: written in every language, seen at once on real customers, published in versions."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from apps.actions import changing
from apps.campaign_workspace.preview import LANGUAGE_NAMES, samples, shown
from apps.campaign_workspace.text_list import state
from apps.campaign_workspace.words import channel_name
from apps.identity import person
from apps.language import speaker, t
from apps.segment_workspace.common import attempt
from apps.services import services
from apps.ui import tables
from apps.ui.layout import card, escape, page_header
from crm import campaign_messages as said
from crm.delivery.rendering import FILTERS, OWN
from crm.services.campaigns import access, templates
from crm.services.campaigns.placeholders import PLACEHOLDERS
from crm.services.campaigns.templates import DRAFT, TemplateInfo, Variant

_EXAMPLES = {
    "default_text": '{{ first_name | default_text("…") }}',
    "money": "{{ debt | money }}",
    "date": "{{ agreement_end | date }}",
    "capital": "{{ full_name | capital }}",
}


def text_form(key: str) -> None:
    """Fields by language beside the preview; save, publish, put away."""
    with services().database.read() as session:
        info, versions = templates.template(session, key), templates.template_versions(session, key)
    me = person()
    editable = not info.is_archived and not me.is_viewing_as and me.own_rights.allows("campaigns", "edit")
    head = st.container()
    left, right = st.columns([3, 2], gap="medium")
    with left, card(t("Text"), stretch=False):
        name = st.text_input(
            t("Name"), info.name, key=f"text_name_{info.revision}", max_chars=200, disabled=not editable
        )
        written = _languages(info, editable)
    with left, card(
        t("On real customers"), t("As they would get it; names and numbers are covered as your role sees them."),
        stretch=False,
    ):  # fmt: skip
        _preview(info, written)
    with right:
        _placeholders()
    with head:
        _head(info, editable, written, name or "")
    _versions(versions)


def _languages(info: TemplateInfo, editable: bool) -> dict[str, Variant]:
    """All languages at once, so that going from one to another loses nothing."""
    titles = [
        name if code in info.variants else f"{name} ({t('no text yet')})" for code, name in LANGUAGE_NAMES.items()
    ]
    written = {}
    for tab, code in zip(st.tabs(titles), LANGUAGE_NAMES, strict=True):
        with tab:
            written[code] = _fields(info, code, editable)
    return written


def _preview(info: TemplateInfo, written: Mapping[str, Variant]) -> None:
    there = [code for code, text in written.items() if text.text.strip()]
    if not there:
        st.caption(t("Write the text, and it is shown here."))
        return
    language = st.segmented_control(
        t("Language of the message"), there, default=there[0], required=True, key="text_language",
        format_func=LANGUAGE_NAMES.__getitem__, label_visibility="collapsed",
    )  # fmt: skip
    shown(info.channel, written[language if language in there else there[0]], samples())


def _fields(info: TemplateInfo, language: str, editable: bool) -> Variant:
    kept, key = info.variants.get(language, Variant("")), f"text_{info.key}_{info.revision}_{language}"
    subject, html = kept.subject, kept.html
    if info.channel in ("email", "push"):
        label = t("Subject") if info.channel == "email" else t("Title of the push")
        subject = st.text_input(label, kept.subject, key=f"{key}_subject", max_chars=300, disabled=not editable) or ""
    text = st.text_area(t("Text of the message"), kept.text, key=f"{key}_text", height=150, disabled=not editable)
    if info.channel == "email":
        with st.expander(t("HTML of the e-mail"), expanded=bool(kept.html)):
            html = (
                st.text_area(
                    "HTML",
                    kept.html,
                    key=f"{key}_html",
                    height=200,
                    disabled=not editable,
                    label_visibility="collapsed",
                    placeholder=t("Left empty, it is made of the text."),
                )
                or ""
            )
    return Variant(text or "", subject, html)


def _placeholders() -> None:
    with card(t("What can be put in"), t("Written in double braces; copy what you need."), stretch=False):
        tables.plain(
            [{"code": f"{{{{ {name} }}}}", "what": t(said.PLACEHOLDER_LABELS[name])} for name in PLACEHOLDERS]
            + [{"code": f"{{{{ {name} }}}}", "what": t(_OWN[name])} for name in sorted(OWN)],
            {"code": tables.text(t("Put in"), 190), "what": tables.text(t("What it stands for"), 230)},
            key="text_placeholders",
        )
        st.caption(
            t("With other words where there is no value, with thousands apart, as a date, with capital letters:")
        )
        st.code("\n".join(_EXAMPLES[name] for name in FILTERS), language=None)


def _head(info: TemplateInfo, editable: bool, written: Mapping[str, Variant], name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        with st.container(width="stretch"):
            page_header(info.name)
        with st.container(horizontal=True, width="content", gap="small"):
            _life(info, editable)
            if editable and st.button(t("Save text"), icon=":material/save:", type="primary", key="text_save"):
                attempt(partial(_save, info, written, name))
    st.markdown(
        f":blue-badge[{channel_name(info.channel)}] · {t(said.CATEGORIES[info.category.value])} · {state(info)}"
    )
    lacking = [LANGUAGE_NAMES[code] for code in ("ru", "uz") if code not in info.variants]
    if lacking:
        st.caption(
            t("Still to be written: {languages}. Campaigns need Russian and Uzbek.", languages=", ".join(lacking))
        )


def _life(info: TemplateInfo, editable: bool) -> None:
    me = person()
    if me.is_viewing_as or not me.own_rights.allows("campaigns", "edit"):
        return
    with st.popover(t("Publish or put away"), icon=":material/publish:"):
        reason = st.text_input(
            t("Reason"), key=f"text_reason_{info.revision}", max_chars=500, placeholder=t("Why; kept in the audit log")
        )
        is_empty = not (reason or "").strip()
        if editable and info.state == DRAFT:
            st.caption(t("What was saved last is what new campaigns will send."))
            if st.button(
                t("Publish"), icon=":material/publish:", key="text_publish", disabled=is_empty, width="stretch"
            ):
                attempt(partial(_do, info, templates.publish_template, reason or "", t("The text is published")))
        if editable and st.button(
            t("Put away"), icon=":material/archive:", key="text_archive", disabled=is_empty, width="stretch"
        ):
            attempt(partial(_do, info, templates.archive_template, reason or "", t("The text is in the archive")))
        if info.is_archived and st.button(
            t("Bring back"), icon=":material/unarchive:", key="text_back", disabled=is_empty, width="stretch"
        ):
            attempt(partial(_do, info, templates.bring_template_back, reason or "", t("The text is back")))


def _do(info: TemplateInfo, change: Any, reason: str, done: str) -> str:
    with changing("campaigns", "edit") as (session, actor, now):
        access.require_templates(person().own_rights)
        change(session, info.key, actor, now, reason)
    return done


def _save(info: TemplateInfo, written: Mapping[str, Variant], name: str) -> str:
    variants = {code: _plain(each) for code, each in written.items() if each.text.strip()}
    with changing("campaigns", "edit") as (session, actor, now):
        access.require_templates(person().own_rights)
        templates.save_template(
            session, info.key, actor, now, base=info.revision, variants=variants, name=name.strip() or info.name
        )
    return t("“{name}” is saved", name=name.strip() or info.name)


def _plain(each: Variant) -> dict[str, str]:
    return {key: text for key, text in (("text", each.text), ("subject", each.subject), ("html", each.html)) if text}


def _versions(versions: list[templates.TemplateVersion]) -> None:
    say = speaker()
    with st.expander(t("Versions")):
        for each in versions:
            published = (
                t("published {moment}", moment=say.moment(each.published_at)) if each.published_at else t("draft")
            )
            st.markdown(
                f"**{each.number}** · {published} · {escape(each.author_login)} · :gray[{each.fingerprint[:12]}]"
            )
            for code, text in each.variants.items():
                st.caption(f"{LANGUAGE_NAMES.get(code, code)}: {escape(text.text[:300])}")


def _(message: str) -> str:
    """Marks a message for the catalogues."""
    return message


_OWN = {"page_url": _("Link to the customer's own page"), "stop_url": _("Link to stop such messages")}
