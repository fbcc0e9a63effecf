"""Debt by age, by month and by account, payments, invoices."""

from typing import Any

import pandas as pd
import streamlit as st

from apps.customer_card.header import Profile
from apps.data import customer
from apps.language import speaker, t
from apps.snapshot import reader
from apps.ui import charts, drawing, scale, tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state, facts

AGE_COLORS = ["#95c9d5", "#d9a521", "#e08a2b", "#d9663a", "#c4423a"]


def _ages() -> dict[str, str]:
    return {
        "not_due": t("Not due yet"),
        "d30": t("Overdue 1–30 days"),
        "d60": t("31–60 days"),
        "d90": t("61–90 days"),
        "d90_plus": t("over 90 days"),
    }


def money(customer_id: int, profile: Profile) -> None:
    """Debt today and by month, then the documents."""
    _debt(customer_id, profile)
    _accounts(customer_id)
    left, right = st.columns(2, gap="small")
    with left:
        _payments(customer_id)
    with right:
        _invoices(customer_id)


def _debt(customer_id: int, profile: Profile) -> None:
    say = speaker()
    today = dict(
        zip(
            _ages().values(),
            (
                profile["debt_not_due_amount"],
                profile["debt_overdue_1_30_amount"],
                profile["debt_overdue_31_60_amount"],
                profile["debt_overdue_61_90_amount"],
                profile["debt_overdue_90_plus_amount"],
            ),
            strict=True,
        )
    )
    with card(t("Debt by age"), t("As of {date}", date=say.date(profile["debt_date"])), stretch=False):
        if profile["debt_amount"] is None:
            empty_state(
                "credit_card_off", t("No debt accounting"), t("Debt is kept for postpaid accounts with invoices only.")
            )
            return
        left, right = st.columns([3, 8], gap="medium")
        with left:
            facts(
                {
                    t("Debt"): say.money(profile["debt_amount"]),
                    **{name: say.money(value) for name, value in today.items()},
                },
                columns=1,
            )
        rows: list[dict[str, Any]] = [
            {"month": say.short_month(row["month_end"]), **{key: float(row[key] or 0) for key in _ages()}}
            for row in customer.debt_ageing(reader(), customer_id, 24)
        ]
        with right:
            rows, unit = scale.money(rows, _ages())
            title = t("Debt by age and month, {unit}", unit=unit)
            st.caption(title)
            option = charts.trend(rows, "month", _ages(), kind="bar", stack=True) | {"color": AGE_COLORS}
            drawing.chart(option, height=290, key="card_debt", alt=title)


def _payments(customer_id: int) -> None:
    say, total = speaker(), customer.payments_count(reader(), customer_id)
    with card(t("Payments")):
        if not total:
            empty_state("payments", t("No payments"), t("No payment of this customer has been received."))
            return

        def readable(frame: pd.DataFrame) -> pd.DataFrame:
            frame["amount"] = [say.number(value, 2) for value in frame["amount"]]
            frame["method"] = [label("method", value) for value in frame["method"]]
            frame["paid_at"] = [say.moment(value.to_pydatetime()) for value in frame["paid_at"]]
            return frame

        tables.paged(
            "card_payments",
            total,
            lambda limit, offset: customer.payments(reader(), customer_id, limit, offset),
            {
                "paid_at": tables.text(t("Paid"), 150),
                "amount": tables.number(t("Amount, soʻm")),
                "method": tables.text(t("Method")),
                "account_number": tables.text(t("Billing account")),
            },
            page_size=10,
            prepare=readable,
        )


def _invoices(customer_id: int) -> None:
    say, total = speaker(), customer.invoices_count(reader(), customer_id)
    with card(t("Invoices")):
        if not total:
            empty_state("receipt_long", t("No invoices"), t("Invoices are issued for postpaid accounts only."))
            return

        def readable(frame: pd.DataFrame) -> pd.DataFrame:
            frame["amount"] = [say.number(value, 2) for value in frame["amount"]]
            return frame

        tables.paged(
            "card_invoices",
            total,
            lambda limit, offset: customer.invoices(reader(), customer_id, limit, offset),
            {
                "invoice_number": tables.text(t("Invoice")),
                "issued_date": tables.day(t("Issued")),
                "due_date": tables.day(t("Due")),
                "amount": tables.number(t("Amount, soʻm")),
                "account_number": tables.text(t("Billing account")),
            },
            page_size=10,
            prepare=readable,
        )


def _accounts(customer_id: int) -> None:
    """Which account the debt is on; nothing where there is none."""
    say, rows = speaker(), customer.account_debts(reader(), customer_id)
    owed = [row for row in rows if row["debt_amount"]]
    if not owed:
        return
    ages = ("not_due_amount", "d30", "d60", "d90", "d90_plus")
    shown = [
        {"account_number": row["account_number"] or "—", "overdue_days": say.number(row["overdue_days"] or None),
         "open_invoices": say.number(row["open_invoices"]), "debt_amount": say.number(row["debt_amount"])}
        | {name: say.number(row[name] or None) for name in ages}
        for row in owed
    ]  # fmt: skip
    with card(t("Debt by account"), t("As of {date}", date=say.date(rows[0]["measured_date"])), stretch=False):
        columns = {
            "account_number": tables.text(t("Billing account")),
            "debt_amount": tables.number(t("Debt, soʻm")),
            "overdue_days": tables.number(t("Days overdue")),
            "open_invoices": tables.number(t("Unpaid invoices")),
        }
        columns |= {name: tables.number(title) for name, title in zip(ages, _ages().values(), strict=True)}
        tables.plain(shown, columns, key="card_account_debts")
