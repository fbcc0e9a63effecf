"""Who is signed in, at the foot of the sidebar, and the strip that says whose eyes one looks through."""

import streamlit as st

from apps.administration.role_choice import role_titles
from apps.identity import Person
from apps.language import t
from apps.services import services
from apps.ui.layout import escape
from crm.services import sessions
from crm.services.view_as import end_view_as


def whoami(person: Person) -> None:
    """Name, roles, and the way out."""
    own = person.own_rights
    st.divider()
    st.markdown(f"**{escape(own.display_name)}**  \n:small[{escape(', '.join(role_names(own.roles)) or t('no role'))}]")
    if st.button(t("Sign out"), icon=":material/logout:", key="sign_out", width="stretch"):
        shared = services()
        with shared.database.begin() as session:
            sessions.sign_out(session, person.session_id, person.actor, shared.now())
        st.rerun()


def role_names(codes: frozenset[str]) -> list[str]:
    """Names of roles in the reader's language."""
    names = role_titles()
    return sorted(names.get(code, code) for code in codes)


def view_as_banner(person: Person) -> None:
    """Nobody forgets that what he sees is another's view."""
    viewed = person.rights
    with st.container(border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(
            ":material/visibility: "
            + t(
                "You see what **{name}** ({login}) sees. Read-only; this look is recorded.",
                name=escape(viewed.display_name),
                login=escape(viewed.login),
            )
        )
        if st.button(t("Back to my own view"), key="view_as_end", type="primary"):
            shared = services()
            with shared.database.begin() as session:
                end_view_as(session, person.session_id, person.actor, shared.now())
            st.rerun()
