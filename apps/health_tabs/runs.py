"""Fifth tab: steps of ingestion, and what was told without stopping a delivery."""

from typing import Any

import pyarrow as pa

from apps import health
from apps.data import health as data
from apps.language import speaker, t
from apps.ui import tables
from apps.ui.labels import label
from apps.ui.layout import card, empty_state


def runs_tab() -> None:
    """Warnings first: they ask for somebody's attention."""
    ledger = health.ledger()
    with card(t("Warnings"), stretch=False):
        if total := data.count(ledger, "warnings"):
            tables.paged(
                "health_warnings",
                total,
                lambda limit, offset: pa.Table.from_pylist(
                    [_warning(row) for row in data.warnings(ledger, limit, offset)]
                ),
                {
                    "at": tables.text(t("When"), 140),
                    "source": tables.text(t("Source")),
                    "entity": tables.text(t("Entity")),
                    "text": tables.text(t("What happened"), "large"),
                },
                page_size=15,
            )
        else:
            empty_state("notifications_off", t("No warnings"), t("Nothing unusual was seen in the deliveries."))
    with card(t("Runs"), stretch=False):
        if total := data.count(ledger, "runs"):
            tables.paged(
                "health_runs",
                total,
                lambda limit, offset: pa.Table.from_pylist([_run(row) for row in data.runs(ledger, limit, offset)]),
                {
                    "started": tables.text(t("Started"), 140),
                    "source": tables.text(t("Source")),
                    "entity": tables.text(t("Entity")),
                    "stage": tables.text(t("Step")),
                    "outcome": tables.text(t("Outcome")),
                    "seconds": tables.number(t("Seconds")),
                    "deliveries": tables.number(t("Deliveries")),
                    "message": tables.text(t("Message"), "large"),
                },
                page_size=15,
            )
        else:
            empty_state("play_circle", t("No runs yet"), t("Start the pipeline: the command is vitrina run."))


def _warning(row: data.Row) -> dict[str, Any]:
    return {
        "at": speaker().moment(data.moment(row["created_at"])),
        "source": label("source", row["source"]),
        "entity": label("entity", row["entity"]),
        "text": health.sentence(row["code"], row["details"]),
    }


def _run(row: data.Row) -> dict[str, Any]:
    say, start, end = speaker(), data.moment(row["started_at"]), data.moment(row["finished_at"])
    return {
        "started": say.moment(start),
        "source": label("source", row["source"]),
        "entity": label("entity", row["entity"]),
        "stage": label("stage", row["stage"]),
        "outcome": label("outcome", row["outcome"]),
        "seconds": say.number((end - start).total_seconds(), 1) if start and end else "—",
        "deliveries": say.number(row["deliveries"]),
        "message": row["message"] or "",
    }
