"""Writes what the accounting system (1C) gives: weekly statements, monthly invoices and cards, quarterly acts."""

from pathlib import Path

import polars as pl

from simulator.counterparties import Counterparties, build_counterparties, counterparty_id, counterparty_rows
from simulator.foris_reference import organisation_inn
from simulator.onec_statements import OWN_ACCOUNTS, incoming_documents, money, outgoing_documents, statement_text
from simulator.onec_xml import write_xml
from simulator.state import State
from simulator.subscriptions import FIRST_ACCOUNT_ID
from simulator.timeline import Timeline

OPENING_BALANCE = 5_000_000_000_00
INVOICE_FILE_DAY, ACT_FILE_DAY = 5, 10
VAT_RATE = 12


def write_onec(state: State, timeline: Timeline, until: int) -> None:
    """All files that become due in (state.after, until]."""
    folder, after = state.options.home / "inbox" / "onec", max(state.after, -1)
    parties = build_counterparties(timeline)
    for week_end in _week_ends(timeline, after, until):
        _write_statement(state, timeline, week_end, folder / "statements")
    for month in range(timeline.clock.month_of(after + 1), timeline.clock.month_of(until) + 1):
        first = timeline.clock.month_days(month)[0]
        if after < first <= until:
            _write_cards(state, timeline, parties, month, folder / "counterparties")
        if after < first + INVOICE_FILE_DAY - 1 <= until:
            _write_invoices(state, timeline, parties, month, folder / "invoices")
        if (
            after < first + ACT_FILE_DAY - 1 <= until
            and timeline.clock.month_first(month).month % 3 == 1
            and month >= 1
        ):
            _write_acts(state, timeline, month, folder / "acts")


def _week_ends(timeline: Timeline, after: int, until: int) -> list[int]:
    return [d for d in range(after + 1, until + 1) if timeline.clock.date(d).weekday() == 6]


def _write_statement(state: State, timeline: Timeline, week_end: int, folder: Path) -> None:
    transfers = state.release("bank_transfer", week_end)
    incoming = incoming_documents(
        timeline, transfers.sort("_day", "payment_id").to_dicts() if transfers is not None else []
    )
    documents = sorted(incoming + outgoing_documents(timeline, week_end), key=lambda d: (d.day, d.number))
    opening = state.bank_balance or dict.fromkeys(OWN_ACCOUNTS, OPENING_BALANCE)
    first, last = timeline.clock.date(week_end - 6), timeline.clock.date(week_end)
    text, state.bank_balance = statement_text(documents, first, last, opening)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"kl_to_1c_{last:%Y%m%d}.txt").write_bytes(text.encode("cp1251", errors="replace"))


def _write_cards(state: State, timeline: Timeline, parties: Counterparties, month: int, folder: Path) -> None:
    first, before = timeline.clock.month_days(month)[0], timeline.clock.month_days(month - 1)[0]
    rows = counterparty_rows(timeline, parties, before if month else -(10**9), first)
    day = timeline.clock.date(first)
    write_xml("counterparty", rows, folder / f"counterparties_{day:%Y%m%d}.xml", day.isoformat())


def _write_invoices(state: State, timeline: Timeline, parties: Counterparties, month: int, folder: Path) -> None:
    """Invoices to organisations issued in a month; the file appears when the last of them is out."""
    until = timeline.clock.month_days(month)[0] + INVOICE_FILE_DAY - 1
    invoices = state.release("onec_invoice", until)
    rows = of_organisations(timeline, invoices) if invoices is not None else None
    if rows is None or not len(rows):
        return
    state.wait("onec_debit", rows.select("customer", "_amount", "_day"))
    number = parties.first_of[rows["customer"].to_numpy()]
    inns = organisation_inn(rows["customer"].to_numpy(), timeline.seed)
    table = rows.with_columns(
        counterparty_id(number).alias("code"),
        inns.alias("inn"),
        timeline.clock.dates(rows["_day"].to_numpy()).alias("date"),
    )
    day = timeline.clock.month_first(month)
    write_xml("invoice", [_invoice_row(r) for r in table.to_dicts()], folder / f"invoices_{day:%Y%m}.xml",
              timeline.clock.date(until).isoformat())  # fmt: skip


