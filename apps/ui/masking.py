"""How personal identifiers look before anyone has signed in: enough to recognise, not enough to copy."""

DOTS = "•"


def identifier(value: str | None, *, head: int = 3, tail: int = 2) -> str | None:
    """A document or PINFL number with its middle hidden: ``312•••••••••45``. Short values are hidden whole."""
    if not value:
        return value
    if len(value) <= head + tail:
        return DOTS * len(value)
    return value[:head] + DOTS * (len(value) - head - tail) + value[-tail:]


def phone(value: str | None) -> str | None:
    """An Uzbek number written in groups: ``+998 90 123 45 67``; anything else as it came."""
    if not value:
        return value
    digits = "".join(char for char in value if char.isdigit())
    if len(digits) != 12 or not digits.startswith("998"):
        return value
    return f"+998 {digits[3:5]} {digits[5:8]} {digits[8:10]} {digits[10:]}"
