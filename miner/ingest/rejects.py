"""rejects.csv: every row set aside and every value dropped, with the reason."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from miner.types import RowProblem

REJECT_COLUMNS: Final = ("source", "row", "column", "value", "reason", "message")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class RejectsWriter:
    """Writes problems as they come; the file appears under its name when all went well.

    Use it as a context manager. On an error nothing is left behind.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._file: IO[str] | None = None
        self.count = 0

    def __enter__(self) -> RejectsWriter:
        descriptor, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        # A byte order mark makes spreadsheets read UTF-8.
        self._file = os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="")
        self._temporary = Path(name)
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow(REJECT_COLUMNS)
        return self

    def extend(self, problems: Iterable[RowProblem]) -> None:
        """Add problems, one line each."""
        for one in problems:
            self._writer.writerow(
                [
                    safe_cell(one.source),
                    one.row,
                    safe_cell(one.column),
                    safe_cell(one.value),
                    one.reason,
                    safe_cell(one.message),
                ]
            )
            self.count += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._file is not None
        self._file.close()
        if kind is not None:
            self._temporary.unlink(missing_ok=True)
            return
        self._temporary.chmod(0o644)
        self._temporary.replace(self._path)


def write_rejects(problems: Iterable[RowProblem], path: str | Path) -> int:
    """Write problems to a CSV file as they come and return how many there were.

    Parameters
    ----------
    problems : read once, so a generator over all chunks will do.
    path : replaced when it exists, and only once everything is written.
    """
    with RejectsWriter(path) as writer:
        writer.extend(problems)
        return writer.count


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, without NUL or half characters.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("fine")
    ("'=1+1", 'fine')
    """
    clean = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    return "'" + clean if clean.startswith(_FORMULA) else clean
