"""Which column is what: the decision with its reasons, and how it is made, step by step."""

from __future__ import annotations

from collections import abc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from miner.errors import DataError
from miner.ingest import areas, measures, steps
from miner.ingest.board import Board, ColumnChoice
from miner.ingest.dates import Order
from miner.ingest.equal_headers import check_twins, drop_idle_twins
from miner.ingest.header_check import check_header
from miner.ingest.layouts import Layout
from miner.ingest.options import RATINGS, Area, ReadOptions
from miner.ingest.overrides import resolve
from miner.ingest.profiles import Profile, profile_columns
from miner.ingest.ratings import LabelSet, Scale
from miner.ingest.references import counts_rows, reference

__all__ = ["ColumnChoice", "Mapping", "decide"]


@dataclass(frozen=True)
class Mapping:
    """What every column of a file is read as, with the reason.

    `columns` are in the order of the file. `field` of a column is one of
    `miner.ingest.options.FIELDS` or belongs to one of `areas`; ``ignore`` and ``personal`` columns
    are not read. `scales`: (lowest, highest) of each rating. `date_order`: which number comes first
    in ``03/04/2020``. `labels`: the word scale of a rating written in words. `counters`: positions,
    from 1, of columns not read that only count the rows.

    Examples
    --------
    >>> from miner.ingest.board import ColumnChoice
    >>> mapping = Mapping((ColumnChoice("Comment", 2, "text", "name matches 'comment'", 0.9),))
    >>> mapping.names("text")
    ('Comment',)
    """

    columns: tuple[ColumnChoice, ...]
    source: str = ""
    layout: str | None = None
    date_order: Order = "day"
    scales: abc.Mapping[str, Scale] = field(default_factory=dict)
    labels: abc.Mapping[str, LabelSet] = field(default_factory=dict)
    areas: tuple[Area, ...] = ()
    notes: tuple[str, ...] = ()
    counters: tuple[int, ...] = ()

    def of(self, name: str) -> tuple[ColumnChoice, ...]:
        """Return the columns of one field, in the order of the file."""
        return tuple(choice for choice in self.columns if choice.field == name)

    def positions(self, named: abc.Mapping[str, str]) -> dict[str, int]:
        """Return where columns named by hand stand, from 0; those this file lacks are left out."""
        header = [choice.column for choice in self.columns]
        found = {name: resolve(column, header, ()) for name, column in named.items()}
        return {name: index for name, index in found.items() if index is not None}

    def names(self, name: str) -> tuple[str, ...]:
        """Return the headers of one field's columns."""
        return tuple(choice.column for choice in self.of(name))

    def to_dict(self) -> dict[str, object]:
        """Return plain JSON-ready data."""
        return {
            "source": self.source,
            "layout": self.layout,
            "date_order": self.date_order,
            "scales": {name: list(scale) for name, scale in self.scales.items()},
            "columns": [choice.to_dict() for choice in self.columns],
        }


@dataclass(frozen=True)
class Sample:
    """What a mapping is decided on: header, question texts, first rows, and the rest on demand.

    `ahead` iterates over the cells of all rows; it is used only for questions that the sample
    leaves open (03/04/2020 everywhere; a column with one value so far). `format`: of the file, one
    of `miner.ingest.options.FORMATS`.
    """

    source: str
    header: tuple[str, ...]
    labels: tuple[str, ...]
    twins: abc.Mapping[int, int]
    layout: Layout | None
    delimiter: str | None
    rows: Sequence[Sequence[str]]
    ahead: Callable[[], Iterator[Sequence[str]]]
    format: str


def decide(sample: Sample, options: ReadOptions) -> Mapping:
    """Return the mapping of one file (or of several with the same header).

    Raises
    ------
    UsageError
        A column named in `options.map` does not exist or does not hold what it should.
    DataError
        No column holds text, or two equal headers compete for a field.
    """
    profiles = profile_columns(sample.header, sample.labels, sample.rows)
    board = Board(profiles, sample.layout, sample.source)
    if not options.map:
        check_header(board, sample.format)
    steps.by_hand(board, options)
    steps.marks(board, options)
    areas.by_hand(board, options.areas)
    drop_idle_twins(board, sample.twins)
    _claim(board)
    order, seconds = _look_ahead(board, sample)
    steps.cohorts(board, seconds)
    steps.rest(board)
    board.notes += check_twins(board, sample.twins)
    if not any(choice.field == "text" for choice in board.choices.values()):
        raise no_text(board)
    return Mapping(
        columns=tuple(board.choices[profile.position] for profile in profiles),
        source=sample.source,
        layout=sample.layout.label if sample.layout else None,
        date_order=order,
        scales=dict(board.scales),
        labels=dict(board.labels),
        areas=tuple(board.areas),
        notes=tuple(board.notes),
        counters=tuple(
            profile.position + 1
            for profile in profiles
            if board.choices[profile.position].field == "ignore" and counts_rows(profile)
        ),
    )


def _claim(board: Board) -> None:
    """Let each field claim its column; earlier steps have the first choice."""
    steps.by_layout(board)
    steps.personal(board)
    steps.replies(board)
    areas.recognise(board)  # before the ratings: "satisfaction with delivery" of a pair is no CSAT
    for rating in RATINGS:
        measures.rating(board, rating)
    steps.language(board)
    steps.channel(board)
    measures.date(board)
    steps.identifier(board)
    steps.customer(board)
    reference(board)
    steps.text(board)


def no_text(board: Board) -> DataError:
    """Return the DataError that lists the columns which might hold the customers' words."""
    near = sorted(
        (p for p in board.profiles if p.worded >= 0.5 and not p.personal and p.dated < 0.5),
        key=lambda p: (-p.mean_length, p.position),
    )[:5]
    found = "; ".join(
        f'"{p.name}" ({p.mean_length:.0f} characters on average, e.g. "{p.values[0][:40]}")'
        for p in near
    )
    first = near[0].name if near else "COLUMN"
    return DataError(
        f"{board.source}: no column looks like the customers' words. "
        + (f"Candidates: {found}." if near else f"Columns: {', '.join(_names(board.profiles))}."),
        hint=f'Say which one it is: --map text="{first}".',
        slug="ingest.no-text-column",
        path=board.source,
        candidates=[p.name for p in near],
    )


def _names(profiles: Sequence[Profile]) -> list[str]:
    return [profile.name for profile in profiles]


def _look_ahead(board: Board, sample: Sample) -> tuple[Order, set[int]]:
    """Settle what the sample leaves open by reading on: date order, columns with one value."""
    order = measures.proven_order(board)
    need_order = order is None and measures.has_open_order(board)
    single = {p.position: p.values[0] for p in steps.single_valued(board)}
    date_at = next((i for i, c in board.choices.items() if c.field == "date"), -1)
    seconds: set[int] = set()
    for cells in sample.ahead() if need_order or single else iter(()):
        for position in [p for p, value in single.items() if cells[p].strip() not in ("", value)]:
            seconds.add(position)
            del single[position]
        if need_order:
            order = measures.order_of([cells[date_at]])
            need_order = order is None
        if not need_order and not single:
            break
    return order or measures.assumed_order(board, sample.delimiter), seconds
