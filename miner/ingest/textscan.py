"""Which encoding a text file has, decided on the whole file so that no row fails half-way.

Order: byte order mark, strict UTF-8, UTF-8 with a few stray bytes, UTF-16 without a mark, then a
guess for one-byte encodings that prefers Windows-1252 (short Western texts are otherwise taken
for Windows-1250).
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes

from miner.errors import DataError, UsageError
from miner.ingest.sources import Place, unreadable

BLOCK = 1 << 20
"""Bytes read at once: 1 MB, so that a file of any size needs no more."""

_HEAD = 1 << 16  # bytes looked at for the marks of text
_GUESS_BYTES = 1 << 16  # bytes of lines with other letters that the guess is made from
_STRAY_SHARE = 0.05  # of all non-ASCII characters: above it the file is not UTF-8 at all
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_STRAY = re.compile("[\udc80-\udcff]")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
STRAY_ERRORS = "miner.stray-bytes"


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(STRAY_ERRORS, _as_cp1252)


@dataclass(frozen=True)
class TextFile:
    """A text file whose every byte is known to decode."""

    place: Place
    gz: bool
    encoding: str
    errors: str
    note: str

    def open(self) -> io.TextIOWrapper:
        """Return the text from its start, line ends as they are."""
        file = open_bytes(self.place, self.gz)
        return io.TextIOWrapper(file, encoding=self.encoding, errors=self.errors, newline="")

    def head(self, characters: int) -> str:
        """Return the first characters."""
        with self.open() as file:
            return file.read(characters)


def open_bytes(place: Place, gz: bool) -> BinaryIO:
    """Return the (unpacked) bytes of a file."""
    try:
        raw = place.path.open("rb")
    except OSError as error:
        raise unreadable(place.name, error) from error
    return raw if not gz else _Unzipped(fileobj=raw)  # type: ignore[return-value]


class _Unzipped(gzip.GzipFile):
    """A GzipFile that closes the file beneath it too."""

    def close(self) -> None:
        beneath = self.fileobj_beneath
        super().close()
        if beneath is not None:
            beneath.close()

    def __init__(self, fileobj: BinaryIO) -> None:
        self.fileobj_beneath: BinaryIO | None = fileobj
        super().__init__(fileobj=fileobj, mode="rb")


def scan(place: Place, *, gz: bool, encoding: str | None) -> TextFile:
    """Return the file with its encoding found out, or checked where it was given.

    Raises
    ------
    UsageError
        No encoding has the name given.
    DataError
        The bytes don't fit the encoding given, the packed file is damaged, or it is not text.
    """
    if encoding is not None:
        return _given(place, gz, encoding)
    head = next(blocks(place, gz), b"")[:_HEAD]
    for mark, name in _BOMS:
        if head.startswith(mark):
            _require(place, gz, name)
            return TextFile(place, gz, name, "strict", "")
    wide = _utf16_without_mark(head)
    if wide:
        _require(place, gz, wide)
        return TextFile(place, gz, wide, "strict", f"{place.name}: read as {wide}.")
    _refuse_binary(place, head)
    return _eight_bit(place, gz)


def _given(place: Place, gz: bool, encoding: str) -> TextFile:
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise UsageError(
            f'There is no text encoding "{encoding}".',
            hint="Try utf-8, cp1252 or utf-16, or leave --encoding out.",
            slug="ingest.unknown-encoding",
            encoding=encoding,
        ) from error
    if name == "utf-8":  # a byte order mark must not become part of the first header
        name = "utf-8-sig"
    _require(place, gz, name)
    return TextFile(place, gz, name, "strict", "")


def _require(place: Place, gz: bool, encoding: str) -> None:
    """Raise DataError unless the whole file decodes."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    try:
        for block in blocks(place, gz):
            line += decoder.decode(block).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise DataError(
            f"{place.name} is not {encoding}: the text breaks off after about line {line}.",
            hint="Leave --encoding out to have it found out, or name another one.",
            slug="ingest.wrong-encoding",
            path=place.name,
            encoding=encoding,
        ) from error


