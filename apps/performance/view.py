"""What a page of figures is about: whose, of which period; asked once at its top and kept in its address."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from apps.data import performance as data
from apps.identity import person
from apps.language import speaker, t
from apps.performance.standing import Staff, in_reach, staff
from apps.services import services
from apps.snapshot import ask, manifest
from apps.ui.layout import empty_state
from crm.services import performance
from crm.services.performance import DEPARTMENT, EMPLOYEE, Kpi, Period, PeriodKind, Subject
from vitrina.access.rights import Scope

_MONTHS, _QUARTERS = 18, 6


@dataclass(frozen=True)
class View:
    """A page's subject and period; `managers` are all whose figures are open, `people` those of the subject."""

    subject: Subject
    period: Period
    as_of: dt.date
    company: Staff
    rows: tuple[Mapping[str, Any], ...]
    managers: tuple[str, ...]
    people: tuple[str, ...]

    @property
    def kpis(self) -> dict[str, Kpi]:
        """Indicators by code, in their order."""
        return {row["kpi"]: data.kpi_of(dict(row)) for row in self.rows}

    def name(self, kpi: str) -> str:
        """What an indicator is called."""
        return next((str(row[f"label_{speaker().language}"]) for row in self.rows if row["kpi"] == kpi), kpi)

    def told(self, kpi: str) -> str:
        """What an indicator counts."""
        return next((str(row[f"told_{speaker().language}"]) for row in self.rows if row["kpi"] == kpi), "")


def have_figures(needed: tuple[str, ...] = data.TABLES) -> bool:
    """Whether this snapshot has the tables with figures of managers; says so when it has not."""
    if set(needed) <= set(manifest().tables):
        return True
    with st.container(border=True):
        empty_state(
            "query_stats", t("No figures of managers yet"), t("They come with the next run of the pipeline.")
        )  # fmt: skip
    return False


def chosen(page: str, *, departments_only: bool = False) -> View | None:
    """The controls at the top of a page, and what they say; None when nobody's figures are open."""
    me, as_of = person().rights, manifest().as_of
    with services().database.read() as session:
        company, seen = staff(session), performance.departments_seen(session, me)
    found = tuple(each for each in ask(data.managers) if each in company.names)
    managers = in_reach(me, found)
    subjects = _subjects(company, managers, seen, departments_only)
    if not subjects:
        with st.container(border=True):
            empty_state("person_off", t("No figures are open to you"), t("Nobody in your reach has clients."))
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        subject = _subject(page, subjects, company, me.employees_in(Scope.OWN), managers)
        period = _period(page, as_of)
    people = tuple(sorted(company.of(subject) & set(managers)))
    return View(subject, period, as_of, company, tuple(ask(data.kpis)), managers, people)


def title_of(company: Staff, subject: Subject) -> str:
    """What a subject is called: departments of one name are told apart by their region's name."""
    if subject.kind == EMPLOYEE:
        return company.names.get(subject.id, subject.id)
    return company.paths.get(subject.id, subject.id)


def period_name(period: Period) -> str:
    """«ноябрь 2026», or a quarter."""
    if period.kind is PeriodKind.MONTH:
        return speaker().month(period.start)
    return t("quarter {number}, {year}", number=(period.start.month + 2) // 3, year=period.start.year)


def periods(as_of: dt.date, kind: PeriodKind, ahead: int = 0) -> list[Period]:
    """The running period, some to come, and those before, the latest first."""
    now = Period.holding(as_of, kind)
    count = _MONTHS if kind is PeriodKind.MONTH else _QUARTERS
    return [now.shifted(number) for number in range(ahead, -count, -1)]


def _subjects(
    company: Staff, managers: tuple[str, ...], seen: frozenset[str], departments_only: bool
) -> list[Subject]:  # fmt: skip
    places = [
        Subject(DEPARTMENT, place)
        for place in sorted(seen, key=lambda each: (len(company.paths.get(each, "")), company.paths.get(each, "")))
        if company.inside[place] & set(managers)
    ]
    people = [Subject(EMPLOYEE, each) for each in sorted(managers, key=lambda each: company.names[each])]
    return places if departments_only else [*places, *people]


def _subject(
    page: str, subjects: list[Subject], company: Staff, own: frozenset[str], managers: tuple[str, ...]
) -> Subject:  # fmt: skip
    names = {f"{each.kind}:{each.id}": title_of(company, each) for each in subjects}
    key = f"{page}_who"
    if key not in st.session_state:
        asked = st.query_params.get("who", "")
        mine = [f"{EMPLOYEE}:{each}" for each in sorted(own & set(managers)) if f"{EMPLOYEE}:{each}" in names]
        st.session_state[key] = asked if asked in names else next(iter(mine), next(iter(names)))
    if st.session_state[key] not in names:
        st.session_state[key] = next(iter(names))
    if len(names) == 1:
        value = next(iter(names))
    else:
        value = st.selectbox(t("Whose figures"), list(names), format_func=names.__getitem__, key=key, width=380)
    st.query_params["who"] = value
    kind, _, found = value.partition(":")
    return Subject(kind, found)


def _period(page: str, as_of: dt.date) -> Period:
    kinds = {PeriodKind.MONTH: t("Month"), PeriodKind.QUARTER: t("Quarter")}
    kind = st.segmented_control(
        t("Period"), list(kinds), default=PeriodKind.MONTH, required=True, format_func=kinds.__getitem__,
        key=f"{page}_kind",
    )  # fmt: skip
    listed = periods(as_of, PeriodKind(kind or PeriodKind.MONTH))
    return st.selectbox(
        t("Which one"), listed, format_func=period_name, key=f"{page}_period_{kind}", width=210,
        label_visibility="collapsed",
    )  # fmt: skip
