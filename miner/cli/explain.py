"""`miner explain`: why one text is tagged as it is."""

from __future__ import annotations

import click

from miner.cli._options import model_option, settings_from
from miner.cli._voice import console, say_json


@click.command(epilog='Example:  miner explain "Love the shampoo, but delivery took three weeks."')
@click.argument("text")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For people, or for programs (every word, nine decimals).",
)
@click.option(
    "--all", "all_themes", is_flag=True, help="Every theme, not only those that came near."
)
@click.option(
    "--words",
    type=click.IntRange(0),
    default=12,
    show_default=True,
    help="Words a table shows, the strongest; the others are one line (0: show all).",
)
@click.option("--encoding", help="Encoding of standard input (default: UTF-8).")
@model_option
@click.option("--json", "as_json", is_flag=True, help="As --format json; errors too.")
def explain(
    text: str, form: str, all_themes: bool, words: int, encoding: str | None,
    model: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Say why TEXT is tagged as it is: what each word adds, thresholds, and why not another theme.

    TEXT is one feedback, in quotes; - reads it from standard input.
    """
    from miner.learn.bundle import load_ahead

    chosen = settings_from(None, {"model": model}).model
    load_ahead(chosen)  # before the imports that take as long
    from miner.workflow import explain as why

    found = why(text, model=chosen, encoding=encoding, all_themes=all_themes)
    if as_json or form == "json":
        say_json(found.to_dict())
        return
    from miner.cli._explained import draw

    draw(found, console(), words=words or None, all_themes=all_themes)
