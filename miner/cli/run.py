"""`miner run`: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from miner.cli._options import (
    EXISTING,
    area_option,
    benchmark_option,
    clock_option,
    customer_options,
    input_options,
    logo_option,
    margin_option,
    model_option,
    period_options,
    settings_from,
    voice_options,
)
from miner.cli._voice import progress, say_json, say_table
from miner.config import RANKINGS, REPORT_FORMATS, REPORT_LANGUAGES


@click.command(epilog="Example:  miner run reviews.csv -o out/")
@click.argument("inputs", nargs=-1, required=True, type=EXISTING, metavar="FILE...")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path),
              help="Folder for the report and the tables; made if missing.")  # fmt: skip
@input_options
@area_option
@customer_options
@margin_option
@model_option
@click.option("--taxonomy", type=EXISTING, help="Labels and definitions from this taxonomy TOML.")
@click.option("--language", help="Language of rows that name none and are too short to tell.")
@click.option("--grain", type=click.Choice(["auto", "month", "week"]), help="Trend by (auto).")
@click.option("--minimum-n", type=int, help='Below this many a figure says "too few" (10).')
@click.option("--compare-from", metavar="DATE",
              help="First day of the later window compared (the last third).")  # fmt: skip
@click.option("--stage", metavar="COLUMN",
              help="Column with the customer's journey stages (told by its name).")  # fmt: skip
@click.option("--rank-by", type=click.Choice(RANKINGS),
              help="What pain points and strengths are ranked by (share).")  # fmt: skip
@click.option("--verbatims", type=int, help="Verbatims per theme and side in the report (40).")
@click.option("--due-hours", type=float,
              help="Hours until a follow-up is due; safety and legal: a quarter (24).")  # fmt: skip
@click.option("--follow-up-days", type=int,
              help="Days the follow-up list reaches back from the last date (30).")  # fmt: skip
@click.option("--format", "formats", multiple=True, type=click.Choice(REPORT_FORMATS),
              help="Report files to write; may be repeated (all).")  # fmt: skip
@click.option("--title", help="Heading of the report (the input's name).")
@period_options
@logo_option
@click.option("--report-language", type=click.Choice(REPORT_LANGUAGES),
              help="Language of the report's own words and numbers (en).")  # fmt: skip
@benchmark_option
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
    from miner.workflow import run as run_job

    settings = settings_from(config, options)
    with progress(quiet=quiet or as_json) as show:
        done = run_job(inputs, output, settings=settings, progress=show)
    if as_json:
        say_json(done.summary())
    elif not quiet:
        say_table(done.terminal_rows())
