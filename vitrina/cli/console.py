"""The console that commands print to."""

import sys

from rich.console import Console

WIDTH_WITHOUT_TERMINAL = 200


def make_console() -> Console:
    """As wide as the terminal; wide enough for whole table cells where the output goes to a file or another program."""
    return Console() if sys.stdout.isatty() else Console(width=WIDTH_WITHOUT_TERMINAL)


console = make_console()
