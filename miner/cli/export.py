"""`miner export`: a fitted teacher as a model of its own."""

from __future__ import annotations

from pathlib import Path

import click

from miner.cli._options import EXISTING
from miner.cli._voice import say_json

_FOLDER = click.Path(path_type=Path)


def _pairs(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> list[tuple[Path, tuple[str, ...]]]:
    """Read FOLDER=HAND,HAND, split at the last equals sign."""
    found = []
    for value in values:
        folder, _, hands = value.rpartition("=")
        names = tuple(filter(None, hands.split(",")))
        if not folder or not names:
            raise click.BadParameter(
                f'got "{value}", expected FOLDER=HAND,HAND, such as work/one=u,v.', ctx, param
            )
        found.append((Path(folder), names))
    return found


@click.command(
    epilog="Example:  miner export work/teacher-2 --unseen work/teacher-1=u,v -o models/mine"
)
@click.argument("teacher", type=_FOLDER)
@click.option("--unseen", callback=_pairs, multiple=True,
              metavar="FOLDER=HAND,HAND",
              help="An earlier teacher and training hands that it had not seen: what thresholds "
              "are tuned on; may be repeated.")  # fmt: skip
@click.option("-o", "--output", required=True, type=_FOLDER,
              help="Model folder to write; an older model there is replaced.")  # fmt: skip
@click.option("--corpora", type=EXISTING, help="Folder with labelled feedback (the shipped one).")
@click.option("--model", default="en", show_default=True,
              help="Model to set beside it in the card.")  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="Say nothing.")
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
def export(
    teacher: Path, unseen: list[tuple[Path, tuple[str, ...]]], output: Path,
    corpora: str | None, model: str, quiet: bool, as_json: bool,
) -> None:  # fmt: skip
    """Write a fitted TEACHER (of miner train --work) as a slower, more accurate model.

    Needs the extras "teacher" and "accurate"; the model itself needs "accurate" only. Without
    --unseen, TEACHER is a model this command has made: it is measured again and gets a new card.
    """
    from miner.workflow import export as export_job
    from miner.workflow import measure_again

    def say(what: str) -> None:
        if not quiet and not as_json:
            click.echo(f"{what} …", err=True)

    if unseen:
        bundle = export_job(teacher, output, unseen=unseen, corpora=corpora, model=model, say=say)
    else:
        bundle = measure_again(teacher, output, corpora=corpora, model=model, say=say)
    if as_json:
        say_json(bundle.metrics)
    elif not quiet:
        click.echo(f"Wrote {output}. Use it: miner run FILE --model {output} -o out/")
