"""Why a directory could not say who somebody is."""

from vitrina.errors import UserError

NO_ANSWER = "The directory of the company does not answer; try again later."
NOT_CONFIRMED = "The provider did not confirm who you are; begin again."


class DirectoryUnavailable(UserError):
    """The directory did not answer: nobody was refused, and the password was not judged."""

    def __init__(self) -> None:
        super().__init__(NO_ANSWER)


class OpenIdRefused(UserError):
    """The provider did not say who this is, or what it said does not hold."""

    def __init__(self) -> None:
        super().__init__(NOT_CONFIRMED)
