"""Options for the one chart engine (ECharts): plain dictionaries, so that they can be tested without a browser.

Values that a tooltip or label shows are formatted in Python beforehand, in the reader's language: chart options carry
no code, and the engine's own number formats are English.
"""

from collections.abc import Sequence
from typing import Any

Option = dict[str, Any]
Row = dict[str, Any]

PRIMARY = "#0f6e84"
ACCENT = "#e08a2b"
MUTED = "#667680"
HEAT = ["#eef6f8", "#b8dbe3", "#6fb4c4", "#2c869c", "#0b5768"]
GOOD, FAIR, BAD = "#2b8a57", "#c97a12", "#c4423a"
_GRID = {"left": 8, "right": 12, "top": 34, "bottom": 4, "containLabel": True}


def trend(
    rows: Sequence[Row],
    x: str,
    series: dict[str, str],
    *,
    kind: str = "line",
    stack: bool = False,
    top: float | None = None,
) -> Option:
    """Lines or bars over ordered periods.

    `rows` hold the label column `x` and one numeric column per key of `series` (column → legend name); `top` ends the
    value axis where a measure cannot be larger.
    """
    marks = []
    for column, name in series.items():
        mark: Option = {"type": kind, "name": name, "encode": {"x": x, "y": column}, "emphasis": {"focus": "series"}}
        mark |= {"stack": "total"} if stack else {}
        mark |= (
            {"smooth": False, "showSymbol": len(rows) < 3, "lineStyle": {"width": 2}}
            if kind == "line"
            else {"barMaxWidth": 26}
        )
        marks.append(mark)
    return {
        "grid": _GRID | ({} if len(series) > 1 else {"top": 14}),
        "legend": {
            "type": "scroll",
            "show": len(series) > 1,
            "top": 0,
            "left": 0,
            "icon": "roundRect",
            "itemWidth": 12,
            "itemHeight": 8,
        },
        "tooltip": {"trigger": "axis", "confine": True, "valueFormatter": "%.10g"},
        "dataset": {"dimensions": [x, *series], "source": [[row[x], *(row[key] for key in series)] for row in rows]},
        "xAxis": {
            "type": "category",
            "axisTick": {"show": False},
            "axisLabel": {"hideOverlap": True, "alignMaxLabel": "right"},
        },
        "yAxis": {"type": "value", "splitNumber": 4, "axisLabel": {"formatter": "{value}"}}
        | ({} if top is None else {"max": top}),
        "series": marks,
    }


def heatmap(
    cells: Sequence[Row],
    columns: Sequence[str],
    lines: Sequence[str],
    *,
    column_name: str = "",
    line_name: str = "",
    label: str | None = "text",
    selectable: bool = False,
    maximum: float | None = None,
    minimum: float = 0,
) -> Option:
    """A table of coloured cells.

    Each cell has `column` and `line` (members of the two axes), `value` (the colour), `text` (the label inside) and
    `tip` (ready HTML-free lines for the tooltip).
    """
    values = [cell["value"] for cell in cells if cell["value"] is not None]
    top = maximum if maximum is not None else (max(values) if values else 1)
    return {
        "grid": {"left": 8, "right": 8, "top": 30 if column_name else 8, "bottom": 6, "containLabel": True},
        "tooltip": {"formatter": "{@tip}", "confine": True},
        "dataset": {
            "dimensions": ["column", "line", "value", "text", "tip"],
            "source": [[str(c["column"]), str(c["line"]), c["value"], c["text"], c["tip"]] for c in cells],
        },
        "xAxis": _category(columns, column_name, position="top", nameLocation="middle", nameGap=24),
        "yAxis": _category(lines, line_name, inverse=True, nameLocation="start"),
        "visualMap": {
            "show": False,
            "type": "continuous",
            "min": minimum,
            "max": top or 1,
            "dimension": 2,
            "inRange": {"color": HEAT},
        },
        "series": [
            {
                "type": "heatmap",
                "encode": {"x": "column", "y": "line", "value": "value"},
                "label": {"show": label is not None, "formatter": f"{{@{label}}}", "fontSize": 12, "lineHeight": 17},
                "itemStyle": {"borderColor": "#ffffff", "borderWidth": 2, "borderRadius": 4},
                "emphasis": {"itemStyle": {"borderColor": ACCENT, "borderWidth": 2}},
                "select": {"itemStyle": {"borderColor": ACCENT, "borderWidth": 3}},
            }
            | ({"selectedMode": "single"} if selectable else {})
        ],
    }


