"""Debt of postpaid accounts by walking through invoices, oldest first, as a bookkeeper would."""

from collections import defaultdict
from datetime import date

import polars as pl

from tests.integration.independent.billing import Sources

PARTS = ("not_due_amount", "overdue_1_30_amount", "overdue_31_60_amount", "overdue_61_90_amount",
         "overdue_over_90_amount")  # fmt: skip


class Ageing:
    """Measures every postpaid account on any day. Money in tiyin."""

    def __init__(self, sources: Sources) -> None:
        accounts = sources.table("account").filter(pl.col("payment_type") == "postpaid")
        self._invoices: dict[int, list] = {account: [] for account in accounts["account_id"]}
        self._payments: dict[int, list] = defaultdict(list)
        for row in sources.table("invoice").sort("issued_date", "invoice_id").iter_rows(named=True):
            if row["account_id"] in self._invoices:
                self._invoices[row["account_id"]].append((row["issued_date"], row["due_date"], row["amount"]))
        paid = sources.table("payment").filter(pl.col("account_id").is_in(list(self._invoices))).sort("day")
        for account, day, amount in paid.select("account_id", "day", "amount").rows():
            self._payments[account].append((day, amount))

    def on(self, day: date) -> dict[int, dict[str, int]]:
        """Accounts that had an invoice by that day, with what they owe."""
        measured = {a: self._account(a, day) for a in self._invoices}
        return {account: found for account, found in measured.items() if found}

    def _account(self, account: int, day: date) -> dict[str, int] | None:
        issued = [invoice for invoice in self._invoices[account] if invoice[0] <= day]
        if not issued:
            return None
        purse = paid = sum(amount for when, amount in self._payments[account] if when <= day)
        found = dict.fromkeys(PARTS, 0) | {"overdue_days": 0, "open_invoices": 0}
        for _, due, amount in issued:
            settled = min(purse, amount)
            purse -= settled
            if amount > settled:
                late = (day - due).days
                found[_part(late)] += amount - settled
                found["overdue_days"] = max(found["overdue_days"], late, 0)
                found["open_invoices"] += 1
        invoiced = sum(amount for *_, amount in issued)
        return found | {"debt_amount": sum(found[part] for part in PARTS), "advance_amount": purse,
                        "invoiced_amount": invoiced, "paid_amount": paid}  # fmt: skip


def _part(late: int) -> str:
    return PARTS[0] if late <= 0 else PARTS[1 + min((late - 1) // 30, 3)]
