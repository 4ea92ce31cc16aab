"""`miner themes`: the taxonomy, shown and checked, and what a change of it would flip."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from miner.cli._changes import say_changes
from miner.cli._options import (
    EXISTING,
    clock_option,
    input_options,
    model_option,
    settings_from,
    voice_options,
)
from miner.cli._voice import progress, say_json, say_table
from miner.errors import DataError, UsageError


@click.group(epilog="Example:  miner themes list")
def themes() -> None:
    """Show and check the taxonomy; see what a change of it would flip."""


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


@themes.command("check", epilog="Example:  miner themes check mine.toml")
@click.argument("taxonomy", type=EXISTING, metavar="FILE")
@click.option("--corpus", type=EXISTING, help="Labelled sheet whose labels are counted.")
@click.option("--text-column", help="With --corpus: column with the texts (found out).")
@click.option("--label-column", "label_columns", multiple=True, metavar="COLUMN",
              help="With --corpus: column with labels; may be repeated (found out).")  # fmt: skip
@model_option
@click.option("--json", "as_json", is_flag=True, help="The findings as JSON.")
def check(
    taxonomy: str, corpus: str | None, text_column: str | None, label_columns: tuple[str, ...],
    model: str | None, as_json: bool,
) -> int:  # fmt: skip
    """Look over a taxonomy TOML: broken rules (exit code 3), and what will blur.

    Errors are broken entries and counter-examples that name no theme. Warnings are labels and
    definitions that say the same, themes without examples, examples that the model takes for
    another theme, keys of the default tree that are gone without an alias, and, with a labelled
    sheet, themes with too few labels.
    """
    from miner.learn.custom.layout import Choices
    from miner.workflow import check_themes
    from miner.workflow.labelling import OwnLabels

    choices = Choices(text=text_column, labels=label_columns)
    own = OwnLabels(corpus, choices) if corpus is not None else None
    found = check_themes(taxonomy, corpus=own, model=model or "en")
    if as_json:
        say_json(found.to_dict())
    else:
        rows = [(one.level, one.theme or "-", one.message) for one in found.findings]
        if rows:
            say_table(rows, header=("", "theme", "what"))
        warnings = len(found.findings) - found.errors
        click.echo(f"{found.themes} themes: {found.errors} error(s), {warnings} warning(s)")
    return DataError.exit_code if found.errors else 0


@themes.command(
    "whatif", epilog="Example:  miner themes whatif reviews.csv --threshold service.delivery=0.6"
)
@click.argument("inputs", nargs=-1, required=True, type=EXISTING, metavar="FILE...")
@click.option("--against", help="The model after: name or folder (default: the one of --model).")
@click.option("--taxonomy", type=EXISTING,
              help="The tree after: aliases say what was merged; themes may be gone.")  # fmt: skip
@click.option("--threshold", "thresholds", multiple=True, metavar="THEME=NUMBER",
              help="A theme is mentioned from this probability on, after; may be "
              "repeated.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="Write all flips there: CSV, JSON lines or Parquet by its ending.")  # fmt: skip
@click.option("--examples", default=2, show_default=True, type=click.IntRange(0),
              help="Flips to show per theme and kind.")  # fmt: skip
@model_option
@input_options
@click.option("--language", help="Language of rows that name none and are too short to tell.")
@clock_option
@voice_options
def whatif(
    inputs: tuple[str, ...], against: str | None, taxonomy: str | None,
    thresholds: tuple[str, ...], output: Path | None, examples: int, quiet: bool, as_json: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Show which mentions another model, tree or threshold would flip; nothing is saved.

    FILE is an export, or a folder that `miner run` wrote. Before is --model with its own themes;
    after is --against, --taxonomy and --threshold, one or all of them.
    """
    from miner.workflow import whatif as compare
    from miner.workflow.comparing import Change
    from miner.workflow.outputs import Output

    change = Change(against, taxonomy, _thresholds(thresholds))
    to = Output(output) if output is not None else None
    with progress(quiet=quiet or as_json) as show:
        found = compare(
            inputs, change, settings=settings_from(None, options), output=to, progress=show
        )
    if as_json:
        say_json(found.to_dict())
    elif not quiet:
        say_changes(found, examples)


def _thresholds(pairs: tuple[str, ...]) -> dict[str, float]:
    found = {}
    for pair in pairs:
        name, _, number = pair.partition("=")
        try:
            found[name.strip()] = float(number)
        except ValueError as error:
            raise UsageError(
                f"--threshold {pair}: expected THEME=NUMBER.",
                hint="Type it like --threshold service.delivery=0.6.",
                slug="cli.threshold-form",
                got=pair,
            ) from error
    return found
