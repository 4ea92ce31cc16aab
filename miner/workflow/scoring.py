"""`miner score`: one row per mention or one per signal, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa

from miner.config import Settings
from miner.errors import UsageError
from miner.ingest import open_export
from miner.scoring import load
from miner.workflow.frames import ChunkScorer
from miner.workflow.lines import chunks_of, read_lines
from miner.workflow.mining import chunk_scorer
from miner.workflow.outputs import Output, writing
from miner.workflow.pipeline import Account, Progress, read_options, silent, stream

_Tables = tuple[pd.DataFrame, pd.DataFrame]

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("theme", pa.string()),
        ("polarity", pa.string()),
        ("sentiment", pa.float64()),
        ("confidence", pa.float64()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("evidence", pa.string()),
        ("quote", pa.string()),
    ]
)
"""One row is one mention; `start`, `end` are the clause's offsets in the text as received."""

SIGNAL_SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("kind", pa.string()),
        ("start", pa.int64()),
        ("end", pa.int64()),
        ("words", pa.string()),
    ]
)
"""One row is one signal; `start`, `end` are the offsets, in the text as received, of its words."""


def score(  # noqa: PLR0913
    paths: Sequence[str], *, texts: Sequence[str] = (), lines: bool = False,
    signals: bool = False, output: Output, settings: Settings, progress: Progress = silent,
) -> dict[str, Any]:  # fmt: skip
    """Write the mentions of exports, of single texts or of lines; return what was counted.

    Parameters
    ----------
    paths : exports to read; with `lines`, files of one feedback a line (``-``: standard input).
    texts : texts to score as they are, ids from 1.
    signals : write signals, one a row, instead of mentions.

    Raises
    ------
    UsageError
        Neither files nor texts, or both.
    """
    if bool(paths) == bool(texts):
        raise UsageError(
            "Give either files or --text.",
            hint='Type miner score reviews.csv, or miner score --text "Great food".',
            slug="score.input",
        )
    scorer = chunk_scorer(load(settings.model), settings)
    account = Account()
    if texts or lines:
        found: Iterator[_Tables] = _plain(
            scorer, texts or read_lines(paths, settings.encoding), account
        )
    else:
        export = open_export(paths, read_options(settings))
        parts = stream(export, scorer, workers=settings.workers, account=account, progress=progress)
        found = ((part.mentions, part.signals) for part in parts)
    schema, rows = (SIGNAL_SCHEMA if signals else SCHEMA), 0
    with writing(output, schema) as write:
        for tables in found:
            write(tables[signals][schema.names])
            rows += len(tables[signals])
    return {
        "feedback": account.languages.total(),
        "signals" if signals else "mentions": rows,
        "not_scored": account.unscored,
        "form": output.kind,
        "path": str(output.path) if output.path else None,
    }


def _plain(
    scorer: ChunkScorer, texts: Sequence[str] | Iterator[str], account: Account
) -> Iterator[_Tables]:
    for chunk in chunks_of(texts):
        feedback, mentions, signals = scorer.score(chunk)
        account.count(feedback, mentions)
        yield mentions, signals
