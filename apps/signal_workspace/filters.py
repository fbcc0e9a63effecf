"""Which signals are listed, and in what order: pills with counts, a rule, whoever has to act, a search."""

from dataclasses import replace
from typing import Any, Final

import streamlit as st

from apps.identity import Person, person
from apps.language import speaker, t
from apps.services import services
from apps.signal_workspace import customers
from apps.signal_workspace.access import is_wide
from apps.signal_workspace.words import COLORS, priority_name
from apps.ui import tables
from crm.services import signals as kept
from crm.services.signals import Counts, Filter, Priority, Sort, State

WAITING: Final = "waiting"
_STATES: Final[dict[str, tuple[State, ...]]] = {
    WAITING: (State.OPEN, State.SEEN), "new": (State.OPEN,), "snoozed": (State.SNOOZED,),
    "decided": (State.DECIDED,), "closed": (State.CLOSED,),
}  # fmt: skip
NOBODY: Final = "-"


def chosen() -> tuple[Filter, Sort]:
    """What the person has set; drawn as one line of search and one of pills."""
    me = person()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            t("Search"), key="signals_text", type="search", max_chars=100, width=260, label_visibility="collapsed",
            placeholder=t("Customer, INN or rule"), persist_state="session",
        )  # fmt: skip
        wanted = Filter(text=text or "", customers=customers.found(text or ""))
        everything = _counts(replace(wanted, states=tuple(State)))
        wanted = replace(wanted, rules=_rule(everything))
        if is_wide(me):
            wanted = _owner(me, wanted, everything)
        sort = _sort()
    known = _counts(wanted)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        wanted = replace(wanted, states=_state(known))
        wanted = replace(wanted, priorities=_priorities(known))
    if st.session_state.get("signals_filter_seen") != wanted:
        st.session_state.signals_filter_seen = wanted
        tables.first_page("signals")
    return wanted, sort


def _counts(wanted: Filter) -> Counts:
    with services().database.read() as session:
        return kept.counts(session, person().rights, wanted)


def _rule(known: Counts) -> tuple[str, ...]:
    with services().database.read() as session:
        named = {each.key: each.name for each in kept.rules(session, person().rights)}
    asked = st.query_params.get("rule")
    if asked in named and st.session_state.get("_signals_asked") != asked:
        # A notice brings its rule along; after that the box decides.
        st.session_state["_signals_asked"], st.session_state["signals_rule"] = asked, asked
    picked = st.selectbox(
        t("Rule"), [None, *named], key="signals_rule", width=230, label_visibility="collapsed", persist_state="session",
        format_func=lambda key: t("All rules") if key is None else _counted(named[key], known.by_rule.get(key, 0)),
    )  # fmt: skip
    return (picked,) if picked else ()


def _owner(me: Person, wanted: Filter, known: Counts) -> Filter:
    names = owners_of(me, known)
    picked = st.selectbox(
        t("Who has to act"), [None, *names], key="signals_owner", width=230, label_visibility="collapsed",
        persist_state="session",
        format_func=lambda key: t("All managers") if key is None else names[key],
    )  # fmt: skip
    if picked == NOBODY:
        return replace(wanted, unassigned=True)
    return replace(wanted, owners=(picked,)) if picked else wanted


def owners_of(me: Person, known: Counts) -> dict[str, str]:
    """Everybody who has signals waiting, with their number, those with most first."""
    ordered = sorted(known.by_owner, key=lambda each: -known.by_owner[each])
    with services().database.read() as session:
        from crm.services.organisation import employees

        names = {each.employee_id: each.full_name for each in employees(session) if each.employee_id in known.by_owner}
    told = {key: _counted(names.get(key, key), known.by_owner[key]) for key in ordered}
    return told | ({NOBODY: _counted(t("Nobody yet"), known.unassigned)} if known.unassigned else {})


def _sort() -> Sort:
    names = {
        Sort.URGENT: t("Urgent first"), Sort.NEWEST: t("Newest first"), Sort.VALUE: t("Largest customers first"),
        Sort.SEVERITY: t("Largest change first"), Sort.OLDEST: t("Oldest first"),
    }  # fmt: skip
    picked = st.selectbox(
        t("Order"), list(names), key="signals_sort", width=220, label_visibility="collapsed", persist_state="session",
        format_func=names.__getitem__,
    )  # fmt: skip
    return Sort(picked)


def _state(known: Counts) -> tuple[State, ...]:
    names = {
        WAITING: t("To decide"), "new": t("Unseen"), "snoozed": t("Asleep, plural"), "decided": t("Decided, plural"),
        "closed": t("Closed by themselves"),
    }  # fmt: skip
    counts = {name: sum(known.by_state.get(state.value, 0) for state in states) for name, states in _STATES.items()}
    picked = st.segmented_control(
        t("State"), list(names), key="signals_state", default=WAITING, required=True, label_visibility="collapsed",
        format_func=lambda name: _counted(names[name], counts[name]), persist_state="session",
    )  # fmt: skip
    return _STATES[str(picked or WAITING)]


def _priorities(known: Counts) -> tuple[Priority, ...]:
    def told(each: Any) -> str:
        count = known.by_priority.get(each, 0)
        return f":{COLORS[each]}[●] {_counted(priority_name(each), count)}"

    picked = st.pills(
        t("Priority"), [each.value for each in Priority], selection_mode="multi", key="signals_priority",
        label_visibility="collapsed", format_func=told, persist_state="session",
    )  # fmt: skip
    return tuple(Priority(each) for each in picked or ())


def _counted(name: str, count: int) -> str:
    return f"{name} · {speaker().number(count)}" if count else name
