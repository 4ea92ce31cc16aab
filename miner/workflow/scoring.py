"""`miner score`: one row per mention, as CSV, JSON lines or Parquet, to a file or to a pipe."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count, islice
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from miner.config import Settings
from miner.errors import DataError, UsageError
from miner.ingest import open_export
from miner.insight.writer import safe_cells
from miner.scoring import load
from miner.workflow.frames import ChunkScorer
from miner.workflow.mining import chunk_scorer
from miner.workflow.pipeline import Account, Progress, read_options, silent, stream

COLUMNS = ("id", "theme", "polarity", "sentiment", "confidence", "start", "end", "evidence", "quote")
"""One row is one mention; `start`, `end` are the clause's offsets in the text as received."""

_ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
_LINES = 5_000


def score(
    paths: Sequence[str], *, texts: Sequence[str] = (), lines: bool = False,
    output: Path | None = None, form: str | None = None, settings: Settings,
    progress: Progress = silent,
) -> dict[str, Any]:  # fmt: skip
    """Write the mentions of exports, of single texts or of lines; return what was counted.

    Parameters
    ----------
    paths : exports to read; with `lines`, files of one feedback a line (``-``: standard input).
    texts : texts to score as they are, ids from 1.
    output : file to write; None writes to standard output.
    form : csv | jsonl | parquet; None goes by the ending of `output`, else csv.

    Raises
    ------
    UsageError
        Nothing to score, both kinds of input, or Parquet to a terminal.
    """
    if bool(paths) == bool(texts):
        raise UsageError(
            "Give either files or --text, not both and not neither.",
            hint='Type miner score reviews.csv, or miner score --text "Great food".',
            slug="score.input",
        )
    wanted = form or _ENDINGS.get(output.suffix.lower() if output else "", "csv")
    if wanted == "parquet" and output is None:
        raise UsageError(
            "Parquet can't go to standard output.", hint="Name a file with -o.", slug="score.parquet"
        )
    scorer = chunk_scorer(load(settings.model), settings)
    account = Account()
    if texts or lines:
        frames = _of_lines(scorer, texts or _lines(paths, settings.encoding), account)
    else:
        export = open_export(paths, read_options(settings))
        parts = stream(export, scorer, workers=settings.workers, account=account, progress=progress)
        frames = (part.mentions for part in parts)
    with _sink(output, wanted) as write:
        for frame in frames:
            write(frame[list(COLUMNS)])
    feedback = account.ledger.accepted if not (texts or lines) else sum(account.languages.values())
    ledger = account.ledger.to_dict()
    return {"feedback": feedback, "mentions": account.mentions, "ledger": ledger, "form": wanted}


def _of_lines(
    scorer: ChunkScorer, texts: Sequence[str] | Iterator[str], account: Account
) -> Iterator[pd.DataFrame]:
    numbers, source = count(1), iter(texts)
    while part := list(islice(source, _LINES)):
        rows = [next(numbers) for _ in part]
        feedback, mentions = scorer.tables(_line_frame(rows, part))
        account.languages.update(feedback["language"].value_counts().to_dict())
        account.mentions += len(mentions)
        yield mentions


def _line_frame(rows: list[int], texts: list[str]) -> pd.DataFrame:
    """Return a chunk as ingest gives it, with nothing but row numbers and texts."""
    none = pd.array([None] * len(texts), dtype="str")
    numbers = {name: np.full(len(texts), np.nan) for name in ("nps", "csat", "ces", "stars")}
    return pd.DataFrame(
        {
            "id": pd.array([str(row) for row in rows], dtype="str"),
            "source": none,
            "row": rows,
            "date": pd.Series([pd.NaT] * len(texts), dtype="datetime64[us]"),
            **numbers,
            "language": none,
            "channel": none,
            "customer": none,
            "text": pd.array(texts, dtype="str"),
        }
    )


def _lines(paths: Sequence[str], encoding: str | None) -> Iterator[str]:
    for path in paths:
        try:
            stream: IO[bytes] = sys.stdin.buffer if path == "-" else Path(path).open("rb")
            with stream, io.TextIOWrapper(stream, encoding or "utf-8-sig") as text:
                for line in text:
                    yield line.rstrip("\r\n")
        except OSError as error:
            raise UsageError(
                f"{path}: {error.strerror or error}.", hint="Check the path.", slug="score.unreadable"
            ) from error
        except UnicodeDecodeError as error:
            raise DataError(
                f"{path} is not {error.encoding} text (byte {error.start}).",
                hint="Name its encoding: --encoding cp1252.",
                slug="score.encoding",
            ) from error


@contextmanager
def _sink(output: Path | None, form: str) -> Iterator[Any]:
    """Give a function that writes frames; a file gets its name only when it is whole."""
    if output is None:
        yield _text_writer(sys.stdout, form)
        sys.stdout.flush()
        return
    part = output.with_name(f".{output.name}.part")
    try:
        with _opened(part, form) as write:
            yield write
        os.replace(part, output)
    except OSError as error:
        raise UsageError(
            f"{output}: can't write there ({error.strerror or error}).",
            hint="Give another place with -o.",
            slug="output.unwritable",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


@contextmanager
def _opened(part: Path, form: str) -> Iterator[Any]:
    part.parent.mkdir(parents=True, exist_ok=True)
    if form != "parquet":
        with part.open("w", encoding="utf-8", newline="") as file:
            yield _text_writer(file, form)
        return
    schema = pa.Schema.from_pandas(_empty(), preserve_index=False)
    with pq.ParquetWriter(part, schema, compression="zstd") as writer:
        yield lambda frame: writer.write_table(
            pa.Table.from_pandas(frame, schema=schema, preserve_index=False)
        )


def _empty() -> pd.DataFrame:
    from miner.insight.mentions import MENTION_COLUMNS

    return pd.DataFrame({name: pd.Series(dtype=MENTION_COLUMNS[name]) for name in COLUMNS})


def _text_writer(file: IO[str], form: str) -> Any:
    """Return a function that appends a frame as CSV (formula-safe) or JSON lines."""
    if form == "csv":
        file.write(",".join(COLUMNS) + "\n")
        return lambda frame: safe_cells(frame).to_csv(
            file, index=False, header=False, lineterminator="\n"
        )
    return lambda frame: file.write(
        frame.to_json(orient="records", lines=True, force_ascii=False) if len(frame) else ""
    )
