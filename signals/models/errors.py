"""Why there is no model, or no scores: sentences that people read, with their values."""

from collections.abc import Mapping
from typing import Any, Final

NO_MONTHS: Final = "No month end with customers of this type is stored."
FEW_MONTHS: Final = "{stored} month ends are stored, {needed} are needed."
FEW_LEFT: Final = "{left} customers left in the months to learn from, at least {needed} are needed."
FEW_TO_CALIBRATE: Final = "{left} customers left in the months that calibrate, at least {needed} are needed."
NOTHING_TO_JUDGE: Final = "No month with a known future is left to judge the model on."
CHANCE: Final = "The model tells no more than chance, so it does not score."
NO_CHAMPION: Final = "No model counts yet."
DAMAGED: Final = "The file of the model {version} is not the one that was recorded."
FEW_PAYERS: Final = "{customers} customers pay, {again} of them more than once: too few to learn from."
NO_MAXIMUM: Final = "The model of payments finds no parameters for these customers."
MESSAGES: Final = (
    NO_MONTHS, FEW_MONTHS, FEW_LEFT, FEW_TO_CALIBRATE, NOTHING_TO_JUDGE, CHANCE, NO_CHAMPION, DAMAGED, FEW_PAYERS,
    NO_MAXIMUM,
)  # fmt: skip


class NoScores(ValueError):
    """Something stands in the way of scores: `message` is a key of the catalogues, `values` fill its places."""

    def __init__(self, message: str, **values: Any) -> None:
        self.message, self.values = message, dict(values)
        super().__init__(message.format(**values))

    def to_json(self) -> Mapping[str, Any]:
        """Plain values."""
        return {"message": self.message, "values": self.values}


class TooLittleData(NoScores):
    """There is not enough to learn from."""


class DoesNotFit(NoScores):
    """No parameters were found."""
