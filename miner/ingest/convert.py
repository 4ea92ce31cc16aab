"""From records to rows of the feedback table, a chunk at a time, with every trouble named."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import pandas as pd

from miner.columns import AREA_PREFIX, AREA_SCALE, COHORT_PREFIX
from miner.ingest.dates import DateReader, ImpossibleDateError, last_possible
from miner.ingest.language_names import language_code
from miner.ingest.ledger import Accountant, Verdict, ledger_of
from miner.ingest.mapping import Mapping
from miner.ingest.options import MARKS, RATINGS, Area, ReadOptions
from miner.ingest.ratings import RatingReader, blanks, key
from miner.ingest.records import Record, problem, remark
from miner.ingest.row import Row
from miner.ingest.whole_rows import Rest
from miner.types import Ledger, RowProblem

COLUMNS: Final[dict[str, str]] = {
    "id": "str",
    "source": "str",
    "row": "int64",
    "date": "datetime64[us]",
    "nps": "float64",
    "csat": "float64",
    "ces": "float64",
    "stars": "float64",
    "language": "str",
    "channel": "str",
    "customer": "str",
    "text": "str",
}
"""Columns and dtypes of a chunk; in front of ``text`` stand ``cohort.<name>`` string columns, then
``area.<name>.now`` and ``area.<name>.wanted`` float columns."""

RATING_COLUMNS: Final[dict[str, str]] = {
    name: dtype for name, dtype in COLUMNS.items() if name not in ("language", "text")
}
"""Columns and dtypes of a chunk's ratings; cohort and area columns follow."""

_NO_RATINGS = (None,) * len(RATINGS)
_UNREADABLE = re.compile("[\0\ud800-\udfff]")
_ASIDE: Final[dict[str, tuple[str, str]]] = {
    "empty": ("row.empty", "there is no text"),
    "junk": ("row.junk", "the text says nothing"),
}


