"""The messages of a mailbox as bytes, one at a time, whatever the mailbox's size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Final

from miner.ingest.sources import Place
from miner.ingest.textscan import blocks

MOST_BYTES: Final = 64 << 20
"""A larger message is set aside instead of being held in memory: few servers take 50 MB."""

_GZIP: Final = b"\x1f\x8b"
_FROM: Final = b"From "
# "From jane@shop.example Mon Mar  2 10:00:00 2026" (RFC 4155), some with a zone before the year.
_DATED: Final = re.compile(rb"From .*\d\d?:\d\d(?::\d\d)?.*\b(?:19|20)\d\d\b")
_BARE: Final = re.compile(rb"From \S+\s*\Z")
_FIELD: Final = re.compile(rb"(?:[!-9;-~]+[ \t]*:|>From )")
_QUOTED_FROM: Final = re.compile(rb"^>(>*From )", re.M)
_USUAL: Final = frozenset(
    {
        b"received", b"return-path", b"delivered-to", b"message-id", b"date", b"from", b"to",
        b"subject", b"mime-version", b"content-type", b"reply-to", b"dkim-signature",
    }
)  # fmt: skip
_USUAL_NEEDED: Final = 3
"""Fields of a message's head that tell it from a text which begins with "From: …"."""


@dataclass(frozen=True, slots=True)
class Raw:
    """One message as it lies in its mailbox.

    `name`: its file in a mail folder, "" elsewhere. `trouble`: why `data` is not all of it.
    `deleted`: whether the folder marks it as thrown away.
    """

    data: bytes
    name: str = ""
    trouble: str = ""
    deleted: bool = False


def is_mbox(head: bytes) -> bool:
    """Whether a file that starts so is an mbox.

    Examples
    --------
    >>> is_mbox(b"From jane@shop.example Mon Mar  2 10:00:00 2026" + bytes([10]) + b"To: us")
    True
    >>> is_mbox(b"From start to finish: great.")
    False
    """
    first, _, rest = head.lstrip(b"\r\n").partition(b"\n")
    return first.startswith(_FROM) and _opens(first, rest.partition(b"\n")[0], blank=True)


def is_message(head: bytes) -> bool:
    """Whether a file that starts so is one message: nothing but header fields up to a blank line.

    Examples
    --------
    >>> is_message(b"From: a@b.example\\nDate: today\\nSubject: Van\\n\\nIt came late.")
    True
    >>> is_message(b"From: Leeds\\nTo: York\\n\\nWas late.")
    False
    """
    fields: set[bytes] = set()
    for line in head.lstrip(b"\r\n").splitlines():
        if not line.strip():
            break
        if line[:1] in b" \t" and fields:
            continue
        if not _FIELD.match(line):
            return False
        fields.add(line.partition(b":")[0].strip().lower())
    return len(fields & _USUAL) >= _USUAL_NEEDED


def packed(place: Place) -> bool:
    """Whether the file is packed with gzip."""
    with place.path.open("rb") as file:
        return file.read(2) == _GZIP


def messages(place: Place, form: str) -> Iterator[Raw]:
    """Yield the messages of a mailbox in its order.

    Parameters
    ----------
    form : ``mbox``, ``eml`` or ``maildir``.

    Raises
    ------
    DataError
        The file can't be read or unpacked to its end.
    """
    if place.parts is not None:
        return _folder(place)
    return _mbox(place) if form == "mbox" else _one(place)


def _folder(place: Place) -> Iterator[Raw]:
    for name in place.parts or ():
        data = place.part(name, MOST_BYTES + 1)
        if data is None:
            yield Raw(b"", name, "it was removed while the folder was read")
        else:
            flags = re.split("[:;!]2,", name)[1:]
            yield _whole(data, name=name, deleted="T" in "".join(flags))


def _one(place: Place) -> Iterator[Raw]:
    data = b""
    for block in blocks(place, packed(place)):
        data += block
        if len(data) > MOST_BYTES:
            break
    yield _whole(data)


def _whole(data: bytes, *, name: str = "", deleted: bool = False) -> Raw:
    if len(data) > MOST_BYTES:
        return Raw(b"", name, f"it is larger than {MOST_BYTES >> 20} MB")
    return Raw(data, name, deleted=deleted)


def _mbox(place: Place) -> Iterator[Raw]:
    """Cut at the separating lines; lines beyond the limit of a message are not kept."""
    lines: list[bytes] = []
    size, inside, blank = 0, False, True
    for line, after in pairwise(chain(_lines(place), (b"",))):
        if line.startswith(_FROM) and _opens(line, after, blank=blank):
            if inside:
                yield _cut_out(lines, size)
            lines, size, inside = [], 0, True
        else:
            size += len(line)
            if size <= MOST_BYTES:
                lines.append(line)
        blank = line in (b"\n", b"\r\n")
    if inside:
        yield _cut_out(lines, size)


def _cut_out(lines: list[bytes], size: int) -> Raw:
    if size > MOST_BYTES:
        return Raw(b"", trouble=f"it is larger than {MOST_BYTES >> 20} MB")
    data = b"".join(lines)
    return Raw(_QUOTED_FROM.sub(rb"\1", data) if b">From " in data else data)


def _opens(line: bytes, after: bytes, *, blank: bool) -> bool:
    """Whether a line that starts with "From " begins a message.

    Not every program puts a blank line before it, and not every one writes ">From " for a line of
    a letter that begins so: a date, or a bare address, and a header field below it decide.
    """
    if _DATED.match(line):
        return _FIELD.match(after) is not None or (blank and not after.strip())
    return blank and _BARE.match(line) is not None and _FIELD.match(after) is not None


def _lines(place: Place) -> Iterator[bytes]:
    rest = b""
    for block in blocks(place, packed(place)):
        *whole, rest = (rest + block).split(b"\n")
        for line in whole:
            yield line + b"\n"
        if len(rest) > MOST_BYTES:  # no line of a mailbox: hand it on before memory is full
            yield rest
            rest = b""
    if rest:
        yield rest
