"""What each theme adds to a score and takes from it: parts that sum to the score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from miner.insight.figures import Estimate, Unit

ImpactSide = Literal["any", "negative", "neutral", "positive"]
RemainderKind = Literal["too few", "no theme", "not scored", "no comment"]
Verb = Literal["fix now", "monitor", "watch", "celebrate"]


@dataclass(frozen=True, slots=True)
class ThemeImpact:
    """One theme's (or top theme's) impact on one score, in the score's headline unit.

    `score`: its key. `side`: of mentions of this polarity; ``any``: of the theme altogether, the
    sum of its three sides. `n`: answers whose comment has such a mention. `points`: the exact
    additive impact, a term of a sum (see `ScoreImpact`), also where `additive` says "too few".
    `leave_one_out`: the score minus the score of all other answers, ``p (T - W)``. `own`: the score
    of those n answers (T).
    Associations, never causes.
    """

    score: str
    theme: str
    side: ImpactSide
    n: int
    points: float
    additive: Estimate
    leave_one_out: Estimate
    own: Estimate


@dataclass(frozen=True, slots=True)
class Remainder:
    """Answers that belong to no theme, as a term of the same sum.

    `kind`: ``no comment``; ``no theme`` mentioned; ``not scored``: in a language without a model;
    ``too few``: the themes with too few answers each, together.
    """

    kind: RemainderKind
    n: int
    points: float
    additive: Estimate


@dataclass(frozen=True, slots=True)
class ScoreImpact:
    """One score taken apart: ``baseline + sum of points == value``.

    The sum runs over `themes` of side ``any`` and `remainders`. `value`: the score over all
    answers; `baseline`: the middle of what it can be (NPS 0, CSAT 50 %, the scale's midpoint for a
    mean). `themes`: every theme that is mentioned, in the taxonomy's order, four sides each; `tops`
    the same for top themes, each the sum of its themes. `few`: the themes with fewer answers than
    the minimum as one term, already in the sum; None where there are none.
    """

    score: str
    label: str
    unit: Unit
    baseline: float
    value: float
    n: int
    themes: tuple[ThemeImpact, ...]
    tops: tuple[ThemeImpact, ...]
    remainders: tuple[Remainder, ...]
    few: Remainder | None


@dataclass(frozen=True, slots=True)
class Placed:
    """One pain point or strength in the quadrant: its impact, how it moved, what follows by rule.

    `impact`: additive impact of its mentions on the first score or, without any score, its share of
    feedback, below zero for a pain point. `change`: of its share of feedback over the window, in
    share, as estimated; `movement`: the same, above 0 for the better. `clear`: the change is beyond
    chance; else the share counts as steady. `eased`: a pain point's share is steady since a peak
    that is over.
    """

    theme: str
    side: Literal["negative", "positive"]
    impact: Estimate
    change: float
    movement: float
    clear: bool
    eased: bool
    verb: Verb


@dataclass(frozen=True, slots=True)
class Quadrant:
    """Pain points and strengths by impact and movement: fix now, monitor, watch, celebrate.

    `score`: key of the score the impact is on, None without any. `themes`: worst impact first.
    """

    score: str | None
    themes: tuple[Placed, ...]
