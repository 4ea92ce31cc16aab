"""`miner report`: the report again from what an earlier run stored; no model is needed."""

from __future__ import annotations

import shutil
from pathlib import Path

from miner.config import Settings
from miner.errors import DataError
from miner.insight import MinedTables
from miner.report import write_report
from miner.workflow.manifest import moment, read_manifest, write_manifest
from miner.workflow.mining import Mined, assemble, written
from miner.workflow.pipeline import Progress, silent
from miner.workflow.staging import staged

STORED = (
    "feedback.parquet", "mentions.parquet", "ratings.parquet", "signals.parquet",
    "feedback.csv", "mentions.csv", "ratings.csv", "signals.csv", "rejects.csv",
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
    manifest["settings"] |= {
        key: value
        for key, value in settings.to_dict().items()
        if key in ("grain", "minimum_n", "verbatims", "formats")
    }
    manifest["title"] = settings.title or manifest["title"]
    manifest["generated"] = moment(settings).isoformat(timespec="seconds")
    with staged(output) as hidden:
        for name in STORED:
            if (folder / name).is_file():
                shutil.copyfile(folder / name, hidden / name)
        tables = MinedTables.from_parquet(hidden)
        mined = assemble(tables, manifest=manifest, tree=tree, ledger=ledger, settings=settings)
        progress("Writing the report", 1, 1)
        write_report(mined.report, hidden, formats=settings.formats, generated=moment(settings))
        write_manifest(manifest, hidden)
        files = sorted(path.name for path in hidden.iterdir())
    return written(mined, output, files)
