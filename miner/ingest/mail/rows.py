"""Messages as records of a table whose columns are the same for every mailbox."""

from __future__ import annotations

from collections.abc import Iterator
from email.errors import MessageError
from typing import Final

from miner.ingest.layouts import Layout
from miner.ingest.mail.boxes import Raw, messages
from miner.ingest.mail.message import Mail, read_mail
from miner.ingest.records import Record, problem, remark
from miner.ingest.sources import Place
from miner.types import RowProblem

HEADER: Final = ("Message-ID", "Date", "From", "Subject", "Body")

LAYOUT: Final = Layout(
    key="mail",
    label="mail",
    require=frozenset(),  # a CSV file with these columns is no mailbox
    fields={
        "id": ("message id",),
        "date": ("date",),
        "customer": ("from",),
        "title": ("subject",),
        "text": ("body",),
    },
    personal=frozenset(),
    ignore=frozenset(),
    cohort=frozenset(),
)

# What the standard library's parsers raise on messages that break the rules in new ways.
_UNREADABLE: Final = (
    MessageError, ValueError, LookupError, TypeError, AttributeError, AssertionError,
    OverflowError, RecursionError,
)  # fmt: skip


def records(place: Place, form: str) -> Iterator[Record]:
    """Yield one record a message, numbered from 1 in the order of the mailbox.

    Parameters
    ----------
    form : ``mbox``, ``eml`` or ``maildir``.

    Raises
    ------
    DataError
        The mailbox can't be read to its end.
    """
    for row, raw in enumerate(messages(place, form), 1):
        yield _record(place.name, row, raw)


def _record(source: str, row: int, raw: Raw) -> Record:
    if raw.trouble:
        return _aside(source, row, raw, ("row.message-unreadable", raw.trouble), value=raw.name)
    try:
        mail = read_mail(raw.data)
    except _UNREADABLE as error:
        why = f"the message is damaged ({type(error).__name__}: {error})"
        return _aside(source, row, raw, ("row.message-unreadable", why), value=raw.name)
    why_not = _why_not(mail, raw)
    if why_not is not None:
        return _aside(source, row, raw, why_not, value=mail.subject or mail.id)
    cells = (mail.id, mail.date, mail.sender, mail.subject, mail.text)
    return Record(row, cells, remarks=tuple(_remarks(source, row, mail)))


def _why_not(mail: Mail, raw: Raw) -> tuple[str, str] | None:
    """Return reason and sentence why a message is no feedback; None where it is."""
    if mail.thrown_away or raw.deleted:
        return "row.deleted-message", "it was thrown away in the mail program"
    if mail.automatic:
        return "row.auto-reply", f"a machine wrote it ({mail.automatic[:80]})"
    if mail.content.sealed and not mail.text:
        return "row.message-unreadable", "it is encrypted"
    return None


def _aside(source: str, row: int, raw: Raw, why: tuple[str, str], *, value: str) -> Record:
    reason, sentence = why
    file = f" File: {raw.name}." if raw.name else ""
    return Record(row, (), problem(source, row, reason, f"{sentence}.{file}", value=value))


def _remarks(source: str, row: int, mail: Mail) -> Iterator[RowProblem]:
    if mail.wrote_date:
        message = f"got '{mail.wrote_date[:40]}', expected a date. The row was kept without it."
        reason, value = "row.date-unreadable", mail.wrote_date
        yield remark(source, row, reason, message, column="Date", value=value)
    for charset in mail.content.misnamed:
        message = f"it says it is {charset}, and is not; read as UTF-8 or Windows-1252."
        yield remark(source, row, "row.charset", message, column="Body", value=charset)
    if mail.content.attachments:
        count = str(mail.content.attachments)
        message = f"attachments were not read: {count}."
        yield remark(source, row, "row.attachments", message, column="Body", value=count)
