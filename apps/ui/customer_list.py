"""How lists of customers look everywhere: the same columns in the same order, and one way to open the card."""

from typing import Any

import pandas as pd
import streamlit as st

from apps.language import speaker, t
from apps.ui import phones, tables
from apps.ui.labels import label

CARD_PAGE = "app_pages/customer.py"
_CODES = {
    "customer_type": "customer_kind",
    "region_code": "region",
    "segment": "segment",
    "lifecycle_status": "lifecycle",
    "rfm_group": "rfm_group",
}
_MONEY = ("charges_amount_last_month", "debt_amount", "monetary_12m")


def customer_columns(kind: str) -> dict[str, Any]:
    """Columns of the search list (`search`) or of an RFM list (`rfm`)."""
    head = {"full_name": tables.text(t("Name"), 215), "customer_type": tables.text(t("Type"), 50)}
    region = {"region_code": tables.text(t("Region"), 190)}
    if kind == "rfm":
        return (
            head
            | {
                "rfm_group": tables.text(t("Group"), 165),
                "scores": tables.text("R F M", 70),
                "recency_days": tables.number(t("Days since payment"), 130),
                "frequency_12m": tables.number(t("Payments, 12 months"), 140),
                "monetary_12m": tables.number(t("Paid in 12 months, soʻm"), 170),
            }
            | region
        )
    return (
        head
        | {
            "segment": tables.text(t("Segment"), 155),
            "lifecycle_status": tables.text(t("Status"), 80),
            "main_msisdn": tables.text(t("Main number"), 130),
            "subscriptions_active_count": tables.number(t("Numbers"), 70),
            "charges_amount_last_month": tables.number(t("Charges, soʻm"), 105),
            "debt_amount": tables.number(t("Debt, soʻm"), 95),
            "rfm_group": tables.text(t("RFM group"), 155),
        }
        | region
    )


def readable(frame: pd.DataFrame) -> pd.DataFrame:
    """Codes as words, figures grouped, phones in groups, for the columns that are there."""
    say, frame = speaker(), frame.copy()
    if {"full_name", "short_name"} <= set(frame.columns):
        # «ООО» and the name in quotation marks fit a column, the legal form in full does not.
        frame["full_name"] = frame["short_name"].fillna(frame["full_name"])
    if "r_score" in frame:
        scores = frame[["r_score", "f_score", "m_score"]]
        frame["scores"] = ["–".join("·" if pd.isna(v) else str(int(v)) for v in row) for row in scores.to_numpy()]
    for column in frame.columns:
        if column in _CODES:
            frame[column] = [label(_CODES[column], None if pd.isna(v) else v) for v in frame[column]]
        elif column in _MONEY or column.endswith(("_count", "_days", "_12m")):
            frame[column] = [say.number(None if pd.isna(v) else v) for v in frame[column]]
        elif column.endswith("msisdn") or column == "phone":
            # Where nobody has a number, pandas makes the column one of floats.
            frame[column] = [phones.phone(None if pd.isna(v) else v) for v in frame[column]]
    return frame


def open_card(row: dict[str, Any] | None) -> None:
    """Go to the card of the selected row, if one is selected."""
    if row is not None:
        st.switch_page(CARD_PAGE, query_params={"id": str(row["customer_id"])})
