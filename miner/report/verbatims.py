"""Quotes for the report: fetched by position, with offsets of clause and evidence."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from miner.insight.mentions import COHORT_PREFIX, SCORES, cohort_columns
from miner.insight.store import MinedTables
from miner.insight.types import Insight, ThemeFinding
from miner.report.model import Piece, Verbatim
from miner.report.plain import storable

EVIDENCE_JOINT: Final = " · "


def collect(insight: Insight, tables: MinedTables, *, most: int) -> tuple[Verbatim, ...]:
    """Return the verbatims the findings point to, and all else said in the same feedback.

    At most `most` mentions a theme and side are chosen. Grain: one row per mention; those chosen
    first, by theme rank, example before counter-example, then the rest by position. A mention
    chosen twice (an example here, a counter-example there) stands once with both roles.
    """
    roles = _roles((*insight.pain_points, *insight.strengths), most)
    if not roles:
        return ()
    chosen = np.array(sorted(roles), dtype=np.int64)
    people = np.unique(tables.rows[chosen])
    beside = np.flatnonzero(np.isin(tables.rows, people))
    order = [*roles, *(at for at in beside.tolist() if at not in roles)]
    feedback = tables.fetch_feedback(people)
    cohorts = cohort_columns(feedback)
    row_of = dict(zip(people.tolist(), feedback.to_dict("records"), strict=True))
    mentions = tables.fetch_mentions(np.array(order, dtype=np.int64)).to_dict("records")
    return tuple(
        _verbatim(
            at, roles.get(at, ()), row, row_of[int(tables.rows[at])], (cohorts, insight.grain)
        )
        for at, row in zip(order, mentions, strict=True)
    )


def _roles(findings: Iterable[ThemeFinding], most: int) -> dict[int, tuple[str, ...]]:
    roles: dict[int, tuple[str, ...]] = {}
    for finding in findings:
        for ref in finding.verbatims[:most]:
            role = () if ref.role == "more" else (f"{finding.side} {ref.role}",)
            roles[ref.mention] = roles.get(ref.mention, ()) + role
    return roles


def _verbatim(
    position: int,
    roles: tuple[str, ...],
    row: Mapping[Any, Any],
    person: Mapping[Any, Any],
    layout: tuple[Sequence[str], str],
) -> Verbatim:
    cohorts, grain = layout
    text = _text(person["verbatim"])
    start, end = int(row["verbatim_start"]), int(row["verbatim_end"])
    date = person["date"]
    known = not pd.isna(date)
    return Verbatim(
        mention=position,
        feedback=int(row["feedback"]),
        id=_text(row["id"]),
        theme=str(row["theme"]),
        polarity=str(row["polarity"]),
        sentiment=float(row["sentiment"]),
        quote=_text(row["quote"]),
        text=text,
        start=start,
        end=end,
        evidence=evidence_spans(text, start, end, _text(row["evidence"])),
        roles=roles,
        date=date.date().isoformat() if known else None,
        period=period_of(date, grain) if known else None,
        source=_text(person["source"]),
        scores={key: float(person[key]) for key in SCORES if not pd.isna(person[key])},
        cohorts={
            name.removeprefix(COHORT_PREFIX): _text(person[name])
            for name in cohorts
            if not pd.isna(person[name])
        },
    )


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else storable(str(value))


def period_of(date: pd.Timestamp, grain: str) -> str | None:
    """Return the ISO month or ISO week a date falls in, None without a grain.

    Examples
    --------
    >>> day = pd.Timestamp("2026-01-01")
    >>> period_of(day, "week"), period_of(day, "month")
    ('2026-W01', '2026-01')
    """
    if grain == "week":
        year, week, _ = date.isocalendar()
        return f"{year}-W{week:02d}"
    return date.strftime("%Y-%m") if grain == "month" else None


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
    return _merged(sorted(spans))


def _merged(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


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
