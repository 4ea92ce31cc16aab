"""What kind of file this is: by its content first, by its name where the content is open."""

from __future__ import annotations

import contextlib
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from miner.errors import DataError
from miner.ingest.mail import is_mbox, is_message
from miner.ingest.sources import Place, is_maildir
from miner.ingest.textscan import BLOCK, TextFile, not_text, open_bytes, scan
from miner.ingest.workbooks import empty

Kind = Literal["delimited", "json", "jsonl", "workbook", "parquet", "mail"]

_GZIP = b"\x1f\x8b"
_FOREIGN = (
    (b"\x89PNG", "it is a PNG image"),
    (b"\xff\xd8\xff", "it is a JPEG image"),
    (b"GIF8", "it is a GIF image"),
    (b"%PDF", "it is a PDF document"),
    (b"SQLite format 3", "it is an SQLite database"),
    (b"7z\xbc\xaf\x27\x1c", "it is a 7-Zip archive"),
    (b"Rar!", "it is a RAR archive"),
    (b"BZh", "it is packed with bzip2"),
    (b"\xfd7zXZ", "it is packed with xz"),
    (b"\x28\xb5\x2f\xfd", "it is packed with zstd"),
    (b"\x7fELF", "it is a program"),
)
_MARKUP = ("<!doctype", "<html", "<table", "<?xml", "<head", "<body")
_SHEETS = {".xlsx": "xlsx", ".xlsm": "xlsx", ".xlsb": "xlsb", ".xls": "xls", ".ods": "ods"}
_FORCED: dict[str, Kind] = {
    "csv": "delimited",
    "tsv": "delimited",
    "json": "json",
    "jsonl": "jsonl",
    "xlsx": "workbook",
    "xls": "workbook",
    "xlsb": "workbook",
    "ods": "workbook",
    "parquet": "parquet",
    "mbox": "mail",
    "eml": "mail",
    "maildir": "mail",
}


@dataclass(frozen=True)
class Found:
    """The kind of a file, its public format name, its text where it is text, and remarks."""

    kind: Kind
    format: str
    text: TextFile | None
    notes: tuple[str, ...]


def find_format(place: Place, *, encoding: str | None, forced: str | None) -> Found:
    """Return what the file is.

    Raises
    ------
    DataError
        The file is empty, is no text or table, is packed in a way that is not read, or is not
        of the format that was asked for.
    """
    if place.parts is not None:
        return _mail_found(place, "maildir" if is_maildir(place.path) else "eml", forced)
    with open_bytes(place, gz=False) as file:
        head = file.read(BLOCK)
    if not head:
        raise empty(place, "it has no bytes")
    binary = _binary_format(place, head)
    if binary is not None:
        return _binary_found(place, binary, forced)
    if forced is None or _FORCED[forced] == "mail":
        mail = _mail_format(place, _unpacked(place) if head.startswith(_GZIP) else head)
        if mail or forced:
            return _mail_found(place, mail or "text", forced)
    if forced is not None and _FORCED[forced] in ("workbook", "parquet"):
        raise _not_as_asked(place, forced, "text")
    text = scan(place, gz=head.startswith(_GZIP), encoding=encoding)
    start = text.head(BLOCK)
    if not start.strip("\ufeff \t\r\n"):
        raise empty(place, "it holds only blanks")
    kind = _FORCED[forced] if forced else _text_kind(place, start)
    notes = (text.note,) if text.note else ()
    return Found(kind, forced or ("csv" if kind == "delimited" else kind), text, notes)


def _binary_format(place: Place, head: bytes) -> str | None:
    """Return the format name of a binary table, None for text; DataError for all else."""
    for mark, what in _FOREIGN:
        if head.startswith(mark):
            raise not_text(place, what)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return "xls"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(place)
    if head.startswith(_GZIP):
        _refuse_packed_binary(place)
        return None
    suffix = PurePath(place.name).suffix.lower()
    if suffix in (".xlsx", ".xlsm", ".xlsb", ".ods", ".parquet") and b"\0" in head:
        return _SHEETS.get(suffix, "parquet")
    return None


