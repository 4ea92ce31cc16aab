"""The options of `miner train --corpus` and what is said at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.core import ParameterSource

from miner.cli._options import EXISTING
from miner.cli._voice import say_json, say_table
from miner.errors import UsageError

if TYPE_CHECKING:
    from miner.workflow.labelling import Trained

F = TypeVar("F", bound=Callable[..., Any])

_LAYOUTS: Final = ("one", "long", "many", "wide")
_READING: Final = ("encoding", "delimiter", "sheet")
_RECIPE_ONLY: Final = ("recipe", "corpora", "data", "work")


def label_options(function: F) -> F:
    """Add the options that say how to read a labelled sheet."""
    options = (
        click.option("--corpus", type=EXISTING, metavar="FILE",
                     help="Labelled sheet of your own (CSV, XLSX, JSON lines …): fit on its labels "
                     "instead of a recipe."),
        click.option("--base", default="en", show_default=True,
                     help="With --corpus: the model whose knowledge is the start."),
        click.option("--text-column", help="With --corpus: column with the texts (found out)."),
        click.option("--label-column", "label_columns", multiple=True, metavar="COLUMN",
                     help="With --corpus: column with labels; may be repeated (found out)."),
        click.option("--polarity-column", help="With --corpus: column with the polarity."),
        click.option("--no-polarity", is_flag=True,
                     help="With --corpus: take delivery:negative for a label like any other."),
        click.option("--group-column",
                     help="With --corpus: author, customer …; a group is never split in two."),
        click.option("--id-column", help="With --corpus: column with the id of each text."),
        click.option("--layout", type=click.Choice(_LAYOUTS),
                     help="With --corpus: one label a row; long: the same, rows of a text belong "
                     "together; many labels a cell; wide: a column for each (found out)."),
        click.option("--separator", help="With --corpus: between labels of a cell (found out)."),
        click.option("--empty", type=click.Choice(["skip", "none"]), default="skip",
                     show_default=True,
                     help="With --corpus: rows without a label are left out, or have none."),
        click.option("--encoding", help="With --corpus: encoding of the sheet (found out)."),
        click.option("--delimiter", help="With --corpus: between the columns (found out)."),
        click.option("--sheet", help="With --corpus: sheet of a workbook, by name or number."),
        click.option("--folds", type=click.IntRange(2, 20), default=5, show_default=True,
                     help="With --corpus: parts of the cross-validation."),
    )  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def refuse_without_corpus(names: Iterable[str]) -> None:
    """Raise UsageError where an option of labels of one's own was typed; no --corpus was."""
    for option in _typed(names):
        raise UsageError(
            f"{option} says how to read a labelled sheet, and none is given.",
            hint=f"Add --corpus FILE, or leave {option} out.",
            slug="train.no-corpus",
        )


def _typed(names: Iterable[str]) -> list[str]:
    """Return the options of these names that stand in the command typed."""
    context, wanted = click.get_current_context(), set(names)
    return [
        one.opts[0]
        for one in context.command.params
        if one.name in wanted
        and context.get_parameter_source(one.name) is ParameterSource.COMMANDLINE
    ]


def train_own(
    output: Path, taxonomy: str | None, options: dict[str, Any], *, quiet: bool
) -> Trained:
    """Fit on a labelled sheet as the options say."""
    from miner.config import Settings
    from miner.learn.custom.layout import Choices
    from miner.workflow import train_labels
    from miner.workflow.labelling import OwnLabels

    for option in _typed(_RECIPE_ONLY):
        raise UsageError(
            f"{option} belongs to a recipe, --corpus takes the place of one.",
            hint=f"Leave {option} or --corpus out.",
            slug="train.corpus-or-recipe",
        )
    wanted = OwnLabels(
        corpus=options["corpus"],
        choices=Choices(
            text=options["text_column"],
            labels=options["label_columns"],
            polarity=options["polarity_column"],
            group=options["group_column"],
            id=options["id_column"],
            form=options["layout"],
            separator=options["separator"],
            signs=not options["no_polarity"],
            empty_is_none=options["empty"] == "none",
        ),
        taxonomy=taxonomy,
        base=options["base"],
        folds=options["folds"],
        settings=Settings(**{name: options[name] for name in _READING}),
    )

    def say(what: str) -> None:
        if not quiet:
            click.echo(f"{what[0].upper()}{what[1:]} …", err=True)

    return train_labels(wanted, output, say=say)


def say_trained(done: Trained, *, as_json: bool) -> None:
    """Print what was read, what was measured, what would help and where the files lie."""
    from miner.learn.custom.card import figure_rows, label_rows, outlook_rows

    outcome = done.outcome
    if as_json:
        say_json(done.to_dict())
        return
    account = outcome.labelled.account
    click.echo(
        f"{account.received:,} rows: {account.examples:,} texts, {account.merged:,} further rows "
        f"of these texts, {account.rejected:,} set aside"
    )
    for reason in outcome.reasons:
        click.echo(f"  {reason}")
    click.echo(f"\nCross-validated in {outcome.folds} parts, clause by clause:")
    say_table(figure_rows(outcome), header=("measure", "value", "95 % interval", "n"))
    say_table(label_rows(outcome), header=("label", "precision", "recall", "F1", "n"))
    click.echo(outcome.advice())
    if outcome.curve.outlooks:
        more = outcome.curve.outlooks[0].more
        heads = ("label", f"F1 expected from {more} more", "80 % of draws")
        say_table(outlook_rows(outcome.curve.outlooks), header=heads)
    click.echo(f"{len(outcome.suspects):,} labels to look at again: {done.review}/suspicious.csv")
    click.echo(f"Rows set aside: {done.review}/rejects.csv")
    click.echo(f"Wrote {done.folder}. Use it: miner run FILE --model {done.folder} -o out/")
