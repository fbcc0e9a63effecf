"""What a directory says of a person who has proved to it who he is."""

from dataclasses import dataclass

from vitrina.errors import UserError


@dataclass(frozen=True)
class ExternalPerson:
    """`subject` never changes, `login` and the rest may; `groups` are the directory's own names of them."""

    provider: str
    subject: str
    login: str
    name: str
    email: str | None
    groups: tuple[str, ...]


class DirectoryUnavailable(UserError):
    """The directory did not answer: nobody was refused, and the password was not judged."""
