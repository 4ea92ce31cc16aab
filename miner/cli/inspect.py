"""`miner inspect`: what an export would be taken for."""

from __future__ import annotations

from typing import Any

import click

from miner.cli._options import EXISTING, clock_option, input_options, settings_from
from miner.cli._voice import say_json, say_table


@click.command(epilog="Example:  miner inspect reviews.csv")
@click.argument("inputs", nargs=-1, required=True, type=EXISTING, metavar="FILE...")
@input_options
@clock_option
@click.option("--rows", default=3, show_default=True, help="Rows to show.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def inspect(inputs: tuple[str, ...], rows: int, as_json: bool, **options: Any) -> None:
    """Show which column of FILE is taken for what and why, a few rows, and what would be set aside."""
    from miner.workflow import inspect as look

    seen = look(inputs, settings=settings_from(None, options), rows=rows)
    if as_json:
        say_json(seen.to_dict())
        return
    for part in seen.tables():
        say_table(part.rows, header=part.header, title=part.title)
