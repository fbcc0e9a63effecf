"""Refused rows hold what the sources sent, past every mask: who may see them as they are, and what the others see."""

import re

from apps import health, identity
from apps.data import health as data
from apps.snapshot import NothingPublished, reader
from vitrina.access.rights import PERSONAL_CLASSES, Mask

_SIGN = re.compile(r"\w")


def sees_raw_rows() -> bool:
    """Whether nothing personal is covered for this person anyway."""
    rights = identity.person().rights
    return all(rights.mask(name) is Mask.OPEN for name in PERSONAL_CLASSES)


def row_text(text: str | None) -> str:
    """A whole row: its shape alone unless everything is open to the person."""
    return data.hidden(text) if sees_raw_rows() else cover(text)


def value(source: str, entity: str, field: str | None, text: str | None) -> str:
    """One value: as it is when the contract calls its column free of personal data."""
    contract = health.contract_of(source, entity)
    known = contract is not None and field in contract.names
    harmless = known and contract is not None and contract.column(str(field)).classification == "none"
    return data.hidden(text) if harmless or sees_raw_rows() else cover(text)


def cover(text: str | None) -> str:
    """Letters and digits as dots, so that the shape of the row can still be judged."""
    return _SIGN.sub("•", text or "")


def note_look() -> None:
    """Rows as they came were shown: whose they are nobody can say, but that somebody looked is written down."""
    if not sees_raw_rows():
        return
    try:
        reader().record((), frozenset(PERSONAL_CLASSES), "quarantine")
    except NothingPublished:
        return
