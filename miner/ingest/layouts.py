"""Known exports: hints by header names, and exports with several header rows.

The hints are data (``data/layouts.toml``). They are not promises of any vendor, so content is
still checked and ``--map`` overrules them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from miner.ingest.words import plain, table

HEADER_LOOK = 20
"""How many records are looked at to find the header row."""


@dataclass(frozen=True)
class Layout:
    """One known export: header names by field, personal and useless columns."""

    key: str
    label: str
    require: frozenset[str]
    fields: dict[str, tuple[str, ...]]
    personal: frozenset[str]
    ignore: frozenset[str]
    cohort: frozenset[str]
    header: str = "one"
    answers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class HeaderPlan:
    """Where the header is: column names, question texts, and the index of the first data record."""

    names: tuple[str, ...]
    labels: tuple[str, ...]
    data_at: int
    above: int
    layout: Layout | None


@cache
def all_layouts() -> tuple[Layout, ...]:
    """Return the known exports, in the order in which they are tried."""
    return tuple(_layout(entry) for entry in table("layouts")["layout"])


def recognise(header: Sequence[str]) -> Layout | None:
    """Return the first known export all of whose required headers are there.

    Examples
    --------
    >>> recognise(["userName", "content", "score", "thumbsUpCount", "at"]).key
    'play-scraper'
    """
    names = {plain(name) for name in header}
    return next((layout for layout in all_layouts() if layout.require <= names), None)


def plan_header(rows: Sequence[Sequence[str]]) -> HeaderPlan:
    """Return where the header is, from the first records of a file (at least one).

    The header is the first record that fills at least half as many cells as the fullest of the
    first records: titles and print dates above a table fill one or two, from the left.
    """
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    needed = max(filled) / 2
    at = 0
    while filled[at] < needed and (not filled[at] or rows[at][0].strip()):
        at += 1
    header = [cell.strip() for cell in rows[at]]
    layout = recognise(header)
    below = rows[at + 1 :]
    if layout is not None and layout.header == "qualtrics":
        return _qualtrics(header, below, at, layout)
    if layout is not None and layout.header == "surveymonkey" and below:
        return _surveymonkey(header, below[0], at, layout)
    return HeaderPlan(tuple(header), ("",) * len(header), at + 1, at, layout)


def _qualtrics(
    header: list[str], below: Sequence[Sequence[str]], at: int, layout: Layout
) -> HeaderPlan:
    """Names, question texts, then a row of {"ImportId": …}; older exports lack the third."""
    labels = [""] * len(header)
    skip = 0
    if below and "startdate" not in "".join(below[0]).casefold() and _is_question_row(below):
        labels = [cell.strip() for cell in below[0]]
        skip = 1
    if len(below) > skip and _is_import_row(below[skip]):
        skip += 1
    labels += [""] * (len(header) - len(labels))
    return HeaderPlan(tuple(header), tuple(labels[: len(header)]), at + 1 + skip, at, layout)


def _is_import_row(row: Sequence[str]) -> bool:
    marked = sum(cell.lstrip().startswith('{"ImportId"') for cell in row)
    return marked > 0.5 * sum(bool(cell.strip()) for cell in row)


def _is_question_row(below: Sequence[Sequence[str]]) -> bool:
    """Whether an import row follows, or the row repeats names such as 'Start Date'."""
    if len(below) > 1 and _is_import_row(below[1]):
        return True
    return any(plain(cell) in ("start date", "response id") for cell in below[0])


def _surveymonkey(header: list[str], second: Sequence[str], at: int, layout: Layout) -> HeaderPlan:
    """Questions, then sub-questions; a blank question repeats the one to its left."""
    if any(cell.strip() for name, cell in zip(header, second, strict=False) if _is_key(name)):
        return HeaderPlan(tuple(header), ("",) * len(header), at + 1, at, layout)
    names: list[str] = []
    question = ""
    for index in range(max(len(header), len(second))):
        question = (header[index] if index < len(header) else "") or question
        part = second[index].strip() if index < len(second) else ""
        plain_answer = not part or plain(part) in layout.answers
        names.append(question if plain_answer else f"{question} - {part}")
    return HeaderPlan(tuple(names), ("",) * len(names), at + 2, at, layout)


def _is_key(name: str) -> bool:
    return plain(name) in ("respondent id", "collector id")


def _layout(entry: dict[str, object]) -> Layout:
    def names(key: str) -> frozenset[str]:
        values = entry.get(key, ())
        return frozenset(plain(str(v)) for v in values) if isinstance(values, list) else frozenset()

    fields = entry["fields"]
    assert isinstance(fields, dict)
    return Layout(
        key=str(entry["key"]),
        label=str(entry["label"]),
        require=names("require"),
        fields={field: tuple(map(plain, wanted)) for field, wanted in fields.items()},
        personal=names("personal"),
        ignore=names("ignore"),
        cohort=names("cohort"),
        header=str(entry.get("header", "one")),
        answers=names("answers"),
    )
