"""Addresses as channels take them, and the digests by which answers are known without keeping addresses."""

import hmac
import re

import phonenumbers

from crm.services.delivery.values import Medium

_EMAIL = re.compile(r"[^@\s<>\"(),:;\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_TOKEN = re.compile(r"[A-Za-z0-9_:.\-]{1,4096}")
_HOME = re.compile(r"\+998\d{9}")
_CHAT = re.compile(r"-?\d{1,19}")


def usable(channel: str, address: str, region: str = "UZ") -> str | None:
    """The address in the form that its channel takes; None when it cannot be one."""
    given = address.strip()
    if channel in (Medium.SMS, Medium.CALL):
        return _number(given, region)
    pattern = {Medium.EMAIL: _EMAIL, Medium.TELEGRAM: _CHAT, Medium.PUSH: _TOKEN}[Medium(channel)]
    return given if pattern.fullmatch(given) else None


def digest(key: bytes, channel: str, address: str) -> str:
    """The same for every spelling of an address; without the key nobody finds the address by trying all of them."""
    kind = "phone" if channel in (Medium.SMS, Medium.CALL) else channel
    plain = re.sub(r"\D", "", address) if kind == "phone" else address.strip().lower()
    return hmac.new(key, f"{kind}:{plain}".encode("utf-8", "replace"), "sha256").hexdigest()


def _number(given: str, region: str) -> str | None:
    """E.164 with its plus sign."""
    # Nearly all are of this country, and written so already.
    if _HOME.fullmatch(given):
        return given
    text = given if given.startswith("+") or len(given) < 11 else f"+{given}"
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
