"""The register that the tax portal serves: legal statuses and electronic invoices, with every change."""

import sqlite3
from hashlib import sha256
from pathlib import Path

import numpy as np
import polars as pl

from simulator.churn import CAUSES
from simulator.foris_reference import organisation_inn
from simulator.geography import REGIONS
from simulator.months import NEVER
from simulator.names import draw_names, spell
from simulator.onec import vat
from simulator.onec_statements import OPERATOR_INN
from simulator.organisations import spell_organisations
from simulator.randomness import stream
from simulator.state import State
from simulator.timeline import Timeline

TABLES = {
    "taxpayer": ("inn", "name", "name_uz", "legal_status", "status_date", "director_name", "address", "activity_code",
                 "updated_at"),
    "einvoice": ("einvoice_id", "seller_inn", "buyer_inn", "number", "issued_date", "amount", "vat_amount", "status",
                 "updated_at"),
}  # fmt: skip
FINAL_STATUSES = ("accepted", "rejected", "cancelled", None)
_ISO = "%Y-%m-%dT%H:%M:%SZ"


def register_path(home: Path) -> Path:
    """Where the register of a home is."""
    return Path(home) / "simulator" / "tax.sqlite"


def write_tax(state: State, timeline: Timeline, until: int) -> None:
    """Add the changes that became known in (state.after, until]."""
    path = register_path(state.options.home)
    path.parent.mkdir(parents=True, exist_ok=True)
    invoices = state.release("tax_invoice", NEVER)
    if invoices is not None and len(invoices):
        state.wait("einvoice", _einvoices(timeline, invoices))
    einvoices = state.release("einvoice", until)
    with sqlite3.connect(path) as connection:
        for table, columns in TABLES.items():
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(columns)})")
            connection.execute(f"CREATE INDEX IF NOT EXISTS ix_{table} ON {table} (updated_at, {columns[0]})")
        _insert(connection, "taxpayer", taxpayer_rows(timeline, state.after, until))
        if einvoices is not None:
            _insert(connection, "einvoice", einvoices)
    connection.close()


def taxpayer_rows(timeline: Timeline, after: int, until: int) -> pl.DataFrame:
    """Changes of legal status in (after, until]; the first one is the registration."""
    organisations = timeline.organisations
    who, day, status = _status_changes(timeline, organisations)
    seen = np.flatnonzero((day > after) & (day <= until))
    order = seen[np.lexsort((who[seen], day[seen]))]
    customer, day, status = organisations[who[order]], day[order], status[order]
    company = spell_organisations(timeline.parties.organisations.take(customer))
    people = draw_names(stream(timeline.seed, "directors"), len(organisations))
    directors = spell(people, np.full(len(organisations), 2))
    full = directors.select(pl.concat_str("last_name", "first_name", "middle_name", separator=" ").str.to_uppercase())
    return pl.DataFrame({
        "inn": organisation_inn(customer, timeline.seed), "name": company["name_uz"].str.to_uppercase(),
        "name_uz": company["name_uz"], "legal_status": status, "status_date": timeline.clock.dates(day).cast(pl.String),
        "director_name": full.to_series()[who[order]],
        "address": pl.Series([r.name_uz for r in REGIONS])[timeline.parties.region[customer]],
        "activity_code": pl.Series(10_000 + timeline.parties.organisations.industry[customer] * 4_210).cast(pl.String),
        "updated_at": timeline.clock.instants(day, 15 * 3600 + customer % 9000).dt.strftime(_ISO),
    })  # fmt: skip


def _status_changes(timeline: Timeline, organisations: np.ndarray) -> tuple[np.ndarray, ...]:
    """(organisation number, day, status) of all changes: those who close go into liquidation before they leave."""
    rng, p, count = stream(timeline.seed, "legal"), timeline.parties, len(organisations)
    registered = p.created[organisations] - rng.integers(60, 2500, count)
    churn, cause = p.churn.day[organisations], p.churn.cause[organisations]
    closing = (cause == CAUSES.index("business_closed")) & (churn < NEVER)
    trouble = np.where(
        (rng.random(count) < 0.08) & ~closing, rng.integers(0, max(timeline.months, 2) * 30, count), NEVER
    )
    kind = np.where(rng.random(count) < 0.5, "suspended", "blocked")
    lasts = rng.integers(10, 120, count)
    after_registration = np.maximum(registered + 30, 0)
    days = [registered, np.where(trouble < NEVER, np.maximum(trouble, after_registration), NEVER),
            np.where(trouble < NEVER, np.maximum(trouble, after_registration) + lasts, NEVER),
            np.where(closing, np.maximum(churn - 120, after_registration), NEVER), np.where(closing, churn + 40,
                NEVER)]  # fmt: skip
    statuses = [np.full(count, "active"), kind, np.full(count, "active"), np.full(count, "in_liquidation"),
                np.full(count, "liquidated")]  # fmt: skip
    who = np.concatenate([np.flatnonzero(d < NEVER) for d in days])
    return (who, np.concatenate([d[d < NEVER] for d in days]),
            np.concatenate([s[d < NEVER] for s, d in zip(statuses, days, strict=True)]).astype(object))  # fmt: skip


def _einvoices(timeline: Timeline, invoices: pl.DataFrame) -> pl.DataFrame:
    """Each invoice is sent the next day, and mostly accepted some days later; a change is a row of its own."""
    number = invoices["invoice_id"].to_numpy()
    final = number * 2_654_435_761 % 1000  # a fixed lot per invoice, whatever the batch it comes in
    verdict = np.select([final < 925, final < 965, final < 980], [0, 1, 2], 3)
    sent = invoices["_day"].to_numpy() + 1
    decided = sent + 1 + final % 11
    amount = invoices["_amount"].to_numpy()
    base = {
        "einvoice_id": pl.Series([sha256(f"{timeline.seed}:{n}".encode()).hexdigest()[:24] for n in number.tolist()],
            dtype=pl.String),
        "seller_inn": pl.Series([OPERATOR_INN]).new_from_index(0, len(number)),
        "buyer_inn": organisation_inn(invoices["customer"].to_numpy(), timeline.seed),
            "number": invoices["invoice_number"],
        "issued_date": timeline.clock.dates(sent).cast(pl.String), "amount": amount / 100,
        "vat_amount": pl.Series([vat(a) / 100 for a in amount.tolist()], dtype=pl.Float64),
    }  # fmt: skip
    parts = []
    for day, status, keep in ((sent, ["sent"] * len(number), verdict >= 0),
                              (decided, [FINAL_STATUSES[v] for v in verdict.tolist()], verdict < 3)):  # fmt: skip
        at = timeline.clock.instants(day, 9 * 3600 + final * 40).dt.strftime(_ISO)
        frame = pl.DataFrame({**base, "status": pl.Series(status, dtype=pl.String), "updated_at": at, "_day": day})
        parts.append(frame.filter(pl.Series(keep)))
    return pl.concat(parts)


def _insert(connection: sqlite3.Connection, table: str, rows: pl.DataFrame) -> None:
    columns = TABLES[table]
    marks = ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows.select(columns).rows())
