"""The router: who this is, language, navigation by rights, and the frame in which a page runs."""

import logging
import uuid
from pathlib import Path

import streamlit as st

from apps import identity
from apps.identity import NotSignedIn, Person
from apps.language import language_switch, speaker, t
from apps.navigation import pages_for
from apps.snapshot import NothingPublished, begin_run, manifest, on_page
from apps.ui.layout import failure, no_snapshot, refused, signed_out
from apps.ui.whoami import view_as_banner, whoami
from vitrina.errors import UserError

log = logging.getLogger("vitrina.apps")
HERE = Path(__file__).resolve().parent


def _about_snapshot() -> None:
    """The quiet line at the foot of the sidebar: how old the figures are."""
    known = manifest()
    st.caption(
        t("Data as of {date}", date=speaker().date(known.as_of))
        + "  \n"
        + t("Snapshot {version}", version=known.version)
    )


def _run(page: st.Page) -> None:
    try:
        page.run()
    except NothingPublished:
        no_snapshot()
    except NotSignedIn:
        signed_out()
    except UserError as error:
        refused(error)
    except Exception:
        reference = uuid.uuid4().hex[:8]
        log.exception("page failed, reference %s", reference)
        failure(reference)


def _frame(person: Person) -> None:
    """The sidebar and the chosen page."""
    begin_run()
    with st.sidebar:
        language_switch()
    page = st.navigation(pages_for(person), expanded=True)
    with st.sidebar:
        try:
            _about_snapshot()
        except NothingPublished:
            st.caption(t("No data has been published yet"))
        whoami(person)
    if person.is_viewing_as:
        view_as_banner(person)
    on_page(page.url_path or "home")
    _run(page)


def main() -> None:
    """Find out who this is, then draw the frame and run the chosen page."""
    st.set_page_config(page_title="Vitrina", page_icon=str(HERE / "static" / "favicon.png"), layout="wide")
    st.logo(str(HERE / "static" / "logo.svg"), icon_image=str(HERE / "static" / "mark.svg"), size="large")
    try:
        person = identity.begin()
    except NotSignedIn:
        st.navigation([signed_out])
        signed_out()
    else:
        _frame(person)


main()
