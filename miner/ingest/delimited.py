"""Records of CSV and its kin: quotes taken seriously, trouble named by row.

A quote that is opened and never closed makes a parser swallow the rows behind it. Here the record
is given up at the first contradiction (a quote in mid-cell, the end of the file, or `RUNAWAY`
characters), its first line is rejected, and reading goes on with the next line.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from miner.ingest.records import Record, problem, remark
from miner.ingest.textscan import TextFile
from miner.types import RowProblem

DELIMITERS = (",", ";", "\t", "|")
NO_DELIMITER = "\x1f"
"""Unit separator: stands for 'one column' where no separator fits."""
RUNAWAY = 2_000_000
"""Characters of a record of many lines that say a quote was left open: a book is no answer."""

_SNIFF_CHARACTERS = 200_000  # room for the 200 records, at a page's thousand characters each
_SNIFF_RECORDS = 200  # enough to outvote a title and broken rows at the top
_CELL_LIMIT = 1 << 30  # the csv module's own 128 KB would end the run at one long letter


class _Runaway(Exception):  # noqa: N818 - a signal, not an error
    """One record has grown past RUNAWAY characters over several lines."""


class _Lines:
    """The physical lines of a file; those of the record in hand can be given back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._again: list[str] = []
        self.current: list[str] = []
        self._size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.pop() if self._again else next(self._lines)
        self.current.append(line)
        self._size += len(line)
        if self._size > RUNAWAY and len(self.current) > 1 and self._size > 2 * len(self.current[0]):
            raise _Runaway
        return line

    def done(self) -> None:
        """Forget the lines of the record in hand: it was read well."""
        self.current.clear()
        self._size = 0

    def give_back(self) -> str:
        """Return the first line of the record in hand and queue the others again."""
        first, *rest = self.current
        self._again.extend(reversed(rest))
        self.done()
        return first


def sniff_delimiter(text: TextFile) -> str:
    """Return the separator that cuts the first records into equally many fields.

    Quotes are respected. `NO_DELIMITER` where no candidate gives more than one field.
    """
    head = text.head(_SNIFF_CHARACTERS)
    if head[:5].casefold().startswith("sep=") and len(head) > 4:
        return head[4]
    scored = [(_consistency(head, mark), -rank, mark) for rank, mark in enumerate(DELIMITERS)]
    (share, fields), _, mark = max(scored)
    return mark if fields > 1 and share >= 0.5 else NO_DELIMITER


def _consistency(head: str, delimiter: str) -> tuple[float, int]:
    """Return the share of records with the commonest number of fields, and that number."""
    lines = head.splitlines(keepends=True)
    complete = lines[:-1] if len(head) == _SNIFF_CHARACTERS and len(lines) > 1 else lines
    rows = (row for row in csv.reader(complete, delimiter=delimiter, skipinitialspace=True) if row)
    try:
        sizes = Counter(len(row) for row in islice(rows, _SNIFF_RECORDS))
    except csv.Error:
        return 0.0, 1
    if not sizes:
        return 0.0, 1
    fields, count = max(sizes.items(), key=lambda item: (item[1], item[0]))
    return (round(count / sizes.total(), 1) if fields > 1 else 0.0), fields


def records(text: TextFile, delimiter: str) -> Iterator[Record]:
    """Yield every record with the row number a spreadsheet shows; blank lines only count.

    A fatal problem ``row.unbalanced-quote`` stands for the line on which a quote was opened and
    never closed; ``row.stray-quote`` marks a row that was kept although a quote in it is odd.
    """
    csv.field_size_limit(max(csv.field_size_limit(), _CELL_LIMIT))
    with text.open() as file:
        if file.read(4).casefold() != "sep=":
            file.seek(0)
        else:
            file.readline()
        yield from _numbered(_Lines(iter(file)), text.place.name, delimiter)


def _numbered(lines: _Lines, source: str, delimiter: str) -> Iterator[Record]:
    width = 0
    after_break = False
    for row, (cells, broken) in enumerate(_parsed(lines, delimiter), 1):
        width = width or len(cells)
        if broken is not None:
            after_break = len(cells) != width
            yield _mended(source, row, cells, broken, width)
        elif cells and after_break and len(cells) != width:
            # The rest of a record whose quotes went wrong: its cells stand in wrong columns.
            yield Record(row, cells, _rest_of_broken(source, row, cells))
        elif cells:
            after_break = False
            yield Record(row, cells)


def _parsed(lines: _Lines, delimiter: str) -> Iterator[tuple[list[str], str | None]]:
    """Yield (cells, None), or (cells of the first line read leniently, that line)."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _Runaway):
            line = lines.give_back()
            yield next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [""]), line
            reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
            continue
        lines.done()
        yield cells, None


def _mended(source: str, row: int, cells: list[str], line: str, width: int) -> Record:
    """Keep a line with an odd quote where its fields still come out right."""
    value = line.rstrip("\r\n")
    closed = line.count('"') % 2 == 0
    if closed and len(cells) == width:
        message = (
            "a quote inside a quoted cell is not doubled; the row was kept as far as it reads."
        )
        return Record(row, cells, remark(source, row, "row.stray-quote", message, value=value))
    message = (
        "a quote is opened here and not closed. The row was set aside and reading went on with "
        'the next line. Close the quote, or double quotes inside a cell ("").'
    )
    return Record(row, cells, problem(source, row, "row.unbalanced-quote", message, value=value))


def _rest_of_broken(source: str, row: int, cells: list[str]) -> RowProblem:
    message = "this line follows a row with an unclosed quote and has another number of fields."
    return problem(source, row, "row.unbalanced-quote", message, value=" | ".join(cells))
