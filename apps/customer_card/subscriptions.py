"""Agreements, accounts, numbers with their history, products and devices: each level narrows the next."""

from typing import Any

import pandas as pd
import streamlit as st

from apps.data import customer
from apps.language import speaker, t
from apps.snapshot import reader
from apps.ui import phones, tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state


def product_name(row: dict[str, Any]) -> str:
    """Name of a product in the session's language, or whatever name it has."""
    names = {"ru": row.get("product_name"), "uz": row.get("product_name_uz"), "en": row.get("product_name_en")}
    return names[speaker().language] or names["ru"] or "—"


def subscriptions(customer_id: int) -> None:
    """All that the customer holds, from the agreement down to the device."""
    account = _agreements(customer_id)
    left, right = st.columns([6, 5], gap="small")
    with left:
        chosen = _numbers(customer_id, account)
    with right:
        _number_history(chosen)
    _products(customer_id)
    _devices(customer_id)


def _agreements(customer_id: int) -> dict[str, Any] | None:
    """Agreements with their accounts; the account that was chosen narrows the numbers below."""
    say, rows = speaker(), customer.agreements(reader(), customer_id).to_pylist()
    with card(t("Agreements and billing accounts"), t("Select an account to see its numbers below."), stretch=False):
        if not rows:
            empty_state("contract", t("No agreements"), t("FORIS holds no agreement of this customer."))
            return None
        before = None
        shown = []
        for row in rows:
            # An agreement is named once, above its accounts, as in a tree.
            first, before = row["agreement_id"] != before, row["agreement_id"]
            shown.append(
                {
                    "agreement_number": row["agreement_number"] if first else "",
                    "signed_date": row["signed_date"] if first else None,
                    "end_date": row["end_date"] if first else None,
                    "agreement_status": label("status", row["agreement_status"]) if first else "",
                    "account_number": row["account_number"] or "—",
                    "payment_type": label("payment_type", row["payment_type"]),
                    "account_status": label("status", row["account_status"]),
                    "numbers": say.number(row["numbers"]), "fees": say.number(row["fees"]),
                    "balance": say.number(row["balance"], 2), "opened_date": row["opened_date"],
                }
            )  # fmt: skip
        picked = tables.selectable(
            shown,
            {
                "agreement_number": tables.text(t("Agreement"), 85),
                "agreement_status": tables.text(t("Agreement status"), 125),
                "end_date": tables.day(t("Ends"), 88),
                "account_number": tables.text(t("Billing account"), 110),
                "account_status": tables.text(t("Account status"), 105),
                "payment_type": tables.text(t("Payment system"), 130),
                "numbers": tables.number(t("Numbers"), 75),
                "fees": tables.number(t("Monthly fees, soʻm"), 125),
                "balance": tables.number(t("Balance, soʻm"), 115),
                "signed_date": tables.day(t("Signed"), 88),
                "opened_date": tables.day(t("Opened"), 88),
            },
            key=f"card_agreements_{customer_id}",
            height=320,
        )
        return rows[picked] if picked is not None and rows[picked]["account_id"] is not None else None


def _numbers(customer_id: int, account: dict[str, Any] | None) -> dict[str, Any] | None:
    account_id = account["account_id"] if account else None
    total = customer.subscriptions_count(reader(), customer_id, account_id)
    title = t("Numbers of account {number}", number=account["account_number"]) if account else t("Numbers")
    with card(title, t("Select a number to see its history.")):
        if not total:
            empty_state("sim_card", t("No numbers"), t("This customer has never had a subscription."))
            return None

        def readable(frame: pd.DataFrame) -> pd.DataFrame:
            frame["product"] = [product_name(row) for row in frame.to_dict("records")]
            frame["status"] = [label("status", value) for value in frame["status"]]
            frame["msisdn"] = [phones.phone(value) for value in frame["msisdn"]]
            return frame

        return tables.paged(
            f"card_numbers_{account_id or ''}",
            total,
            lambda limit, offset: customer.subscriptions(reader(), customer_id, limit, offset, account_id),
            {
                "msisdn": tables.text(t("Number"), 140),
                "status": tables.text(t("Status")),
                "product": tables.text(t("Tariff")),
                "activated_date": tables.day(t("Connected")),
                "terminated_date": tables.day(t("Disconnected")),
            },
            selectable=True,
            page_size=10,
            prepare=readable,
        )


def _number_history(chosen: dict[str, Any] | None) -> None:
    events = {
        "activated": t("Connected"),
        "tariff_changed": t("Tariff changed"),
        "suspended": t("Suspended"),
        "resumed": t("Resumed"),
        "terminated": t("Disconnected"),
        "msisdn_changed": t("Number changed"),
    }
    with card(t("History of the number")):
        if chosen is None:
            empty_state("history", t("No number selected"), t("Select a number in the list on the left."))
            return
        st.caption(phones.phone(chosen["msisdn"]) or "")
        rows = customer.subscription_history(reader(), chosen["subscription_id"]).to_pylist()
        for row in rows:
            row |= {
                "product": product_name(row),
                "status": label("status", row["status"]),
                "msisdn": phones.phone(row["msisdn"]),
                "event": events.get(row["started_by"], row["started_by"]),
            }
        tables.plain(
            rows,
            {
                "valid_from": tables.day(t("From")),
                "valid_to": tables.day(t("To")),
                "event": tables.text(t("Event")),
                "status": tables.text(t("Status")),
                "product": tables.text(t("Tariff")),
                "msisdn": tables.text(t("Number")),
            },
            key="card_number_history",
        )


def _products(customer_id: int) -> None:
    say, rows = speaker(), customer.products(reader(), customer_id).to_pylist()
    with card(t("Products, in use and past")):
        if not rows:
            empty_state("inventory_2", t("No products"), t("No tariff or service was ever connected."))
            return
        for row in rows:
            bundle = [
                say.number(row[key]) + "\u202f" + unit
                for key, unit in (("bundle_minutes", t("min")), ("bundle_sms", "SMS"), ("bundle_mb", t("MB")))
                if row[key]
            ]
            row |= {
                "name": product_name(row),
                "family": label("family", row["family"]),
                "fee": say.number(row["monthly_fee"]),
                "bundle": " · ".join(bundle) or "—",
                "in_use": say.number(row["in_use"]),
                "ever": say.number(row["ever"]),
            }
        tables.plain(
            rows,
            {
                "name": tables.text(t("Product"), "medium"),
                "family": tables.text(t("Kind")),
                "fee": tables.number(t("Monthly fee, soʻm")),
                "bundle": tables.text(t("Bundle"), "medium"),
                "in_use": tables.number(t("In use")),
                "ever": tables.number(t("Ever")),
            },
            key="card_products",
        )


def _devices(customer_id: int) -> None:
    rows = customer.devices(reader(), customer_id).to_pylist()
    with card(t("Devices")):
        if not rows:
            empty_state("devices", t("No devices"), t("DMS has not reported any device of these numbers."))
            return
        for row in rows:
            row |= {
                "device": f"{row['vendor']} {row['model']}",
                "kind": label("device_type", row["device_type"]),
                "system": " ".join(str(part) for part in (row["os"], row["os_version"]) if part) or "—",
                "msisdn": phones.phone(row["msisdn"]),
            }
        tables.plain(
            rows,
            {
                "device": tables.text(t("Device"), "medium"),
                "kind": tables.text(t("Kind")),
                "system": tables.text(t("System")),
                "msisdn": tables.text(t("Number")),
                "valid_from": tables.day(t("From")),
                "valid_to": tables.day(t("To")),
            },
            key="card_devices",
        )
