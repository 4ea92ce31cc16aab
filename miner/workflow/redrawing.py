"""`miner report`: the report again from what an earlier run stored; no model is needed."""

from __future__ import annotations

import shutil
from pathlib import Path

from miner.config import Settings
from miner.errors import DataError
from miner.insight import MinedTables
from miner.insight.customers.customer_base import CUSTOMERS
from miner.report import write_report
from miner.workflow.comparisons import record_again
from miner.workflow.customer_tables import stored_customer_base
from miner.workflow.dressing import logo_of
from miner.workflow.extras import drawn_before, given_again
from miner.workflow.manifest import moment, read_manifest, write_manifest
from miner.workflow.mining import Mined, assemble, written
from miner.workflow.pipeline import Progress, silent
from miner.workflow.staging import staged

STORED = (
    "feedback.parquet", "mentions.parquet", "ratings.parquet", "signals.parquet",
    "feedback.csv", "mentions.csv", "ratings.csv", "signals.csv", "rejects.csv",
    CUSTOMERS,
)  # fmt: skip


def redraw(folder: Path, output: Path, *, settings: Settings, progress: Progress = silent) -> Mined:
    """Compute and write the report of an earlier run anew, with other settings.

    Raises
    ------
    DataError
        `folder` is not one that `miner run` wrote, or a file in it is damaged.
    """
    if not folder.is_dir():
        raise DataError(
            f"{folder} is not a folder.",
            hint="Give the folder that miner run wrote: miner report out/.",
            slug="report.no-folder",
        )
    manifest, tree, ledger = read_manifest(folder)
    manifest.pop("files", None)
    manifest["settings"] = drawn_before(manifest) | given_again(settings)
    manifest |= record_again(settings, manifest, tree)
    manifest |= logo_of(settings)
    manifest["title"] = settings.title or manifest["title"]
    manifest["generated"] = moment(settings).isoformat(timespec="seconds")
    with staged(output) as hidden:
        for name in STORED:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, hidden / name)
        tables = MinedTables.from_parquet(hidden)
        customers = stored_customer_base(hidden, manifest)
        mined = assemble(tables, manifest=manifest, tree=tree, ledger=ledger, customers=customers)
        progress("Writing the report", 1, 1)
        formats = manifest["settings"]["formats"]
        write_report(mined.report, hidden, formats=formats, generated=moment(settings))
        write_manifest(manifest, hidden)
        files = sorted(path.name for path in hidden.iterdir())
    return written(mined, output, files)