def _category(values: Sequence[str], name: str, **more: Any) -> Option:
    axis: Option = {
        "type": "category",
        "data": [str(value) for value in values],
        "axisTick": {"show": False},
        "axisLine": {"show": False},
        "splitLine": {"show": False},
        "splitArea": {"show": False},
    }
    return axis | ({"name": name} if name else {}) | more


def flow(links: Sequence[Row], names: dict[str, str], colors: dict[str, str]) -> Option:
    """A Sankey between two columns of the same groups: `from`, `to`, `value`, `tip` per link."""
    sides = [(f"from:{key}", key) for key in {link["from"] for link in links}]
    sides += [(f"to:{key}", key) for key in {link["to"] for link in links}]
    order = list(names)
    sides.sort(key=lambda side: order.index(side[1]) if side[1] in order else len(order))
    nodes = [
        {
            "name": node,
            "itemStyle": {"color": colors.get(key, MUTED)},
            "label": {"formatter": names.get(key, key), "position": "right" if node.startswith("from:") else "left"},
            "tooltip": {"formatter": names.get(key, key)},
        }
        for node, key in sides
    ]
    return {
        "tooltip": {"trigger": "item", "confine": True},
        "series": [
            {
                "type": "sankey",
                "left": 4,
                "right": 4,
                "top": 8,
                "bottom": 8,
                "nodeGap": 10,
                "nodeWidth": 12,
                "layoutIterations": 0,
                "draggable": False,
                "data": nodes,
                "links": [
                    {
                        "source": f"from:{k['from']}",
                        "target": f"to:{k['to']}",
                        "value": k["value"],
                        "tooltip": {"formatter": k["tip"]},
                    }
                    for k in links
                ],
                "lineStyle": {"color": "source", "opacity": 0.28, "curveness": 0.5},
                "emphasis": {"focus": "adjacency"},
            }
        ],
    }


def network(nodes: Sequence[Row], links: Sequence[Row]) -> Option:
    """Related organisations: nodes `id`, `name`, `main`, `color`; links `source`, `target`, `label`,
    `is_formal`. A node can be selected, a link cannot."""
    return {
        "tooltip": {"confine": True, "formatter": "{b}"},
        "series": [
            {
                "type": "graph",
                "selectedMode": "single",
                "select": {"itemStyle": {"borderColor": ACCENT, "borderWidth": 3}},
                "layout": "circular" if len(nodes) < 4 else "force",
                "roam": False,
                "draggable": True,
                "force": {"repulsion": 420, "edgeLength": 120, "gravity": 0.12},
                "left": 90,
                "right": 90,
                "top": 30,
                "bottom": 30,
                "label": {"show": True, "position": "bottom", "width": 150, "overflow": "truncate", "fontSize": 12},
                "edgeLabel": {"show": True, "formatter": "{c}", "fontSize": 11, "color": MUTED},
                "edgeSymbol": ["none", "arrow"],
                "edgeSymbolSize": 7,
                "data": [
                    {
                        "id": str(n["id"]),
                        "name": n["name"],
                        "symbolSize": 34 if n["main"] else 22,
                        "itemStyle": {"color": n["color"]},
                    }
                    for n in nodes
                ],
                "links": [
                    {
                        "source": str(k["source"]),
                        "target": str(k["target"]),
                        "value": k["label"],
                        "select": {"disabled": True},
                        "lineStyle": {"type": "solid" if k["is_formal"] else "dashed", "width": 1.5, "curveness": 0.08},
                    }
                    for k in links
                ],
            }
        ],
    }


def bars(rows: Sequence[Row], *, colors: Sequence[str] | None = None) -> Option:
    """Horizontal bars with the value written at the end: `name`, `value`, `text`, `tip`."""
    ordered = list(reversed(rows))
    return {
        "grid": {"left": 4, "right": 66, "top": 4, "bottom": 4, "containLabel": True},
        "tooltip": {"formatter": "{@tip}", "confine": True},
        "dataset": {
            "dimensions": ["name", "value", "text", "tip"],
            "source": [[r["name"], r["value"], r["text"], r["tip"]] for r in ordered],
        },
        "xAxis": {"type": "value", "show": False},
        "yAxis": _category([r["name"] for r in ordered], "", axisLabel={"width": 110, "overflow": "truncate"}),
        "series": [
            {
                "type": "bar",
                "encode": {"x": "value", "y": "name"},
                "barMaxWidth": 18,
                "itemStyle": {"borderRadius": [0, 4, 4, 0], "color": PRIMARY},
                "label": {"show": True, "position": "right", "formatter": "{@text}"},
            }
            | ({"colorBy": "data", "color": list(reversed(colors))} if colors else {})
        ],
    }
