"""`miner.read` and `miner.mine`: what `miner run` does, as objects in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from miner.config import Settings
from miner.ingest import Export, open_export
from miner.ingest import read as read_export
from miner.insight import Insight, MinedTables, analyse
from miner.insight.customers.customer_base import CustomerBase
from miner.insight.extras import Extras
from miner.insight.slices import days_of
from miner.report import ReportData, build
from miner.report.text import terminal_rows
from miner.scoring import Scorer, load
from miner.taxonomy import Taxonomy
from miner.types import Ledger
from miner.workflow.comparisons import check_comparisons, record, stored_comparisons
from miner.workflow.customer_tables import read_customer_base
from miner.workflow.dressing import logo_of
from miner.workflow.extras import (
    check_stage,
    compared_from,
    follow_up_rule,
    in_period,
    stage_of,
)
from miner.workflow.frames import chunk_scorer
from miner.workflow.manifest import Origin, manifest_of, model_facts, tree_of
from miner.workflow.pipeline import Account, Progress, read_options, silent, stream

Paths = str | Path | Sequence[str | Path]


@dataclass(frozen=True)
class Mined:
    """What was mined from one export.

    `report`: everything the report shows, as plain data. `insight`: the estimates behind it.
    `feedback`: one row per accepted feedback; `mentions`: one row per mention (columns in
    `miner.insight.mentions`). `ledger`: the account of the rows. `folder`: where the files were
    written, None when nothing was. `manifest`: versions, settings and hashes.
    """

    report: ReportData
    insight: Insight
    tables: MinedTables
    ledger: Ledger
    manifest: Mapping[str, Any]
    folder: Path | None = None
    files: tuple[str, ...] = ()

    @property
    def feedback(self) -> pd.DataFrame:
        """The feedback table with its redacted texts."""
        return self.tables.fetch_feedback(range(len(self.tables.feedback)))

    @property
    def mentions(self) -> pd.DataFrame:
        """The mentions table with quotes and evidence."""
        return self.tables.fetch_mentions(range(len(self.tables.mentions)))

    def summary(self) -> dict[str, Any]:
        """Return the outcome in short, JSON-ready: ledger, notes, worst themes, files."""
        return {
            "ledger": self.ledger.to_dict(),
            "notes": list(self.manifest.get("notes", ())),
            "mentions": len(self.tables.mentions),
            "pain_points": [
                {"theme": one.theme, "n": one.n, "share": one.share.value}
                for one in self.insight.pain_points[:3]
            ],
            "folder": str(self.folder) if self.folder else None,
            "files": list(self.files),
        }

    def terminal_rows(self) -> list[tuple[str, ...]]:
        """Return the end-of-run table: what was read, what hurts most, where the report lies."""
        rows = [tuple(map(str, row)) for row in terminal_rows(self.report)]
        if self.folder is not None:
            page = next((name for name in self.files if name.endswith(".html")), "")
            rows.append(("Report", str(self.folder / page)))
        return rows


def read(paths: Paths, **settings: Any) -> tuple[pd.DataFrame, Ledger]:
    """Return the accepted feedback of an export as a table, and the account of its rows.

    Parameters
    ----------
    paths : a file, a folder or several.
    **settings : fields of `miner.config.Settings`, such as ``map={"text": "Comment"}``.

    Raises
    ------
    DataError
        The export can't be read or no column holds text (the message names candidates).
    """
    return read_export(_listed(paths), read_options(Settings(**settings)))


def mine(paths: Paths, *, scorer: Scorer | None = None, **settings: Any) -> Mined:
    """Read an export, tag every statement and compute the report, in memory.

    Parameters
    ----------
    paths : a file, a folder or several.
    scorer : a loaded model to use again; None loads the one the settings name.
    **settings : fields of `miner.config.Settings`.

    Raises
    ------
    DataError, ModelError, UsageError
        As `miner run` would say them.
    """
    wanted = Settings(**settings)
    loaded = scorer or load(wanted.model)
    check_comparisons(wanted, loaded)
    logo_of(wanted)
    export = open_export(_listed(paths), read_options(wanted))
    check_stage(wanted, export.cohorts)
    account = Account(customers=read_customer_base(export, wanted)[0])
    chunks = list(
        stream(export, chunk_scorer(loaded, wanted), workers=wanted.workers, account=account)
    )
    feedback = pd.concat([one.feedback for one in chunks], ignore_index=True)
    mentions = pd.concat([one.mentions for one in chunks], ignore_index=True)
    ratings = pd.concat([one.ratings for one in chunks], ignore_index=True)
    signals = pd.concat([one.signals for one in chunks], ignore_index=True)
    tables = MinedTables.from_frames(feedback, mentions, ratings, signals)
    return conclude(tables, export=export, scorer=loaded, account=account, settings=wanted)


def conclude(
    tables: MinedTables, *, export: Export, scorer: Scorer, account: Account, settings: Settings,
    progress: Progress = silent,
) -> Mined:  # fmt: skip
    """Compute insight and report data from the stored tables of one export."""
    tree = tree_of(settings, scorer)
    manifest = manifest_of(
        Origin.of(export), model=model_facts(scorer), tree=tree, account=account, settings=settings
    )
    manifest |= record(settings, scorer=scorer, tree=tree, areas=export.areas, progress=progress)
    manifest |= logo_of(settings)
    if account.customers is not None:
        manifest["customers"] = account.customers.facts()
    progress("Working out what hurts", account.ledger.received, account.ledger.received)
    return assemble(
        tables, manifest=manifest, tree=tree, ledger=account.ledger, customers=account.customers
    )


def assemble(
    tables: MinedTables, *, manifest: dict[str, Any], tree: Taxonomy, ledger: Ledger,
    customers: CustomerBase | None = None,
) -> Mined:  # fmt: skip
    """Compute insight and report data: a pure function of tables and manifest."""
    drawn, seen = manifest["settings"], in_period(tables, manifest)
    insight = analyse(
        seen,
        taxonomy=tree,
        scales={key: (float(low), float(high)) for key, (low, high) in manifest["scales"].items()},
        grain=drawn["grain"],
        minimum_n=drawn["minimum_n"],
        extras=Extras(
            customers=customers,
            follow_up=follow_up_rule(manifest),
            stage=stage_of(tables, manifest),
            compare_from=compared_from(manifest),
            rank_by=drawn.get("rank_by"),
            **stored_comparisons(manifest),
        ),
    )
    report = build(
        insight,
        seen,
        taxonomy=tree,
        manifest=manifest,
        ledger=ledger,
        problems_by_reason=manifest["problems"],
        model_quality=manifest["model"]["quality"],
        verbatims=drawn["verbatims"],
        language=drawn.get("report_language") or "en",
        covers=None if len(seen.feedback) else days_of(tables),
    )
    return Mined(report=report, insight=insight, tables=tables, ledger=ledger, manifest=manifest)


def written(mined: Mined, folder: Path, files: Sequence[str]) -> Mined:
    """Return the same result, knowing where its files lie."""
    return replace(mined, folder=folder, files=tuple(files))


def _listed(paths: Paths) -> list[str | Path]:
    return [paths] if isinstance(paths, str | Path) else list(paths)
