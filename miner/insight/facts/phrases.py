"""Phrases: what is said of a theme, what is said more or less than before, what has no theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from miner.insight.facts.change import Span
from miner.insight.figures import Estimate, VerbatimRef

PhraseKind = Literal["new", "growing", "fading", "gone"]
Direction = Literal["new", "growing", "fading", "gone", "steady", "too few"]


@dataclass(frozen=True, slots=True)
class Keyphrase:
    """A phrase that is particular to one side of one theme.

    `phrase`: as most people write it; `forms`: other spellings and inflections counted with it.
    `n`: feedback with the phrase in a clause on this side of the theme, each once; `share` = n /
    feedback on this side. `z`: log-odds against all other clauses in standard errors; `p_value`
    Benjamini-Hochberg adjusted over the phrases tested for the theme and side.
    """

    phrase: str
    forms: tuple[str, ...]
    n: int
    share: Estimate
    z: float
    p_value: float
    verbatims: tuple[VerbatimRef, ...]


@dataclass(frozen=True, slots=True)
class ThemePhrases:
    """The phrases of one side of one theme, clearest first; `n` = feedback on this side."""

    theme: str
    side: Literal["negative", "positive"]
    n: int
    phrases: tuple[Keyphrase, ...]


@dataclass(frozen=True, slots=True)
class PhraseChange:
    """A phrase that is said more, or less, in the later window than in the one before.

    ``new``: nobody said it before; ``gone``: nobody says it now. `hits_before`, `hits_after`:
    feedback with it in each window, each once; `before`, `after` their shares. `z`: log-odds after
    against before in standard errors, above zero when said more; `p_value` of equal shares,
    Benjamini-Hochberg adjusted over all phrases tested. `theme`: of at least half of the feedback
    that says it in the window where it is said more; None where there is no such. `verbatims`: of
    that window; `feedback`: rows of the feedback table that say it there, newest first.
    """

    kind: PhraseKind
    phrase: str
    forms: tuple[str, ...]
    hits_before: int
    hits_after: int
    before: Estimate
    after: Estimate
    z: float
    p_value: float
    theme: str | None
    verbatims: tuple[VerbatimRef, ...]
    feedback: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PhraseChanges:
    """New, growing, fading and gone phrases, in this order, the clearest of each kind first.

    `tested`: phrases said by at least `fewest` feedback of the two windows together; `found`: how
    many of each kind there are in all, of which `phrases` holds the first. `reason` says why
    nothing was compared; the spans are None then.
    """

    earlier: Span | None
    later: Span | None
    reason: str
    tested: int
    fewest: int
    found: dict[PhraseKind, int]
    phrases: tuple[PhraseChange, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of one feedback's redacted text: row in the feedback table, half-open offsets."""

    feedback: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Topic:
    """Feedback that shares phrases in clauses without a (sure) theme.

    `label`: its phrases joined; `phrases`: the leading one first, then those said along with it.
    `n`: feedback in it, `share` = n / feedback with such clauses. `before`, `after`: its share of
    counted feedback in the two windows, None without dates; `p_value` of equal shares, adjusted
    over the topics. `direction` by that test. `first_period`: of its oldest dated feedback.
    """

    label: str
    phrases: tuple[str, ...]
    n: int
    share: Estimate
    before: Estimate | None
    after: Estimate | None
    p_value: float | None
    direction: Direction
    first_period: str | None
    examples: tuple[Excerpt, ...]


@dataclass(frozen=True, slots=True)
class Emerging:
    """Topics among the clauses no theme was found for, the largest first.

    `open`: counted feedback with such a clause that says something; `covered`: those in a topic;
    `coverage` = covered / open, so the rest is in none. `sure_from`: confidence below which a
    mention counts as none. `smallest`: feedback a topic needs. `found`: topics in all, of which
    `topics` holds the largest.
    """

    open: int
    covered: int
    coverage: Estimate
    sure_from: float
    smallest: int
    found: int
    topics: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    """All three parts. `fewest`: feedback a keyphrase needs."""

    keyphrases: tuple[ThemePhrases, ...]
    changes: PhraseChanges
    emerging: Emerging
    fewest: int
