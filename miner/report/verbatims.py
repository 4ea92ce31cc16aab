"""Quotes for the report: fetched by position, with offsets of clause and evidence."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from miner.columns import COHORT_PREFIX
from miner.insight.mentions import SCORES, cohort_columns
from miner.insight.periods import period_of
from miner.insight.store import MinedTables
from miner.insight.types import Insight, ThemeFinding
from miner.report.excerpts import LEFT_OUT, Excerpt, Span, clause_shown, excerpt, is_long, merged
from miner.report.model import PAGE_ROWS, Band, Cited, Piece, Verbatim
from miner.report.plain import storable

EVIDENCE_JOINT: Final = " · "
FROM_ONE: Final = 5
"""Quotes of one long feedback that are chosen for no role: as many as a finding shows unasked."""
ROLES: Final = (
    "negative example", "negative counter-example", "positive example", "positive counter-example",
)  # fmt: skip
"""What a verbatim may be chosen for, beside being one of many."""


@dataclass(frozen=True, slots=True)
class Citations:
    """What the tables of a report point to: mentions and whole feedback, by position."""

    mentions: tuple[int, ...] = ()
    feedback: tuple[int, ...] = ()


def citations(bands: Iterable[Band]) -> Citations:
    """Return what the rows that a page shows point to, in the order they stand there."""
    cells: dict[str, dict[int, None]] = {"quote": {}, "feedback": {}}
    for band in bands:
        for table in band.tables:
            wanted = [at for at, column in enumerate(table.columns) if column.kind in cells]
            for row, at in itertools.product(table.rows[:PAGE_ROWS], wanted):
                if row[at] is not None:
                    cells[table.columns[at].kind][getattr(row[at], "position", row[at])] = None
    return Citations(tuple(cells["quote"]), tuple(cells["feedback"]))


def collect(
    insight: Insight, tables: MinedTables, *, most: int, cited: Citations | None = None
) -> tuple[Verbatim, ...]:
    """Return the verbatims the findings and tables point to, and all else said in the same places.

    At most `most` mentions a theme and side are chosen. Grain: one row per mention; those chosen
    first, by theme rank, example before counter-example, then the rest by position. A mention
    chosen twice (an example here, a counter-example there) stands once with both roles.
    Of a text longer than `excerpts.LONGEST` the stretches around what was chosen are shown, with
    the mentions that stand in them.
    """
    cited = cited or Citations()
    roles = _roles((*insight.pain_points, *insight.strengths), most)
    for at in cited.mentions:
        roles.setdefault(at, ())
    chosen = np.array(sorted(roles), dtype=np.int64)
    people = np.union1d(tables.rows[chosen], np.array(cited.feedback, dtype=np.int64))
    beside = np.flatnonzero(np.isin(tables.rows, people))
    if not len(beside):
        return ()
    order = [*roles, *(at for at in beside.tolist() if at not in roles)]
    known = _people(insight, tables, people)
    records = tables.fetch_mentions(np.array(order, dtype=np.int64)).to_dict("records")
    found = [
        _Found(at, int(tables.rows[at]), roles.get(at, ()), row)
        for at, row in zip(order, records, strict=True)
    ]
    views = _excerpts(found, known, {*cited.mentions})
    verbatims = (_verbatim(one, known[one.person], views[one.person]) for one in found)
    return tuple(one for one in verbatims if one is not None)


def collect_cited(insight: Insight, tables: MinedTables, cited: Citations) -> tuple[Cited, ...]:
    """Return the cited feedback in which nothing is a mention, by position."""
    wanted = np.setdiff1d(np.array(cited.feedback, dtype=np.int64), tables.rows)
    people = _people(insight, tables, wanted)
    return tuple(
        Cited(**found | {"text": excerpt(found["text"], ()).text}) for found in people.values()
    )


def cut_texts(tables: MinedTables, shown: Iterable[Verbatim | Cited]) -> int:
    """Return how many feedback among those shown are too long to be shown whole."""
    marked = {one.position for one in shown if LEFT_OUT in one.text}
    people = np.array(sorted(marked), dtype=np.int64)
    return sum(map(is_long, map(_text, tables.fetch_feedback(people)["verbatim"])))


@dataclass(frozen=True, slots=True)
class _Found:
    """One mention that may be shown: its position, its feedback's, its roles, its stored row."""

    mention: int
    person: int
    roles: tuple[str, ...]
    row: Mapping[Any, Any]

    @property
    def clause(self) -> Span:
        """Where the clause stands in the redacted text."""
        return int(self.row["verbatim_start"]), int(self.row["verbatim_end"])

    def evidence(self, text: str) -> tuple[Span, ...]:
        """Where the words stand that weighed most."""
        return evidence_spans(text, *self.clause, _text(self.row["evidence"]))

    def shown(self, text: str) -> Span:
        """The clause, or what is quoted of it where text and clause are long."""
        if not is_long(text):
            return self.clause
        return clause_shown(text, self.clause, self.evidence(text))


def _excerpts(
    found: Sequence[_Found], known: Mapping[int, Mapping[str, Any]], cited: Set[int]
) -> dict[int, Excerpt]:
    """Each feedback's text as it is shown; of a long one what examples and tables point to.

    The rest of what was chosen there is let in up to `FROM_ONE`; a mention is always shown.
    """
    around: dict[int, list[Span]] = {at: [] for at in known}
    needed = sorted(found, key=lambda one: not (one.roles or one.mention in cited))
    for one in needed:
        text, spans = known[one.person]["text"], around[one.person]
        if is_long(text) and (one.roles or one.mention in cited or len(spans) < FROM_ONE):
            spans.append(one.shown(text))
    return {at: excerpt(person["text"], around[at]) for at, person in known.items()}


