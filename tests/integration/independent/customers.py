"""Customers as billing records merged into parties, and what other systems say of them by taxpayer number."""

import re
from collections import defaultdict
from datetime import date, datetime

import polars as pl
from polars.dataframe.group_by import GroupBy

from tests.integration.independent.billing import TASHKENT, Sources
from tests.integration.independent.calendar_months import first_day, last_day, last_full_month

GROUP = ("customer_id", "links_formal_count", "links_informal_count", "group_id", "group_customers_count")
TAXPAYER = {"customer_id": pl.Int64, "legal_status": pl.String, "legal_status_date": pl.Date,
            "einvoices_12m_count": pl.Int64, "einvoices_rejected_12m_count": pl.Int64}  # fmt: skip
FIELDS = ("inn", "birth_date", "segment", "region_code", "language", "full_name", "email", "manager_id", "industry",
          "headcount", "sex")  # fmt: skip


class Customers:
    """Owners of everything, given which billing records are one customer."""

    def __init__(self, sources: Sources, customer_of_record: dict[int, int]) -> None:
        self._sources, self.of_record = sources, customer_of_record
        records = sources.table("customer").with_columns(owned_by("customer_id", customer_of_record).alias("party"))
        told = pl.col("updated_at").str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S") + TASHKENT
        self.records = records.with_columns(told=told.dt.date()).sort("updated_at", "customer_id")
        self.of_agreement = self._owners("agreement", "agreement_id", "customer_id", customer_of_record)
        self.of_account = self._owners("account", "account_id", "agreement_id", self.of_agreement)

    def _owners(self, table: str, key: str, parent: str, above: dict[int, int]) -> dict[int, int]:
        rows = self._sources.table(table).select(key, parent).iter_rows()
        return {child: above[owner] for child, owner in rows}

    def table(self, day: date = date.max) -> pl.DataFrame:
        """One row per customer: type, first day in the billing, and some fields in the freshest state told by a day.

        Of whom nothing had been told by then, the first state that ever was holds backwards.
        """
        naming = self.records.filter(pl.col("customer_id") == pl.col("party")).select(
            pl.col("party").alias("customer_id"), "customer_type"
        )
        first = pl.col("told") == pl.col("told").min().over("party")
        fresh = [pl.col(c).filter((pl.col("told") <= day) | first).drop_nulls().last() for c in FIELDS]
        merged = self.records.group_by(pl.col("party").alias("customer_id")).agg(
            pl.col("day").min().alias("created_date"), *fresh
        )
        return naming.join(merged, on="customer_id")

    def by_inn(self) -> dict[str, int]:
        """Organisation of a taxpayer number; the smallest where several share one."""
        rows = self.table().filter(pl.col("customer_type") == "organisation").sort("customer_id", descending=True)
        return {inn: customer for customer, inn in rows.select("customer_id", "inn").iter_rows()
                if inn and re.fullmatch(r"\d{9}", inn)}  # fmt: skip

    def contracts(self, day: date) -> pl.DataFrame:
        """Agreements, accounts and contacts known on a day."""
        agreements = self._sources.table("agreement").filter(pl.col("signed_date") <= day)
        accounts = self._sources.table("account").filter(pl.col("opened_date") <= day)
        contacts = self._sources.table("contact").filter(pl.col("day") <= day)
        # An end that was written later is not known yet, unless it has come already.
        told = pl.col("updated_at").str.slice(0, 19).str.to_datetime("%Y-%m-%d %H:%M:%S") + TASHKENT
        end = pl.when((told.dt.date() <= day) | (pl.col("end_date") <= day)).then(pl.col("end_date"))
        in_force, ahead = end.is_null() | (end > day), (end > day) & (pl.col("status") != "terminated")
        parts = [
            _by_customer(agreements, "agreement_id", self.of_agreement).agg(
                pl.len().alias("agreements_ever_count"), in_force.sum().alias("agreements_active_count"),
                pl.col("signed_date").min().alias("agreement_first_signed_date"),
                end.filter(ahead).min().alias("agreement_next_end_date")),
            _by_customer(accounts, "account_id", self.of_account).agg(
                pl.len().alias("accounts_count"),
                pl.when(pl.col("payment_type").n_unique() == 1).then(pl.col("payment_type").first())
                .otherwise(pl.lit("mixed")).alias("payment_type")),
            _by_customer(contacts, "customer_id", self.of_record).agg(
                pl.len().alias("contacts_count"),
                (pl.col("decision_influence") == "decides").sum().alias("contacts_deciding_count")),
        ]  # fmt: skip
        return parts[0].join(parts[1], on="owner", how="full", coalesce=True).join(
            parts[2], on="owner", how="full", coalesce=True).rename({"owner": "customer_id"})  # fmt: skip

    def groups(self, day: date) -> pl.DataFrame:
        """Links that hold on a day and the groups that the formal ones join."""
        formal, informal = defaultdict(set), defaultdict(set)
        for link in self._sources.table("customer_link").iter_rows(named=True):
            one, other = self.of_record[link["customer_id"]], self.of_record[link["linked_customer_id"]]
            if one != other and link["valid_from"] <= day and not (link["valid_to"] and link["valid_to"] <= day):
                kind = formal if link["is_formal"] else informal
                kind[one].add(other)
                kind[other].add(one)
        rows = []
        for customer in formal.keys() | informal.keys():
            group = _reached(customer, formal)
            rows.append({"customer_id": customer, "links_formal_count": len(formal[customer]),
                         "links_informal_count": len(informal[customer]), "group_id": min(group),
                         "group_customers_count": len(group)})  # fmt: skip
        return pl.DataFrame(rows, schema=dict.fromkeys(GROUP, pl.Int64))

    def by_taxpayer(self, day: date) -> pl.DataFrame:
        """Legal status and e-invoices of the last 12 full months as the portal told them by a day."""
        by_inn, month = self.by_inn(), last_full_month(day)
        found: dict[int, dict] = defaultdict(lambda: {"einvoices_12m_count": 0, "einvoices_rejected_12m_count": 0})
        for inn, (status, since) in self._legal(day).items():
            if inn in by_inn:
                found[by_inn[inn]] |= {"legal_status": status, "legal_status_date": since}
        latest: dict[str, dict] = {}
        for row in sorted(self._sources.tax["einvoice"][0], key=lambda r: r["updated_at"]):
            if _local_day(row["updated_at"]) <= day:
                latest[row["einvoice_id"]] = row
        for row in latest.values():
            if row["buyer_inn"] in by_inn and first_day(month - 11) <= row["issued_date"] <= last_day(month):
                counted = found[by_inn[row["buyer_inn"]]]
                counted["einvoices_12m_count"] += 1
                counted["einvoices_rejected_12m_count"] += row["status"] == "rejected"
        return pl.DataFrame([{"customer_id": c} | v for c, v in found.items()], schema=TAXPAYER)

    def _legal(self, day: date) -> dict[str, tuple[str, date]]:
        """Status of each taxpayer on a day and since when it has it."""
        stretches = legal_stretches(self._sources, day)
        return {inn: known[-1] for inn, known in stretches.items()}


