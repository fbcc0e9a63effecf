"""A team by region, in one indicator: what its managers' plans and results add up to, with a forecast of its own."""

from typing import Any

from apps.data import performance as data
from apps.language import speaker, t
from apps.performance import figures
from apps.performance.team_table import plans_by_employee
from apps.performance.view import View
from apps.snapshot import ask
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card
from crm.services.performance import Kpi


def regions_card(view: View, kpi: Kpi) -> list[dict[str, Any]]:
    """The table by region; returns its rows for the file."""
    rows = _rows(view, kpi)
    unit = t("soʻm") if kpi.unit == "sum" else t("pieces")
    with card(t("Regions: {kpi}", kpi=view.name(kpi.code)), stretch=False):
        tables.plain(
            rows,
            {"region": tables.text(t("Region"), 220), "managers": tables.number(t("Managers"), 110),
             "plan": tables.number(t("Plan, {unit}", unit=unit), 140), "fact": tables.number(t("Fact"), 140),
             "done": tables.number(t("Fulfilment"), 90), "forecast": tables.number(t("Forecast"), 140),
             "interval": tables.text(t("80 % interval"), 210),
             "share": tables.number(t("Expected share of the plan"), 190)},
            key="team_regions",
        )  # fmt: skip
    return rows


def _rows(view: View, kpi: Kpi) -> list[dict[str, Any]]:
    plans, regions = plans_by_employee(view), dict[str, list[str]]()
    for each in view.people:
        regions.setdefault(view.company.regions.get(each, ""), []).append(each)
    rows, sizes = [], []
    for region, people in regions.items():
        outlook = ask(
            data.outlooks, tuple(sorted(people)), view.as_of, view.period.start, view.period.kind.value
        )[kpi.code]  # fmt: skip
        known = [plan for each in people if (plan := plans[each].get(kpi.code)) is not None]
        plan = sum(known) if known else None
        sizes.append(-(outlook.expected or 0.0))
        rows.append(
            {
                "region": label("region", region or None), "managers": speaker().number(len(people)),
                "plan": figures.plain(kpi, plan), "fact": figures.plain(kpi, outlook.fact),
                "done": figures.per_cent(figures.done(kpi, plan, outlook.fact)),
                "forecast": figures.plain(kpi, outlook.expected), "interval": figures.span(kpi, outlook),
                "share": figures.per_cent(figures.done(kpi, plan, outlook.expected)),
            }
        )  # fmt: skip
    return [row for _, row in sorted(zip(sizes, rows, strict=True), key=lambda pair: pair[0])]
