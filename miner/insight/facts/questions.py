"""Questions people keep asking: groups of questions by position, no texts."""

from __future__ import annotations

from dataclasses import dataclass

from miner.insight.figures import Estimate


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions alike in their words, or one that nobody else asks.

    `signal`: the row in the signals table of the question that is most like the others;
    `feedback`: that question's row in the feedback table; `n`: feedback that ask one of them, each
    once; `words`: the words most of them share, most shared first; `theme`: what most of them are
    about, None where none says. `examples`: rows in the feedback table, the representative's first.
    """

    signal: int
    feedback: int
    n: int
    words: tuple[str, ...]
    theme: str | None
    examples: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Questions:
    """What people ask, grouped; the most asked first, then those asked once, the latest first.

    `asking`: feedback with a question; `share` of all counted. `by_theme`: `asking` by what the
    question is about, in the taxonomy's order (a feedback once; those about no theme are left out).
    `repeated`: feedback with a question that others ask too, in `found` groups. `groups` holds the
    first of the groups, those of one feedback after them. `alike`: how alike a question and the one
    that stands for it are at least (cosine). `not_compared`: wordings beyond the most that are
    compared: said once and the oldest.
    """

    asking: int
    share: Estimate
    by_theme: dict[str, int]
    repeated: int
    found: int
    groups: tuple[QuestionGroup, ...]
    alike: float
    not_compared: int = 0
