"""Which pages a person has: those that one of his rights opens. A page checks again what it shows and does."""

from typing import Any

import streamlit as st

from apps.identity import Person
from apps.language import t
from apps.ui.bell import bell_title
from vitrina.access.rights import Scope

Pages = dict[str, list[Any]]


def pages_for(person: Person) -> Pages:
    """Pages by section, for `st.navigation`; a section without pages is left out."""
    sections = {
        "": [st.Page("app_pages/home.py", title=t("Home"), icon=":material/home:", default=True)],
        t("Work"): _work(person),
        t("Customers"): _customers(person),
        t("Plans and results"): _performance(person),
        t("Segments"): _segments(person),
        t("Campaigns"): _campaigns(person),
        t("Data"): _data(person),
        t("Administration"): _administration(person),
        t("Account"): [st.Page("app_pages/account.py", title=t("My account"), icon=":material/account_circle:")],
    }
    return {title: pages for title, pages in sections.items() if pages}


def _work(person: Person) -> list[Any]:
    pages = []
    if person.may("signals", "view"):
        pages.append(st.Page("app_pages/signals.py", title=t("Signals"), icon=":material/notifications_active:"))
    if person.may("tasks", "view"):
        pages.append(st.Page("app_pages/tasks.py", title=t("Tasks"), icon=":material/task_alt:"))
    if person.may("signal_rules", "view"):
        pages += [
            st.Page("app_pages/signal_rules.py", title=t("Signal rules"), icon=":material/rule_settings:"),
            st.Page("app_pages/signal_rule.py", title=t("Signal rule"), icon=":material/rule:", visibility="hidden"),
        ]
    return [
        *pages,
        st.Page("app_pages/notices.py", title=bell_title(person), icon=":material/notifications:"),
    ]


def _customers(person: Person) -> list[Any]:
    pages = []
    if person.may("customers", "view") and person.may("signals", "view"):
        wide = person.rights.scope("customers", "view") != Scope.OWN
        pages.append(
            st.Page("app_pages/clients.py", title=t("Clients") if wide else t("My clients"), icon=":material/groups:")
        )
    if person.may("customers", "view"):
        pages += [
            st.Page("app_pages/customers.py", title=t("Customer search"), icon=":material/person_search:"),
            st.Page("app_pages/customer.py", title=t("Customer card"), icon=":material/badge:", visibility="hidden"),
            st.Page("app_pages/rfm.py", title=t("RFM analysis"), icon=":material/grid_on:"),
        ]
    if person.may("customers", "view") and person.may("usage", "view"):
        pages.append(st.Page("app_pages/usage.py", title=t("Usage analysis"), icon=":material/monitoring:"))
    if person.may("analytics", "view"):
        pages.append(st.Page("app_pages/cohorts.py", title=t("Cohorts"), icon=":material/stacked_line_chart:"))
    if person.may("models", "view"):
        pages.append(
            st.Page("app_pages/models.py", title=t("Models of churn and value"), icon=":material/model_training:")
        )
    return pages


def _performance(person: Person) -> list[Any]:
    if not (person.may("kpis", "view") or person.may("kpis", "administer")):
        return []
    scope = person.rights.scope("kpis", "view")
    pages = []
    if scope is not None:
        title = t("My KPIs") if scope is Scope.OWN else t("KPIs")
        pages.append(st.Page("app_pages/kpis.py", title=title, icon=":material/target:"))
    if scope is not None and scope is not Scope.OWN:
        pages.append(st.Page("app_pages/team.py", title=t("Team"), icon=":material/supervisor_account:"))
    if person.may("kpis", "edit") or person.may("kpis", "administer"):
        pages.append(st.Page("app_pages/plans.py", title=t("Plans and bonuses"), icon=":material/edit_calendar:"))
    return pages


def _segments(person: Person) -> list[Any]:
    if not person.may("segments", "view"):
        return []
    return [
        st.Page("app_pages/segments.py", title=t("Segments"), icon=":material/filter_alt:"),
        st.Page("app_pages/segment.py", title=t("Segment"), icon=":material/filter_alt:", visibility="hidden"),
        st.Page("app_pages/lists.py", title=t("Lists of customers"), icon=":material/list_alt:"),
    ]


def _campaigns(person: Person) -> list[Any]:
    if not person.may("campaigns", "view"):
        return []
    return [
        st.Page("app_pages/campaigns.py", title=t("All campaigns, page"), icon=":material/campaign:"),
        st.Page("app_pages/campaign.py", title=t("Campaign"), icon=":material/campaign:", visibility="hidden"),
        st.Page("app_pages/message_texts.py", title=t("Message texts"), icon=":material/chat:"),
        st.Page("app_pages/campaign_settings.py", title=t("Rules of campaigns"), icon=":material/rule_settings:"),
    ]


def _data(person: Person) -> list[Any]:
    pages = []
    if person.may("data_health", "view"):
        pages.append(st.Page("app_pages/data_health.py", title=t("Data health"), icon=":material/monitor_heart:"))
    if person.may("sql", "query"):
        pages.append(st.Page("app_pages/sql.py", title=t("SQL workspace"), icon=":material/terminal:"))
    if person.may("exports", "export"):
        pages.append(st.Page("app_pages/exports.py", title=t("Exports"), icon=":material/download:"))
    return pages


def _administration(person: Person) -> list[Any]:
    known = [
        ("users", "view", "users", t("Users"), "group"),
        ("roles", "view", "roles", t("Roles and rights"), "shield_person"),
        ("organisation", "edit", "organisation", t("Company structure"), "account_tree"),
        ("sessions", "view", "sessions", t("Sessions"), "devices"),
        ("audit", "view", "audit", t("Audit log"), "policy"),
    ]
    return [
        st.Page(f"app_pages/{page}.py", title=title, icon=f":material/{icon}:")
        for subject, action, page, title, icon in known
        if person.may(subject, action)
    ]
