"""`miner evaluate`: measure a model."""

from __future__ import annotations

import click

from miner.cli._options import EXISTING
from miner.cli._voice import say_json, say_table


@click.command(epilog="Example:  miner evaluate --split test")
@click.option("--model", default="en", show_default=True, help="Model name or folder.")
@click.option("--corpora", type=EXISTING, help="Folder with labelled feedback (the shipped one).")
@click.option("--split", default="test", show_default=True,
              help="test (hands that training lacks) or test_industry (industries).")  # fmt: skip
@click.option("--reading", type=click.Choice(["as_labelled", "as_scored"]),
              default="as_labelled", show_default=True,
              help="Clauses as labelled, or as the program cuts them.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="All figures as JSON.")
def evaluate(model: str, corpora: str | None, split: str, reading: str, as_json: bool) -> None:
    """Measure a model on labelled feedback by authors it was not trained on."""
    from miner.learn.evaluate import FIGURES
    from miner.workflow import evaluate as measure

    found = measure(model, corpora=corpora, split=split, reading=reading)
    if as_json:
        say_json(found.to_dict())
        return
    click.echo(
        f"{model} on split {found.split} ({reading.replace('_', ' ')}): "
        f"{found.n_examples:,} examples, {found.n_mentions:,} mentions"
    )
    figures = [
        (FIGURES[name], f"{one.value:.3f}", f"{one.low:.3f} to {one.high:.3f}")
        for name, one in found.figures.items()
    ]
    say_table(figures, header=("measure", "value", "95 % interval"))
    themes = [
        (key, f"{one.precision:.2f}", f"{one.recall:.2f}", f"{one.f1:.2f}", str(one.n))
        for key, one in {**found.tops, **found.themes}.items()
    ]
    say_table(themes, header=("theme", "precision", "recall", "F1", "n"))
