"""What the sender asks of the marts about customers: addresses, languages, values of placeholders, consents.

Asked of the snapshot in use, so that who took his consent back in the source is not written to after the next publish;
who tells us himself is in the opt-outs of `crm` at once.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from vitrina.campaign_runs.plan import Known
from vitrina.settings import Settings
from vitrina.warehouse.engine import Resources
from vitrina.warehouse.reader import SnapshotReader

ADDRESSES: Final = "customer_addresses"
"""A mart (customer_id, channel, address) with chats and devices, where the operator has one."""
_PHONE: Final = "coalesce(contact_phone, main_msisdn)"
_EMAIL: Final = "email"
_HAS: Final = {
    "sms": "has_phone",
    "call": "has_phone",
    "email": "has_email",
    "telegram": "has_chat",
    "push": "has_push",
}


def address_columns(tables: Collection[str]) -> str:
    """Columns of a SELECT over `customer_profiles` that say by what a customer can be reached."""
    named = [f"{_listed(channel, tables)} AS {has_addresses(channel)}" for channel in ("telegram", "push")]
    return ", ".join([f"{_PHONE} IS NOT NULL AS has_phone", f"{_EMAIL} IS NOT NULL AS has_email", *named])


def has_addresses(channel: str) -> str:
    """The column of `address_columns` for a channel."""
    return _HAS[channel]


class SnapshotPeople:
    """Customers of the snapshot in use. Safe to share between threads; `close` at the end."""

    def __init__(self, settings: Settings, placeholders: Mapping[str, str]) -> None:
        resources = Resources(memory_limit=settings.memory_limit, threads=settings.threads)
        self._reader = SnapshotReader.open(settings.published_dir, resources=resources)
        self._placeholders, self._lock = placeholders, threading.Lock()

    def known(self, customers: Sequence[int], excluding: Sequence[str]) -> Mapping[int, Known]:
        """What is known of these customers, and in which of the segments `excluding` they are."""
        with self._lock:
            self._reader.refresh()
        with self._reader.cursor() as cursor:
            tables = frozenset(cursor.manifest.tables)
            ids = {"ids": list(customers)}
            rows = cursor.query(self._query(), ids).to_pylist()
            listed = cursor.query(_ADDRESSES, ids).to_pylist() if ADDRESSES in tables else []
            held = cursor.query(_SEGMENTS, {**ids, "keys": list(excluding)}).to_pylist() if excluding else []
        more: dict[int, dict[str, str]] = {}
        for row in listed:
            more.setdefault(row["customer_id"], {})[row["channel"]] = row["address"]
        segments: dict[int, set[str]] = {}
        for row in held:
            segments.setdefault(row["customer_id"], set()).add(row["segment_key"])
        return {
            row["customer_id"]: self._known(row, more.get(row["customer_id"], {}), segments.get(row["customer_id"], ()))
            for row in rows
        }

    def close(self) -> None:
        """Let the snapshot go."""
        self._reader.close()

    def _query(self) -> str:
        values = ", ".join(f"{column} AS v_{name}" for name, column in sorted(self._placeholders.items()))
        return f"""SELECT customer_id, language AS spoken, region_code AS lives_in, {_PHONE} AS phone, {_EMAIL} AS mail,
            coalesce(has_marketing_consent, false) AS consents, {values}
            FROM customer_profiles WHERE customer_id IN (SELECT unnest($ids))"""

    def _known(self, row: Mapping[str, Any], listed: Mapping[str, str], segments: Collection[str]) -> Known:
        addresses = dict(listed)
        if row["phone"]:
            addresses |= {"sms": row["phone"], "call": row["phone"]}
        if row["mail"]:
            addresses["email"] = row["mail"]
        values = {name: row[f"v_{name}"] for name in self._placeholders if row[f"v_{name}"] is not None}
        return Known(
            addresses, row["spoken"] or "ru", values, row["lives_in"], bool(row["consents"]), frozenset(segments)
        )  # fmt: skip


_ADDRESSES: Final = f"SELECT customer_id, channel, address FROM {ADDRESSES} WHERE customer_id IN (SELECT unnest($ids))"
_SEGMENTS: Final = (
    "SELECT customer_id, segment_key FROM segment_memberships"
    " WHERE customer_id IN (SELECT unnest($ids)) AND list_contains($keys, segment_key)"
)


def _listed(channel: str, tables: Collection[str]) -> str:
    if ADDRESSES not in tables:
        return "false"
    return f"customer_id IN (SELECT customer_id FROM {ADDRESSES} WHERE channel = '{channel}')"
