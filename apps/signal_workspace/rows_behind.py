"""The rows of a fact table that a measure added up, with the columns that a manager can read."""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from apps.language import speaker, t
from apps.ui import tables


def rows_behind(rows: pa.Table, key: str) -> None:
    """A short table, newest first; columns that the gate covers or the table has not are left out."""
    found = rows.to_pylist()
    shown = _columns(set(rows.column_names))
    said = [{name: tell(row) for name, (_, tell) in shown.items()} for row in found]
    told = {name for name in shown if any(line[name] not in ("", "—", "0") for line in said)}
    used = {name: column for name, (column, _) in shown.items() if name in told}
    tables.plain(said, used, key=key)


Teller = Callable[[Mapping[str, Any]], str]


def _columns(there: set[str]) -> dict[str, tuple[Any, Teller]]:
    say = speaker()

    def day(name: str) -> Teller:
        return lambda row: say.date(row[name])

    def number(*names: str, divide: int = 1, digits: int = 0) -> Teller:
        return lambda row: say.number(float(sum(row[name] or 0 for name in names)) / divide, digits)

    def text(name: str) -> Teller:
        return lambda row: "" if row[name] is None else str(row[name])

    out = tuple(name for name in ("voice_out_onnet_sec", "voice_out_offnet_sec", "voice_out_intl_sec") if name in there)
    known: dict[str, tuple[Any, Teller, tuple[str, ...]]] = {
        "day": (tables.text(t("Date"), 95), day("usage_date"), ("usage_date",)),
        "paid_on": (tables.text(t("Date"), 95), day("payment_date"), ("payment_date",)),
        "billed_on": (tables.text(t("Date"), 95), day("invoice_date"), ("invoice_date",)),
        "out": (tables.number(t("Outgoing, min"), 105), number(*out, divide=60), out or ("-",)),
        "in": (tables.number(t("Incoming, min"), 105), number("voice_in_sec", divide=60), ("voice_in_sec",)),
        "sms": (tables.number("SMS", 60), number("sms_out"), ("sms_out",)),
        "data": (tables.number(t("Internet, MB"), 100), number("data_mb"), ("data_mb",)),
        "charge": (tables.number(t("Charged, soʻm"), 110), number("charge_amount"), ("charge_amount",)),
        "roaming": (tables.text(t("Roaming"), 80), text("roaming_country"), ("roaming_country",)),
        "amount": (tables.number(t("Amount, soʻm"), 120), number("amount"), ("amount",)),
    }  # fmt: skip
    return {name: (column, tell) for name, (column, tell, needs) in known.items() if set(needs) <= there}
