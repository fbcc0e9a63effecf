"""A small random operator written straight into the raw layer: models are tested without sources or ingestion.

Rows are plain dictionaries by raw table; `write_raw` gives them the columns and types of their contracts.
"""

import datetime as dt
import random
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from data_contracts.loader import load_source
from data_contracts.model import Contract
from vitrina.settings import REPOSITORY

Tables = dict[str, list[dict[str, Any]]]
TZ_HOURS = 5
PRODUCTS = {1: ("mobile", 40000, 300, 100, 5000), 2: ("mobile", 70000, 600, 200, 15000), 3: ("iot", 8000, 0, 0, 100)}
TECHNICAL = {
    "_delivery_id": "VARCHAR",
    "_file": "VARCHAR",
    "_line": "BIGINT",
    "_loaded_at": "TIMESTAMP",
    "_contract_version": "VARCHAR",
}


def contracts() -> list[Contract]:
    """Contracts of every source that the repository knows."""
    folders = sorted(path for path in (REPOSITORY / "data_contracts" / "sources").iterdir() if path.is_dir())
    return [contract for folder in folders for contract in load_source(folder) if folder.name == contract.source]


def utc(day: dt.date, hour: int = 12) -> dt.datetime:
    """UTC instant of a local hour of a day."""
    return dt.datetime.combine(day, dt.time(hour)) - dt.timedelta(hours=TZ_HOURS)


def write_raw(home: Path, tables: Tables) -> None:
    """Write every table of every contract under `home`; a table without rows gets its schema only."""
    connection = duckdb.connect()
    for contract in contracts():
        types = {column.name: column.duckdb_type for column in contract.columns} | TECHNICAL
        rows = [_technical(row, number) for number, row in enumerate(tables.get(contract.raw_table, []))]
        folder = home / "raw" / contract.raw_table
        folder.mkdir(parents=True, exist_ok=True)
        text = {name: [None if row.get(name) is None else str(row[name]) for row in rows] for name in types}
        frame = pa.table({name: pa.array(values, pa.string()) for name, values in text.items()})
        connection.register("frame", frame)
        columns = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in types.items())
        connection.execute(f"copy (select {columns} from frame) to '{folder / '1.parquet'}' (format parquet)")


def _technical(row: dict[str, Any], number: int) -> dict[str, Any]:
    loaded = row.get("updated_at") or dt.datetime(2020, 1, 1)
    delivery = {"_delivery_id": "d1", "_file": "f", "_contract_version": "1.0.0"}
    return {**delivery, "_line": number, "_loaded_at": loaded, **row}


