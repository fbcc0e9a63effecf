"""How names and values become safe parts of SQL text."""


def quoted(name: str) -> str:
    """An SQL identifier, whatever characters the source put into the name."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: object) -> str:
    """An SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"