@dataclass(frozen=True)
class Chunk:
    """Some rows of one file.

    `feedback`: one row per accepted feedback, in the order read (columns in `COLUMNS`).
    `ledger`: the account of all rows read for it. `problems`: rows set aside (`fatal`) and values
    dropped, in the order of rows. `ratings`: one row per answer without a comment, that is a row
    set aside as empty or junk that carries a valid rating (columns in `RATING_COLUMNS`).

    An answer counts once. With an id of the export: rows without text are one answer when id,
    ratings, date and customer are the same as in an earlier row, with or without text. Without
    one: when all values are the same, a date and a customer among them.

    `rows`, `answers`: the mapped values behind each row of `feedback` and of `ratings`;
    `withdrawn`: of rows marked as deleted; `aside`: of rows that say nothing. `verdicts`,
    `cursors`: one a row read, in order; the latter only where a cursor is marked.
    """

    feedback: pd.DataFrame
    ledger: Ledger
    problems: tuple[RowProblem, ...]
    ratings: pd.DataFrame
    rows: tuple[Row, ...] = ()
    answers: tuple[Row, ...] = ()
    withdrawn: tuple[Row, ...] = ()
    aside: tuple[Row, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    cursors: tuple[str, ...] = ()


@dataclass
class _Found:
    """What the records of a chunk hold, as it is read."""

    verdicts: list[Verdict] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    kept: list[tuple[Row, str]] = field(default_factory=list)
    rated: list[tuple[Row, str]] = field(default_factory=list)
    withdrawn: list[Row] = field(default_factory=list)
    aside: list[Row] = field(default_factory=list)


class Converter:
    """Turns the records of one file into chunks.

    Parameters
    ----------
    source : name of the file.
    mapping : what its columns are.
    groups : names of all cohorts of the export, in order; this file may lack some.
    areas : all survey areas of the export, in order; this file may lack some.
    accountant : remembers rows over chunks and files.
    """

    def __init__(
        self,
        source: str,
        mapping: Mapping,
        *,
        groups: Sequence[str],
        accountant: Accountant,
        options: ReadOptions,
        areas: Sequence[Area] = (),
    ) -> None:
        self._source = source
        self._groups = tuple(groups)
        self._accountant = accountant
        self._areas = [area.field(side) for area in areas for side in ("now", "wanted")]
        self._at = {
            field: [c.position - 1 for c in mapping.of(field)]
            for field in (
                "id",
                "text",
                "title",
                "date",
                *RATINGS,
                "language",
                "channel",
                "customer",
                *self._areas,
            )
        }
        self._first = {field: found[0] for field, found in self._at.items() if found}
        self._rest = Rest.of(mapping)
        self._marks = mapping.positions(options.marks)
        self._has_ratings = any(name in self._first for name in RATINGS)
        own = {c.column.casefold(): c.position - 1 for c in mapping.of("cohort")}
        self._group_at = [own.get(name.casefold()) for name in self._groups]
        self._header = {c.position - 1: c.column for c in mapping.columns}
        self._dates = DateReader(mapping.date_order, last_possible(options.latest))
        self._ratings = {
            name: RatingReader(mapping.scales.get(name, (0.0, 10.0)), mapping.labels.get(name))
            for name in RATINGS
        } | {name: RatingReader(AREA_SCALE, mapping.labels.get(name)) for name in self._areas}

    def chunk(self, records: Iterable[Record]) -> Chunk:
        """Return the records as one chunk."""
        found = _Found()
        cursors: list[str] = []
        for record in records:
            if "cursor" in self._marks:
                cursors.append(record.cells[self._marks["cursor"]])
            found.verdicts.append(self._take(record, found))
        ratings = self._frame(found.rated).drop(columns=["language", "text"])
        return Chunk(
            feedback=self._frame(found.kept),
            ledger=ledger_of(found.verdicts),
            problems=tuple(found.problems),
            ratings=ratings,
            rows=tuple([row for row, _ in found.kept]),
            answers=tuple([row for row, _ in found.rated]),
            withdrawn=tuple(found.withdrawn),
            aside=tuple(found.aside),
            verdicts=tuple(found.verdicts),
            cursors=tuple(cursors),
        )

    def _take(self, record: Record, found: _Found) -> Verdict:
        """Add what one record says to what was found, and return the verdict on it."""
        if record.problem is not None:
            found.problems.append(record.problem)
            if record.problem.fatal:
                return "rejected"
        row, troubles = self._row(record)
        if row.deleted:
            found.withdrawn.append(row)
            return "duplicate"  # it says nothing of its own
        rest = () if row.name else self._rest.facts(record.cells, troubles)
        verdict, name = self._accountant.judge(
            row.text, name=row.name, facts=(*row.facts(), *rest), told_apart=row.told_apart
        )
        if verdict == "accepted":
            found.problems += troubles
            if row.name and row.rated:
                self._accountant.first_answer(row.answer)
            found.kept.append((row, self._named(row, name, found.problems)))
        elif self._is_answer(row, verdict, rest):
            counted = self._aside(row, verdict, "; its ratings count in the scores.")
            found.problems += [counted, *troubles]
            found.rated.append((row, name or f"{self._source}:{row.number}"))
        else:
            found.problems.append(self._aside(row, verdict))
            found.aside.append(row)
        return verdict

    def _is_answer(self, row: Row, verdict: Verdict, rest: tuple[str, ...]) -> bool:
        """Whether a row set aside carries ratings that no earlier row has given."""
        if verdict == "duplicate" or not row.rated:
            return False
        return self._accountant.first_answer(row.answer and (*row.answer, *rest))

    def _named(self, row: Row, name: str, problems: list[RowProblem]) -> str:
        """Return the id; a row without one is named after its place."""
        if not name:
            return self._accountant.unique(f"{self._source}:{row.number}")
        if name != row.name:
            message = f'this id came before with another text; it is called "{name}" here.'
            column = self._header[self._at["id"][0]]
            problems.append(
                remark(self._source, row.number, _REPEATED, message, column=column, value=row.name)
            )
        return name

    def _aside(self, row: Row, verdict: Verdict, end: str = ".") -> RowProblem:
        column = self._header[self._at["text"][0]]
        if verdict == "duplicate":
            return repeated(self._source, row, column, same=self._rest.same)
        reason, what = _ASIDE[verdict]
        return problem(self._source, row.number, reason, what + end, column=column, value=row.text)

    def _row(self, record: Record) -> tuple[Row, list[RowProblem]]:
        troubles = list(record.remarks)
        cells = record.cells
        if _UNREADABLE.search("".join(cells)):
            cells = [_UNREADABLE.sub("\ufffd", cell.replace("\0", "")) for cell in cells]
            message = "NUL or half characters were taken out."
            troubles.append(remark(self._source, record.row, "row.unreadable-character", message))
        language = self._one(cells, "language")
        row = Row(
            number=record.row,
            name=self._one(cells, "id") or "",
            text=self._text(cells),
            date=self._date(record.row, cells, troubles),
            ratings=self._all_ratings(record.row, cells, troubles),
            language=language_code(language) if language else None,
            channel=self._one(cells, "channel"),
            customer=self._one(cells, "customer"),
            groups=tuple([_value(cells[at]) if at is not None else None for at in self._group_at]),
            areas=tuple([self._rating(at, record.row, cells, troubles) for at in self._areas]),
        )
        return (self._marked(row, cells, troubles) if self._marks else row), troubles

    def _marked(self, row: Row, cells: Sequence[str], troubles: list[RowProblem]) -> Row:
        """Return the row with when it was changed and whether it was withdrawn."""
        updated, deleted, cursor = map(self._marks.get, (*MARKS, "cursor"))
        return row._replace(
            updated=None if updated is None else self._moment(row.number, cells, updated, troubles),
            deleted=deleted is not None and key(cells[deleted]) not in _KEPT | blanks(),
            cursor=None if cursor is None else cells[cursor],
        )

    def _all_ratings(
        self, number: int, cells: Sequence[str], troubles: list[RowProblem]
    ) -> tuple[float | None, ...]:
        if not self._has_ratings:
            return _NO_RATINGS
        return tuple(self._rating(name, number, cells, troubles) for name in RATINGS)

    def _one(self, cells: Sequence[str], field: str) -> str | None:
        at = self._first.get(field)
        return None if at is None else cells[at].strip() or None

    def _text(self, cells: Sequence[str]) -> str:
        parts = [part for at in self._at["text"] if (part := cells[at].strip())]
        text = parts[0] if len(parts) == 1 else "\n".join(parts)
        title = self._one(cells, "title")
        if title is None or text.startswith(title.rstrip(".… ")):
            return text
        return f"{title}\n{text}" if text else title

    def _date(
        self, number: int, cells: Sequence[str], troubles: list[RowProblem]
    ) -> datetime | None:
        at = self._first.get("date")
        return None if at is None else self._moment(number, cells, at, troubles)

    def _moment(
        self, number: int, cells: Sequence[str], at: int, troubles: list[RowProblem]
    ) -> datetime | None:
        value = cells[at].strip()
        if not value or key(value) in blanks():
            return None
        column = self._header[at]
        try:
            return self._dates.read(value)
        except ImpossibleDateError:
            reason, what = "row.date-impossible", "expected a day between 1990 and now"
        except ValueError:
            reason, what = "row.date-unreadable", "expected a date such as 2026-03-18"
        message = f"got '{value[:40]}', {what}. The row was kept without its date."
        troubles.append(remark(self._source, number, reason, message, column=column, value=value))
        return None

    def _rating(
        self, name: str, number: int, cells: Sequence[str], troubles: list[RowProblem]
    ) -> float | None:
        value = self._one(cells, name)
        if value is None:
            return None
        reader = self._ratings[name]
        low, high = reader.scale
        try:
            rating = reader.read(value)
            if rating is None or reader.inside(rating):
                return rating
            reason = "row.rating-out-of-range"
        except ValueError:
            reason = "row.rating-unreadable"
        column = self._header[self._at[name][0]]
        message = (
            f"got '{value[:40]}', expected {low:g}-{high:g} ({name}). "
            "The row was kept without this rating."
        )
        troubles.append(remark(self._source, number, reason, message, column=column, value=value))
        return None

    def _frame(self, kept: Sequence[tuple[Row, str]]) -> pd.DataFrame:
        rows = [row for row, _ in kept]
        columns: dict[str, list[object]] = {
            "id": [name for _, name in kept],
            "source": [self._source] * len(rows),
            "row": [row.number for row in rows],
            "date": [row.date for row in rows],
        }
        for index, rating in enumerate(RATINGS):
            columns[rating] = [row.ratings[index] for row in rows]
        columns["language"] = [row.language for row in rows]
        columns["channel"] = [row.channel for row in rows]
        columns["customer"] = [row.customer for row in rows]
        for index, group in enumerate(self._groups):
            columns[COHORT_PREFIX + group] = [row.groups[index] for row in rows]
        for index, area in enumerate(self._areas):
            columns[area] = [row.areas[index] for row in rows]
        columns["text"] = [row.text for row in rows]
        return frame_of(columns)


def repeated(
    source: str, row: Row, column: str, *, same: str = "values in the columns that are read"
) -> RowProblem:
    """Return what is said of a row that says what an earlier one has said.

    Parameters
    ----------
    column : that holds the words.
    same : what the two have in common where the row has no id.
    """
    message = f"an earlier row has the same {'id and text' if row.name else same}."
    return problem(source, row.number, "row.duplicate", message, column=column, value=row.text)


_REPEATED = "row.id-repeated"
_KEPT: Final = frozenset({"", "0", "0.0", "f", "false", "n", "no"})
"""What a column of withdrawn feedback holds where the feedback stands, as databases write it."""


def frame_of(columns: dict[str, list[object]]) -> pd.DataFrame:
    """Return the columns under their dtypes (`COLUMNS`; cohorts are strings, areas numbers)."""
    return pd.DataFrame(
        {name: pd.Series(values, dtype=_dtype(name)) for name, values in columns.items()}
    )


def _dtype(name: str) -> str:
    return COLUMNS.get(name, "float64" if name.startswith(AREA_PREFIX) else "str")


def _value(cell: str) -> str | None:
    return cell.strip() or None