class RandomOperator:
    """Draws a consistent operator: every fifth customer is an organisation with several subscriptions."""

    def __init__(self, seed: int, customers: int, first: dt.date, until: dt.date) -> None:
        self.random = random.Random(seed)  # noqa: S311
        self.first, self.until, self.days = first, until, (until - first).days
        self.tables: Tables = {contract.raw_table: [] for contract in contracts()}
        self._reference()
        for number in range(1, customers + 1):
            self._customer(number)

    def add(self, table: str, **row: Any) -> None:
        """Append a row to a raw table."""
        self.tables[table].append(row)

    def day(self, earliest: dt.date | None = None) -> dt.date:
        """A random day of the period, not before `earliest`."""
        start = max(earliest or self.first, self.first)
        return start + dt.timedelta(days=self.random.randint(0, max((self.until - start).days, 0)))

    def _reference(self) -> None:
        stamp = utc(self.first)
        self.add("foris__department", department_id="D1", name="Ташкент", kind="head_office", updated_at=stamp)
        self.add(
            "foris__employee",
            employee_id="E1",
            department_id="D1",
            full_name="Каримов Жасур",
            position="manager_farmer",
            email="e1@example.uz",
            phone="+998900000001",
            hired_date=self.first,
            updated_at=stamp,
        )
        for key, (family, fee, minutes, sms, mb) in PRODUCTS.items():
            self.add(
                "foris__product",
                product_id=key,
                name=f"Тариф {key}",
                name_uz=f"Tarif {key}",
                name_en=f"Tariff {key}",
                family=family,
                customer_type="any",
                monthly_fee=fee,
                bundle_minutes=minutes or None,
                bundle_sms=sms or None,
                bundle_mb=mb,
                valid_from=self.first,
                valid_to=self.first + dt.timedelta(days=200) if key == 1 else None,
                updated_at=stamp,
            )

    def _customer(self, number: int) -> None:
        organisation = number % 5 == 0
        joined = self.day() if number % 3 else self.first
        state = {
            "customer_id": number,
            "customer_type": "organisation" if organisation else "person",
            "full_name": f"ООО Ромашка {number}" if organisation else f"Каримов Тест {number}",
            "inn": f"{300000000 + number}" if organisation else None,
            "pinfl": None if organisation else f"{31200000000000 + number}",
            "birth_date": None if organisation else dt.date(1970, 2, 28) + dt.timedelta(days=97 * number),
            "language": "ru",
            "segment": "sme" if organisation else "mass",
            "manager_id": "E1" if organisation else None,
            "status": "active",
            "consent_marketing": number % 2 == 0,
            "created_at": utc(joined),
            "region_code": "1726",
        }
        self.add("foris__customer", **state, updated_at=utc(joined))
        if number % 4 == 0:
            changed = self.day(joined + dt.timedelta(days=1))
            self.add("foris__customer", **{**state, "segment": "premium"}, updated_at=utc(changed))
        if organisation:
            self._organisation(number, joined)
        self._agreement(number, joined, 4 if organisation else 1 + number % 2)
        for _ in range(self.random.randint(0, 4)):
            self._interaction(number, joined)

    def _organisation(self, number: int, joined: dt.date) -> None:
        self.add(
            "foris__contact",
            contact_id=number,
            customer_id=number,
            full_name="Директор",
            role="director",
            decision_influence="decides",
            updated_at=utc(self.day(joined)),
        )
        if number > 5:
            start = self.day(joined)
            self.add(
                "foris__customer_link",
                link_id=number,
                customer_id=number - 5,
                linked_customer_id=number,
                link_type="parent_of",
                is_formal=number % 10 == 0,
                valid_from=start,
                valid_to=start + dt.timedelta(days=150) if number % 3 == 0 else None,
                updated_at=utc(start),
            )
        changed = self.day(joined + dt.timedelta(days=5))
        for day, status in ((joined, "active"), (changed, "suspended")):
            self.add(
                "tax__taxpayer",
                inn=f"{300000000 + number}",
                name=f"Romashka {number}",
                legal_status=status,
                status_date=day,
                updated_at=utc(day),
            )
        for serial in range(6):
            issued = self.day(joined)
            key = f"{number}-{serial}"
            einvoice = {
                "einvoice_id": key,
                "seller_inn": "200000001",
                "buyer_inn": f"{300000000 + number}",
                "number": key,
                "issued_date": issued,
                "amount": 1000,
                "vat_amount": 120,
            }
            self.add("tax__einvoice", **einvoice, status="sent", updated_at=utc(issued))
            answered = self.random.choice(["accepted", "rejected"])
            self.add("tax__einvoice", **einvoice, status=answered, updated_at=utc(issued + dt.timedelta(days=9)))

    def _agreement(self, number: int, joined: dt.date, subscriptions: int) -> None:
        postpaid = number % 5 == 0
        planned = joined + dt.timedelta(days=730) if postpaid else None
        broken_off = self.day(joined + dt.timedelta(days=1)) if number % 7 == 0 else None
        self.add(
            "foris__agreement",
            agreement_id=number,
            customer_id=number,
            agreement_number=f"A{number}",
            signed_date=joined,
            end_date=broken_off or planned,
            updated_at=utc(broken_off or joined),
            status="terminated" if broken_off else "active",
        )
        self.add(
            "foris__account",
            account_id=number,
            agreement_id=number,
            account_number=f"L{number}",
            payment_type="postpaid" if postpaid else "prepaid",
            currency="UZS",
            status="active",
            balance=0,
            opened_date=joined,
            updated_at=utc(joined),
        )
        for serial in range(subscriptions):
            self._subscription(number * 10 + serial, number, joined)
        for serial in range(self.random.randint(0, 12)):
            paid = self.day(joined)
            self.add(
                "foris__payment",
                payment_id=number * 100 + serial,
                account_id=number,
                paid_at=utc(paid),
                amount=self.random.randint(1, 9) * 10000,
                currency="UZS",
                method=self.random.choice(["cash", "card", "wallet"]),
                updated_at=utc(paid),
            )

    def _subscription(self, key: int, account: int, joined: dt.date) -> None:
        started = self.day(joined)
        product = self.random.choice([1, 2, 3])
        ended = self.day(started + dt.timedelta(days=30)) if self.random.random() < 0.4 else None
        ended = ended if ended and ended > started else None
        msisdn = f"+99890{key:07d}"
        self.add(
            "foris__subscription",
            subscription_id=key,
            account_id=account,
            msisdn=msisdn,
            imsi=f"{434040000000000 + key}",
            product_id=product,
            status="terminated" if ended else "active",
            activated_date=started,
            terminated_date=ended,
            updated_at=utc(ended or started),
        )
        events = [(started, "activated", product)]
        changed = self.day(started)
        if started < changed and (ended is None or changed < ended):
            events.append((changed, self.random.choice(["tariff_changed", "suspended"]), 2))
        if ended:
            events.append((ended, "terminated", None))
        for serial, (day, kind, new_product) in enumerate(events):
            self.add(
                "foris__subscription_event",
                event_id=key * 10 + serial,
                subscription_id=key,
                event_type=kind,
                event_at=utc(day),
                product_id=new_product if kind != "suspended" else None,
                msisdn=msisdn,
                updated_at=utc(day),
            )
        self._device(key, started)
        self._months(key, account, started, ended or self.until)

    def _device(self, key: int, started: dt.date) -> None:
        for serial in range(self.random.randint(0, 2)):
            day = self.day(started)
            self.add(
                "dms__device",
                event_date=day,
                subscription_id=key,
                imei=f"{35000000000000 + key}{serial}",
                vendor="Samsung",
                model=f"Galaxy {serial}",
                device_type="smartphone",
                os="Android",
                os_version="14",
                release_year=2019 + serial,
            )

    def _months(self, key: int, account: int, started: dt.date, ended: dt.date) -> None:
        days = range((min(ended, self.until) - started).days + 1)
        for offset in self.random.sample(days, k=min(len(days), self.random.randint(0, 60))):
            self._usage(key, started + dt.timedelta(days=offset))
        month = started.replace(day=1)
        while (last := _month_end(month)) <= min(ended, self.until):
            self._charge(key, account, last)
            month = last + dt.timedelta(days=1)

    def _usage(self, key: int, day: dt.date) -> None:
        draw = self.random.randint
        roaming = draw(0, 9) == 0
        self.add(
            "foris__usage",
            subscription_id=key,
            usage_date=day,
            voice_out_onnet_sec=draw(0, 900),
            voice_out_offnet_sec=draw(0, 900),
            voice_out_intl_sec=draw(0, 60),
            voice_in_sec=draw(0, 900),
            sms_out=draw(0, 5),
            data_mb=draw(0, 400000) / 1000,
            roaming_voice_sec=60 if roaming else 0,
            roaming_sms=0,
            roaming_data_mb=5.5 if roaming else 0,
            roaming_country="Турция" if roaming else None,
            charge_amount=draw(0, 3) * 500,
            _delivery_id=f"u{day}",
        )

    def _charge(self, key: int, account: int, day: dt.date) -> None:
        number = int(f"{key}{day:%Y%m}")
        for serial, kind in enumerate(("recurring", "out_of_bundle", "roaming")):
            if kind == "recurring" or self.random.random() < 0.2:
                self.add(
                    "foris__charge",
                    charge_id=number * 10 + serial,
                    account_id=account,
                    subscription_id=key,
                    charge_date=day,
                    charge_type=kind,
                    amount=self.random.randint(1, 50) * 1000,
                    currency="UZS",
                    updated_at=utc(day),
                )
        if account % 5 == 0 and key % 10 == 0 and day + dt.timedelta(days=5) <= self.until:
            issued = day + dt.timedelta(days=5)
            self.add(
                "foris__invoice",
                invoice_id=number,
                account_id=account,
                invoice_number=f"I{number}",
                period_start=day.replace(day=1),
                issued_date=issued,
                due_date=issued + dt.timedelta(days=20),
                amount=self.random.randint(1, 9) * 20000,
                currency="UZS",
                updated_at=utc(issued),
            )

    def _interaction(self, number: int, joined: dt.date) -> None:
        day = self.day(joined)
        key = len(self.tables["foris__interaction"]) + 1
        self.add(
            "foris__interaction",
            interaction_id=key,
            customer_id=number,
            channel=self.random.choice(["call", "sms", "email", "telegram", "office", "chat"]),
            direction="in",
            topic=self.random.choice(["billing", "complaint", "termination"]),
            started_at=utc(day),
            duration_seconds=60,
            result=self.random.choice(["resolved", "escalated"]),
            nps_score=self.random.choice([None, 3, 9]),
            updated_at=utc(day),
        )


