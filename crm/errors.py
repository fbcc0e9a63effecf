"""What the operational database refuses, as a code with a sentence: the English text is the catalogues' key."""

from types import MappingProxyType

from crm.messages import MESSAGES
from vitrina.errors import UserError


class CrmError(UserError):
    """A refusal that a person may read. `code` is stable for programs; `message` with `values` is for translation."""

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.message, self.values = code, MESSAGES[code], MappingProxyType(values)
        super().__init__(self.message.format(**values))