def _roles(findings: Iterable[ThemeFinding], most: int) -> dict[int, tuple[str, ...]]:
    roles: dict[int, tuple[str, ...]] = {}
    for finding in findings:
        for ref in finding.verbatims[:most]:
            role = () if ref.role == "more" else (f"{finding.side} {ref.role}",)
            roles[ref.mention] = roles.get(ref.mention, ()) + role
    return roles


def _people(
    insight: Insight, tables: MinedTables, people: npt.NDArray[np.int64]
) -> dict[int, dict[str, Any]]:
    """What is shown of each of these feedback beside what was said in it, by position."""
    feedback = tables.fetch_feedback(people)
    cohorts = cohort_columns(feedback)
    signals = _signals(tables, people)
    rows = feedback.to_dict("records")
    return {
        at: _person(row, cohorts, insight.grain) | {"position": at, "signals": signals.get(at, ())}
        for at, row in zip(people.tolist(), rows, strict=True)
    }


def _signals(tables: MinedTables, people: npt.NDArray[np.int64]) -> dict[int, tuple[str, ...]]:
    """The kinds of signals found in each feedback, each kind once, in alphabetical order."""
    here = np.flatnonzero(np.isin(tables.signal_rows, people))
    kinds = tables.signals["kind"].take(here).astype("str")
    found: dict[int, set[str]] = {}
    for at, kind in zip(tables.signal_rows[here].tolist(), kinds, strict=True):
        found.setdefault(at, set()).add(str(kind))
    return {at: tuple(sorted(kinds)) for at, kinds in found.items()}


def _person(row: Mapping[Any, Any], cohorts: Sequence[str], grain: str) -> dict[str, Any]:
    date = row["date"]
    known = not pd.isna(date)
    return {
        "id": _text(row["id"]),
        "text": _text(row["verbatim"]),
        "date": date.date().isoformat() if known else None,
        "period": period_of(date, grain) if known else None,
        "source": _text(row["source"]),
        "scores": {key: float(row[key]) for key in SCORES if not pd.isna(row[key])},
        "cohorts": {
            name.removeprefix(COHORT_PREFIX): _text(row[name])
            for name in cohorts
            if not pd.isna(row[name])
        },
    }


def _verbatim(found: _Found, person: Mapping[str, Any], view: Excerpt) -> Verbatim | None:
    """The mention as it is shown; None where its place was left out of a long text."""
    row, text, long = found.row, person["text"], is_long(person["text"])
    span = view.place(*found.shown(text)) if long else found.clause
    if span is None:
        return None
    evidence = found.evidence(text)
    if long:
        placed = (view.place(*one) for one in evidence)
        evidence = tuple(one for one in placed if one and span[0] <= one[0] and one[1] <= span[1])
    return Verbatim(
        mention=found.mention,
        feedback=int(row["feedback"]),
        theme=str(row["theme"]),
        polarity=str(row["polarity"]),
        sentiment=float(row["sentiment"]),
        quote=view.text[slice(*span)] if long else _text(row["quote"]),
        start=span[0],
        end=span[1],
        evidence=evidence,
        roles=found.roles,
        **{**person, "text": view.text},
    )


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else storable(str(value))


def evidence_spans(text: str, start: int, end: int, evidence: str) -> tuple[tuple[int, int], ...]:
    """Return where the evidence words stand in the clause, as offsets into the text.

    Words are looked for without regard to case; one that isn't in the clause (it was redacted, or
    joined from two words) is left out. Spans that overlap are merged.

    Examples
    --------
    >>> evidence_spans("Fine. Never an answer.", 6, 22, "never · answer")
    ((6, 11), (15, 21))
    """
    clause = text[start:end]
    folded = clause.lower()
    if len(folded) != len(clause):  # a letter that lower() lengthens would shift the offsets
        folded = clause
    spans = []
    for word in filter(None, evidence.split(EVIDENCE_JOINT)):
        at = folded.find(word.lower())
        if at >= 0:
            spans.append((start + at, start + at + len(word)))
    return merged(spans)


def pieces(text: str, verbatims: Sequence[Verbatim]) -> tuple[Piece, ...]:
    """Cut one feedback's text into stretches, each plain or marked by polarity and evidence.

    The stretches joined are the text. A clause with mentions of different polarity is ``mixed``.
    """
    cuts = {0, len(text)}
    for one in verbatims:
        cuts |= {edge for span in ((one.start, one.end), *one.evidence) for edge in span}
    edges = sorted(cut for cut in cuts if 0 <= cut <= len(text))
    found = [_piece(text[start:end], start, verbatims) for start, end in itertools.pairwise(edges)]
    return tuple(found)


def _piece(text: str, at: int, verbatims: Sequence[Verbatim]) -> Piece:
    here = [one for one in verbatims if one.start <= at < one.end]
    if not here:
        return text, "", ()
    sides = {one.polarity for one in here}
    strong = any(start <= at < end for one in here for start, end in one.evidence)
    mark = (sides.pop() if len(sides) == 1 else "mixed") + ("+" if strong else "")
    return text, mark, tuple(one.mention for one in here)
