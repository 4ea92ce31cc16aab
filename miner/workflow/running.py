"""`miner run`: from files to a folder with the report, the tables, the rejects, the manifest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from miner.config import Settings
from miner.ingest import open_export
from miner.ingest.rejects import RejectsWriter
from miner.insight import MinedTables, TableWriter
from miner.insight.customers.customer_base import write_base
from miner.report import write_report
from miner.scoring import load
from miner.workflow.comparisons import check_comparisons
from miner.workflow.customer_tables import read_customer_base
from miner.workflow.dressing import logo_of
from miner.workflow.extras import check_stage
from miner.workflow.frames import chunk_scorer
from miner.workflow.manifest import moment, write_manifest
from miner.workflow.mining import Mined, conclude, written
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
        check_comparisons(settings, scorer)
        logo_of(settings)
        export = open_export(paths, read_options(settings))
        check_stage(settings, export.cohorts)
        customers, troubles = read_customer_base(export, settings)
        account = Account(customers=customers)
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
            rejects.extend(troubles)
        if customers is not None:
            write_base(customers.frame, folder)
        mined = conclude(
            MinedTables.from_parquet(folder), export=export, scorer=scorer, account=account,
            settings=settings, progress=progress,
        )  # fmt: skip
        progress("Writing the report", account.ledger.received, account.ledger.received)
        formats = mined.manifest["settings"]["formats"]
        write_report(mined.report, folder, formats=formats, generated=moment(settings))
        write_manifest(dict(mined.manifest), folder)
        files = sorted(path.name for path in folder.iterdir())
    return written(mined, output, files)
