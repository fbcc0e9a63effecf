"""Bonus schemes: which hold, their versions, and a new version with a preview on a real manager."""

import datetime as dt
from typing import Any

import streamlit as st

from apps import actions
from apps.data import performance as data
from apps.identity import person
from apps.language import speaker, t
from apps.performance.standing import plans_of, staff
from apps.performance.view import have_figures
from apps.services import services
from apps.snapshot import ask, manifest
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, escape
from crm.errors import CrmError
from crm.services import performance
from crm.services.performance import EMPLOYEE, Period, PeriodKind, Scheme, SchemeVersion, Subject
from segments.errors import DefinitionError

_NUMBERS = ("weight", "threshold_pct", "accelerator_from_pct", "accelerator", "cap_pct")


def schemes_panel() -> None:
    """All versions, and for who administers plans the next one."""
    codes = [row["kpi"] for row in ask(data.kpis)]
    with services().database.read() as session:
        versions = performance.scheme_versions(session, codes)
    with card(t("Bonus schemes"), t("A version holds from its first day until the next one begins."), stretch=False):
        if versions:
            _versions(versions)
        else:
            empty_state("payments", t("No bonus scheme yet"), t("Who administers plans makes the first one."))
    me = person()
    if not me.is_viewing_as and me.own_rights.allows(performance.OBJECT, "administer"):
        _editor(versions)


def _versions(versions: list[SchemeVersion]) -> None:
    say = speaker()
    periods = {"month": t("Month"), "quarter": t("Quarter")}
    rows = [
        {"name": each.name, "version": say.number(each.number), "from": say.date(each.valid_from),
         "period": periods[each.scheme.period_kind],
         "positions": ", ".join(label("position", one) for one in each.scheme.positions) or t("all positions"),
         "base": _base(each.scheme), "parts": _parts(each.scheme), "by": each.author_login, "why": each.reason}
        for each in versions
    ]  # fmt: skip
    tables.plain(
        rows,
        {"name": tables.text(t("Scheme"), 150), "version": tables.number(t("Version"), 65),
         "from": tables.text(t("Holds from"), 92), "period": tables.text(t("Period"), 75),
         "positions": tables.text(t("Positions"), 150), "base": tables.text(t("Base"), 105),
         "parts": tables.text(t("Indicators"), 330), "by": tables.text(t("By"), 150),
         "why": tables.text(t("Why"), 200)},
        row_height=56,
    )  # fmt: skip


def _base(scheme: Scheme) -> str:
    say = speaker()
    if scheme.base == "salary":
        return t("{share} of the salary", share=say.percent(float(scheme.share_pct), 0))
    return say.money(scheme.usual)


def _parts(scheme: Scheme) -> str:
    names, say = _names(), speaker()
    return ", ".join(f"{names.get(part.kpi, part.kpi)} {say.percent(float(part.weight), 0)}" for part in scheme.parts)


def _names() -> dict[str, str]:
    return {row["kpi"]: row[f"label_{speaker().language}"] for row in ask(data.kpis)}


def _editor(versions: list[SchemeVersion]) -> None:
    """The form of the next version, begun from one that exists."""
    latest = list({each.key: each for each in reversed(versions)}.values())
    with card(t("New version of a scheme"), stretch=False):
        choices: list[SchemeVersion | None] = [*latest, None]
        start = st.selectbox(
            t("Begin from"), choices, key="scheme_start", width=360,
            format_func=lambda each: t("A new scheme") if each is None else f"{each.name}, {each.number}",
        )  # fmt: skip
        document, key, name = _form(start)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            first = st.date_input(
                t("Holds from"), value=manifest().as_of.replace(day=1), format="DD.MM.YYYY", key="scheme_from"
            )
            reason = actions.reason_field("scheme_reason")
        scheme = _read(document)
        if scheme is not None:
            _preview(scheme)
        if st.button(t("Save the version"), icon=":material/save:", type="primary", key="scheme_save",
                     disabled=scheme is None):  # fmt: skip
            actions.attempt(lambda: _saved(key, name, first, document, reason))


def _form(start: SchemeVersion | None) -> tuple[dict[str, Any], str, str]:
    names, mark = _names(), start.key if start else "new"
    known = start.scheme if start else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(t("Name"), start.name if start else "", key=f"scheme_name_{mark}", max_chars=200)
        key = start.key if start else st.text_input(
            t("Key"), "", key="scheme_key", max_chars=80, help=t("Small letters, digits and dashes"))  # fmt: skip
        periods = {"month": t("Month"), "quarter": t("Quarter")}
        period = st.selectbox(t("Period"), list(periods), format_func=periods.__getitem__, key=f"scheme_period_{mark}",
                              index=list(periods).index(known.period_kind) if known else 0, width=140)  # fmt: skip
        positions = st.multiselect(
            t("Positions"), _positions(), default=[each for each in known.positions if each in _positions()] if known
            else [], key=f"scheme_positions_{mark}",
            format_func=lambda each: label("position", each), placeholder=t("all positions"),
        )  # fmt: skip
    bases = {"amount": t("Amount at 100 %, soʻm"), "salary": t("Share of the salary")}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        base = st.selectbox(t("Base"), list(bases), format_func=bases.__getitem__, key=f"scheme_base_{mark}",
                            index=list(bases).index(known.base) if known else 0, width=240)  # fmt: skip
        usual = st.number_input(
            bases["amount"] if base == "amount" else t("Salary, soʻm"), 0.0, 1e12,
            float(known.usual) if known else 3_000_000.0, 100_000.0, "%.0f", key=f"scheme_usual_{mark}", width=200,
        )  # fmt: skip
        share = 100.0
        if base == "salary":
            share = st.number_input(t("Per cent of it"), 0.0, 1000.0, float(known.share_pct) if known else 30.0,
                                    key=f"scheme_share_{mark}", width=160)  # fmt: skip
        cap = st.number_input(t("At most, % of the base"), 0.0, 1000.0, float(known.cap_pct) if known else 150.0, 10.0,
                              "%.0f", key=f"scheme_cap_{mark}", width=200)  # fmt: skip
    own = st.text_area(
        t("Other amounts of single employees"), _own_text(known), key=f"scheme_own_{mark}", height=68,
        placeholder="E1001 = 4000000", help=t("One line for each: number of the employee = soʻm"),
    )  # fmt: skip
    document = {
        "version": 1, "period": period, "positions": positions,
        "base": {"kind": base, "usual": str(usual), "share_pct": str(share), "own": _own_of(own or "")},
        "kpis": _weights(known, names, mark), "cap_pct": str(cap),
    }  # fmt: skip
    return document, key or "", name or ""