KNOWN_FROM = {
    "foris__usage": "usage_date",
    "foris__charge": "charge_date",
    "foris__invoice": "issued_date",
    "foris__payment": "paid_at",
    "foris__interaction": "started_at",
    "foris__subscription_event": "event_at",
    "foris__customer": "updated_at",
    "foris__contact": "updated_at",
    "foris__customer_link": "valid_from",
    "foris__agreement": "signed_date",
    "foris__account": "opened_date",
    "foris__subscription": "activated_date",
    "tax__taxpayer": "status_date",
    "tax__einvoice": "updated_at",
    "dms__device": "event_date",
}
"""The column that says from when a row was known. Tables that are not here never change."""


def known_by(tables: Tables, day: dt.date) -> Tables:
    """The tables as they stood at the end of a day: later rows are away and later ends are not known yet."""
    return {table: [_as_of(row, day) for row in rows if _is_known(table, row, day)] for table, rows in tables.items()}


def with_another_future(tables: Tables, day: dt.date, seed: int) -> Tables:
    """The tables up to a day as they are, and after it another course of events, drawn anew."""
    draw = random.Random(seed)  # noqa: S311
    changed = known_by(tables, day)
    for table, rows in tables.items():
        later = [dict(row) for row in rows if not _is_known(table, row, day) and draw.random() < 0.6]
        for row in later:
            if row.get("amount") is not None:
                row["amount"] = row["amount"] * 3
        changed[table] += later
    for row in known_by(tables, day)["foris__customer"]:
        moment = utc(day + dt.timedelta(days=40))
        changed["foris__customer"].append({**row, "segment": "government", "updated_at": moment})
    for row in known_by(tables, day)["foris__subscription"][::2]:
        end = {
            "event_id": 9_000_000 + row["subscription_id"],
            "subscription_id": row["subscription_id"],
            "event_type": "terminated",
            "event_at": utc(day + dt.timedelta(days=3)),
        }
        changed["foris__subscription_event"].append({**end, "updated_at": end["event_at"]})
    return changed


def _is_known(table: str, row: dict[str, Any], day: dt.date) -> bool:
    if table not in KNOWN_FROM:
        return True
    moment = row[KNOWN_FROM[table]]
    local = (moment + dt.timedelta(hours=TZ_HOURS)).date() if isinstance(moment, dt.datetime) else moment
    return bool(local <= day)


def _as_of(row: dict[str, Any], day: dt.date) -> dict[str, Any]:
    """The state of a subscription or agreement before it ended."""
    for end in ("terminated_date", "end_date"):
        if row.get("status") == "terminated" and row.get(end) and row[end] > day:
            return {**row, end: None, "status": "active"}
    return row


def _month_end(day: dt.date) -> dt.date:
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
