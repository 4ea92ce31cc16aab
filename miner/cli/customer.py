"""`miner customer`: everything one customer said."""

from __future__ import annotations

from pathlib import Path

import click

from miner.cli._voice import say_json, say_table


@click.command(epilog="Example:  miner customer C2008 out/")
@click.argument("customer", metavar="ID")
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option("-o", "--output", type=click.Path(path_type=Path),
              help="Write it to a file instead: .md, .html or .json.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs; errors too.")
def customer(customer: str, folder: Path, output: Path | None, as_json: bool) -> None:
    """Show all feedback of one customer, oldest first, over all channels and sources.

    ID is the customer's id as the export gave it; FOLDER is what `miner run` wrote. With every
    feedback stand its scores, the themes it is about and the signals found in it. No model needed.
    """
    from miner.workflow import customer as look

    found = look(customer, folder)
    if output is not None:
        path = found.write(output)
        if as_json:
            say_json({"file": str(path), "entries": len(found.view.entries)})
        else:
            click.echo(f"Wrote {path}.")
    elif as_json:
        say_json(found.to_dict())
    else:
        header, rows = found.table()
        if found.facts():
            say_table(found.facts(), title=f"Customer {customer}")
        say_table(rows, header=header)
