"""The state of sources, as the home page and the data health page show it."""


def sources_table() -> None:
    """Placeholder until health lands."""
