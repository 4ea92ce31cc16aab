"""`miner run`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from miner.cli._options import (
    EXISTING,
    area_option,
    clock_option,
    customer_options,
    drawing_options,
    input_options,
    model_option,
    settings_from,
    voice_options,
)
from miner.cli._voice import progress, say_json, say_notes, say_table


@click.command(epilog="Example:  miner run reviews.csv -o out/")
@click.argument("inputs", nargs=-1, required=True, type=EXISTING, metavar="FILE...")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path),
              help="Folder for the report and the tables; made if missing.")  # fmt: skip
@input_options
@area_option
@customer_options
@model_option
@click.option("--taxonomy", type=EXISTING, help="Labels and definitions from this taxonomy TOML.")
@click.option("--language", help="Language of rows that name none and are too short to tell.")
@drawing_options()
@click.option("--against", type=EXISTING, metavar="FILE|FOLDER",
              help="Compare with this export, tagged the same way, or with the folder of an "
              "earlier run: --against last_year.csv.")  # fmt: skip
@click.option("--workers", type=int, help="Processes that score (0: one per core on long input).")
@click.option("--config", type=EXISTING, help="Settings file, TOML; options override it.")
@clock_option
@voice_options
def run(
    inputs: tuple[str, ...], output: Path, config: str | None, quiet: bool, as_json: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Read FILES (or a folder, or - for standard input), tag every statement, write the report.

    CSV, TSV, XLSX, JSON, JSON lines, Parquet and gzipped text are read; columns, encoding and
    separator are recognised. `miner inspect FILE` shows beforehand what will be taken for what.
    """
    from miner.learn.bundle import load_ahead as load_model
    from miner.text.language import load_ahead

    settings = settings_from(config, options)
    load_model(settings.model)  # before the imports that take as long
    load_ahead()
    from miner.workflow import run as run_job

    with progress(quiet=quiet or as_json) as show:
        done = run_job(inputs, output, settings=settings, progress=show)
    if as_json:
        say_json(done.summary())
    elif not quiet:
        say_table(done.terminal_rows())
        say_notes(done.summary()["notes"])
