"""RFM analysis: the matrix, the named groups, how customers move between months, and who they are."""

from dataclasses import replace
from datetime import date
from itertools import product

import streamlit as st

from apps.data import rfm
from apps.data.rfm import Choice
from apps.language import speaker, t
from apps.snapshot import ask, reader
from apps.ui import charts, tables
from apps.ui.customer_list import customer_columns, open_card, readable
from apps.ui.labels import GROUP_COLORS, label
from apps.ui.layout import card, empty_state, page_header

SCORES = (5, 4, 3, 2, 1)


def filters(months: list[date]) -> tuple[Choice, str]:
    """Month, customer type and what the matrix shows."""
    say = speaker()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        month = st.selectbox(t("Month"), months, format_func=say.month, key="rfm_month", width=200)
        kind = st.segmented_control(
            t("Customers"),
            ["all", "person", "organisation"],
            key="rfm_type",
            default="all",
            required=True,
            format_func=lambda code: t("All") if code == "all" else label("customer_types", code),
        )
        measure = st.segmented_control(
            t("Colour shows"),
            ["customers", "money"],
            default="customers",
            key="rfm_measure",
            required=True,
            format_func={"customers": t("Number of customers"), "money": t("Payments in 12 months")}.__getitem__,
        )
    return Choice(month or months[0], None if kind in (None, "all") else kind), measure or "customers"


def matrix_card(choice: Choice, measure: str) -> None:
    """R × F cells; a click narrows the list of customers below."""
    say = speaker()
    found = {(row["r_score"], row["f_score"]): row for row in ask(rfm.matrix, choice).to_pylist()}
    cells = []
    for r_score, f_score in product(SCORES, SCORES):
        row = found.get((r_score, f_score), {"customers": 0, "money": 0})
        people, money = say.number(row["customers"]), say.compact(row["money"])
        cells.append(
            {
                "column": f"F{f_score}",
                "line": f"R{r_score}",
                "value": float(row[measure] or 0),
                "text": f"{people}\n{money}" if row["customers"] else "",
                "tip": f"R{r_score} F{f_score}: {t('customers')} {people}, {t('payments')} {say.money(row['money'])}",
            }
        )
    option = charts.heatmap(
        cells,
        [f"F{score}" for score in reversed(SCORES)],
        [f"R{score}" for score in SCORES],
        column_name=t("How often they pay (F)"),
        line_name="",
        selectable=True,
    )
    with card(
        t("Recency and frequency"), t("R5: paid most recently, F5: pays most often. Click a cell to see its customers.")
    ):
        st.echarts_chart(
            option, height=430, key="rfm_matrix", on_select=_cell_picked, alt=t("Customers by recency and frequency")
        )


