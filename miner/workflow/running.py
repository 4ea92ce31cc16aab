"""`miner run`: from files to a folder with the report, the tables, the rejects, the manifest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from miner.config import Settings
from miner.ingest import open_export
from miner.ingest.rejects import RejectsWriter
from miner.insight import MinedTables, TableWriter
from miner.report import write_report
from miner.scoring import load
from miner.workflow.manifest import moment, write_manifest
from miner.workflow.mining import Mined, chunk_scorer, conclude, written
from miner.workflow.pipeline import Account, Progress, read_options, silent, stream
from miner.workflow.staging import staged


def run(
    paths: Sequence[str | Path], output: Path, *, settings: Settings, progress: Progress = silent
) -> Mined:
    """Read the export, tag every statement, write everything into `output`.

    The files appear together at the end; an error or an interrupt leaves `output` as it was.

    Raises
    ------
    UsageError, DataError, ModelError
        See `miner.errors`; each says what to do.
    """
    with staged(output) as folder:
        scorer = load(settings.model)
        export = open_export(paths, read_options(settings))
        account = Account()
        with TableWriter(folder) as tables, RejectsWriter(folder / "rejects.csv") as rejects:
            for part in stream(
                export,
                chunk_scorer(scorer, settings),
                workers=settings.workers,
                account=account,
                progress=progress,
            ):
                tables.append(part.feedback, part.mentions, part.ratings, part.signals)
                rejects.extend(part.problems)
        mined = conclude(
            MinedTables.from_parquet(folder), export=export, scorer=scorer, account=account,
            settings=settings, progress=progress,
        )  # fmt: skip
        progress("Writing the report", account.ledger.received, account.ledger.received)
        write_report(mined.report, folder, formats=settings.formats, generated=moment(settings))
        write_manifest(dict(mined.manifest), folder)
        files = sorted(path.name for path in folder.iterdir())
    return written(mined, output, files)
