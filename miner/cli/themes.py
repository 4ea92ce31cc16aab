"""`miner themes`: the taxonomy."""

from __future__ import annotations

import click

from miner.cli._options import EXISTING
from miner.cli._voice import say_json, say_table


@click.group(epilog="Example:  miner themes list")
def themes() -> None:
    """Show the taxonomy."""


@themes.command("list", epilog="Example:  miner themes list --json")
@click.option("--taxonomy", type=EXISTING, help="A taxonomy TOML (default: the shipped one).")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with examples.")
def list_themes(taxonomy: str | None, as_json: bool) -> None:
    """List the themes with their definitions."""
    from dataclasses import asdict

    from miner.taxonomy import load_taxonomy

    tree = load_taxonomy(taxonomy)
    if as_json:
        say_json({"sha256": tree.sha256, "themes": [asdict(theme) for theme in tree.themes]})
        return
    rows = [(theme.key, theme.label, theme.definition) for theme in tree.themes]
    say_table(rows, header=("key", "label", "what it is about"))
