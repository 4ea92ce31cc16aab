"""`miner inspect`: what an export would be taken for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from miner.cli._options import EXISTING, area_option, clock_option, input_options, settings_from
from miner.cli._voice import say_json, say_table

if TYPE_CHECKING:
    from miner.ingest import FileInspection, Inspection

_WIDEST = 160
"""Characters of a cell that are shown: a review of a page would push the table off the screen."""


@click.command(epilog="Example:  miner inspect reviews.csv")
@click.argument("inputs", nargs=-1, required=True, type=EXISTING, metavar="FILE...")
@input_options
@area_option
@clock_option
@click.option("--rows", default=3, show_default=True, type=click.IntRange(0), help="Rows to show.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def inspect(inputs: tuple[str, ...], rows: int, as_json: bool, **options: Any) -> None:
    """Show which column of FILE is taken for what and why, and what would be set aside."""
    from miner.workflow import inspect as look

    seen = look(inputs, settings=settings_from(None, options), rows=rows)
    if as_json:
        say_json(seen.to_dict())
        return
    for one in seen.files:
        _say_file(one)
    _say_ledger(seen)


def _say_file(one: FileInspection) -> None:
    facts = (
        one.source.format,
        one.source.encoding,
        one.source.sheet and f"sheet {one.source.sheet}",
    )
    click.echo(f"{one.source.name}  ({', '.join(fact for fact in facts if fact)})\n")
    columns = [(choice.column, choice.field, choice.reason) for choice in one.mapping.columns]
    say_table(columns, header=("column", "taken for", "because"))
    for row in one.rows:
        say_table(list(_fields(row)), title=f"row {row['row']}")


def _fields(row: Any) -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if name not in ("source", "row"):
            text = str(value)
            yield f"  {name}", text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


def _say_ledger(seen: Inspection) -> None:
    counts = seen.ledger.to_dict()
    account = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    click.echo(f"First {seen.sampled:,} rows a file: {account or 'no rows'}.")
    for note in seen.notes:
        click.echo(f"Note: {note}")
    if seen.examples:
        rows = [(str(one.row), one.column, one.value[:60], one.message) for one in seen.examples]
        say_table(rows, header=("row", "column", "value", "what would happen"))
    click.echo('\nWrong? Say it: --map text="Column name". Right? miner run FILE -o out/')
