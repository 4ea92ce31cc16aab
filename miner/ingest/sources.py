"""Which files to read: paths, folders and standard input, each with its facts."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import re
import shutil
import sys
import tempfile
import weakref
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    ".mbox",
    ".eml",
)
_MESSAGE = ".eml"
_MAILDIR = ("cur", "new", "tmp")
_FLAGS = re.compile("[:;!]2,[^/]*$")
"""What a mail program appends to a message's file name, and changes when it was read."""
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
    """Where the bytes of one source lie, and the name it goes by.

    `parts`: the files of a mail folder that is read as one table, relative to `path`, in their
    order; None where `path` is a file.
    """

    path: Path
    name: str
    keep: object = None  # holds the temporary copy of standard input alive
    parts: tuple[str, ...] | None = None

    def sha256(self) -> tuple[str, int]:
        """Return the hash and the size in bytes of what is read; DataError when unreadable.

        A mail folder's hash is over its messages: it stays the same when one was looked at.
        """
        if self.parts is not None:
            return self._folder_sha256(self.parts)
        try:
            with self.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256")
                return digest.hexdigest(), file.tell()
        except OSError as error:
            raise unreadable(self.name, error) from error

    def part(self, name: str, most: int = -1) -> bytes | None:
        """Return the first `most` bytes of one of `parts` (-1: all); None where it has gone.

        A message that a mail program has marked or moved to `cur` meanwhile is found again.

        Raises
        ------
        DataError
            It can't be read.
        """
        path = self.path / name
        try:
            if not path.exists():
                path = self._moved(name) or path
            with path.open("rb") as file:
                return file.read(most)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreadable(f"{self.name}/{name}", error) from error

    def _moved(self, name: str) -> Path | None:
        lasting = _lasting(name)
        folders = (self.path / folder for folder in _MAILDIR[:2])
        files = (file for folder in folders if folder.is_dir() for file in folder.iterdir())
        return next((file for file in files if _lasting(file.name) == lasting), None)

    def _folder_sha256(self, parts: tuple[str, ...]) -> tuple[str, int]:
        whole = hashlib.sha256()
        size = 0
        for name in parts:
            data = self.part(name) or b""
            size += len(data)
            whole.update(f"{_lasting(name)}\0{hashlib.sha256(data).hexdigest()}\0".encode())
        return whole.hexdigest(), size


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
    found: list[Place] = []
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
            found.append(Place(_existing(Path(path)), ""))
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


def _folder(folder: Path) -> tuple[list[Place], list[str]]:
    if is_maildir(folder):
        return _maildir(folder)
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
    notes = [f"{folder.name}: not read: {_some(left)}."] if left else []
    messages = {entry.name: entry for entry in kept if entry.name.lower().endswith(_MESSAGE)}
    mail = [Place(folder, "", parts=tuple(messages))] if messages else []
    return [*mail, *(Place(entry, "") for entry in kept if entry.name not in messages)], notes


def is_maildir(folder: Path) -> bool:
    """Whether a folder is a Maildir: one file a message, below ``cur`` and ``new``."""
    return all((folder / name).is_dir() for name in _MAILDIR)


def _maildir(folder: Path) -> tuple[list[Place], list[str]]:
    """Return a Maildir as one place, in the order in which the messages were delivered."""
    try:
        names = [
            f"{below}/{entry.name}"
            for below in _MAILDIR[:2]
            for entry in (folder / below).iterdir()
            if not entry.name.startswith(".") and entry.is_file()
        ]
        below = sorted(e.name for e in folder.iterdir() if e.is_dir() and is_maildir(e))
    except OSError as error:
        raise unreadable(str(folder), error) from error
    note = f"{_name(folder)}: mail folders below it were not read: {_some(below)}."
    names.sort(key=lambda name: (_lasting(name), name))
    return [Place(folder, "", parts=tuple(names))], [note] if below else []


def _lasting(name: str) -> str:
    """Return the part of a message's file name that no mail program changes."""
    return _FLAGS.sub("", name.rpartition("/")[2])


def _is_export(path: Path) -> bool:
    name = path.name.lower().removesuffix(".gz")
    return name.endswith(SUFFIXES) and name not in _OUR_OUTPUT


def _some(names: Sequence[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _named(places: Sequence[Place]) -> list[Place]:
    """Give each place a name that no other one has: as short as possible."""
    names = [_name(place.path) for place in places]
    return [
        replace(place, name=name if name and names.count(name) == 1 else place.path.as_posix())
        for place, name in zip(places, names, strict=True)
    ]


def _name(path: Path) -> str:
    return path.name or path.resolve().name


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
