"""`miner train`: fit a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from miner.cli._labels import label_options, refuse_without_corpus, say_trained, train_own
from miner.cli._options import EXISTING
from miner.cli._voice import say_json


@click.command(epilog="Example:  miner train --recipe own -o models/mine")
@click.option("--recipe", default="own", show_default=True,
              help="Name of a shipped recipe, or path of a recipe TOML.")  # fmt: skip
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path),
              help="Model folder to write; an older model there is replaced.")  # fmt: skip
@click.option("--corpora", type=EXISTING, help="Folder with labelled feedback (the shipped one).")
@click.option("--taxonomy", type=EXISTING, help="A taxonomy TOML (the one in the corpora folder).")
@click.option("--data", type=EXISTING,
              help="Folder with the public sets that the recipe names.")  # fmt: skip
@click.option("--work", type=click.Path(path_type=Path),
              help="Folder to fit the recipe's teacher in; a run goes on where it "
              "stopped.")  # fmt: skip
@label_options
@click.option("-q", "--quiet", is_flag=True, help="Say nothing.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def train(
    recipe: str, output: Path, corpora: str | None, taxonomy: str | None,
    data: str | None, work: Path | None, quiet: bool, as_json: bool, **labels: Any,
) -> None:  # fmt: skip
    """Fit a model, measure it on texts it has not seen, write its folder and its card.

    By a recipe over a corpora folder; or, with --corpus, on labels of your own:

        miner train --corpus labelled.csv -o models/mine

    Then a CSV, workbook or JSON lines file with a text column and labels is enough: one label a
    row, several in a cell, a 0/1 column for each, labels such as delivery:negative, or a column
    with the polarity beside the label. What was found is said, and every part can be said by
    hand. Without --taxonomy the themes are made from the labels.
    """
    from miner.workflow import train as train_job

    def say(what: str) -> None:
        if not quiet and not as_json:
            click.echo(f"{what} …", err=True)

    if labels["corpus"] is not None:
        done = train_own(output, taxonomy, labels, quiet=quiet or as_json)
        if not quiet or as_json:
            say_trained(done, as_json=as_json)
        return
    refuse_without_corpus(labels)
    bundle = train_job(
        recipe, output, corpora=corpora, taxonomy=taxonomy, data=data, work=work, say=say
    )
    if as_json:
        say_json(bundle.metrics)
    elif not quiet:
        click.echo(f"Wrote {output}. Figures: miner evaluate --model {output}")
