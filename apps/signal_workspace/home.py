"""What a manager sees first in the morning: signals that wait, tasks of the day, and where his figures stand."""

from typing import Final

import streamlit as st

from apps.data import performance as data
from apps.identity import Person, person
from apps.language import speaker, t
from apps.performance import figures
from apps.performance.standing import plans_of, staff
from apps.performance.view import View
from apps.services import services
from apps.signal_workspace import customers
from apps.signal_workspace.access import is_wide
from apps.signal_workspace.happened import happened
from apps.signal_workspace.opening import PAGE as SIGNALS
from apps.signal_workspace.rules_of import rules_of
from apps.signal_workspace.words import dot
from apps.snapshot import ask, manifest
from apps.task_workspace.listing import ICONS
from apps.ui.layout import card, empty_state, escape
from crm.services import signals as kept
from crm.services import tasks
from crm.services.performance import EMPLOYEE, Period, PeriodKind, Subject
from crm.services.signals import Filter, SignalInfo
from crm.services.tasks import TaskFilter, TaskInfo, Window
from vitrina.access.rights import Scope

_SHOWN: Final = 5
_KPIS: Final = 4
TASKS: Final = "app_pages/tasks.py"


def has_day(me: Person) -> bool:
    """Whether his day begins with signals: a manager's with his own, a head's with those of his unit."""
    scope = me.rights.scope("signals", "view")
    decides = scope is Scope.OWN or (scope is not None and me.may("signals", "edit"))
    return decides and me.may("tasks", "view")


def day(me: Person) -> None:
    """Signals beside tasks, his figures below."""
    left, right = st.columns([3, 2], gap="small")
    with left:
        _signals(t("What waits in your unit") if is_wide(me) else t("Whom to call"))
    with right:
        _tasks(me)
    if me.may("kpis", "view"):
        _kpis(me)


def _signals(title: str) -> None:
    with services().database.read() as session:
        rights = person().rights
        rows, total = kept.inbox(session, rights, Filter(), limit=_SHOWN)
        unseen = kept.counts(session, rights).by_state.get("open", 0)
    say = speaker()
    about = t("To decide: {waiting}, of them new: {unseen}", waiting=say.number(total), unseen=say.number(unseen))
    with card(title, about, key="home_signals"):
        if not rows:
            empty_state("task_alt", t("Nothing waits here"), t("All signals are decided on."))
            return
        names, rules = customers.names(row.customer_id for row in rows), rules_of(rows)
        for row in rows:
            told = happened(row, rules.get((row.rule, row.rule_version))) or row.rule_name
            _signal(row, names.get(row.customer_id) or customers.number(row.customer_id), told)
        st.page_link(SIGNALS, label=t("All signals"), icon=":material/arrow_forward:")


def _signal(row: SignalInfo, name: str, told: str) -> None:
    with st.container(gap="xxsmall"):
        if st.button(f"{dot(row.priority)} **{escape(name)}**", key=f"home_signal_{row.signal_id}", type="tertiary"):
            st.switch_page(SIGNALS, query_params={"signal": str(row.signal_id)})
        st.markdown(f":small[{escape(told)}]")


def _tasks(me: Person) -> None:
    shared, say = services(), speaker()
    zone = shared.settings.timezone
    with shared.database.read() as session:
        mine = TaskFilter(mine=True)
        counts = tasks.task_counts(session, me.rights, shared.now(), mine, timezone=zone)
        rows: list[TaskInfo] = []
        for window in (Window.OVERDUE, Window.TODAY, Window.COMING):
            if len(rows) < _SHOWN:
                wanted = TaskFilter(window=window, mine=True)
                rows += tasks.tasks(session, me.rights, shared.now(), wanted, timezone=zone,
                                    limit=_SHOWN - len(rows))[0]  # fmt: skip
    about = t("Overdue: {overdue}, today: {today}, coming: {coming}", overdue=say.number(counts[Window.OVERDUE]),
              today=say.number(counts[Window.TODAY]), coming=say.number(counts[Window.COMING]))  # fmt: skip
    with card(t("My tasks today"), about, key="home_tasks"):
        if not rows:
            empty_state("event_available", t("No tasks"), t("Plan one from a signal or from a card."))
        names = customers.names(row.customer_id for row in rows)
        st.markdown("\n\n".join(_task(row, names) for row in rows))
        st.page_link(TASKS, label=t("All tasks"), icon=":material/arrow_forward:")


def _task(row: TaskInfo, names: dict[int, str]) -> str:
    say = speaker()
    is_over = row.due_at < services().now()
    when = f":red[{say.moment(row.due_at)}]" if is_over else say.moment(row.due_at)
    who = names.get(row.customer_id or 0, "")
    about = f":gray[:small[{when}{' · ' + escape(who) if who else ''}]]"
    return f":material/{ICONS[row.kind.value]}: {escape(row.title)}  \n{about}"


def _kpis(me: Person) -> None:
    """The first figures of the month with the plan; all of them are a click away."""
    own = me.rights.employees_in(Scope.OWN) & set(ask(data.managers)) if _has_figures() else frozenset[str]()
    if not own:
        return
    as_of, subject = manifest().as_of, Subject(EMPLOYEE, min(own))
    period = Period.holding(as_of, PeriodKind.MONTH)
    people = (subject.id,)
    with services().database.read() as session:
        company = staff(session)
        plans = plans_of(session, company, [subject], period)[subject]
    view = View(subject, period, as_of, company, tuple(ask(data.kpis)), people, people)
    outlooks = ask(data.outlooks, people, as_of, period.start, period.kind.value)
    with st.grid(_KPIS, gap="small", min_column_width=200):
        for code, kpi in list(view.kpis.items())[:_KPIS]:
            outlook, plan = outlooks[code], plans.get(code)
            share = figures.done(kpi, plan, outlook.expected)
            st.metric(
                view.name(code), figures.short(kpi, outlook.fact), help=view.told(code), border=True, height="stretch",
                delta=None if share is None else t("{share} of the plan expected", share=figures.per_cent(share)),
                delta_color="off", delta_arrow="off",
            )  # fmt: skip


def _has_figures() -> bool:
    return set(data.TABLES) <= set(manifest().tables)
