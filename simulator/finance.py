"""Money of one month: charges, invoices, payments, and the debt that follows from paying late, partly or not at all."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from simulator.churn import CAUSES
from simulator.products import product_arrays
from simulator.randomness import pick, stream
from simulator.subscriptions import FIRST_ACCOUNT_ID, FIRST_SUBSCRIPTION_ID
from simulator.timeline import Timeline

METHODS = ("cash", "card", "bank_transfer", "wallet", "terminal")
BANK_TRANSFER = METHODS.index("bank_transfer")
CHARGE_TYPES = ("recurring", "out_of_bundle", "roaming", "one_off")
ACTIVATION_FEE = 20_000_00
ROWS_PER_MONTH = 100_000_000
"""Room for ids of one month; ids therefore depend on the month alone."""


@dataclass
class MonthMoney:
    """Rows of a month with the day on which each becomes visible (`_day`), amounts in 1/100 UZS as `_amount`."""

    charge: pl.DataFrame
    invoice: pl.DataFrame
    payment: pl.DataFrame
    bank_transfer: pl.DataFrame


def month_money(
    timeline: Timeline, month: int, usage: dict[str, np.ndarray], prepaid_balance: np.ndarray
) -> MonthMoney:
    """All money of a month; `usage` has subscription, charge and roaming_charge, `prepaid_balance` is updated in place.

    Invoices of the month are issued early in the next one and paid later still.
    """
    charges = _charges(timeline, month, usage)
    invoices = _invoices(timeline, month, charges)
    paid = _invoice_payments(timeline, month, invoices)
    topped = _top_ups(timeline, month, charges, prepaid_balance)
    payments = {k: np.concatenate([paid[k], topped[k]]) for k in paid}
    payments["id"] = (month + 1) * ROWS_PER_MONTH + np.arange(len(payments["day"]))
    return MonthMoney(
        _charge_frame(timeline, month, charges),
        _invoice_frame(timeline, invoices),
        _payment_frame(timeline, payments),
        _transfer_frame(timeline, payments, invoices),
    )


def _charges(timeline: Timeline, month: int, usage: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    subs, (first, last) = timeline.subscriptions, timeline.clock.month_days(month)
    alive = np.flatnonzero((subs.activated < last) & (subs.terminated > first) & (subs.debt_suspended_from > first))
    begin, end = np.maximum(subs.activated[alive], first), np.minimum(subs.terminated[alive], last)
    fee = product_arrays(timeline.months).fee[subs.product_at(alive, end - 1)]
    recurring = fee * (end - begin) // (last - first) // 100 * 100
    new = np.flatnonzero((subs.activated >= first) & (subs.activated < last))
    parts = [(alive, recurring, 0), (usage["subscription"], usage["charge"] // 100 * 100, 1),
             (usage["subscription"], usage["roaming_charge"] // 100 * 100, 2), (new, np.full(len(new),
                 ACTIVATION_FEE), 3)]  # fmt: skip
    who = np.concatenate([p[0] for p in parts])
    amount = np.concatenate([p[1] for p in parts])
    kind = np.concatenate([np.full(len(p[0]), p[2]) for p in parts])
    day = np.where(kind == 3, subs.activated[who], last - 1)
    keep = amount > 0
    who, amount, kind, day = who[keep], amount[keep], kind[keep], day[keep]
    return {"subscription": who, "account": subs.account[who], "amount": amount, "kind": kind, "day": day}


def _charge_frame(timeline: Timeline, month: int, charges: dict[str, np.ndarray]) -> pl.DataFrame:
    count = len(charges["day"])
    return pl.DataFrame({
        "charge_id": (month + 1) * ROWS_PER_MONTH + np.arange(count),
            "account_id": charges["account"] + FIRST_ACCOUNT_ID,
        "subscription_id": charges["subscription"] + FIRST_SUBSCRIPTION_ID,
        "charge_date": timeline.clock.dates(charges["day"]),
        "charge_type": pl.Series(list(CHARGE_TYPES))[charges["kind"]], "amount": charges["amount"] / 100,
        "currency": _uzs(count), "updated_at": timeline.clock.instants(charges["day"], 23 * 3600 + 1800),
        "_day": charges["day"], "_amount": charges["amount"],
    })  # fmt: skip


def _invoices(timeline: Timeline, month: int, charges: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    subs, last = timeline.subscriptions, timeline.clock.month_days(month)[1]
    total = np.bincount(charges["account"], charges["amount"], len(subs.account_agreement)).astype(np.int64)
    account = np.flatnonzero((total > 0) & ~subs.account_prepaid)
    issued = last + account % 3
    number = (month + 1) * 1_000_000 + account
    return {"account": account, "amount": total[account], "issued": issued, "due": issued + 20, "number": number,
            "id": (month + 1) * ROWS_PER_MONTH + np.arange(len(account)),
            "period": np.full(len(account), timeline.clock.month_days(month)[0])}  # fmt: skip


def invoice_number(timeline: Timeline, period_day: np.ndarray, account: np.ndarray) -> pl.Series:
    """Numbers such as ``INV-202503-300017``."""
    month = timeline.clock.dates(period_day).dt.strftime("%Y%m")
    return "INV-" + month + "-" + pl.Series(account + FIRST_ACCOUNT_ID).cast(pl.String)


def _invoice_frame(timeline: Timeline, invoices: dict[str, np.ndarray]) -> pl.DataFrame:
    clock, count = timeline.clock, len(invoices["id"])
    return pl.DataFrame({
        "invoice_id": invoices["id"], "account_id": invoices["account"] + FIRST_ACCOUNT_ID,
        "invoice_number": invoice_number(timeline, invoices["period"], invoices["account"]),
        "period_start": clock.dates(invoices["period"]), "issued_date": clock.dates(invoices["issued"]),
        "due_date": clock.dates(invoices["due"]), "amount": invoices["amount"] / 100, "currency": _uzs(count),
        "updated_at": clock.instants(invoices["issued"], 10 * 3600 + invoices["account"] % 7200),
        "_day": invoices["issued"], "_amount": invoices["amount"],
    })  # fmt: skip


def _invoice_payments(timeline: Timeline, month: int, invoices: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Good payers pay in time; others late, in two parts, or leave the invoice unpaid."""
    subs, rng = timeline.subscriptions, stream(timeline.seed, "invoice_payments", month)
    account, issued, count = invoices["account"], invoices["issued"], len(invoices["account"])
    manner = pick(stream(timeline.seed, "payers"), len(subs.account_agreement), [68, 18, 10, 4])[account]
    owner = subs.account_customer[account]
    churn = timeline.parties.churn
    broke = np.isin(churn.cause[owner], (CAUSES.index("debt"), CAUSES.index("business_closed")))
    unpaid = (broke & (issued > churn.day[owner] - 100)) | ((manner == 3) & (rng.random(count) < 0.6))
    delay = np.select(
        [manner == 0, manner == 1],
        [rng.integers(2, 20, count), rng.integers(22, 80, count)],
        rng.integers(10, 35, count),
    )
    share = np.where(manner == 2, rng.uniform(0.3, 0.7, count), 1.0)
    first = (invoices["amount"] * share).astype(np.int64) // 100_00 * 100_00
    first = np.where(share == 1.0, invoices["amount"], np.maximum(first, 100_00))
    rest_paid = (manner == 2) & (rng.random(count) < 0.75)
    later = delay + rng.integers(20, 95, count)
    one = np.flatnonzero(~unpaid)
    two = np.flatnonzero(~unpaid & rest_paid & (invoices["amount"] > first))
    rows = np.concatenate([one, two])
    organisation = timeline.parties.organisation[owner[rows]]
    method = np.where(organisation, pick(rng, len(rows), [1, 8, 89, 1, 1]), pick(rng, len(rows), [18, 38, 2, 30, 12]))
    return {
        "account": account[rows], "amount": np.concatenate([first[one], (invoices["amount"] - first)[two]]),
        "day": np.concatenate([(issued + delay)[one], (issued + later)[two]]),
        "second": rng.integers(8 * 3600, 20 * 3600, len(rows)), "method": method, "invoice": rows,
    }  # fmt: skip