def _zipped(place: Place) -> str:
    try:
        with zipfile.ZipFile(place.path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError):
        suffix = PurePath(place.name).suffix.lower()
        return _SHEETS.get(suffix, "xlsx")  # damaged: the workbook reader says how
    if "xl/workbook.bin" in names:
        return "xlsb"
    if any(name.startswith("xl/") for name in names):
        return "xlsx"
    if "content.xml" in names:
        return "ods"
    raise DataError(
        f"{place.name} is a ZIP archive ({len(names)} files).",
        hint="Unpack it and name the export inside, or the folder.",
        slug="ingest.archive",
        path=place.name,
    )


def _refuse_packed_binary(place: Place) -> None:
    head = b""
    try:
        with open_bytes(place, gz=True) as file:
            head = file.read(8)
    except (OSError, EOFError, zlib.error):
        return  # damaged: the scan of the whole file says where
    packed = [what for mark, what in _FOREIGN if head.startswith(mark)]
    if packed or head.startswith((b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0", _GZIP)):
        raise DataError(
            f"{place.name}: only text files are read packed (.gz).",
            hint=f"Unpack it first: gunzip {place.name}.",
            slug="ingest.packed-binary",
            path=place.name,
        )


def _binary_found(place: Place, name: str, forced: str | None) -> Found:
    kind: Kind = "parquet" if name == "parquet" else "workbook"
    if forced is not None and _FORCED[forced] != kind:
        raise _not_as_asked(place, forced, name)
    suffix = PurePath(place.name).suffix.lower()
    usual = (".parquet",) if kind == "parquet" else tuple(_SHEETS)
    note = f"{place.name}: read as {name}, which is what it holds."
    return Found(kind, name, None, () if suffix in usual or not suffix else (note,))


def _mail_format(place: Place, head: bytes) -> str | None:
    """Return the kind of mail a file holds, None where it holds none."""
    if is_mbox(head):
        return "mbox"
    named = place.name.lower().removesuffix(".gz").endswith(".eml")
    return "eml" if named or is_message(head) else None


def _unpacked(place: Place) -> bytes:
    with contextlib.suppress(OSError, EOFError, zlib.error), open_bytes(place, gz=True) as file:
        return file.read(BLOCK)
    return b""  # damaged: whoever reads all of it says where


def _mail_found(place: Place, name: str, forced: str | None) -> Found:
    """Return mail as found; one message may be asked for whatever its file looks like."""
    if forced is not None and forced != name and (forced, name) != ("eml", "text"):
        raise _not_as_asked(place, forced, name)
    return Found("mail", forced or name, None, ())


def _text_kind(place: Place, start: str) -> Kind:
    body = start.lstrip("\ufeff \t\r\n")
    if body.casefold().startswith(_MARKUP):
        raise DataError(
            f"{place.name} is a web page or XML, not a table.",
            hint="Open it in a spreadsheet and save it as XLSX or CSV.",
            slug="ingest.markup",
            path=place.name,
        )
    suffix = PurePath(place.name.lower().removesuffix(".gz")).suffix
    if suffix in (".jsonl", ".ndjson"):
        return "jsonl"
    if body[0] == "{":
        return _object_kind(body)
    if body[0] == "[" and (suffix == ".json" or body[1:].lstrip()[:1] in ("{", "]")):
        return "json"
    if suffix == ".json":
        return "json"
    return "delimited"


def _object_kind(body: str) -> Kind:
    """Tell one object a line from one object that holds a list."""
    first, _, rest = body.partition("\n")
    try:
        value = json.loads(first)
    except ValueError:
        return "json"
    holds_list = isinstance(value, dict) and any(
        isinstance(v, list) and (not v or isinstance(v[0], dict)) for v in value.values()
    )
    return "json" if holds_list and not rest.strip() else "jsonl"


def _not_as_asked(place: Place, forced: str, found: str) -> DataError:
    return DataError(
        f"{place.name} was to be read as {forced}, but it holds {found}.",
        hint="Leave --format out.",
        slug="ingest.wrong-format",
        path=place.name,
    )
