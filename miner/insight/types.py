"""What the insight layer returns: frozen, plain, ready for JSON. No wording, no rendering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from miner.insight.facts.against import Against
from miner.insight.facts.benchmarks import BenchmarkGap
from miner.insight.facts.change import Change
from miner.insight.facts.customers import Customers
from miner.insight.facts.followup import Advocates, FollowUp
from miner.insight.facts.impact import Quadrant, ScoreImpact, ThemeImpact
from miner.insight.facts.journey import Journey
from miner.insight.facts.mismatch import Mismatch
from miner.insight.facts.phrases import Phrases
from miner.insight.facts.questions import Questions
from miner.insight.facts.wants import AreaGap
from miner.insight.facts.word_of_mouth import WordOfMouth
from miner.insight.figures import Estimate as Estimate
from miner.insight.figures import VerbatimRef as VerbatimRef

Direction = Literal["rising", "falling", "steady", "too few"]


@dataclass(frozen=True, slots=True)
class Score:
    """One business measure over all answers, with or without a comment: NPS, CSAT, CES or stars.

    `key` is nps | csat | ces | stars; `scale` is (lowest, highest) of the export; `parts` are named
    counts that partition n (promoters, passives, detractors; satisfied, other; 1 … 5).
    `trend` holds one Estimate a period, aligned with `Insight.periods`. `n_without_text`: answers
    without a comment among ``estimate.n``.
    """

    key: str
    label: str
    formula: str
    scale: tuple[float, float]
    estimate: Estimate
    mean: Estimate
    parts: dict[str, int]
    trend: tuple[Estimate, ...]
    n_without_text: int


@dataclass(frozen=True, slots=True)
class PeriodCell:
    """One theme in one period: feedback counted, feedback with such a mention, its share."""

    period: str
    n: int
    hits: int
    share: Estimate


@dataclass(frozen=True, slots=True)
class Shift:
    """A lasting change of level: the share was `before` up to `period`, and `after` from it on.

    Both are shares in [0, 1] of the stretches up to the neighbouring shifts; `p_value` is corrected
    for the number of places and themes looked at.
    """

    period: str
    before: float
    after: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Trend:
    """How the share moved over the periods.

    `direction` by a Cochran-Armitage test for trend at `p_value` < .05 (Benjamini-Hochberg over
    themes; a peak is set aside first, so that one bad month isn't a trend). `peak` is the period
    that stands out most above its surroundings (None when none does), `peak_p_value` corrected for
    the number of periods; `since` is the first period of the level that has lasted to the end
    (None when there was no clear shift), `before`/`after` the shares on both sides: a theme hurts
    since then when `after` > `before`, has eased since then when `after` < `before`. `shifts`
    holds every change of level, oldest first; `since` belongs to the last.
    """

    direction: Direction
    p_value: float | None
    cells: tuple[PeriodCell, ...]
    peak: str | None
    since: str | None
    before: float | None
    after: float | None
    peak_p_value: float | None = None
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True)
class CohortShare:
    """One cohort's share next to that of everybody else.

    `difference` = share − rest, with its 95 % interval (`low`, `high`; Newcombe), in share;
    `p_value` is Benjamini-Hochberg adjusted over all themes and cohorts of the side: below .05 the
    cohort stands out, above it is only the one with the largest gap.
    """

    cohort: str
    value: str
    n: int
    hits: int
    share: Estimate
    rest: Estimate
    difference: float
    p_value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """Difference of a score between feedback with and without such a mention of the theme.

    `estimate.value` = with minus without, in the score's headline unit (`score` names it).
    An association, never a cause.
    """

    score: str
    with_theme: Estimate
    without_theme: Estimate
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class ThemeFinding:
    """One theme in one window: a pain point (`side` negative) or a strength (`side` positive).

    `rank` is 1-based by `Insight.ranking_key`. `share`: feedback with a mention of the theme on
    this side / feedback counted. `mention_share`: feedback with any mention of the theme /
    feedback counted. `side_share`: mentions on this side / all mentions of the theme.
    `n` = feedback with a mention on this side, `n_mentions` = mentions of the theme.
    `worst_cohorts`: where the share of this side is above everybody else's, largest gap first (for
    a strength: where it is strongest). `verbatims`: one example, one counter-example (same theme,
    opposite polarity; absent when nobody said so), then "more" of this side for the drill-down.
    `impacts`: of the mentions on this side, one a score that has enough answers, in the order of
    `Insight.scores`. `confidence`: mean of the tagger's confidence in them, in [0, 1].
    """

    theme: str
    side: Literal["negative", "positive"]
    rank: int
    n: int
    n_mentions: int
    share: Estimate
    mention_share: Estimate
    side_share: Estimate
    trend: Trend
    worst_cohorts: tuple[CohortShare, ...]
    gaps: tuple[Gap, ...]
    verbatims: tuple[VerbatimRef, ...]
    impacts: tuple[ThemeImpact, ...] = ()
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """Counts of one theme (sub-theme or top theme).

    `feedback` = feedback with any mention; `mentions` = negative + neutral + positive mentions.
    """

    theme: str
    feedback: int
    mentions: int
    negative: int
    neutral: int
    positive: int


@dataclass(frozen=True, slots=True)
class HeatCell:
    """Negative share of one theme in one cohort value.

    `p_value`: of no difference to all other feedback, Benjamini-Hochberg adjusted over all cells
    (None where there are too few); `differs`: it is below .05.
    """

    theme: str
    cohort: str
    value: str
    n: int
    hits: int
    share: Estimate
    p_value: float | None = None
    differs: bool = False


@dataclass(frozen=True, slots=True)
class Insight:
    """Everything that is computed from the stored tables for one window.

    `periods` are ISO months (``2026-03``) or ISO weeks (``2026-W07``), oldest first, without gaps
    (empty when there are no dates); they cover feedback and answers without a comment, so that a
    period may have a score and no feedback. `counted` = feedback scored; `with_opinion` = those
    with at least one mention; `volume` = counted feedback a period. `partial` names the first or
    last period where a tenth or more of its days lie outside the window: compare its shares, never
    its volume. `undated` = counted feedback without a date (in every total, in no period).
    `ranked_by`: share, impact, mentions or gap; `ranking_key` says it in words, for pain points
    (strengths are ranked likewise, with positive mentions).
    """

    counted: int
    with_opinion: int
    first_date: str | None
    last_date: str | None
    grain: Literal["month", "week", "none"]
    periods: tuple[str, ...]
    volume: tuple[int, ...]
    ranking_key: str
    minimum_n: int
    scores: tuple[Score, ...]
    themes: tuple[ThemeCount, ...]
    top_themes: tuple[ThemeCount, ...]
    pain_points: tuple[ThemeFinding, ...]
    strengths: tuple[ThemeFinding, ...]
    heat: tuple[HeatCell, ...]
    polarity: dict[str, int]
    languages: dict[str, int]
    partial: tuple[str, ...] = ()
    undated: int = 0
    change: Change | None = None
    journey: Journey | None = None
    customers: Customers | None = None
    follow_up: FollowUp | None = None
    advocates: Advocates | None = None
    mismatch: Mismatch | None = None
    questions: Questions | None = None
    word_of_mouth: WordOfMouth | None = None
    areas: tuple[AreaGap, ...] = ()
    benchmarks: tuple[BenchmarkGap, ...] = ()
    against: Against | None = None
    impacts: tuple[ScoreImpact, ...] = ()
    ranked_by: str = "share"
    quadrant: Quadrant | None = None
    phrases: Phrases | None = None
