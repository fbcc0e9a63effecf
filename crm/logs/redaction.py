"""Taking personal data and secrets out of what is about to be logged: by the field name, and by how a text looks.

This is the last line: code should not log such values in the first place. Names of people cannot be told from other
words, so only fields that are known to hold them are covered.
"""

import ipaddress
import re
from collections.abc import Mapping, MutableMapping
from typing import Any

REMOVED = "[removed]"
_FIELDS = re.compile(
    r"passw|secret|token|cookie|authori[sz]ation|api_?key|credential|private_?key|pinfl|passport|phone|msisdn|e_?mail"
    r"|imei|imsi|birth|(full|first|last|middle|display|customer|person)_?name|contact|account_?number|iban|card",
    re.IGNORECASE,
)
# Named like a secret, but a state and not one.
_HARMLESS = frozenset({"token_id", "token_count", "must_change_password", "contact_count", "email_sent"})
# No part of a longer word (a hash) and not the digits after a decimal point.
_START, _END = r"(?<![^\W_])(?<!\d\.)", r"(?![^\W_])"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\$argon2\w*\$\S+"), "[hash]"),
    (re.compile(r"\bvitrina_[\w-]{8,}"), "[token]"),
    (re.compile(r"\beyJ[\w-]{5,}\.[\w-]+\.[\w-]*"), "[token]"),
    (re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE), r"\1 [token]"),
    (re.compile(r"(\w+://)[^\s/@:]*:[^\s/@]+@"), r"\1[removed]@"),
    (re.compile(r"((?:passw\w*|secret|token|pwd)['\"]?\s*[=:]\s*['\"]?)[^\s'\",&;]+", re.IGNORECASE), r"\1[removed]"),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), "[email]"),
    (re.compile(r"\b[A-ZА-Я]{2}\s?\d{7}\b"), "[passport]"),
    # PINFL, IMEI, IMSI, card and account numbers.
    (re.compile(_START + r"\d{12,}" + _END), "[number]"),
    (re.compile(_START + r"\+?(?:998|8)?[\s(-]*\d{2}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}" + _END), "[phone]"),
)
_LONGEST_NUMBER = 10**11
_KEPT_WHOLE = frozenset({"timestamp", "level", "logger", "hash", "seq"})
_DEEPEST = 6


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: the same event with personal data and secrets replaced by a word for their kind."""
    for name, value in list(event.items()):
        if name not in _KEPT_WHOLE:
            event[name] = _field(name, value, 0)
    return event


def clean_text(text: str) -> str:
    """A text without what looks like personal data or a secret."""
    for pattern, word in _PATTERNS:
        text = pattern.sub(word, text)
    return text


def _field(name: str, value: Any, depth: int) -> Any:
    if name == "address":
        return value if _is_ip(value) else REMOVED
    if name not in _HARMLESS and _FIELDS.search(name) and value not in (None, "", True, False):
        return REMOVED
    return _value(value, depth)


def _value(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int):
        return value if abs(value) < _LONGEST_NUMBER else "[number]"
    if depth >= _DEEPEST:
        return REMOVED
    if isinstance(value, Mapping):
        return {str(key): _field(str(key), each, depth + 1) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_value(each, depth + 1) for each in value]
    return clean_text(str(value))


def _is_ip(value: Any) -> bool:
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        return value in ("", None)
    return True
