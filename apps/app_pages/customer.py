"""The 360 card of one customer, addressed by `?id=`."""

import streamlit as st

from apps import identity
from apps.actions import tell_done
from apps.customer_card.attributes import attributes
from apps.customer_card.bundles import bundles
from apps.customer_card.header import Profile, header, key_figures
from apps.customer_card.health import health
from apps.customer_card.identities import identities
from apps.customer_card.money import money
from apps.customer_card.overview import overview
from apps.customer_card.relations import relations
from apps.customer_card.scores import scores
from apps.customer_card.signals import signals
from apps.customer_card.subscriptions import subscriptions
from apps.customer_card.tasks import new_task, tasks
from apps.customer_card.timeline import timeline
from apps.data import customer
from apps.data.client_health import SCORES
from apps.language import t
from apps.snapshot import reader
from apps.ui.layout import empty_state


def requested_id() -> int | None:
    """The customer that the address names."""
    text = st.query_params.get("id", "")
    return int(text) if text.isdigit() and len(text) < 19 else None


def card_of(customer_id: int) -> None:
    """The whole card; a tab is computed when it is opened."""
    profile = customer.profile(reader(), customer_id)
    if profile is None:
        empty_state(
            "person_off", t("No such customer"), t("There is no customer {id} in this snapshot.", id=customer_id)
        )
        return
    months = customer.history(reader(), customer_id)
    header(profile)
    _actions(customer_id, profile)
    key_figures(profile, months)
    # The gate closes what is not open to him; a tab that could only be empty is not drawn.
    drawn = {
        t("Overview"): ("customers", lambda: overview(profile, months)),
        t("Signals"): ("signals", lambda: signals(customer_id)),
        t("Tasks"): ("tasks", lambda: tasks(customer_id)),
        t("Scores"): ("signals", lambda: scores(customer_id, profile)),
        t("Numbers and products"): ("services", lambda: subscriptions(customer_id)),
        t("Usage and bundles"): ("usage", lambda: bundles(customer_id)),
        t("Debt and payments"): ("finance", lambda: money(customer_id, profile)),
        t("Contacts and links"): ("customers", lambda: relations(customer_id, profile)),
        t("Timeline"): ("customers", lambda: timeline(customer_id)),
        t("Identities"): ("identity_resolution", lambda: identities(customer_id)),
        t("All attributes"): ("customers", lambda: attributes(profile)),
    }
    if SCORES not in reader().manifest.tables:
        del drawn[t("Scores")]
    me = identity.person()
    sections = {title: draw for title, (subject, draw) in drawn.items() if me.may(subject, "view")}
    for tab, draw in zip(st.tabs(list(sections), key="card_tab", on_change="rerun"), sections.values(), strict=True):
        if tab.open:
            with tab:
                draw()


def _actions(customer_id: int, profile: Profile) -> None:
    """What a manager does from any tab: look at the health, plan a task, analyse usage."""
    tell_done()
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        health(customer_id)
        new_task(profile)
        if identity.person().may("usage", "view"):
            st.page_link(
                "app_pages/usage.py", label=t("Usage analysis"), icon=":material/monitoring:",
                query_params={"client": str(customer_id)},
            )  # fmt: skip


with st.container(horizontal=True, gap="small"):
    if identity.person().may("signals", "view"):
        st.page_link("app_pages/clients.py", label=t("Back to the clients"), icon=":material/arrow_back:")
    st.page_link("app_pages/customers.py", label=t("Back to the search"), icon=":material/arrow_back:")
wanted = requested_id()
if wanted is None:
    empty_state(
        "person_search", t("No customer chosen"), t("Find a customer on the search page and open the card from there.")
    )
else:
    card_of(wanted)