def legal_stretches(sources: Sources, day: date) -> dict[str, list[tuple[str, date]]]:
    """By taxpayer the changes of status up to a day, in order."""
    told: dict[str, dict[date, str]] = defaultdict(dict)
    for row in sorted(sources.tax["taxpayer"][0], key=lambda r: r["updated_at"]):
        if row["status_date"] <= day:
            told[row["inn"]][row["status_date"]] = row["legal_status"]
    found: dict[str, list[tuple[str, date]]] = {}
    for inn, states in told.items():
        changes: list[tuple[str, date]] = []
        for when, status in sorted(states.items()):
            if not changes or changes[-1][0] != status:
                changes.append((status, when))
        found[inn] = changes
    return found


def _local_day(moment: str) -> date:
    return (datetime.strptime(moment[:19], "%Y-%m-%dT%H:%M:%S") + TASHKENT).date()


def _reached(customer: int, links: dict[int, set[int]]) -> set[int]:
    group, ahead = {customer}, [customer]
    while ahead:
        for other in links[ahead.pop()] - group:
            group.add(other)
            ahead.append(other)
    return group


def owned_by(column: str, owners: dict[int, int]) -> pl.Expr:
    """The customer of each number in a column."""
    return pl.col(column).replace_strict(owners, default=None, return_dtype=pl.Int64)


def _by_customer(frame: pl.DataFrame, key: str, owners: dict[int, int]) -> GroupBy:
    return frame.with_columns(owned_by(key, owners).alias("owner")).group_by("owner")
