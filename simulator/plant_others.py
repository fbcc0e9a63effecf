"""Defects in the deliveries of the other systems: DMS, 1C, tax portal."""

import sqlite3
from datetime import UTC, date, datetime, time
from pathlib import Path
from shutil import copyfile
from typing import Any

import numpy as np

from simulator.defects import read_lines, write_lines
from simulator.devices import device_lines, device_lives
from simulator.foris_reference import organisation_inn
from simulator.onec import INVOICE_FILE_DAY
from simulator.onec_statements import OPERATOR_INN, OWN_ACCOUNTS
from simulator.onec_tags import DOCUMENTS
from simulator.onec_xml import xml_document
from simulator.options import SimulationOptions
from simulator.tax_register import TABLES, register_path
from simulator.timeline import Timeline

Record = dict[str, Any]
DMS_DAY, TAX_DAY = 11, 3
BALANCE_ERROR = 125_000


def record(defect: str, entity: str, path: Path, count: int, outcome: str, rule: str | None, **more: Any) -> Record:
    """One entry of defects.json. `outcome` is what becomes of the delivery or, for row defects, of the bad rows."""
    source, _, name = entity.partition(".")
    return {"defect": defect, "source": source, "entity": name, "file": path.name, "count": count,
            "expected": {"outcome": outcome, "rule": rule}, **more}  # fmt: skip


def plant_dms(options: SimulationOptions, timeline: Timeline, last: int) -> list[Record]:
    """Three lines that are no JSON, and four devices with an impossible IMEI, as additional lines of one day."""
    day = last - DMS_DAY
    path = options.home / "inbox" / "dms" / f"devices_{timeline.clock.date(day):%Y%m%d}.jsonl.gz"
    if not path.exists():
        return []
    lives = device_lives(timeline)
    known = np.flatnonzero(lives.day < day)[:7]
    good = device_lines(timeline, lives, known, day).splitlines(keepends=True)
    broken = [line[: len(line) // 2] + b"\n" for line in good[:3]]
    imeis = (b"12345", b"35ABC4567890123", b"0000", b"3512345678901234567")
    wrong = [_with_imei(line, imei) for line, imei in zip(good[3:], imeis, strict=True)]
    lines = read_lines(path)
    write_lines(path, [*lines, *broken, *wrong])
    first = len(lines) + 1
    return [
        record("bad_json", "dms.device", path, 3, "quarantined", "json", lines=[first, first + 1, first + 2]),
        record("bad_imei", "dms.device", path, 4, "quarantined", "pattern", lines=list(range(first + 3, first + 7))),
    ]


def _with_imei(line: bytes, imei: bytes) -> bytes:
    before, _, rest = line.partition(b'"imei":"')
    return before + b'"imei":"' + imei + rest[rest.index(b'"') :]


def plant_onec(options: SimulationOptions) -> list[Record]:
    """Balances that disagree, a statement sent twice, an impossible date, cards and an invoice with bad values."""
    last = options.defects_until or options.until
    statements = _delivered(options, "statements/kl_to_1c_*.txt", last)
    records = [_wrong_balance(path) for path in statements[-4:-1:2]]
    records += [_bad_document_date(path) for path in statements[-3:-2]]
    records += [_statement_twice(path) for path in statements[-5:-4]]
    cards = [
        {"counterparty_id": code, "kind": "organisation", "name": f"ООО Ошибка {code}", "inn": inn,
         "updated_date": last.isoformat()} for code, inn in (("К990001", "1234567"), ("К990002", "30A123456"))
    ]  # fmt: skip
    invoice = {
        "invoice_key": "СФ-ERR-1",
        "number": "99999999",
        "invoice_date": last.isoformat(),
        "counterparty_id": "К0000001",
        "amount": "-150000.00",
        "vat_amount": "0.00",
        "currency": "UZS",
    }
    newest_cards = _delivered(options, "counterparties/*.xml", last)[-1:]
    newest_invoices = _delivered(options, "invoices/*.xml", last)[-1:]
    records += _extra_rows(newest_cards, "counterparty", cards, "bad_inn", "pattern")
    return records + _extra_rows(newest_invoices, "invoice", [invoice], "negative_amount", "minimum")


def _delivered(options: SimulationOptions, pattern: str, last: date) -> list[Path]:
    """Files of the accounting system that existed on a day, by the date in their name."""
    paths = sorted((options.home / "inbox" / "onec").glob(pattern))
    return [path for path in paths if _file_date(path) <= last]


def _file_date(path: Path) -> date:
    digits = "".join(filter(str.isdigit, path.stem.removeprefix("kl_to_1c_")))
    return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8] or INVOICE_FILE_DAY))


