"""One message: its id, moment, sender, subject and words, whatever state it is in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.parser import BytesParser
from email.policy import default
from email.utils import parseaddr, parsedate_to_datetime
from hashlib import blake2b
from typing import Final, TypeAlias

from miner.ingest.mail.own_words import own_words
from miner.ingest.mail.parts import Content, Part, content, legible
from miner.ingest.mail.words import patterns

# The default policy parses the grammar of a header whenever it is looked at, ten times the work of
# all the rest, and fails on some that people send; here headers are taken as written.
_POLICY: Final = default.clone(header_factory=lambda _, value: value)
_PARSER: Final = BytesParser(policy=_POLICY)
Heads: TypeAlias = Mapping[str, str]
"""Headers as written, by name in lower case."""

_LASTING: Final = ("date", "from", "to", "cc", "subject", "in-reply-to")
"""Headers that no program on the way or in the mailbox adds or changes."""
_ADDRESS: Final = re.compile(r"[^\s<>\"'(),;:]+@[^\s<>\"'(),;:]+")
_ID: Final = re.compile(r"<([^<>\s]+)>")
_DAEMONS: Final = ("mailer-daemon", "postmaster")  # RFC 5321, RFC 3464: who sends bounces
_MARKS: Final = ("X-Autoreply", "X-Autorespond", "X-Failed-Recipients")
_EXPUNGED: Final = 0x0008  # of X-Mozilla-Status: thrown away, still in the file


@dataclass(frozen=True)
class Mail:
    """One message as it is read.

    `date`: ISO, UTC; "" where it has none. `wrote_date`: the header where it can't be read, else
    "". `sender`: address in lower case. `text`: the sender's own words. `automatic`: the header
    that says a machine wrote it, "" where none does. `thrown_away`: whether the mail program only
    has yet to remove it.
    """

    id: str
    date: str
    wrote_date: str
    sender: str
    subject: str
    text: str
    automatic: str
    thrown_away: bool
    content: Content


def read_mail(data: bytes) -> Mail:
    """Return a message from its bytes; the errors of the email package are let through."""
    message = _PARSER.parsebytes(data)
    heads = first_of_each(message)
    subject = header(heads, "subject")
    title, reply = _title(subject)
    found = content(message)
    text = own_words(found.text, reply=reply)
    date, wrote_date = _date(heads)
    sender = _sender(heads)
    return Mail(
        id=_id(heads, data),
        date=date,
        wrote_date=wrote_date,
        sender=sender,
        # the subject of an answer is the thread's: without own words it says nothing
        subject=title if text or not reply else "",
        text=text,
        automatic=_automatic(heads, sender, subject) or _report(message),
        thrown_away=_is_thrown_away(heads),
        content=found,
    )


def first_of_each(message: Part) -> Heads:
    """Return the headers of a message as written, names in lower case; of equal ones the first."""
    heads: dict[str, str] = {}
    for name, value in message.raw_items():
        heads.setdefault(name.lower(), str(value))
    return heads


def header(heads: Heads, name: str) -> str:
    """Return a header on one line, decoded; "" where there is none.

    Examples
    --------
    >>> header({"subject": "=?utf-8?q?Sp=C3=A4t?=\\n =?utf-8?q?er?="}, "subject")
    'Später'
    """
    return " ".join(_decoded(_as_written(heads, name)).split())


def _as_written(heads: Heads, name: str) -> str:
    raw = heads.get(name, "")
    if raw.isascii():
        return raw
    return legible(raw.encode("ascii", "surrogateescape"), None)[0]


def _decoded(text: str) -> str:
    """Decode encoded words (RFC 2047); neighbours first joined, for programs cut letters in two."""
    if "=?" not in text:
        return text
    try:
        pieces = decode_header(text)
    except (HeaderParseError, ValueError):
        return text
    return "".join(_piece(piece, charset) for piece, charset in pieces) or text


def _piece(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    if charset is None:  # how decode_header hands on what was not encoded
        return piece.decode("raw-unicode-escape", "replace")
    return legible(piece, charset.partition("*")[0])[0]


def _title(subject: str) -> tuple[str, bool]:
    """Return the subject without "Re:" and its like, and whether the message is an answer."""
    known = patterns()
    first = ""
    while match := known.reply.match(subject) or known.forward.match(subject):
        first = first or match[0]
        subject = subject[match.end() :]
    return subject, known.reply.match(first) is not None


def _id(heads: Heads, data: bytes) -> str:
    """Return the message's own id, or a digest of what never changes of it."""
    written = header(heads, "message-id")
    found = _ID.search(written)
    if found or written.strip("<> "):
        return found[1] if found else written.strip("<> ")
    lasting = "\n".join(heads.get(name, "") for name in _LASTING)
    body = data.replace(b"\r\n", b"\n").partition(b"\n\n")[2].strip()
    digest = blake2b(lasting.encode("utf-8", "surrogateescape"), digest_size=16)
    digest.update(b"\0" + body)
    return digest.hexdigest()


def _date(heads: Heads) -> tuple[str, str]:
    """Return when it was sent, or else received, and the header where it can't be read."""
    written = header(heads, "date")
    moment = _moment(written)
    if moment is None:
        moment = _moment(header(heads, "received").rpartition(";")[2])
    if moment is None:
        return "", written
    return moment.isoformat(" "), ""


def _moment(written: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(written)
        # "-0000" says UTC without saying where (RFC 5322, 3.3)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _sender(heads: Heads) -> str:
    for name in ("from", "sender"):
        written = _as_written(heads, name)
        address = parseaddr(" ".join(written.split()))[1]
        if "@" not in address:
            found = _ADDRESS.search(_decoded(written))
            address = found[0] if found else ""
        if address:
            return address.lower()
    return ""


def _automatic(heads: Heads, sender: str, subject: str) -> str:
    """Return what says that no person wrote this (RFC 3834, RFC 6522 and what came before)."""
    for name, wanted in (("Auto-Submitted", "no"), ("X-Auto-Response-Suppress", "none")):
        value = header(heads, name.lower())
        if value and value.partition(";")[0].strip().lower() != wanted:
            return f"{name}: {value}"
    marks = [name for name in _MARKS if name.lower() in heads]
    if marks:
        return f"{marks[0]}: {header(heads, marks[0].lower())}"
    if sender.partition("@")[0] in _DAEMONS:
        return f"From: {sender}"
    return f"Subject: {subject}" if patterns().automatic.match(subject) else ""


def _report(message: Part) -> str:
    kind = message.get_content_type()
    return f"Content-Type: {kind}" if kind == "multipart/report" else ""


def _is_thrown_away(heads: Heads) -> bool:
    status = header(heads, "x-mozilla-status")
    try:
        return bool(int(status or "0", 16) & _EXPUNGED)
    except ValueError:
        return False
