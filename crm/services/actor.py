"""Who does something, and from where."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A signed-in person, or the system itself (`user_id` None). `acting_for` is whose eyes he looks through."""

    user_id: int | None
    login: str
    address: str = ""
    acting_for: int | None = None


def system(name: str = "system") -> Actor:
    """The product acting by itself: an installation, a load, a command on the server."""
    return Actor(None, name)


def printable(text: str, length: int) -> str:
    """Text from outside without control characters (PostgreSQL refuses NUL), cut to what a column holds."""
    return "".join(sign for sign in text if sign.isprintable())[:length]
