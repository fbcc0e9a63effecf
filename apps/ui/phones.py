"""How phone numbers are written."""


def phone(value: str | None) -> str | None:
    """An Uzbek number written in groups: ``+998 90 123 45 67``; anything else as it came."""
    if not value:
        return value
    digits = "".join(char for char in value if char.isdigit())
    if len(digits) != 12 or not digits.startswith("998"):
        return value
    return f"+998 {digits[3:5]} {digits[5:8]} {digits[8:10]} {digits[10:]}"