def _eight_bit(place: Place, gz: bool) -> TextFile:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    good = stray = 0
    foreign = bytearray()
    for block in blocks(place, gz):
        text = decoder.decode(block)
        if text.isascii():
            continue
        bad = len(_STRAY.findall(text))
        stray += bad
        good += len(_NON_ASCII.findall(text)) - bad
        if bad and len(foreign) < _GUESS_BYTES:
            foreign += _around(text)
    stray += len(decoder.decode(b"", final=True))
    if not stray:
        return TextFile(place, gz, "utf-8", "strict", "")
    if stray <= _STRAY_SHARE * (good + stray):
        note = f"{place.name}: {stray} bytes are not UTF-8; they were read as Windows-1252."
        return TextFile(place, gz, "utf-8", STRAY_ERRORS, note)
    name = _guess(bytes(foreign))
    if not _decodes(place, gz, name):
        name = "latin-1"
    note = f"{place.name}: not UTF-8, read as {name}. If letters look wrong, name it: --encoding."
    return TextFile(place, gz, name, "strict", note)


def _around(text: str) -> bytes:
    """Return the lines with bytes that are not UTF-8, as bytes."""
    lines = (line for line in text.split("\n") if _STRAY.search(line))
    return "\n".join(lines)[:_GUESS_BYTES].encode("utf-8", "surrogateescape")


def _guess(sample: bytes) -> str:
    """Return the likeliest one-byte encoding; Windows-1252 unless its letters look wrong."""
    western = _letter_share(sample, "cp1252")
    best = from_bytes(sample).best()
    other = best.encoding if best is not None else "cp1252"
    if other == "cp1252":
        return other
    multi_byte = _is_multi_byte(other)
    foreign_script = not multi_byte and _is_foreign(sample, other)
    if multi_byte or foreign_script:
        return other
    for name in ("cp1250", "cp850", other):
        if _letter_share(sample, name) > western + 0.1:
            return name
    return "cp1252"


def _letter_share(sample: bytes, encoding: str) -> float:
    """Return the share of letters among the non-ASCII characters that stand next to a letter."""
    text = sample.decode(encoding, "replace")
    inside = re.findall(r"(?<=[A-Za-z])[^\x00-\x7f]+(?=[A-Za-z])", text)
    characters = "".join(inside)
    if not characters:
        return 1.0
    return sum(c.isalpha() and c not in "ªº" for c in characters) / len(characters)


def _is_multi_byte(encoding: str) -> bool:
    try:
        return len("漢".encode(encoding)) > 1
    except UnicodeError:
        return False


def _is_foreign(sample: bytes, encoding: str) -> bool:
    """Whether most letters are of another script than the Latin one."""
    letters = [c for c in sample.decode(encoding, "replace") if c.isalpha()]
    return sum(ord(c) > 0x24F for c in letters) > 0.5 * len(letters)


def _decodes(place: Place, gz: bool, encoding: str) -> bool:
    try:
        _require(place, gz, encoding)
    except DataError:
        return False
    return True


def _utf16_without_mark(head: bytes) -> str | None:
    """Return the byte order where every other byte of the start is NUL."""
    if len(head) < 4 or head.count(0) < 0.3 * len(head):
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) / 2
    if odd > 0.6 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _refuse_binary(place: Place, head: bytes) -> None:
    odd = head.count(0) + len(_CONTROL.findall(head))
    if odd > max(32, 0.05 * len(head)):
        raise not_text(place, "it holds bytes that no text has")


def not_text(place: Place, what: str) -> DataError:
    """Return the DataError for a file that is no table of any kind."""
    return DataError(
        f"{place.name} is not a text or table file: {what}.",
        hint="Export the feedback as CSV, XLSX, JSON or Parquet.",
        slug="ingest.not-text",
        path=place.name,
    )


def blocks(place: Place, gz: bool) -> Iterator[bytes]:
    """Yield the unpacked bytes; DataError where the packing is damaged."""
    with open_bytes(place, gz) as file:
        while True:
            try:
                block = file.read(BLOCK)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise DataError(
                    f"{place.name} is damaged or was cut off: it can't be unpacked ({error}).",
                    hint="Copy or download it again, then check it with: gzip -t FILE.",
                    slug="ingest.damaged-gzip",
                    path=place.name,
                ) from error
            except OSError as error:
                raise unreadable(place.name, error) from error
            if not block:
                return
            yield block
