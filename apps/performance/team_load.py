"""The load of a team: clients, tasks, signals and how they were answered."""

from typing import Any

import streamlit as st

from apps.data import performance as data
from apps.identity import person
from apps.language import speaker, t
from apps.performance.view import View
from apps.services import services
from apps.snapshot import ask
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card
from crm.services import tasks
from crm.services.signals import figures as signal_figures
from crm.services.tasks import TaskFilter, Window

_MOST_TASKS = 20_000


def load_card(view: View) -> list[dict[str, Any]]:
    """The table by person; returns its rows for the file."""
    rows = _rows(view)
    with card(t("Load, tasks and signals"), stretch=False):
        st.caption(t("Clients and tasks are those of today, signals those raised in the period."))
        tables.plain(rows, _columns(), key="team_load")
    return rows


def _rows(view: View) -> list[dict[str, Any]]:
    me, now, say = person().rights, services().now(), speaker()
    clients = ask(data.clients_of, view.people)
    open_tasks, overdue = dict.fromkeys(view.people, 0), dict.fromkeys(view.people, 0)
    with services().database.read() as session:
        last = min(view.period.end, view.as_of)
        answered = {
            each.employee_id: each
            for each in signal_figures(session, me, view.period.start, last, employees=view.people)
        } if me.allows("signals", "view") else {}  # fmt: skip
        if me.allows("tasks", "view"):
            wanted = TaskFilter(window=Window.OPEN, assignees=view.people)
            for each in tasks.tasks(session, me, now, wanted, limit=_MOST_TASKS)[0]:
                if each.assignee_id in open_tasks:
                    open_tasks[each.assignee_id] += 1
                    overdue[each.assignee_id] += each.due_at < now
    rows = []
    for one in sorted(view.people, key=lambda each: -clients.get(each, 0)):
        told = answered.get(one)
        rows.append(
            {
                "name": view.company.names[one], "region": label("region", view.company.regions.get(one) or None),
                "clients": say.number(clients.get(one, 0)), "open_tasks": say.number(open_tasks[one]),
                "overdue": say.number(overdue[one]), "raised": say.number(told.raised if told else None),
                "open_signals": say.number(told.open if told else None),
                "reacted": say.number(told.reacted if told else None),
                "ignored": say.number(told.ignored if told else None),
                "hours": say.number(told.median_hours if told else None, 1),
            }
        )  # fmt: skip
    return rows


def _columns() -> dict[str, Any]:
    return {
        "name": tables.text(t("Manager"), 190), "region": tables.text(t("Region"), 125),
        "clients": tables.number(t("Clients"), 80), "open_tasks": tables.number(t("Open tasks"), 125),
        "overdue": tables.number(t("Overdue"), 95), "raised": tables.number(t("Signals raised"), 125),
        "open_signals": tables.number(t("Signals waiting"), 110), "reacted": tables.number(t("Answered"), 95),
        "ignored": tables.number(t("Signals ignored"), 110),
        "hours": tables.number(t("Hours to decision"), 130, help=t("The middle one of all decisions")),
    }  # fmt: skip
