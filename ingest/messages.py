"""Reasons and warnings as codes, and the English sentence of each: the message id of the translation catalogues."""

STRUCTURAL: dict[str, str] = {
    "missing_column": "The column {columns} is missing.",
    "truncated_gzip": "The compressed file is cut off.",
    "corrupt_gzip": "The compressed file is damaged.",
    "wrong_encoding": "The file is in {found}, but {declared} was agreed.",
    "unreadable": "The file cannot be read: {error}",
    "empty": "The delivery has no rows, but rows are expected.",
    "volume_collapse": "{rows} rows came, usual are {usual}: the delivery waits for a decision.",
    "rows_unaccounted": "The file has {lines} rows, but {rows} were read.",
    "not_a_statement": "The file does not begin as a 1C bank statement.",
}
WARNINGS: dict[str, str] = {
    "added_column": "The file has columns that the contract does not know: {columns}.",
    "late_delivery": "The file of {date} came late.",
    "blank_lines": "The file has {count} blank lines.",
    "quoted_lines": "Rows run over several lines, so line numbers are approximate.",
    "balance_differs": "The balance of account {account} for {period} differs from its documents by {difference}.",
    "no_account_section": "The statement has no account section, so its balance cannot be checked.",
    "closing_line_damaged": "The closing line of the statement is damaged or missing; the rows before it were taken.",
    "unclosed_section": "The statement has a section without an end at line {line}.",
}


def template(code: str) -> str:
    """English sentence of a code, with places for its values; the code itself when it is not known."""
    return STRUCTURAL.get(code) or WARNINGS.get(code) or code
