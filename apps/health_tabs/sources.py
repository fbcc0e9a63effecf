"""First tab: freshness against the promise, and the balance accepted + quarantined = received."""

from typing import Any

import streamlit as st

from apps import health
from apps.data import health as data
from apps.language import speaker, t
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state

COUNTS = ("received", "accepted", "quarantined", "open_quarantine_rows", "raw_rows")
_ORDER = {"failing": 0, "late": 1, "never": 2, "fresh": 3, "idle": 4}


def sources_tab() -> None:
    """Four counts, then both tables."""
    rows = health.sources()
    balance = health.balance()
    _figures(rows, balance)
    _freshness(rows)
    _balance(balance)


def _figures(rows: list[data.Row], balance: list[data.Row]) -> None:
    say = speaker()
    received, accepted, quarantined = (
        sum(row[key] for row in balance) for key in ("received", "accepted", "quarantined")
    )
    with st.grid(4, gap="small", min_column_width=190):
        st.metric(
            t("On time"),
            f"{sum(row['state'] == 'fresh' for row in rows)} / {sum(row['state'] != 'idle' for row in rows)}",
            border=True,
            help=t("Entities whose last delivery is younger than the contract promises."),
        )
        st.metric(t("Rows received"), say.number(received), border=True)
        st.metric(t("Rows accepted"), say.number(accepted), border=True)
        st.metric(
            t("Rows in quarantine"),
            say.number(quarantined),
            border=True,
            help=t(
                "Share of the received rows: {share}",
                share=say.percent(100 * quarantined / received, 3) if received else "—",
            ),
        )


def _freshness(rows: list[data.Row]) -> None:
    with card(t("Freshness against the contract"), stretch=False):
        if not rows:
            empty_state("cable", t("No sources"), t("No enabled source has a contract."))
            return
        say = speaker()
        shown: list[dict[str, Any]] = [
            {
                "source": label("source", row["source"]), "entity": label("entity", row["entity"]),
                "state": label("freshness", row["state"]), "last": say.moment(row["last_good"]),
                "age": health.hours(row["age_hours"]), "promise": health.hours(row["freshness_hours"]),
            "error": row["error"] or "",
            }
            for row in sorted(rows, key=lambda row: (_ORDER[row["state"]], row["source"], row["entity"]))
        ]  # fmt: skip
        tables.plain(
            shown,
            {
                "source": tables.text(t("Source"), "medium"),
                "entity": tables.text(t("Entity"), "medium"),
                "state": tables.text(t("State")),
                "last": tables.text(t("Last delivery"), 150),
                "age": tables.number(t("Age")),
                "promise": tables.number(t("Promised")),
                "error": tables.text(t("Last error"), "medium"),
            },
            key="health_freshness",
        )


def _balance(rows: list[data.Row]) -> None:
    with card(
        t("Received = accepted + in quarantine"),
        t("Every row that came is counted once: taken, or refused with a reason."),
        stretch=False,
    ):
        if not rows:
            empty_state(
                "balance", t("Nothing has been received yet"), t("Figures appear after the first run of the pipeline.")
            )
            return
        say = speaker()
        shown = []
        for row in rows:
            shown.append(
                {
                    "source": label("source", row["source"]),
                    "entity": label("entity", row["entity"]),
                    **{
                        key: say.number(row[key])
                        for key in ("received", "accepted", "quarantined", "open_quarantine_rows", "raw_rows")
                    },
                    "share": say.percent(100 * row["quarantined"] / row["received"], 3) if row["received"] else "—",
                    "agrees": t("Agrees") if row["is_balanced"] else t("Differs"),
                }
            )
        tables.plain(
            shown,
            {
                "source": tables.text(t("Source"), "medium"),
                "entity": tables.text(t("Entity"), "medium"),
                "received": tables.number(t("Received")),
                "accepted": tables.number(t("Accepted rows")),
                "quarantined": tables.number(t("Quarantined")),
                "share": tables.number(t("Share")),
                "open_quarantine_rows": tables.number(t("Waiting"), help=t("Refused rows that nobody has mended yet.")),
                "raw_rows": tables.number(t("In files"), help=t("Rows counted in the Parquet files themselves.")),
                "agrees": tables.text(t("Balance")),
            },
            key="health_balance",
        )
