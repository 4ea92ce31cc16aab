"""`miner report`: draw again from what is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from miner.cli._options import (
    EXISTING,
    clock_option,
    drawing_options,
    settings_from,
    voice_options,
)
from miner.cli._voice import say_json, say_table


@click.command(epilog="Example:  miner report out/ --grain week -o weekly/")
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="Folder for the new report (FOLDER itself if not given).")  # fmt: skip
@drawing_options(unsaid="as before")
@click.option("--against", type=EXISTING, metavar="FOLDER",
              help="Compare with the folder of another run.")  # fmt: skip
@click.option("--config", type=EXISTING, help="Settings file, TOML; options override it.")
@clock_option
@voice_options
def report(
    folder: Path, output: Path | None, config: str | None, quiet: bool, as_json: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Draw the report again from what `miner run` stored in FOLDER; no model needed."""
    from miner.workflow import redraw

    done = redraw(folder, output or folder, settings=settings_from(config, options))
    if as_json:
        say_json(done.summary())
    elif not quiet:
        say_table(done.terminal_rows())