def _edit(path: Path, change: Any) -> None:
    path.write_bytes(change(path.read_bytes().decode("cp1251")).encode("cp1251"))


def _wrong_balance(path: Path) -> Record:
    """The closing balance of the first account is higher than its documents say."""

    def change(text: str) -> str:
        before, _, rest = text.partition("КонечныйОстаток=")
        value, _, tail = rest.partition("\r\n")
        return f"{before}КонечныйОстаток={float(value) + BALANCE_ERROR:.2f}\r\n{tail}"

    _edit(path, change)
    return record("balance_disagrees", "onec.bank_statement", path, 1, "told", "balance_difference",
                   account=OWN_ACCOUNTS[0], difference=BALANCE_ERROR)  # fmt: skip


def _bad_document_date(path: Path) -> Record:
    """The last document has a date that no calendar has; its money is in the totals of the account."""

    def change(text: str) -> str:
        head, mark, rest = text.rpartition("\r\nДата=")
        return f"{head}{mark}32.13.{rest[6:]}"

    _edit(path, change)
    return record("bad_document_date", "onec.bank_document", path, 1, "quarantined", "type")


def _statement_twice(path: Path) -> Record:
    copy = path.with_name(path.stem + "_copy.txt")
    copyfile(path, copy)
    return record("delivered_twice", "onec.bank_document", copy, 1, "duplicate", "same_content", original=path.name)


def _extra_rows(paths: list[Path], entity: str, rows: list[dict], defect: str, rule: str) -> list[Record]:
    """Bad elements at the end of the newest document of a kind."""
    root, element, _ = DOCUMENTS[entity]
    for path in paths:
        body = xml_document(entity, rows, "").decode()
        elements = body[body.index(f"\t<{element}>") : body.rindex(f"</{root}>")]
        text = path.read_bytes().decode()
        head, _, tail = text.rpartition(f"</{root}>")
        path.write_bytes(f"{head}{elements}</{root}>{tail}".encode())
    return [record(defect, f"onec.{entity}", path, len(rows), "quarantined", rule,
                    keys=[next(iter(r.values())) for r in rows]) for path in paths]  # fmt: skip


def plant_tax(options: SimulationOptions, timeline: Timeline, last: int) -> list[Record]:
    """A short INN, an unknown status, a negative amount, an impossible date: one row each."""
    path = register_path(options.home)
    day = timeline.clock.date(last - TAX_DAY)
    at = datetime.combine(day, time(10), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    inn = organisation_inn(timeline.organisations[:1], timeline.seed)[0]
    taxpayers = [("12345678", "«XATO» MCHJ", None, "active", day.isoformat(), None, None, None, at),
                 (inn, "«XATO» MCHJ", None, "UNKNOWN", day.isoformat(), None, None, None, at)]  # fmt: skip
    einvoices = [("bad-amount-1", OPERATOR_INN, inn, "INV-X-1", day.isoformat(), -5000.0, 0.0, "sent", at),
                 ("bad-date-1", OPERATOR_INN, inn, "INV-X-2", "2026-02-30", 5000.0, 535.71, "sent", at)]  # fmt: skip
    with sqlite3.connect(path) as connection:
        for table, rows in (("taxpayer", taxpayers), ("einvoice", einvoices)):
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(TABLES[table]))})", rows)
    connection.close()
    found = (("bad_inn", "taxpayer", "pattern", "12345678"), ("unknown_status", "taxpayer", "enum", inn),
             ("negative_amount", "einvoice", "minimum", "bad-amount-1"), ("bad_date", "einvoice", "type",
                 "bad-date-1"))  # fmt: skip
    return [record(d, f"tax.{entity}", path, 1, "quarantined", rule, keys=[key]) for d, entity, rule, key in found]
