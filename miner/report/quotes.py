"""Verbatims arranged for reading: one record a feedback, and the top quotes by finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from miner.insight.metrics import LABELS
from miner.report.bands import link
from miner.report.languages import cohort_name, t
from miner.report.model import Cited, Column, Piece, ReportData, Table, Verbatim
from miner.report.verbatims import pieces
from miner.types import SIGNALS

TOP_QUOTES: Final = 5
"""Quotes a finding that can be read without JavaScript, and that are printed."""


@dataclass(frozen=True, slots=True)
class Quote:
    """One quote ready to show: its verbatim, the marked text, a caption.

    `anchor` is its fragment, empty where the quote stands a second time.
    """

    verbatim: Verbatim
    pieces: tuple[Piece, ...]
    caption: str
    role: str
    anchor: str


@dataclass(frozen=True, slots=True)
class QuoteGroup:
    """The top quotes of one theme and side; `anchor` is the fragment that also filters."""

    anchor: str
    theme: str
    side: str
    chosen: int
    n: int
    quotes: tuple[Quote, ...]


def by_feedback(data: ReportData) -> dict[int, list[Verbatim]]:
    """Return the verbatims grouped by their feedback's position, in the order of the report."""
    groups: dict[int, list[Verbatim]] = {}
    for one in data.verbatims:
        groups.setdefault(one.position, []).append(one)
    return groups


def records(data: ReportData) -> dict[str, Any]:
    """Return what the page's script filters: one record a feedback, short keys, plain JSON.

    Texts are cut into pieces here, so that the script never counts characters (its strings are
    UTF-16, the offsets are code points).
    """
    names = {score.key: score.label for score in data.scores}
    groups: list[tuple[Verbatim | Cited, list[Verbatim]]] = [
        (group[0], group) for group in by_feedback(data).values()
    ]
    groups += [(one, []) for one in data.cited]
    rows = [_record(one, group, names) for one, group in groups]
    return {
        "themes": {info.key: info.label for info in data.themes},
        "cohorts": {name: cohort_name(name) for name in data.cohorts},
        "rows": rows,
    }


def _record(
    one: Verbatim | Cited, said: list[Verbatim], names: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "i": one.id,
        "f": one.position,
        "m": [[two.theme, two.polarity, two.mention, list(two.roles)] for two in said],
        "t": [list(filter(None, piece)) for piece in pieces(one.text, said)],
        "d": one.date or "",
        "k": one.period or "",
        "c": dict(one.cohorts),
        "s": {names.get(key, key): value for key, value in one.scores.items()},
        "g": list(one.signals),
    }


def shown_signals(data: ReportData) -> tuple[str, ...]:
    """Return the kinds of signals found in the feedback a page shows, in the order of the types."""
    shown: tuple[Verbatim | Cited, ...] = (*data.verbatims, *data.cited)
    found = {kind for one in shown for kind in one.signals}
    return tuple(kind for kind in SIGNALS if kind in found)


def quote_groups(data: ReportData) -> tuple[QuoteGroup, ...]:
    """Return the top quotes of every pain point and strength, example and counter-example first."""
    together = by_feedback(data)
    groups = []
    anchors: set[str] = set()
    for key, side in (("pain_points", "negative"), ("strengths", "positive")):
        table = data.table(key)
        columns = [column.key for column in table.columns] if table else []
        for row in table.rows if table else ():
            cells = dict(zip(columns, row, strict=True))
            chosen = [
                one
                for one in data.verbatims
                if one.theme == cells["theme"] and one.polarity == side
            ]
            counter = data.verbatim(cells["counter_example"])
            first = chosen[:1] + ([counter] if counter else []) + chosen[1:TOP_QUOTES]
            groups.append(
                QuoteGroup(
                    anchor=link(theme=cells["theme"], polarity=side).removeprefix("#"),
                    theme=cells["theme"],
                    side=side,
                    chosen=len(chosen),
                    n=cells["feedback"],
                    quotes=tuple(
                        _quote(one, together, side, _anchor(one, anchors)) for one in first
                    ),
                )
            )
    return tuple(groups)


def _anchor(one: Verbatim, taken: set[str]) -> str:
    """The quote's fragment where it stands first: one quote can serve two findings."""
    anchor = f"v{one.mention}"
    free = "" if anchor in taken else anchor
    taken.add(anchor)
    return free


def verbatim_table(data: ReportData) -> Table:
    """Return the verbatims as a table, one row a mention, with a column a score and cohort."""
    scores = sorted({key for one in data.verbatims for key in one.scores})
    cohorts = list(dict.fromkeys(key for one in data.verbatims for key in one.cohorts))
    columns = (
        Column("id", "Id", "text"),
        Column("theme", "Theme", "theme"),
        Column("polarity", "Polarity", "text"),
        Column("quote", "Quote", "text"),
        Column("verbatim", "Verbatim", "text"),
        Column("chosen_as", "Chosen as", "text"),
        Column("date", "Date", "text"),
        *(Column(key, LABELS.get(key, key), "number") for key in scores),
        *(Column(f"cohort_{key}", cohort_name(key), "text") for key in cohorts),
        Column("source", "Source", "text"),
    )
    rows = tuple(
        (
            one.id,
            one.theme,
            one.polarity,
            one.quote,
            one.text,
            ", ".join(one.roles) or None,
            one.date,
            *(one.scores.get(key) for key in scores),
            *(one.cohorts.get(key) for key in cohorts),
            one.source,
        )
        for one in data.verbatims
    )
    return Table("verbatims", "Verbatims", columns, rows)


def _quote(one: Verbatim, together: dict[int, list[Verbatim]], side: str, anchor: str) -> Quote:
    role = next((role for role in one.roles if role.startswith(side)), "")
    return Quote(
        verbatim=one,
        pieces=pieces(one.text, together[one.position]),
        caption=caption(one),
        anchor=anchor,
        role=role.removeprefix(f"{side} "),
    )


def caption(one: Verbatim) -> str:
    """Return id, date, scores and cohorts of a verbatim in one line."""
    scores = (f"{t(LABELS.get(key, key))} {value:g}" for key, value in one.scores.items())
    cohorts = (f"{cohort_name(name)} {value}" for name, value in one.cohorts.items())
    return " · ".join(filter(None, (one.id, one.date, *scores, *cohorts)))
