"""What can be wrong with an uploaded file as a whole; single rows are told in its result instead."""

from typing import Any, Final

from vitrina.errors import UserError

MESSAGES: Final = {
    "empty_file": "The file has no rows",
    "not_text": "The file is neither a table of text nor a workbook: save it as CSV or XLSX",
    "broken_quotes": "Row {row}: a quotation mark is opened and never closed",
    "broken_workbook": "The workbook cannot be opened: save it anew as XLSX without a password",
    "too_large": "The file is too large: at most {megabytes} MB",
    "too_many_rows": "The file has more than {limit} rows: divide it",
    "nothing_recognised": "No column holds phone numbers, INN, PINFL, accounts, agreements, e-mails or customer ids",
}


class BadList(UserError):
    """The file cannot be taken. `code` is a key of `MESSAGES`, whose English text is the key of the catalogues."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.values = code, values
        super().__init__(MESSAGES[code].format(**values))
