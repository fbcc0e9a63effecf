"""Every mart against a second computation from the files and databases of the sources, in Python and polars.

What is compared is all rows or all groups, never a sample. Amounts are compared as whole numbers; averages and rates
within the rounding of their second decimal.
"""

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from ingest import health
from tests.integration.independent.billing import Sources
from tests.integration.independent.calendar_months import index, last_day
from tests.integration.independent.customers import legal_stretches, owned_by
from tests.integration.independent.profile import Profiles
from tests.integration.independent.usage_files import AMOUNTS, COUNTS
from tests.integration.published_marts import Marts, counted, grouped, whole
from tests.integration.whole_operator import DAILY_MONTHS, MONTH_ENDS, UNTIL
from vitrina.settings import Settings


def test_usage_of_each_day_equals_the_lines_of_the_files(marts: Marts, profiles: Profiles) -> None:
    mart = marts("fct_usage_daily")
    theirs = mart.with_columns(whole(mart, c, 1000) for c in AMOUNTS).with_columns(on="usage_date")
    mine = profiles.activity.daily
    for keys in (["on"], ["customer_id"]):
        assert grouped(theirs, keys, *COUNTS, *AMOUNTS) == grouped(
            mine.rename({"customer": "customer_id"}), keys, *COUNTS, *AMOUNTS)  # fmt: skip
    assert len({row[0] for row in grouped(theirs, ["on"])}) > 28 * (DAILY_MONTHS - 1)


