"""Texts without columns: given one by one, or one a line in a file."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING

from miner.errors import DataError, UsageError

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 5_000


def numbered(texts: Iterable[str]) -> Iterator[tuple[range, list[str]]]:
    """Yield the texts in parts of up to `CHUNK`, and their numbers from 1.

    Examples
    --------
    >>> list(numbered(["good", "bad"]))
    [(range(1, 3), ['good', 'bad'])]
    """
    rest, first = iter(texts), 1
    while part := list(islice(rest, CHUNK)):
        yield range(first, first + len(part)), part
        first += len(part)


def chunks_of(texts: Iterable[str]) -> Iterator[pd.DataFrame]:
    """Yield chunks as ingest gives them, with nothing but texts; a text's number is its id."""
    for rows, part in numbered(texts):
        yield _frame(rows, part)


def read_lines(paths: Sequence[str], encoding: str | None = None) -> Iterator[str]:
    """Yield the lines of files of one feedback a line; ``-`` is standard input.

    Raises
    ------
    UsageError
        A file can't be opened.
    DataError
        A file is not text in this encoding (None: UTF-8).
    """
    for path in paths:
        try:
            with _opened(path, encoding or "utf-8-sig") as stream:
                for line in stream:
                    yield line.rstrip("\r\n")
        except OSError as error:
            raise UsageError(
                f"{path}: {error.strerror or error}.",
                hint="Check the path.",
                slug="lines.unreadable",
                path=path,
            ) from error
        except (UnicodeDecodeError, LookupError) as error:
            raise DataError(
                f"{path} is not text in {encoding or 'UTF-8'}: {error}.",
                hint="Name its encoding, such as --encoding cp1252.",
                slug="lines.encoding",
                path=path,
            ) from error


@contextmanager
def _opened(path: str, encoding: str) -> Iterator[IO[str]]:
    if path != "-":
        with Path(path).open(encoding=encoding) as file:
            yield file
        return
    stream = io.TextIOWrapper(sys.stdin.buffer, encoding)
    try:
        yield stream
    finally:
        stream.detach()


def _frame(rows: range, texts: list[str]) -> pd.DataFrame:
    import numpy as np
    import pandas as pd

    none = pd.array([None] * len(texts), dtype="str")
    scores = {name: np.full(len(texts), np.nan) for name in ("nps", "csat", "ces", "stars")}
    return pd.DataFrame(
        {
            "id": pd.array([str(row) for row in rows], dtype="str"),
            "source": none,
            "row": np.array(rows, dtype=np.int64),
            "date": pd.Series([pd.NaT] * len(texts), dtype="datetime64[us]"),
            **scores,
            "language": none,
            "channel": none,
            "customer": none,
            "text": pd.array(texts, dtype="str"),
        }
    )
