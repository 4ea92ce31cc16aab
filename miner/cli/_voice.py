"""How the commands speak: progress and tables on standard error, results on standard output."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[str, int, int | None], None]
"""Called with (what is being done, units done, units in all or None where unknown)."""


_MOST_NOTES = 5
"""Notes that stand at the end of a run: a folder of many files may have hundreds."""


def nothing(_what: str, _done: int, _total: int | None) -> None:
    """Take progress and say nothing."""


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress]:
    """Give a progress callback: a live line on a terminal, silence anywhere else."""
    if quiet or not sys.stderr.isatty():
        yield nothing
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TextColumn("{task.fields[count]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as live:
        task = live.add_task("Reading", total=None, count="")

        def show(what: str, done: int, total: int | None) -> None:
            count = f"{done:,}" if total is None else f"{done:,} of {total:,}"
            live.update(task, description=what, completed=done, total=total, count=count)

        yield show


def say_json(data: Any, *, as_line: bool = False) -> None:
    """Print one JSON document on standard output; what its encoding lacks is escaped.

    `as_line`: on one line, for logs that hold one object a line.
    """
    indent = None if as_line else 2
    text = json.dumps(data, ensure_ascii=False, indent=indent, default=str)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(data, indent=indent, default=str)
    click.echo(text)


def console(*, err: bool = False) -> Console:
    """Return an output as rich sees it: as wide as the terminal, or `COLUMNS`; 100 in a pipe."""
    from rich.console import Console

    class Outlet(Console):
        """A console that leaves a reader who has gone to the program."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    out = Outlet(stderr=err, highlight=False, markup=False, emoji=False)
    if not out.is_terminal and "COLUMNS" not in os.environ:
        out.width = max(out.width, 100)
    return out


def say_notes(notes: Sequence[str]) -> None:
    """Print what was assumed or left out, a line a note, on standard error; of many the first."""
    for note in notes[:_MOST_NOTES]:
        click.echo(f"Note: {note}", err=True)
    if (left := len(notes) - _MOST_NOTES) > 0:
        click.echo(f"Note: {left:,} more in the report, under Data quality.", err=True)


def say_table(
    rows: Sequence[tuple[str, ...]], *, header: tuple[str, ...] | None = None, title: str = "",
    err: bool = False,
) -> None:  # fmt: skip
    """Print a small borderless table, wrapped to the terminal."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=box.SIMPLE_HEAD if header else None, show_header=header is not None, pad_edge=False,
        title=title or None, title_justify="left", title_style="bold",
    )  # fmt: skip
    for name in header or ("",) * max((len(row) for row in rows), default=1):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console(err=err).print(table)
