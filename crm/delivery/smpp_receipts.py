"""What an SMS centre delivers to us: receipts (SMPP 3.4, Appendix B, and the optional parameters that say the same more
strictly), and messages of people."""

import datetime as dt
import hashlib
import re
from typing import Any, Final

from crm.delivery.channels import Answer, Received, Report
from crm.delivery.sms_text import decode
from crm.services.delivery.values import ReportState

_FIELD = re.compile(rb"(id|stat|err):(\S*)", re.IGNORECASE)
_IS_RECEIPT, _TYPES, _HAS_HEADER = 0x04, 0x3C, 0x40
# 5.2.28 message_state, and the words of Appendix B.
STATES: Final = {
    1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD",
}  # fmt: skip
_MEANING: Final = {
    "ENROUTE": ReportState.ACCEPTED, "ACCEPTD": ReportState.ACCEPTED, "DELIVRD": ReportState.DELIVERED,
    "EXPIRED": ReportState.FAILED, "DELETED": ReportState.FAILED, "UNDELIV": ReportState.FAILED,
    "UNKNOWN": ReportState.FAILED, "REJECTD": ReportState.FAILED,
}  # fmt: skip


def received(pdu: Any, now: dt.datetime) -> Received | None:
    """What a deliver_sm says; None for what says nothing to us."""
    body = pdu.short_message or pdu.message_payload or b""
    if (pdu.esm_class or 0) & _TYPES == _IS_RECEIPT:
        return _receipt(pdu, body, now)
    if (pdu.esm_class or 0) & _HAS_HEADER and body:
        body = body[body[0] + 1 :]
    return _message(_text(pdu.source_addr), body, pdu.data_coding or 0, now)


def _receipt(pdu: Any, body: bytes, now: dt.datetime) -> Report | None:
    told = {name.lower().decode(): value.decode(errors="replace") for name, value in _FIELD.findall(body)}
    provider_id = _text(pdu.receipted_message_id) or told.get("id") or None
    state = STATES.get(pdu.message_state or 0) or told.get("stat", "").upper()
    meaning = _MEANING.get(state)
    if meaning is None:
        return None
    reference = pdu.user_message_reference
    address = _text(pdu.source_addr)
    # Centres number messages anew after a restart: the address keeps the receipts of two of them apart.
    mark = hashlib.sha256(f"{address}:{reference}".encode()).hexdigest()[:12]
    return Report(
        report_key=f"{provider_id}:{mark}:{state}", state=meaning, at=now, provider_id=provider_id, address=address,
        reference=reference, code=state if not told.get("err") else f"{state} {told['err']}",
    )  # fmt: skip


def _message(source: str, body: bytes, data_coding: int, now: dt.datetime) -> Answer:
    text = decode(body, data_coding)
    # The protocol gives it no number: the same words from the same phone on one day are one answer, however often
    # the centre delivers them.
    mark = hashlib.sha256(f"{source}\x00{text}".encode("utf-8", "replace")).hexdigest()[:32]
    return Answer(f"{now:%Y%m%d}:{mark}", "reply", now, address=source, text=text)


def _text(value: Any) -> str:
    return value.decode(errors="replace").rstrip("\x00") if isinstance(value, bytes) else str(value or "")