def _invoice_row(row: dict) -> dict[str, str | None]:
    entered = row["invoice_id"] % 25 != 0  # accountants do not always enter the number of the billing
    return {
        "invoice_key": f"СФ-{row['invoice_id']}", "number": f"{row['invoice_id'] % 100_000_000:08d}",
        "invoice_date": row["date"].isoformat(), "counterparty_id": row["code"], "counterparty_inn": row["inn"],
        "amount": money(row["_amount"]), "vat_amount": money(vat(row["_amount"])), "currency": "UZS",
        "foris_invoice_number": row["invoice_number"] if entered else None,
    }  # fmt: skip


def vat(amount: int) -> int:
    """Value added tax within an amount, in the unit of the amount."""
    return round(amount * VAT_RATE / (100 + VAT_RATE))


def of_organisations(timeline: Timeline, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of postpaid accounts of organisations, with the customer number."""
    customer = timeline.subscriptions.account_customer[rows["account_id"].to_numpy() - FIRST_ACCOUNT_ID]
    account = rows["account_id"].to_numpy() - FIRST_ACCOUNT_ID
    keep = timeline.parties.organisation[customer] & ~timeline.subscriptions.account_prepaid[account]
    return rows.with_columns(pl.Series("customer", customer)).filter(pl.Series(keep))


def _write_acts(state: State, timeline: Timeline, month: int, folder: Path) -> None:
    """Acts of the quarter that ended: what was owed, invoiced, paid, and is owed now."""
    last, first = timeline.clock.month_days(month)[0] - 1, timeline.clock.month_days(max(month - 3, 0))[0]
    paid = state.release("onec_payment", last)
    credit = of_organisations(timeline, paid) if paid is not None else None
    debit = state.release("onec_debit", last)
    opening = state.release("onec_opening", last)
    sums = [_by_customer(frame, name) for frame, name in ((opening, "opening"), (debit, "debit"), (credit, "credit"))]
    table = (
        sums[0]
        .join(sums[1], on="customer", how="full", coalesce=True)
        .join(sums[2], on="customer", how="full", coalesce=True)
        .fill_null(0)
        .sort("customer")
    )
    table = table.with_columns((pl.col("opening") + pl.col("debit") - pl.col("credit")).alias("closing"))
    state.wait(
        "onec_opening",
        table.select("customer", pl.col("closing").alias("_amount"), pl.lit(last + 1).cast(pl.Int64).alias("_day")),
    )
    rows = _act_rows(timeline, table.filter((pl.col("debit") > 0) | (pl.col("closing") != 0)), first, last)
    end = timeline.clock.date(last)
    name = f"acts_{end.year}Q{(end.month + 2) // 3}.xml"
    write_xml("reconciliation_act", rows, folder / name, timeline.clock.date(last + ACT_FILE_DAY).isoformat())


def _by_customer(frame: pl.DataFrame | None, name: str) -> pl.DataFrame:
    if frame is None:
        return pl.DataFrame(schema={"customer": pl.Int64, name: pl.Int64})
    return frame.group_by("customer").agg(pl.col("_amount").sum().alias(name))


def _act_rows(timeline: Timeline, table: pl.DataFrame, first: int, last: int) -> list[dict[str, str | None]]:
    inns = organisation_inn(table["customer"].to_numpy(), timeline.seed).to_list()
    begin, end = timeline.clock.date(first).isoformat(), timeline.clock.date(last).isoformat()
    return [{
        "act_key": f"АС-{end}-{r['customer']}", "number": f"АС-{r['customer'] + 1}", "period_start": begin,
            "period_end": end,
        "counterparty_inn": inn, "opening_balance": money(r["opening"]), "debit_turnover": money(r["debit"]),
        "credit_turnover": money(r["credit"]), "closing_balance": money(r["closing"]),
        "is_signed": "true" if (r["customer"] * 7 + last) % 10 < 8 else "false",
    } for r, inn in zip(table.to_dicts(), inns, strict=True)]  # fmt: skip
