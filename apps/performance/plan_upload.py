"""A plan from a file: what was taken, what was refused and why, before it is kept."""

import tempfile
from pathlib import Path

import streamlit as st

from apps import actions
from apps.data import performance as data
from apps.language import speaker, t
from apps.performance.planning import Desk, save
from apps.services import services
from apps.snapshot import ask
from apps.ui import tables
from apps.ui.layout import card, told
from crm.performance_messages import LOADING
from crm.services import performance
from crm.services.organisation import departments
from crm.services.performance import DEPARTMENT, EMPLOYEE, Known, Kpi, Loaded, Subject
from vitrina.errors import UserError
from vitrina.lists.reading import form_of, rows

_MOST_SHOWN = 200


def upload_card(desk: Desk) -> None:
    """The file, its outcome, and the button that keeps what was accepted."""
    with card(t("Load a file"), t("CSV or XLSX with the columns period, employee or department, indicator, plan."),
              stretch=False):  # fmt: skip
        st.download_button(
            t("Template with this plan's names"), data=_template(desk), file_name="plan.csv", mime="text/csv",
            icon=":material/download:", key="plan_template", type="tertiary",
        )  # fmt: skip
        file = st.file_uploader(t("File"), type=["csv", "txt", "xlsx"], key="plan_file", label_visibility="collapsed")
        if file is None:
            return
        try:
            loaded = _read(desk, file.name, file.getvalue())
        except UserError as error:
            st.error(told(error))
            return
        _outcome(loaded)
        if loaded.accepted and st.button(
            t("Take what was accepted"), icon=":material/done_all:", type="primary", key="plan_load_go"
        ):
            codes = {kpi for _, kpi in loaded.lines}
            people = {subject for subject, _ in loaded.lines}
            kept = {
                key: amount for key, amount in desk.lines.items() if key[1] not in codes or
                (key[0].kind == EMPLOYEE and key[0] not in people)
            }  # fmt: skip
            origin = {"how": "loaded", "file": file.name[:200], "received": loaded.received,
                      "accepted": loaded.accepted}  # fmt: skip
            actions.attempt(lambda: save(desk, {**kept, **loaded.lines}, origin, file.name[:200]))


def _read(desk: Desk, name: str, content: bytes) -> Loaded:
    with tempfile.NamedTemporaryFile(suffix=Path(name).suffix) as kept:
        kept.write(content)
        kept.flush()
        return performance.load(name, rows(form_of(Path(kept.name))), _known(desk))


def _known(desk: Desk) -> Known:
    place, company = desk.plan.department_id, desk.company
    people = company.inside[place]
    with services().database.read() as session:
        below = performance.tree_below(session, place, people)
        tree = departments(session)
    subjects: dict[str, Subject] = {}
    names = [(Subject(EMPLOYEE, each), company.names[each]) for each in people]
    places = {subject for subject in below if subject.kind == DEPARTMENT} | {Subject(DEPARTMENT, place)}
    names += [(each, company.places[each.id]) for each in places]
    subjects |= {subject.id.casefold(): subject for subject, _ in names}
    counted: dict[str, int] = {}
    for _, name in names:
        counted[name.casefold()] = counted.get(name.casefold(), 0) + 1
    # A name that two share names nobody: their ids do.
    subjects |= {name.casefold(): subject for subject, name in names if counted[name.casefold()] == 1}
    regions = [each.id for each in places if each.id in tree and tree[each.id].kind == "region"]
    subjects |= {
        code.casefold(): Subject(DEPARTMENT, each) for each in regions if (code := tree[each].region_code) is not None
    }
    kpis: dict[str, Kpi] = {}
    for row in ask(data.kpis):
        for spelling in (row["kpi"], row["label_ru"], row["label_uz"], row["label_en"]):
            kpis[str(spelling).casefold()] = data.kpi_of(row)
    return Known(desk.plan.period, below, kpis, subjects)


def _outcome(loaded: Loaded) -> None:
    say = speaker()
    st.markdown(
        t("Rows in the file: **{received}**, accepted: **{accepted}**, refused: **{refused}**.",
          received=say.number(loaded.received), accepted=say.number(loaded.accepted),
          refused=say.number(len(loaded.refused)))
    )  # fmt: skip
    if loaded.refused:
        fields = {"period": t("Period"), "subject": t("Employee or department"), "kpi": t("Indicator"),
                  "amount": t("Plan")}  # fmt: skip
        tables.plain(
            [
                {"file": each.file, "row": say.number(each.row), "field": fields[each.field],
                 "why": t(LOADING[each.message], **each.values)}
                for each in loaded.refused[:_MOST_SHOWN]
            ],
            {"file": tables.text(t("File"), 180), "row": tables.number(t("Row"), 80),
             "field": tables.text(t("Field"), 170), "why": tables.text(t("What is wrong"), 520)},
        )  # fmt: skip


def _template(desk: Desk) -> bytes:
    """The managers of the department with every indicator, to be filled in."""
    people = sorted(desk.company.inside[desk.plan.department_id] & frozenset(ask(data.managers)))
    lines = ["period;employee;name;kpi;plan"]
    for each in people:
        for code in desk.kpis:
            amount = desk.lines.get((Subject(EMPLOYEE, each), code))
            number = "" if amount is None else f"{amount / performance.WHOLE:.2f}".removesuffix(".00")
            lines.append(f"{desk.plan.period.start:%Y-%m};{each};{desk.company.names[each]};{code};{number}")
    return ("\ufeff" + "\n".join(lines) + "\n").encode()
