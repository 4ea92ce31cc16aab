"""What changed between two windows and when: shares, scores taken apart, dated stories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from miner.insight.figures import Estimate, VerbatimRef


@dataclass(frozen=True, slots=True)
class Span:
    """One of the two windows compared.

    `first`, `last`: ISO dates, both inside. `from_period`, `to_period`: the periods (as in
    `Insight.periods`) the dates lie in. `counted`: counted feedback with a date in it.
    """

    first: str
    last: str
    from_period: str
    to_period: str
    counted: int


@dataclass(frozen=True, slots=True)
class ShareChange:
    """The share of counted feedback with such a mention, in both windows.

    `difference` = after − before with Newcombe's interval; `p_value` of equality,
    Benjamini-Hochberg adjusted over all themes and both sides; None where a window has too few.
    `verbatims`: of the window with the higher share.
    """

    theme: str
    side: Literal["negative", "positive"]
    before: Estimate
    after: Estimate
    difference: Estimate
    p_value: float | None
    verbatims: tuple[VerbatimRef, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """What one theme adds to the change of a score.

    `kind`: ``theme`` (then `theme` is its key), ``few`` (themes with too few answers to say,
    together), ``other`` (themes beyond the largest, together), ``no theme`` (comments in which no
    theme was mentioned, or that no model has read) or ``no comment`` (answers without a comment).
    `mix`: because it is spoken of more or less often; `rate`: because those who speak of it score
    higher or lower; `total` = mix + rate. Each with a bootstrap interval; their n is the number of
    answers that mention it in either window.
    """

    kind: Literal["theme", "few", "other", "no theme", "no comment"]
    theme: str | None
    mix: Estimate
    rate: Estimate
    total: Estimate


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """The change of one score from the window before to the later one, taken apart.

    ``sum(term.total.value for term in terms) == difference.value`` (to rounding), and the same of
    `steps`: the largest themes, then ``other``, then the answers without a theme; what a waterfall
    shows.
    """

    score: str
    label: str
    before: Estimate
    after: Estimate
    difference: Estimate
    terms: tuple[Term, ...]
    steps: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Something that happened to one theme at one time, to everybody or to one cohort.

    `kind`: ``shift`` (a level that changed and lasted `period` … `until`) or ``peak`` (a period
    that stands out). `before` is the share to compare with: of the level before a shift, of the
    surrounding periods for a peak; `after` the share in `period` … `until`. `p_value`: of the
    movement, corrected for the number of cells looked at. `excess`: feedback above (below: < 0)
    what the share before would have given. `cohort`, `value` None: all customers.
    `apart_p_value`: that the cohort moved differently from all other customers (None for all).
    """

    theme: str
    side: Literal["negative", "positive"]
    kind: Literal["shift", "peak"]
    cohort: str | None
    value: str | None
    period: str
    until: str
    before: Estimate
    after: Estimate
    p_value: float
    excess: float
    apart_p_value: float | None
    verbatims: tuple[VerbatimRef, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """The later window against the one before, and everything that has a date of its own.

    `earlier`, `later` None where there is nothing to compare (`reason` says why); `rule` says how
    the windows were chosen: ``halves``, ``thirds`` or ``date``. `shares`: clearest first;
    `scores`: NPS first, those with enough answers in both windows. `stories`: largest first.
    """

    earlier: Span | None
    later: Span | None
    rule: Literal["halves", "thirds", "date", "none"]
    reason: Literal["", "no dates", "one period", "outside", "empty"]
    shares: tuple[ShareChange, ...]
    scores: tuple[ScoreChange, ...]
    stories: tuple[Story, ...]
