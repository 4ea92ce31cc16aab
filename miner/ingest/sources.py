"""Which files to read: paths, folders and standard input, each with its facts."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import shutil
import sys
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from miner.errors import DataError, MinerError, UsageError

STDIN = "-"
SUFFIXES = (
    ".csv",
    ".tsv",
    ".tab",
    ".txt",
    ".psv",
    ".json",
    ".jsonl",
    ".ndjson",
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".xls",
    ".ods",
    ".parquet",
)
_OUR_OUTPUT = ("rejects.csv",)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of an export, as read.

    `name` stands in the `source` column; `bytes` and `sha256` are those of the file on disk
    (compressed where it is); `encoding`, `delimiter`, `sheet` are None where they mean nothing.
    """

    name: str
    path: str
    format: str
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    sha256: str
    bytes: int


@dataclass(frozen=True)
class Place:
    """Where the bytes of one source lie, and the name it goes by."""

    path: Path
    name: str
    keep: object = None  # holds the temporary copy of standard input alive

    def sha256(self) -> tuple[str, int]:
        """Return the hash and the size in bytes of the file; DataError when unreadable."""
        try:
            with self.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
                return digest.hexdigest(), file.tell()
        except OSError as error:
            raise unreadable(self.name, error) from error


def find(paths: Sequence[str | Path]) -> tuple[list[Place], list[str]]:
    """Return the places to read, folders opened and sorted, and notes on what was left out.

    Raises
    ------
    UsageError
        No path was given, or one does not exist.
    DataError
        A folder holds nothing readable, a file can't be opened, standard input is empty.
    """
    if isinstance(paths, str | Path):
        paths = [paths]
    if not paths:
        raise UsageError(
            "No file was given.",
            hint="Name one or more export files, a folder, or - for standard input.",
            slug="ingest.no-file",
        )
    found: list[Path] = []
    notes: list[str] = []
    piped = [_from_stdin()] if any(str(path) == STDIN for path in paths) else []
    for path in paths:
        if str(path) == STDIN:
            continue
        if Path(path).is_dir():
            inside, left = _folder(Path(path))
            found += inside
            notes += left
        else:
            found.append(_existing(Path(path)))
    return piped + _named(list(dict.fromkeys(found))), notes


def unreadable(name: str, error: OSError) -> MinerError:
    """Return the DataError for a file the operating system won't let us read."""
    return DataError(
        f"{name} can't be read: {error.strerror or error}.",
        hint="Check its permissions, or copy it to a folder of yours.",
        slug="ingest.unreadable",
        path=name,
    )


def _existing(path: Path) -> Path:
    if path.exists():
        return path
    siblings: list[str] = []
    with contextlib.suppress(OSError):
        siblings = sorted(entry.name for entry in path.parent.iterdir())
    near = difflib.get_close_matches(path.name, siblings, n=1)
    hint = f'Nearest: "{path.parent / near[0]}".' if near else "Check the path."
    raise UsageError(f"There is no file {path}.", hint=hint, slug="ingest.no-file", path=str(path))


def _folder(folder: Path) -> tuple[list[Path], list[str]]:
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise unreadable(str(folder), error) from error
    kept = [entry for entry in entries if entry.is_file() and _is_export(entry)]
    left = [entry.name + ("/" if entry.is_dir() else "") for entry in entries if entry not in kept]
    if not kept:
        raise DataError(
            f"The folder {folder} holds no export file"
            + (f" (found: {_some(left)})." if left else "; it is empty."),
            hint=f"Readable: {', '.join(SUFFIXES)}, and text files with .gz.",
            slug="ingest.empty-folder",
            path=str(folder),
        )
    return kept, [f"{folder.name}: not read: {_some(left)}."] if left else []


def _is_export(path: Path) -> bool:
    name = path.name.lower().removesuffix(".gz")
    return name.endswith(SUFFIXES) and name not in _OUR_OUTPUT


def _some(names: Sequence[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _named(paths: Sequence[Path]) -> list[Place]:
    """Give each path a name that no other one has: as short as possible."""
    names = [path.name for path in paths]
    return [
        Place(path, path.name if names.count(path.name) == 1 else path.as_posix()) for path in paths
    ]


class _Spool:
    """Standard input as a temporary file, removed when nobody holds this object any more."""

    def __init__(self) -> None:
        with tempfile.NamedTemporaryFile(prefix="feedback-miner-", delete=False) as file:
            self.path = Path(file.name)
            weakref.finalize(self, _remove, self.path)
            shutil.copyfileobj(sys.stdin.buffer, file)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)


def _from_stdin() -> Place:
    spool = _Spool()
    if not spool.path.stat().st_size:
        raise DataError(
            "Standard input is empty.",
            hint="Pipe an export into it: cat reviews.csv | miner run -.",
            slug="ingest.empty",
        )
    return Place(spool.path, "stdin", keep=spool)
