"""The text of a message: which of its parts is the words, decoded, and what was left out."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final, TypeAlias

from miner.ingest.mail.html import html_text
from miner.ingest.textscan import STRAY_ERRORS

Part: TypeAlias = "Message[Any, Any]"

_SEALED: Final = frozenset(
    {"multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"}
)
_SEALS: Final = frozenset(
    {"application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"}
)
# Browsers read these as Windows-1252, which has the same letters and more (WHATWG Encoding, 4.2).
_WESTERN: Final = frozenset({"iso8859-1", "ascii"})


@dataclass(frozen=True)
class Content:
    """What was found in a part.

    `texts`: in order, HTML as plain text. `attachments`: how many files were left out.
    `misnamed`: encodings that the message names and its bytes are not in. `sealed`: whether
    something is encrypted.
    """

    texts: tuple[str, ...] = ()
    attachments: int = 0
    misnamed: tuple[str, ...] = ()
    sealed: bool = False

    @property
    def text(self) -> str:
        """All texts, one below the other."""
        return "\n".join(self.texts)

    def __add__(self, other: Content) -> Content:
        return Content(
            self.texts + other.texts,
            self.attachments + other.attachments,
            self.misnamed + other.misnamed,
            self.sealed or other.sealed,
        )


def content(part: Part) -> Content:
    """Return the words of a message or of a part of it.

    Of alternatives the plain one is taken unless it is blank. A message inside a message is an
    attachment.
    """
    kind = part.get_content_type()
    if kind in _SEALED:
        return Content(sealed=True)
    if kind.startswith("message/"):
        return Content(attachments=1)
    if part.is_multipart():
        if kind == "multipart/alternative":
            return _best(_children(part))
        return sum((content(child) for child in _children(part)), Content())
    if not kind.startswith(("text/plain", "text/html", "multipart/")) or _is_file(part):
        return Content(attachments=int(_counts(part, kind)))
    return _words(part, kind)


def _children(part: Part) -> list[Part]:
    return [child for child in part.get_payload() if isinstance(child, Message)]


def legible(data: bytes, charset: str | None) -> tuple[str, bool]:
    """Return bytes as text, and whether they were in the encoding they were said to be in.

    Bytes that are not are read as UTF-8, and what is no UTF-8 either as Windows-1252.

    Examples
    --------
    >>> legible(b"caf\\xe9", "utf-8"), legible(b"caf\\xc3\\xa9", None)
    (('café', False), ('café', True))
    """
    name = _known(charset)
    if name is not None:
        try:
            return data.decode(name), True
        except ValueError:
            pass
    named = charset is not None and name != "cp1252"
    return data.decode("utf-8", STRAY_ERRORS), not named


def _known(charset: str | None) -> str | None:
    """Return Python's name of an encoding; None where there is none."""
    try:
        found = codecs.lookup((charset or "").strip().strip("\"'"))
    except (LookupError, ValueError):
        return None
    if found.name in _WESTERN:
        return "cp1252"
    return found.name if found._is_text_encoding else None


def _best(children: Sequence[Part]) -> Content:
    """Return the plain alternative that has words, or else the richest: it comes last."""
    plain = [content(child) for child in children if child.get_content_type() == "text/plain"]
    worded = [one for one in plain if one.text.strip()]
    skipped = ("text/plain", "text/html") if worded else ("text/plain",)
    rich = [content(child) for child in children if child.get_content_type() not in skipped]
    worded = worded or [one for one in reversed(rich) if one.text.strip()]
    chosen = worded[0] if worded else Content()
    found = [*plain, *rich]
    return Content(
        chosen.texts,
        sum(one.attachments for one in found),
        chosen.misnamed,
        any(one.sealed for one in found),
    )


def _is_file(part: Part) -> bool:
    return part.get_content_disposition() == "attachment" or part.get_filename() is not None


def _counts(part: Part, kind: str) -> bool:
    """Whether somebody would call it an attachment: no seal, no logo of a signature."""
    logo = kind.startswith("image/") and part.get("Content-ID") is not None
    return kind not in _SEALS and not (logo and part.get_content_disposition() != "attachment")


def _words(part: Part, kind: str) -> Content:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset()
    text, fits = legible(data, charset)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if kind == "text/html":
        text = html_text(text)
    elif str(part.get_param("format", "")).lower() == "flowed":
        text = unflowed(text, joined=str(part.get_param("delsp", "")).lower() == "yes")
    return Content((text,), misnamed=() if fits else (str(charset),))


def unflowed(text: str, *, joined: bool = False) -> str:
    """Return text of format=flowed (RFC 3676) with its soft line breaks taken back.

    Parameters
    ----------
    joined : whether the blank that marks a soft break belongs to the mark (``DelSp=yes``).

    Examples
    --------
    >>> unflowed("The van came \\ntwo days late.\\n-- \\nJane")
    'The van came two days late.\\n-- \\nJane'
    """
    lines: list[list[str]] = []
    open_at = -1  # depth of quotation of a line that goes on; -1: none does
    for line in text.split("\n"):
        body = line.lstrip(">")
        depth = len(line) - len(body)
        body = body.removeprefix(" ")
        soft = body.endswith(" ") and body != "-- "
        piece = body[:-1] if soft and joined else body
        if depth == open_at and body != "-- ":
            lines[-1].append(piece)
        else:
            lines.append([">" * depth + " " * bool(depth) + piece])
        open_at = depth if soft else -1
    return "\n".join("".join(pieces) for pieces in lines)