def _weights(known: Scheme | None, names: dict[str, str], mark: str) -> list[dict[str, Any]]:
    parts = {part.kpi: part for part in known.parts} if known else {}
    usual = {"weight": 0.0, "threshold_pct": 80.0, "accelerator_from_pct": 100.0, "accelerator": 1.0, "cap_pct": 150.0}
    rows = [
        {"kpi": code, "name": names[code]}
        | {each: float(getattr(parts[code], each)) if code in parts else usual[each] for each in _NUMBERS}
        for code in names
    ]
    headings = {"weight": t("Weight, %"), "threshold_pct": t("Threshold, %"),
                "accelerator_from_pct": t("Accelerated from, %"), "accelerator": t("Times"),
                "cap_pct": t("At most, %")}  # fmt: skip
    edited = st.data_editor(
        rows, key=f"scheme_parts_{mark}", hide_index=True, num_rows="fixed",
        column_config={"kpi": None, "name": st.column_config.TextColumn(t("Indicator"), disabled=True)}
        | {each: st.column_config.NumberColumn(title, min_value=0.0) for each, title in headings.items()},
    )  # fmt: skip
    return [
        {"kpi": row["kpi"], **{each: str(row[each] or 0) for each in _NUMBERS}}
        for row in edited
        if float(row["weight"] or 0) > 0
    ]


def _read(document: dict[str, Any]) -> Scheme | None:
    try:
        return performance.read_scheme(document, frozenset(_names()))
    except DefinitionError as error:
        for problem in error.problems:
            st.markdown(f":material/error: {escape(t(problem.message, **problem.values))}")
        return None


def _preview(scheme: Scheme) -> None:
    """What the scheme would have paid somebody for the last complete period, by his plan and results."""
    if not have_figures():
        return
    as_of = manifest().as_of
    period = Period.holding(as_of, PeriodKind(scheme.period_kind)).shifted(-1)
    kpis = {row["kpi"]: data.kpi_of(row) for row in ask(data.kpis)}
    with services().database.read() as session:
        company = staff(session)
        people = [each for each in ask(data.managers)
                  if not scheme.positions or company.positions.get(each) in scheme.positions]  # fmt: skip
        plans = plans_of(session, company, [Subject(EMPLOYEE, each) for each in people], period)
    planned = [each for each in people if plans[Subject(EMPLOYEE, each)]]
    if not planned:
        st.caption(t("Preview: nobody of these positions had an approved plan in the last period."))
        return
    say = speaker()
    who = st.selectbox(t("Preview on the last period of"), planned, format_func=company.names.__getitem__,
                       key="scheme_who", width=360)  # fmt: skip
    outlooks = ask(data.outlooks, (str(who),), as_of, period.start, period.kind.value)
    results = {code: each.fact or 0.0 for code, each in outlooks.items()}
    found = performance.bonus(
        scheme, str(who), plans[Subject(EMPLOYEE, str(who))], results, {code: kpi.better for code, kpi in kpis.items()}
    )
    st.markdown(
        t("It would have paid **{sum}**, the base being {base}.", sum=escape(say.money(found.amount)),
          base=escape(say.money(found.base)))
    )  # fmt: skip


def _saved(key: str, name: str, first: Any, document: dict[str, Any], reason: str) -> str:
    if not isinstance(first, dt.date):
        raise CrmError("scheme_name")
    with actions.changing(performance.OBJECT, "administer") as (session, actor, now):
        performance.require_schemes(person().own_rights)
        performance.save_scheme(session, key, name, first, document, actor, now, reason, frozenset(_names()))
    return t("The version is saved")


def _positions() -> list[str]:
    with services().database.read() as session:
        company = staff(session)
    return sorted({company.positions[each] for each in company.positions if company.positions[each]})


def _own_text(known: Scheme | None) -> str:
    return "\n".join(f"{each} = {amount}" for each, amount in sorted(known.own.items())) if known else ""


def _own_of(text: str) -> dict[str, str]:
    """Lines «employee = amount»; a line without a sign of equality is a mistake that the reading tells of."""
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    return {key.strip(): "".join(value.split()) for key, _, value in pairs}
