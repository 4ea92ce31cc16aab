"""`miner score`: one row per mention or one per signal, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from miner.config import Settings
from miner.errors import UsageError
from miner.scoring import Scorer, load
from miner.types import Ledger
from miner.workflow.lines import numbered, read_lines
from miner.workflow.outputs import Output, writing
from miner.workflow.pipeline import Account, Progress, read_options, silent, stream
from miner.workflow.rows import Columns, RowScorer, ScoredColumns

if TYPE_CHECKING:
    import pandas as pd

    from miner.ingest import Export

    Scored: TypeAlias = tuple[Columns, Columns] | tuple[pd.DataFrame, pd.DataFrame]

SCHEMA: Final[Mapping[str, str]] = {
    "id": "str",
    "theme": "str",
    "polarity": "str",
    "sentiment": "float64",
    "confidence": "float64",
    "start": "int64",
    "end": "int64",
    "evidence": "str",
    "quote": "str",
}
"""One row is one mention; `start`, `end` are the clause's offsets in the text as received."""

SIGNAL_SCHEMA: Final[Mapping[str, str]] = {
    "id": "str",
    "kind": "str",
    "start": "int64",
    "end": "int64",
    "words": "str",
}
"""One row is one signal; `start`, `end` are the offsets, in the text as received, of its words."""


def score(  # noqa: PLR0913
    paths: Sequence[str], *, texts: Sequence[str] = (), lines: bool = False,
    signals: bool = False, output: Output, settings: Settings, progress: Progress = silent,
) -> dict[str, Any]:  # fmt: skip
    """Write the mentions of exports, of single texts or of lines; return what was counted.

    Parameters
    ----------
    paths : exports to read; with `lines`, files of one feedback a line (``-``: standard input).
    texts : texts to score as they are, ids from 1. Texts and lines are all accepted.
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
    scorer, account = load(settings.model), Account()
    found: Iterator[Scored]
    notes: tuple[str, ...] = ()
    if texts or lines:
        found = _plain(texts or read_lines(paths, settings.encoding), scorer, settings, account)
    else:
        export = _opened(paths, settings)
        found, notes = _exported(export, scorer, settings, account, progress), export.notes
    schema, rows = (SIGNAL_SCHEMA if signals else SCHEMA), 0
    with writing(output, schema) as write:
        for tables in found:
            write(tables[signals])
            rows += len(tables[signals]["id"])
    return {
        "ledger": account.ledger.to_dict(),
        "notes": list(notes),
        "feedback": account.languages.total(),
        "signals" if signals else "mentions": rows,
        "not_scored": account.unscored,
        "form": output.kind,
        "path": str(output.path) if output.path else None,
    }


def _plain(
    texts: Iterable[str], scorer: Scorer, settings: Settings, account: Account
) -> Iterator[Scored]:
    rows = RowScorer(scorer, settings.language or scorer.language)
    for feedback, mentions, signals in _columns(numbered(texts), rows, settings.workers):
        account.count(feedback["language"], feedback["scored"], len(mentions["id"]))
        n = len(feedback["language"])
        account.ledger = account.ledger + Ledger(received=n, accepted=n)
        yield mentions, signals


def _columns(
    parts: Iterator[tuple[range, list[str]]], rows: RowScorer, workers: int
) -> Iterator[ScoredColumns]:
    first = list(islice(parts, 2))
    if len(first) == 2:
        from miner.workflow.spreading import score_lines

        return score_lines(chain(first, parts), rows, workers)
    return (rows.columns(part, ids=[str(one) for one in numbers]) for numbers, part in first)


def _opened(paths: Sequence[str], settings: Settings) -> Export:
    from miner.ingest import open_export

    return open_export(paths, read_options(settings))


def _exported(
    export: Export, scorer: Scorer, settings: Settings, account: Account, progress: Progress
) -> Iterator[Scored]:
    from miner.workflow.frames import ChunkScorer

    chunks = ChunkScorer(scorer, settings.language or scorer.language)
    parts = stream(export, chunks, workers=settings.workers, account=account, progress=progress)
    return ((part.mentions, part.signals) for part in parts)
