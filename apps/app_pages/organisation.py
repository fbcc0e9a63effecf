"""Organisation: the tree of departments, employees, and who stands in for whom."""

import streamlit as st

from apps.actions import tell_done
from apps.administration.departments import departments_tab
from apps.administration.employees import employees_tab
from apps.administration.stand_ins import stand_ins_tab
from apps.language import t
from apps.ui.layout import page_header

page_header(t("Company structure"), t("Departments and employees as the source has them, with what was changed here"))
tell_done()
sections = {t("Departments"): departments_tab, t("Employees"): employees_tab, t("Stand-ins"): stand_ins_tab}
for tab, draw in zip(
    st.tabs(list(sections), key="organisation_tab", on_change="rerun"), sections.values(), strict=True
):
    if tab.open:
        with tab:
            draw()
