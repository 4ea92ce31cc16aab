"""A table written row by row as CSV, JSON lines or Parquet, to a file or to standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from miner.errors import UsageError, unwritable
from miner.workflow.forms import csv_header, csv_rows, json_rows

if TYPE_CHECKING:
    import pandas as pd

    from miner.workflow.rows import Columns

    Write: TypeAlias = Callable[[Columns | pd.DataFrame], None]

_ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}


@dataclass(frozen=True, slots=True)
class Output:
    """Where to write and in what form; `path` None is standard output, `form` None goes by `path`.

    Raises
    ------
    UsageError
        Parquet to standard output.

    Examples
    --------
    >>> Output(Path("mentions.jsonl")).kind
    'jsonl'
    """

    path: Path | None = None
    form: str | None = None

    def __post_init__(self) -> None:
        if self.kind == "parquet" and self.path is None:
            raise UsageError(
                "Parquet can't go to standard output.",
                hint="Name a file with -o.",
                slug="output.parquet-to-pipe",
            )

    @property
    def kind(self) -> str:
        """csv | jsonl | parquet: as asked, else by the path's ending, else csv."""
        return self.form or _ENDINGS.get(self.path.suffix.lower() if self.path else "", "csv")


@contextmanager
def writing(output: Output, dtypes: Mapping[str, str]) -> Iterator[Write]:
    """Give a function that appends rows; a file gets its name only when it is whole.

    A device or a named pipe (``/dev/stdout``, ``>(gzip > rows.gz)``) takes them as they come.

    The function takes a frame, or a table by column (which loads neither pandas nor pyarrow but
    for Parquet); either way the bytes are the same.

    Parameters
    ----------
    dtypes : ``str``, ``int64`` or ``float64`` by column, in the order to write.

    Raises
    ------
    UsageError
        The file can't be written.
    """
    if output.path is None:
        yield _text_writer(sys.stdout, output.kind, dtypes)
        sys.stdout.flush()
        return
    stream = is_stream(output.path)
    final = output.path if stream else output.path.resolve()  # not in the place of a link
    part = final if stream else final.with_name(f".{final.name}.part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with _opened(part, output.kind, dtypes) as write:
            yield write
        if not stream:
            part.replace(final)
    except BrokenPipeError:
        raise  # whoever read it has gone, as with standard output
    except OSError as error:
        raise unwritable(output.path, error, hint="Give another place with -o.") from error
    finally:
        if not stream and part.parent.is_dir():
            part.unlink(missing_ok=True)


def is_stream(path: Path) -> bool:
    """Whether something other than a file or a folder has the name: never to be put in its place.

    Examples
    --------
    >>> is_stream(Path("/dev/null")), is_stream(Path("no such file"))
    (True, False)
    """
    return path.exists() and not (path.is_file() or path.is_dir())


@contextmanager
def _opened(part: Path, kind: str, dtypes: Mapping[str, str]) -> Iterator[Write]:
    if kind == "parquet":
        from miner.workflow.frame_forms import parquet_writer

        with parquet_writer(part, dtypes) as write:
            yield write
        return
    with part.open("w", encoding="utf-8", newline="") as file:
        yield _text_writer(file, kind, dtypes)


def _text_writer(file: IO[str], kind: str, dtypes: Mapping[str, str]) -> Write:
    """Return a function that appends rows as CSV (formula-safe) or as JSON lines."""
    if kind == "csv":
        file.write(csv_header(dtypes))

    def write(rows: Columns | pd.DataFrame) -> None:
        if isinstance(rows, dict):
            text = (csv_rows if kind == "csv" else json_rows)(rows, dtypes)
        else:
            from miner.workflow.frame_forms import csv_of, json_of

            text = (csv_of if kind == "csv" else json_of)(rows, dtypes)
        file.write(text)

    return write
