"""`miner demo`: the demo export to try things on."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(epilog="Example:  miner demo -o demo.csv")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=Path("demo.csv"),
              show_default=True, help="Where to write the export.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
def demo(output: Path, force: bool) -> None:
    """Write the demo export: fourteen months of feedback on a fictional broadband company.

    Its customer table is written beside it, for retention, churn and lifetime value.
    """
    from miner.workflow import write_demo

    path, customers = write_demo(output, force=force)
    click.echo(f"Wrote {path} and {customers}.")
    click.echo(f"Next: miner run {path} --customers {customers} -o out/")
