"""`miner models`: what can be loaded."""

from __future__ import annotations

import click

from miner.cli._voice import say_json, say_table


@click.command(epilog="Example:  miner models")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def models(as_json: bool) -> None:
    """List the shipped models with their size and measured quality."""
    from miner.workflow import list_models

    found = list_models()
    if as_json:
        say_json(found)
        return
    rows = [
        (one["name"], one["language"], f"{one['megabytes']:.1f} MB", one["quality"], one["path"])
        for one in found
    ]
    say_table(rows, header=("name", "language", "size", "measured", "folder"))
