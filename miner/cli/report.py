"""`miner report`: draw again from what is stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from miner.cli._options import (
    EXISTING,
    benchmark_option,
    clock_option,
    logo_option,
    margin_option,
    period_options,
    settings_from,
    voice_options,
)
from miner.cli._voice import say_json, say_table
from miner.config import RANKINGS, REPORT_FORMATS, REPORT_LANGUAGES


@click.command(epilog="Example:  miner report out/ --grain week -o weekly/")
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="Folder for the new report (FOLDER itself if not given).")  # fmt: skip
@click.option("--grain", type=click.Choice(["auto", "month", "week"]), help="Trend by (as before).")
@click.option("--minimum-n", type=int, help='Below this many a figure says "too few" (as before).')
@click.option("--compare-from", metavar="DATE",
              help="First day of the later of the two windows compared (as before).")  # fmt: skip
@click.option("--stage", metavar="COLUMN",
              help="Column with the stages of the customer's journey (as before).")  # fmt: skip
@click.option("--rank-by", type=click.Choice(RANKINGS),
              help="What pain points and strengths are ranked by (as before).")  # fmt: skip
@click.option(
    "--verbatims", type=int, help="Verbatims per theme and side in the report (as before)."
)
@click.option("--due-hours", type=float,
              help="Hours until a follow-up is due; safety and legal: a quarter.")  # fmt: skip
@click.option("--follow-up-days", type=int,
              help="Days the follow-up list reaches back from the last date.")  # fmt: skip
@click.option("--format", "formats", multiple=True, type=click.Choice(REPORT_FORMATS),
              help="Report files to write; may be repeated (as before).")  # fmt: skip
@click.option("--title", help="Heading of the report.")
@period_options
@logo_option
@click.option("--report-language", type=click.Choice(REPORT_LANGUAGES),
              help="Language of the report's own words and numbers (as before).")  # fmt: skip
@margin_option
@benchmark_option
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