def _cell_picked() -> None:
    """Turn the clicked cell of the matrix into the filter of the list."""
    chosen = st.session_state.rfm_matrix["selection"]["selected"]
    place = chosen[0]["data_indices"][0] if chosen else None
    # The cells were given row by row, both scores from 5 down to 1.
    st.session_state.rfm_cell = None if place is None else (SCORES[place // 5], SCORES[place % 5])
    st.session_state.rfm_group = None


def groups_card(choice: Choice) -> None:
    """Named groups by size and money; a selected row narrows the list."""
    say, rows = speaker(), {row["rfm_group"]: row for row in ask(rfm.groups, choice).to_pylist()}
    total = sum(row["customers"] for row in rows.values()) or 1
    money = float(sum(row["money"] for row in rows.values())) or 1.0
    frame = [
        {
            "code": code,
            "name": label("rfm_group", code),
            "customers": say.number(rows[code]["customers"]),
            "share": say.percent(100 * rows[code]["customers"] / total),
            "money": say.compact(rows[code]["money"]),
            "money_share": say.percent(100 * float(rows[code]["money"]) / money),
        }
        for code in rfm.GROUPS
        if code in rows
    ]
    with card(t("Groups"), t("Select a row to see the customers of the group.")):
        picked = tables.selectable(
            frame,
            {
                "name": tables.text(t("Group"), 150),
                "customers": tables.number(t("Customers"), 72),
                "share": tables.number("%", 58),
                "money": tables.number(t("Payments, soʻm"), 90),
                "money_share": tables.number("%", 58),
            },
            key="rfm_groups",
        )
        if picked != st.session_state.get("rfm_groups_seen"):
            st.session_state.rfm_groups_seen = picked
            st.session_state.rfm_group = frame[picked]["code"] if picked is not None else None
            st.session_state.rfm_cell = None if picked is not None else st.session_state.get("rfm_cell")


def migration_card(choice: Choice, months: list[date]) -> None:
    """From which group to which: the chosen month against an earlier one."""
    say = speaker()
    earlier = [month for month in months if month < choice.month]
    with card(t("Movement between groups"), stretch=False):
        if not earlier:
            empty_state("swap_horiz", t("Nothing to compare with"), t("Movement needs at least two stored months."))
            return
        before = st.selectbox(t("Compared with"), earlier, format_func=say.month, key="rfm_before", width=200)
        links = [
            {
                "from": row["from_group"] or "no_payments",
                "to": row["to_group"] or "no_payments",
                "value": row["customers"],
                "tip": f"{label('rfm_group', row['from_group'] or 'no_payments')} → "
                f"{label('rfm_group', row['to_group'] or 'no_payments')}: {say.number(row['customers'])}",
            }
            for row in ask(rfm.migration, before, choice.month, choice.customer_type).to_pylist()
        ]
        if not links:
            empty_state("swap_horiz", t("Nothing to compare with"), t("No customer has both months."))
            return
        names = {code: label("rfm_group", code) for code in rfm.GROUPS}
        stayed = sum(link["value"] for link in links if link["from"] == link["to"])
        moved = sum(link["value"] for link in links) - stayed
        st.caption(
            t("Stayed in their group: {stayed}; moved: {moved}", stayed=say.number(stayed), moved=say.number(moved))
        )
        st.echarts_chart(
            charts.flow(links, names, GROUP_COLORS), height=520, key="rfm_flow", alt=t("Movement between groups")
        )


def members_card(choice: Choice) -> None:
    """The customers of the chosen cell or group, page by page."""
    cell, group = st.session_state.get("rfm_cell"), st.session_state.get("rfm_group")
    narrowed = replace(choice, group=group, r_score=cell[0] if cell else None, f_score=cell[1] if cell else None)
    chosen = (
        label("rfm_group", group) if group else f"R{cell[0]} F{cell[1]}" if cell else t("all customers of the month")
    )
    with card(t("Customers: {choice}", choice=chosen), stretch=False):
        if (group or cell) and st.button(t("Show all"), icon=":material/close:", key="rfm_clear", type="tertiary"):
            st.session_state.rfm_cell = st.session_state.rfm_group = None
            st.rerun()
        total = ask(rfm.count, narrowed)
        if not total:
            empty_state("group_off", t("No customers here"), t("Choose another cell, group or month."))
            return
        picked = tables.paged(
            f"rfm_list_{narrowed.group}_{narrowed.r_score}_{narrowed.f_score}",
            total,
            lambda limit, offset: rfm.members(reader(), narrowed, limit, offset),
            customer_columns("rfm"),
            selectable=True,
            page_size=25,
            prepare=readable,
        )
        open_card(picked)


page_header(t("RFM analysis"), t("Customers by recency, frequency and sum of payments over the last 12 months"))
stored = ask(rfm.months)
if not stored:
    empty_state("grid_on", t("No RFM history yet"), t("It appears after the first full month of payments."))
else:
    picked_choice, picked_measure = filters(stored)
    left, right = st.columns([11, 10], gap="small")
    with left:
        matrix_card(picked_choice, picked_measure)
    with right:
        groups_card(picked_choice)
    members_card(picked_choice)
    migration_card(picked_choice, stored)
