"""`miner score`: the mentions only, or the signals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from miner.cli._options import (
    EXISTING,
    clock_option,
    input_options,
    model_option,
    settings_from,
    voice_options,
)
from miner.cli._voice import progress, say_json, say_notes

_ASIDE = {
    "empty": "empty", "duplicate": "duplicate", "junk": "without words", "rejected": "rejected",
    "not_scored": "in a language that is not scored",
}  # fmt: skip
"""Why rows of an export are not counted, in the words of `miner run`."""


@click.command(epilog="Example:  miner score reviews.csv -o mentions.jsonl")
@click.argument("inputs", nargs=-1, type=EXISTING, metavar="[FILE...]")
@click.option("--text", "texts", multiple=True, help="Score this text; may be repeated.")
@click.option("--lines", is_flag=True, help="FILE holds one feedback per line, no columns.")
@click.option("--signals", is_flag=True,
              help="Write signals, one a row: complaint, request, churn risk …")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="Where to write; standard output if not given.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["csv", "jsonl", "parquet"]),
              help="Form of the output (by the ending of -o, else csv).")  # fmt: skip
@input_options
@model_option
@click.option("--language", help="Language of rows that name none and are too short to tell.")
@click.option("--workers", type=int, help="Processes that score (0: one per core on long input).")
@clock_option
@voice_options
def score(
    inputs: tuple[str, ...], texts: tuple[str, ...], lines: bool, signals: bool,
    output: Path | None, form: str | None, quiet: bool, as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Tag every statement of FILES and write one row per mention (or per signal)."""
    from miner.learn.bundle import load_ahead as load_model
    from miner.text.language import load_ahead

    settings = settings_from(None, options)
    load_model(settings.model)  # before the imports that take as long
    if not lines:  # of a line or two the words will mostly do
        load_ahead(texts)
    from miner.workflow import score as score_job
    from miner.workflow.outputs import Output

    to = Output(output, form)
    with progress(quiet=quiet or as_json) as show:
        done = score_job(
            inputs, texts=texts, lines=lines, signals=signals, output=to, settings=settings,
            progress=show,
        )  # fmt: skip
    if not (texts or lines or quiet) and (output is None or not as_json):
        click.echo(_account(done), err=True)
        say_notes(done["notes"])
    if as_json and output is not None:
        say_json(done)
    elif output is not None and not quiet:
        what = "signals" if signals else "mentions"
        click.echo(f"{done[what]:,} {what} in {done['feedback']:,} feedback: {output}")


def _account(done: dict[str, Any]) -> str:
    """Return what was read, counted and set aside, as `miner run` says it.

    Loading `miner.report` for its sentence would take a third of a second; a test compares them.
    """
    counts = {**done["ledger"], "not_scored": done["not_scored"]}
    parts = [f"{counts[key]:,} {what}" for key, what in _ASIDE.items() if counts[key]]
    aside = sum(counts[key] for key in _ASIDE)
    rows = "row" if counts["received"] == 1 else "rows"
    read = f"{counts['received']:,} {rows} read, {counts['received'] - aside:,} counted"
    return f"{read}, {aside:,} set aside: {', '.join(parts)}." if aside else f"{read}."
