"""Reasons, warnings and reading faults as codes, with the English sentence of each: the translation catalogues' ids.

What a contract says about columns, volume and emptiness has its texts in `data_contracts.messages`.
"""

STRUCTURAL: dict[str, str] = {
    "truncated_gzip": "The compressed file is cut off.",
    "corrupt_gzip": "The compressed file is damaged.",
    "wrong_encoding": "The file is in {found}, but {declared} was agreed.",
    "unreadable": "The file cannot be read: {error}",
    "rows_unaccounted": "The file has {lines} rows, but {rows} were read.",
    "not_a_statement": "The file does not begin as a 1C bank statement.",
}
WARNINGS: dict[str, str] = {
    "late_delivery": "The file of {date} came late.",
    "unusable_change_time": "{rows} rows have no change time, or one more than a year ahead: they are left aside.",
    "blank_lines": "The file has {count} blank lines.",
    "quoted_lines": "Rows run over several lines, so line numbers are approximate.",
    "reference_unknown": "{rows} rows name values that the referred table does not have ({rule}).",
    "balance_differs": "The balance of account {account} for {period} differs from its documents by {difference}.",
    "no_account_section": "The statement has no account section, so its balance cannot be checked.",
    "closing_line_damaged": "The closing line of the statement is damaged or missing; the rows before it were taken.",
    "unclosed_section": "The statement has a section without an end at line {line}.",
}
ROWS: dict[str, str] = {
    "row.field_count": "The row has too many or too few fields.",
    "row.unclosed_quote": "A quotation mark in the row is not closed.",
    "row.unreadable": "The row cannot be read.",
    "row.json": "The row is not a JSON object.",
}


def template(code: str) -> str:
    """English sentence of a code, with places for its values; the code itself when it is not known."""
    return STRUCTURAL.get(code) or WARNINGS.get(code) or ROWS.get(code) or code
