"""What the gate refuses, as a code with a sentence: the English text is the catalogues' key."""

from types import MappingProxyType
from typing import Final

from vitrina.errors import UserError

MESSAGES: Final[dict[str, str]] = {
    "purpose_closed": "Your role does not give you this way to the data.",
    "table_closed": "The table {table} is closed to you, or there is none of that name.",
    "table_qualified": "Name tables without schema or database: {table}.",
    "column_unknown": "There is no column {column} here; columns that are closed to you do not show.",
    "too_long": "The query is too long: at most {limit} characters.",
    "too_deep": "The query is nested too deeply.",
    "too_many_tables": "The query takes too many tables: at most {limit}.",
    "replace_grows": "In replace() write both texts out, the new one no longer than the old.",
    "not_understood": "The query is not understood near line {line}, column {column}.",
    "not_one_query": "Write one SELECT; nothing else runs here.",
    "not_allowed": "{what} cannot be used here.",
    "function_closed": "The function {function} cannot be used here.",
    "name_taken": "The name {name} cannot be given to a part of a query: choose another.",
    "type_closed": "The type {type} cannot be used here.",
    "parameters": "The parameters do not fit the places in the query.",
    "took_too_long": "The query was stopped after {seconds} seconds. Ask for less, or filter more.",
    "too_much_memory": "The query needs more memory than a query may take. Ask for less, or filter more.",
    "cancelled": "The query was stopped.",
    "busy": "You have {count} queries under way already: wait for one to end, or stop it.",
    "bad_value": "A value does not fit what the query does with it: {detail}",
    "query_failed": "The query cannot be answered: {detail}",
    "too_many_finds": "You have looked for {count} numbers in {minutes} minutes: that is the limit.",
    "too_many_looks": "You have seen the personal data of {count} customers in {minutes} minutes: that is the limit.",
}  # fmt: skip


class GateError(UserError):
    """A refusal that a person may read. `code` is stable for programs; `message` with `values` is for translation."""

    def __init__(self, code: str, **values: object) -> None:
        self.code, self.message, self.values = code, MESSAGES[code], MappingProxyType(values)
        super().__init__(self.message.format(**values))


class Refused(GateError):
    """The person or the text of the query is refused: worth a line in the audit log."""


class Stopped(GateError):
    """The query was let in, but came to no answer: time, memory, cancellation, values."""
