"""How long work tells the person waiting how far it is: a small protocol and two reporters.

Long-running functions take a `Progress` and call `step` for each thing they begin; they never print.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichBars


class Progress(Protocol):
    """What a long-running function may say while it works."""

    def step(self, name: str, total: int | None = None) -> AbstractContextManager[Callable[..., None]]:
        """Begin a named step, which ends with the block; `total` is the number of units, None when unknown."""
        ...


class SilentProgress:
    """Says nothing: tests, services."""

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Callable[..., None]]:
        """Accept and forget."""

        def advance(done: int = 1, note: str = "", total: int | None = None) -> None:
            return None

        yield advance


class ConsoleProgress:
    """Draws one bar per step on a terminal, and one plain line per finished step where there is none."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=False)

    @contextmanager
    def step(self, name: str, total: int | None = None) -> Iterator[Callable[..., None]]:
        """Show the step with a bar (known total) or a spinner, then leave its time on the screen."""
        columns = (
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description:<34}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
        )
        with RichBars(*columns, console=self._console) as bars:
            task = bars.add_task(name, total=total, note="")

            def advance(done: int = 1, note: str = "", total: int | None = None) -> None:
                bars.update(task, advance=done, note=note, total=total)

            yield advance
            finished = bars.tasks[0].total or max(bars.tasks[0].completed, 1)
            bars.update(task, total=finished, completed=finished)
