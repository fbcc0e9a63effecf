"""For every role, scope and mask: what the pages read is what an independent computation gives, and so what the reader,
the API, exports and SQL give, which are held to the same computation.

A page may read through functions of `apps/data` alone, by the reader of its person; here they are asked with the person
of the test. For every object with tables there is one page that shows its rows or sums.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from apps.data import clients, cohorts, customer, customers, models, performance, timeline, usage
from tests.unit.access import expected
from tests.unit.access.conftest import NOW, SECRET, Snapshot
from tests.unit.access.contract_operator import contracts
from tests.unit.access.people import everywhere, roles, with_role
from vitrina.access.gate import Gate, GatedReader, Limits, Purpose
from vitrina.access.rights import Mask, Rights, Scope

# Of each kind of customer one: with E3 for manager, with another, of a region without one, of neither.
# Each person of the tests asks for two of them.
ASKED = (3, 4, 12, 23)
Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True)
class Page:
    """What a page reads: `columns` are those of its answer by the column of the mart that they show.

    `ask` is given the id of a customer when the page is `of_one`; `holds` tells which rows of the mart the page is of.
    """

    table: str
    columns: Mapping[str, str]
    ask: Callable[[GatedReader, int], Rows]
    of_one: bool = True
    holds: Callable[[Mapping[str, Any]], bool] = lambda row: True


def same(*names: str) -> dict[str, str]:
    """Columns that are called alike on the page and in the mart."""
    return {name: name for name in names}


def _profile(reader: GatedReader, customer_id: int) -> Rows:
    found = customer.profile(reader, customer_id)
    return [found] if found else []


def _happened(reader: GatedReader, customer_id: int) -> Rows:
    return timeline.page(reader, customer_id, timeline.Looked(("interaction",)), (), 100, 0)


def _clients(reader: GatedReader, _: int) -> Rows:
    return clients.page(reader, clients.Wanted(parts=()), 100, 0).to_pylist()


def _results(reader: GatedReader, _: int) -> Rows:
    told = performance.monthly(reader, [f"E{number}" for number in range(6)])
    return [
        {"kpi": kpi, "employee_id": employee, "month": month, "value": value}
        for kpi, by_employee in told.items()
        for employee, months in by_employee.items()
        for month, value in months.items()
    ]


PAGES = {
    "search": Page(
        "customer_profiles",
        same("customer_id", "customer_type", "segment", "lifecycle_status", "region_code", "main_msisdn"),
        lambda reader, _: customers.page(reader, customers.Filter(), 100, 0).to_pylist(),
        of_one=False,
    ),
    "clients": Page(
        "customer_profiles", same("customer_id", "manager_id", "region_code", "segment"), _clients, of_one=False,
        holds=lambda row: row["customer_type"] == "organisation" or row["manager_id"] is not None,
    ),
    "card": Page("customer_profiles", same(*contracts()["customer_profiles"]), _profile),
    "months": Page(
        "customer_profiles_history", same("month_end") | {"debt": "debt_amount"},
        lambda reader, one: customer.history(reader, one),
    ),
    "rfm": Page(
        "customer_rfm_history", same("month_end", "r_score", "rfm_group"),
        lambda reader, one: customer.rfm_history(reader, one),
    ),
    "contacts": Page(
        "dim_contacts", same("full_name", "role", "phone", "email"),
        lambda reader, one: customer.contacts(reader, one).to_pylist(),
    ),
    "agreements": Page(
        "dim_agreements", same("agreement_id", "agreement_number", "signed_date"),
        lambda reader, one: customer.agreements(reader, one).to_pylist(),
    ),
    "numbers": Page(
        "dim_subscriptions", same("subscription_id", "msisdn", "status"),
        lambda reader, one: customer.subscriptions(reader, one, 100, 0).to_pylist(),
        holds=lambda row: bool(row["is_current"]),
    ),
    "payments": Page(
        "fct_payments", same("paid_at", "amount", "method"),
        lambda reader, one: customer.payments(reader, one, 100, 0).to_pylist(),
    ),
    "invoices": Page(
        "fct_invoices", same("invoice_number", "issued_date", "amount"),
        lambda reader, one: customer.invoices(reader, one, 100).to_pylist(),
    ),
    "timeline": Page(
        "fct_interactions", same("customer_id") | {"a": "channel", "b": "topic", "c": "result", "d": "direction"},
        _happened,
    ),
    "records": Page(
        "customer_identities", same("source", "source_id", "full_name", "matched_source_id"),
        lambda reader, one: customer.identities(reader, one).to_pylist(),
    ),
    "scores": Page(
        "customer_scores_history", same("month_end", "churn_probability", "risk_group"),
        lambda reader, one: models.score_history(reader, one),
    ),
    "cohorts": Page(
        "cohort_retention", same("cohort_month", "months_since", "customers"),
        lambda reader, _: cohorts.retention(reader, 120, None).to_pylist(),
        of_one=False,
    ),
    "models": Page(
        "churn_models", same("version", "role", "auc"),
        lambda reader, _: models.versions(reader, "person"),
        of_one=False, holds=lambda row: row["customer_type"] == "person",
    ),
    "results": Page("employee_results", same("kpi", "employee_id", "month", "value"), _results, of_one=False),
}  # fmt: skip


def right(page: Page, snapshot: Snapshot, rights: Rights, one: int) -> Counter:
    """The rows that the page ought to show."""
    raw = snapshot.raw[page.table]
    names = [name for name in raw[0] if expected._label(page.table, name) is not None]
    chosen = [row for row in raw if page.holds(row) and (not page.of_one or row["customer_id"] == one)]
    seen = expected.rows(page.table, chosen, rights) if chosen else []
    shown = [column for column in page.columns.values() if column in names]
    return Counter(tuple(_plain(row[names.index(column)]) for column in shown) for row in seen)


def told(page: Page, snapshot: Snapshot, rows: Rows) -> Counter:
    """The rows that it does show."""
    names = {name for name in snapshot.raw[page.table][0] if expected._label(page.table, name) is not None}
    shown = [name for name, column in page.columns.items() if column in names]
    return Counter(tuple(_plain(row[name]) for name in shown) for row in rows)


def _plain(value: Any) -> Any:
    """Amounts alike whatever type carries them."""
    return float(value) if isinstance(value, int | float) or hasattr(value, "as_tuple") else value


def pages_are_right(gate: Gate, snapshot: Snapshot, rights: Rights, asked: tuple[int, ...]) -> set[str]:
    """Every page for one person; those that showed something."""
    reader, shown = gate.reader(rights, Purpose.PAGE, "10.0.0.7", "test"), set()
    for name, page in PAGES.items():
        for one in asked if page.of_one else (0,):
            found = told(page, snapshot, page.ask(reader, one))
            assert found == right(page, snapshot, rights, one), (rights.login, name, one)
            shown |= {name} if found else set()
    return shown | ({"usage"} if usage_is_right(reader, snapshot, rights) else set())


def usage_is_right(reader: GatedReader, snapshot: Snapshot, rights: Rights) -> bool:
    """The sums of the page of usage are those of the rows in scope; whether there are any."""
    first, last = dt.date(2026, 10, 1), dt.date(2026, 10, 28)
    asked = usage.Asked(usage.Subject("everybody"), "day", first, last, with_charges=False)
    found = {row["period"]: row["data_mb"] for row in usage.series(reader, asked)}
    raw = [row for row in snapshot.raw["fct_usage_daily"] if row["month"] >= first]
    names = [name for name in raw[0] if expected._label("fct_usage_daily", name) is not None]
    seen = [dict(zip(names, row, strict=True)) for row in expected.rows("fct_usage_daily", raw, rights)]
    wanted: Counter = Counter()
    for row in seen:
        wanted[row["usage_date"]] += float(row["data_mb"])
    assert {day: value for day, value in found.items() if value} == dict(wanted), rights.login
    return bool(seen)


@pytest.fixture(scope="module")
def gate(snapshot: Snapshot) -> Iterator[Gate]:
    """One gate for all, as in a server: opening one for each person would cost as much as what he asks."""
    opened = Gate.open(snapshot.published, lambda access: None, SECRET, lambda: NOW, limits=Limits(looks=1_000_000))
    yield opened
    opened.close()


@pytest.mark.parametrize(("turn", "role"), enumerate(roles()))
def test_pages_show_a_delivered_role_what_it_ought_to_see(gate: Gate, snapshot: Snapshot, turn: int, role: str) -> None:
    rights = with_role(role)
    shown = pages_are_right(gate, snapshot, rights, (ASKED[turn % 4], ASKED[(turn + 1) % 4]))
    assert bool(shown) <= any(action == "view" for _, action in rights.grants)


@pytest.mark.parametrize(
    ("scope", "mask"),
    [*((scope, Mask.PARTIAL) for scope in Scope), *((Scope.GROUP, mask) for mask in Mask if mask is not Mask.PARTIAL)],
)
def test_pages_show_every_scope_and_every_mask_as_they_ought_to(
    gate: Gate, snapshot: Snapshot, scope: Scope, mask: Mask
) -> None:
    shown = pages_are_right(gate, snapshot, everywhere(scope, mask), ASKED if scope is Scope.ALL else ASKED[:2])
    assert shown == {*PAGES, "usage"} if scope is Scope.ALL else shown


def test_every_object_that_pages_show_of_the_snapshot_has_a_page_here() -> None:
    tables = {page.table for page in PAGES.values()} | {"fct_usage_daily"}
    known = {expected.TABLES[table]["object"] for table in tables}
    # What these are pages have from the operational database: the tree of departments, the sizes of runs, campaigns.
    told_elsewhere = {"anyone", "organisation", "segments", "campaigns"}
    assert {entry["object"] for entry in expected.TABLES.values()} - known == told_elsewhere