def _top_ups(
    timeline: Timeline, month: int, charges: dict[str, np.ndarray], balance: np.ndarray
) -> dict[str, np.ndarray]:
    """Prepaid customers bring their balance back above zero in one to three top-ups; those who go into debt stop."""
    subs, rng = timeline.subscriptions, stream(timeline.seed, "top_ups", month)
    first, last = timeline.clock.month_days(month)
    count = len(subs.account_agreement)
    due = np.bincount(charges["account"], charges["amount"], count).astype(np.int64)
    owner = subs.account_customer
    churn_day, cause = timeline.parties.churn.day[owner], timeline.parties.churn.cause[owner]
    stops = (cause == CAUSES.index("debt")) & (last > churn_day - 75)
    cushion = rng.integers(0, 12, count) * 1_000_00
    need = due + cushion - balance
    payer = np.flatnonzero(subs.account_prepaid & (due > 0) & (need > 0) & ~stops & (rng.random(count) < 0.96))
    times = 1 + pick(rng, count, [55, 33, 12])[payer]
    each = -(-(need[payer] // times) // 1_000_00) * 1_000_00
    rows = np.repeat(payer, times)
    begin = np.maximum(first, timeline.parties.created[owner[rows]])
    end = np.clip(churn_day[owner[rows]], begin + 1, last)
    amount = np.repeat(each, times)
    balance -= np.where(subs.account_prepaid, due, 0)
    np.add.at(balance, rows, amount)
    return {
        "account": rows, "amount": amount, "day": begin + (rng.random(len(rows)) * (end - begin)).astype(np.int64),
        "second": rng.integers(7 * 3600, 23 * 3600, len(rows)),
        "method": pick(rng, len(rows), [14, 34, 0, 36, 16]), "invoice": np.full(len(rows), -1),
    }  # fmt: skip


def _payment_frame(timeline: Timeline, payments: dict[str, np.ndarray]) -> pl.DataFrame:
    at = timeline.clock.instants(payments["day"], payments["second"])
    return pl.DataFrame({
        "payment_id": payments["id"], "account_id": payments["account"] + FIRST_ACCOUNT_ID, "paid_at": at,
        "amount": payments["amount"] / 100, "currency": _uzs(len(at)),
            "method": pl.Series(list(METHODS))[payments["method"]],
        "updated_at": timeline.clock.instants(payments["day"], np.minimum(payments["second"] + 60, 86_399)),
        "_day": payments["day"], "_amount": payments["amount"],
    })  # fmt: skip


def _transfer_frame(
    timeline: Timeline, payments: dict[str, np.ndarray], invoices: dict[str, np.ndarray]
) -> pl.DataFrame:
    """Payments that the bank will show: with the payer and the invoice that the purpose names."""
    rows = np.flatnonzero((payments["method"] == BANK_TRANSFER) & (payments["invoice"] >= 0))
    invoice = payments["invoice"][rows]
    return pl.DataFrame({
        "payment_id": payments["id"][rows],
            "customer": timeline.subscriptions.account_customer[payments["account"][rows]],
        "amount": payments["amount"][rows],
        "invoice_number": invoice_number(timeline, invoices["period"][invoice], invoices["account"][invoice]),
        "issued_date": timeline.clock.dates(invoices["issued"][invoice]), "_day": payments["day"][rows],
    })  # fmt: skip


def _uzs(count: int) -> pl.Series:
    return pl.Series(["UZS"]).new_from_index(0, count)
