"""The frame of a page: header, cards, empty and failed states."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import streamlit as st

from apps.language import speaker, t


def page_header(title: str, subtitle: str | None = None) -> None:
    """Title of the page with one line that says what it is for."""
    st.title(title, anchor=False)
    if subtitle:
        st.caption(subtitle)


@contextmanager
def card(title: str, caption: str | None = None, *, key: str | None = None, stretch: bool = True) -> Iterator[None]:
    """A bordered block with a heading; cards in one row of columns are equally tall."""
    with st.container(border=True, height="stretch" if stretch else "content", key=key):
        st.subheader(title, anchor=False)
        if caption:
            st.caption(caption)
        yield


def empty_state(icon: str, title: str, text: str) -> None:
    """What a card shows instead of nothing: why it is empty and what would fill it."""
    with st.container(horizontal_alignment="center", vertical_alignment="center", gap="small"):
        st.space("small")
        st.markdown(f":gray[:material/{icon}:]", text_alignment="center")
        st.markdown(f"**{title}**", text_alignment="center")
        st.caption(text, text_alignment="center")
        st.space("small")


def no_snapshot() -> None:
    """The page for a workspace whose warehouse has not published anything yet."""
    page_header(t("The customer mart is being prepared"))
    with st.container(border=True):
        empty_state(
            "database",
            t("No data has been published yet"),
            t("Run the pipeline once. The workspace shows the data by itself as soon as the run is published."),
        )
        st.code("vitrina run", language="bash")
        st.caption(t("For a demonstration with a synthetic operator use the command below."))
        st.code("make demo", language="bash")
        if st.button(t("Check again"), icon=":material/refresh:", type="primary"):
            st.rerun()


def failure(reference: str) -> None:
    """The page for an error nobody foresaw: what to do next, and a reference that the log carries too."""
    page_header(t("Something went wrong"))
    with st.container(border=True):
        empty_state(
            "report",
            t("This page could not be shown"),
            t(
                "The data is safe. Try again; if it repeats, give the reference to the support team: {reference}",
                reference=reference,
            ),
        )
        if st.button(t("Try again"), icon=":material/refresh:", type="primary", key="failure_retry"):
            st.rerun()


def signed_out() -> None:
    """The page of a session that has ended while it was open; the browser is on its way to the sign-in."""
    page_header(t("You are signed out"))
    with st.container(border=True):
        empty_state("lock", t("Your session has ended"), t("Sign in again to go on."))
        st.link_button(t("Log in"), "/sign-in", type="primary")


def told(error: Exception) -> str:
    """A refusal in the reader's language: those of our packages carry the sentence and its values apart."""
    message, values = getattr(error, "message", None), getattr(error, "values", {})
    return t(message, **values) if isinstance(message, str) else str(error)


def refused(error: Exception) -> None:
    """The page for what a person may not do, or cannot be done: the reason, and no more."""
    page_header(t("This is not open to you"))
    with st.container(border=True):
        empty_state("block", t("The request was refused"), escape(told(error)))


def fact(label: str, value: str) -> None:
    """One line of a card of facts: a quiet label and its value."""
    st.markdown(f":gray[:small[{label}]]  \n{value}")


def facts(values: Mapping[str, str | None], columns: int = 2) -> None:
    """Labels and values in a grid; absent values show as a dash."""
    with st.grid(columns, gap="small", min_column_width=150):
        for label, value in values.items():
            fact(label, escape(value) if value else speaker().date(None))


def escape(text: str) -> str:
    """Text from data made safe for Markdown: nothing in a customer's name is a command."""
    for sign in "\\`*_{}[]()#+!|<>$~:":
        text = text.replace(sign, "\\" + sign)
    return text