def test_usage_of_each_month_equals_days_and_archive(marts: Marts, profiles: Profiles) -> None:
    mart = marts("fct_usage_monthly")
    theirs = mart.with_columns(whole(mart, c, 1000) for c in AMOUNTS)
    mine = profiles.activity.monthly(UNTIL).with_columns(
        month=pl.date(pl.col("m") // 12, pl.col("m") % 12 + 1, 1), customer_id="customer")  # fmt: skip
    measures = (*COUNTS, *AMOUNTS, "active_days")
    for keys in (["month"], ["customer_id", "month"]):
        assert grouped(theirs, keys, *measures) == grouped(mine, keys, *measures)
    assert set(theirs["measured_by"]) == {"daily", "archive"}


def test_charges_of_each_month_type_and_customer_equal_the_billing(marts: Marts, profiles: Profiles) -> None:
    mart = marts("fct_charges")
    theirs = mart.with_columns(whole(mart, "amount", 100))
    mine = profiles.activity.charges.filter(pl.col("on") <= UNTIL).with_columns(
        month=pl.col("on").dt.month_start(), customer_id="customer")  # fmt: skip
    for keys in (["month", "charge_type"], ["customer_id"]):
        assert grouped(theirs, keys, "amount") == grouped(mine, keys, "amount")


def test_payments_of_each_local_day_and_method_equal_the_billing(marts: Marts, profiles: Profiles) -> None:
    mart = marts("fct_payments")
    theirs = mart.with_columns(whole(mart, "amount", 100))
    mine = profiles.activity.payments.filter(pl.col("on") <= UNTIL).with_columns(paid_date="on", customer_id="customer")
    for keys in (["paid_date", "method"], ["customer_id"]):
        assert grouped(theirs, keys, "amount") == grouped(mine, keys, "amount")


def test_invoices_of_each_month_and_customer_equal_the_billing(marts: Marts, profiles: Profiles) -> None:
    mart = marts("fct_invoices")
    theirs = mart.with_columns(whole(mart, "amount", 100))
    mine = profiles.activity.invoices.filter(pl.col("on") <= UNTIL).with_columns(
        month=pl.col("on").dt.month_start(), customer_id="customer")  # fmt: skip
    for keys in (["month"], ["customer_id"]):
        assert grouped(theirs, keys, "amount") == grouped(mine, keys, "amount")


def test_debt_and_its_ageing_equal_a_walk_through_the_invoices(marts: Marts, profiles: Profiles) -> None:
    mart = marts("fct_debt_monthly")
    amounts = [c for c in mart.columns if c.endswith("_amount")]
    theirs = mart.with_columns(whole(mart, c, 100) for c in amounts)
    names = [*amounts, "overdue_days", "open_invoices"]
    found = {(row["month_end"], row["account_id"]): {n: row[n] for n in names} for row in theirs.iter_rows(named=True)}
    for end in [*MONTH_ENDS, last_day(index(UNTIL))]:
        mine = profiles.ageing.on(min(end, UNTIL))
        assert {a: v for (e, a), v in found.items() if e == end} == {
            a: {n: v[n] for n in names} for a, v in mine.items()}, end  # fmt: skip
    assert theirs["overdue_over_90_amount"].sum() > 0


def test_subscriptions_in_each_state_on_each_month_end_equal_their_events(marts: Marts, profiles: Profiles) -> None:
    history = marts("dim_subscriptions")
    for day in [*MONTH_ENDS, UNTIL]:
        held = history.filter((pl.col("valid_from") <= day) & (pl.col("valid_to") > day))
        mine = {(s, x["status"], x["product_id"], x["msisdn"]) for s, x in profiles.services.on(day).items()}
        assert set(held.select("subscription_id", "status", "product_id", "msisdn").rows()) == mine, day
        assert len(held) == len(mine)


def test_customers_of_each_type_are_the_billing_records_less_the_merged(marts: Marts, profiles: Profiles) -> None:
    table = profiles.customers.table()
    theirs = marts("dim_customers")
    assert counted(theirs, "customer_type") == counted(table, "customer_type")
    assert set(theirs.select("customer_id", "created_date").rows()) == set(
        table.select("customer_id", "created_date").rows())  # fmt: skip
    assert theirs["record_count"].sum() == len(profiles.customers.records) > len(theirs)
    assert theirs.select("customer_id", "record_count").sort("customer_id").rows() == sorted(
        Counter(profiles.customers.of_record.values()).items())  # fmt: skip
    by_customer = defaultdict(set)
    for record, customer in profiles.customers.of_record.items():
        by_customer[customer].add(record)
    assert all(customer == min(records) for customer, records in by_customer.items())


@pytest.mark.parametrize(
    ("mart", "table"),
    [("dim_agreements", "agreement"), ("dim_billing_accounts", "account"), ("dim_contacts", "contact"),
     ("dim_products", "product"), ("dim_employees", "employee"), ("dim_departments", "department"),
     ("dim_customer_links", "customer_link")],
)  # fmt: skip
def test_reference_tables_have_the_rows_of_the_billing(mart: str, table: str, marts: Marts, sources: Sources,
                                                       profiles: Profiles) -> None:  # fmt: skip
    key = {"customer_link": "link_id"}.get(table, f"{table}_id")
    rows = sources.table(table)
    if table == "customer_link":
        same = owned_by("customer_id", profiles.customers.of_record)
        other = owned_by("linked_customer_id", profiles.customers.of_record)
        rows = rows.filter(same != other)
    assert sorted(marts(mart)[key]) == sorted(rows[key])


def test_bank_documents_add_up_to_the_text_of_the_statements(marts: Marts, sources: Sources) -> None:
    theirs: dict[tuple, list] = defaultdict(lambda: [0, Decimal(0)])
    for file, direction, amount in marts("fct_bank_documents").select("statement_file", "direction", "amount").rows():
        theirs[file, direction][0] += 1
        theirs[file, direction][1] += amount
    mine: dict[tuple, list] = defaultdict(lambda: [0, Decimal(0)])
    for document in sources.statements.good:
        mine[document["file"], document["direction"]][0] += 1
        mine[document["file"], document["direction"]][1] += document["amount"]
    assert theirs == mine
    assert {direction for _, direction in theirs} == {"in", "out"}


def test_statements_disagree_with_their_documents_exactly_where_the_text_does(marts: Marts, sources: Sources) -> None:
    names = ("statement_file", "account", "documents_in", "documents_out", "balance_difference")
    theirs = set(marts("fct_bank_statements").select(names).rows())
    mine = {tuple(s[n] for n in ("file", "account", "in", "out", "difference")) for s in sources.statements.sections}
    assert theirs == mine
    told = marts("fct_bank_statements").filter("has_difference").select("statement_file", "balance_difference").rows()
    assert sorted(told) == sorted((s["file"], s["difference"]) for s in sources.statements.sections if s["difference"])
    assert {difference for _, difference in told} == {Decimal(125000)}


def test_e_invoices_in_each_status_equal_the_portal(marts: Marts, sources: Sources, profiles: Profiles) -> None:
    latest: dict[str, dict] = {}
    for row in sorted(sources.tax["einvoice"][0], key=lambda r: r["updated_at"]):
        latest[row["einvoice_id"]] = row
    by_inn = profiles.customers.by_inn()
    mine = {(k, r["status"], by_inn.get(r["buyer_inn"]), round(r["amount"] * 100)) for k, r in latest.items()
            if r["issued_date"] <= UNTIL}  # fmt: skip
    mart = marts("fct_einvoices")
    theirs = mart.with_columns(whole(mart, "amount", 100)).select("einvoice_id", "status", "customer_id", "amount")
    assert set(theirs.rows()) == mine
    assert len(theirs) == len(mine)


def test_legal_statuses_change_when_the_register_says(marts: Marts, sources: Sources) -> None:
    theirs = marts("fct_legal_statuses").select("inn", "legal_status", "valid_from").rows()
    mine = [(inn, *change) for inn, changes in legal_stretches(sources, UNTIL).items() for change in changes]
    assert sorted(theirs) == sorted(mine)


def test_acts_equal_their_documents(marts: Marts, sources: Sources) -> None:
    tags = {"act_key": "Ссылка", "opening_balance": "НачальноеСальдо", "debit_turnover": "ОборотДебет",
            "credit_turnover": "ОборотКредит", "closing_balance": "КонечноеСальдо"}  # fmt: skip
    mine = {tuple(r[t] if t == "Ссылка" else Decimal(r[t]) for t in tags.values()) for r in sources.documents("acts")}
    mart = marts("fct_reconciliation_acts")
    assert set(mart.select(*tags).rows()) == mine
    assert len(mart) == len(sources.documents("acts")) > 0


def test_interactions_of_each_month_channel_and_result_equal_the_billing(marts: Marts, profiles: Profiles) -> None:
    rows = profiles.activity.interactions.filter(pl.col("on") <= UNTIL).with_columns(
        month=pl.col("on").dt.month_start(), customer_id="customer")  # fmt: skip
    for keys in (("month", "channel", "topic", "result"), ("customer_id", "direction")):
        assert counted(marts("fct_interactions"), *keys) == counted(rows, *keys)


def test_devices_change_when_their_reports_say(marts: Marts, sources: Sources) -> None:
    reports: dict[int, dict[date, str]] = defaultdict(dict)
    for row in sources.devices[0]:
        day = reports[row["subscription_id"]]
        day[row["event_date"]] = max(day.get(row["event_date"], ""), row["imei"])
    mine = set()
    for subscription, days in reports.items():
        before = None
        for day, imei in sorted(days.items()):
            if imei != before:
                mine.add((subscription, day, imei))
            before = imei
    theirs = marts("dim_devices").select("subscription_id", "valid_from", "imei")
    assert set(theirs.rows()) == mine
    assert len(theirs) == len(mine)


def test_accepted_and_quarantined_rows_are_those_counted_in_the_files(operator_home: Path, sources: Sources) -> None:
    devices, tax, statements = sources.devices, sources.tax, sources.statements
    mine = {
        "foris.usage": (sources.usage.received.total(), sources.usage.accepted),
        "foris.usage_month": (sources.archive.received.total(), sources.archive.accepted),
        "dms.device": (devices[2], len(devices[0])),
        "onec.bank_document": (statements.received, len(statements.good)),
        "onec.bank_statement": (len(statements.sections), len(statements.sections)),
        **{f"tax.{k}": (len(good) + len(bad), len(good)) for k, (good, bad) in tax.items()},
        **{f"onec.{name}": (len(sources.documents(folder)), len(sources.documents(folder)) - bad)
           for name, folder, bad in (("invoice", "invoices", 1), ("counterparty", "counterparties", 2),
                                     ("reconciliation_act", "acts", 0))},
    }  # fmt: skip
    totals = {f"{t['source']}.{t['entity']}": t for t in health.totals(Settings(home=operator_home))}
    for name in totals:
        if name not in mine:
            rows = len(sources.table(name.removeprefix("foris.")))
            mine[name] = (rows, rows)
    assert {n: (t["received"], t["accepted"]) for n, t in totals.items()} == mine
    assert all(t["received"] == t["accepted"] + t["quarantined"] and t["is_balanced"] for t in totals.values())
    assert sources.usage.received.total() == sources.usage.accepted + sources.usage.quarantined


def test_what_landed_is_byte_for_byte_what_was_sent(operator_home: Path) -> None:
    sent = {path.name: path.read_bytes() for path in (operator_home / "inbox").rglob("*.*") if path.is_file()}
    landed = [p for p in (operator_home / "landing").rglob("*") if p.is_file() and p.name in sent]
    assert [p.name for p in landed if p.read_bytes() != sent[p.name]] == []
    assert {content for content in sent.values()} == {sent[p.name] for p in landed}
