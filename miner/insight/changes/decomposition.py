"""Why a score changed: themes spoken of more or less often, and by happier or unhappier people.

Each answer is shared out equally over the themes of its comment (see
`miner.insight.impacts.equal_split`); answers without a theme are groups of their own, so that every
answer is in the account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from miner.insight.changes.compare import Comparison
from miner.insight.estimates import estimate
from miner.insight.facts.change import ScoreChange, Term
from miner.insight.impacts.equal_split import equal_split
from miner.insight.intervals import Array
from miner.insight.metrics import LABELS, Measure
from miner.insight.resampling import percentile, resampled_sums
from miner.insight.window import Bools, Ints, Window

MOST_STEPS: Final = 8
"""Themes that are steps of their own in a waterfall, which stays readable up to a dozen steps; the
others are one step."""

_TERMS: Final = 3  # mix, rate and their total, see `_split`
_Kind = Literal["theme", "few", "other", "no theme", "no comment"]


@dataclass(frozen=True, slots=True, eq=False)
class _Shared:
    """How the answers are shared out over themes.

    `mentioned`: shape (n_themes, n_answers), of the comment of each answer; `themes`: shape
    (n_answers,), how many it mentions; `silent`: answers without a comment.
    """

    mentioned: Bools
    themes: Ints
    silent: Bools


@dataclass(frozen=True, slots=True, eq=False)
class _Answers:
    """The answers to one score in the two windows, and the answers' shares of themes.

    `side`: 0 the window before, 1 the later one; `code`: position in `worth`, what an answer adds
    to the score times the number of answers.
    """

    side: Ints
    code: Ints
    worth: Array
    shared: _Shared

    def kinds(self, members: Ints, themes: Ints, side: int) -> tuple[Array, Ints]:
        """Return the different answers of one window: (part, part x worth, worth), and counts.

        `members` of `themes` equal parts of each answer belong to the group looked at.
        """
        here = self.side == side
        most = int(themes.max(initial=0)) + 1
        part = members * most + themes
        values = len(self.worth)
        flat = np.bincount((part * values + self.code)[here])
        found = np.flatnonzero(flat)
        members, themes = np.divmod(found // values, most)
        share = np.divide(members, themes, out=np.zeros(len(found)), where=themes > 0)
        worth = self.worth[found % values]
        return np.column_stack([share, share * worth, worth]), flat[found]


def score_changes(
    window: Window, comparison: Comparison, found: tuple[Measure, ...]
) -> tuple[ScoreChange, ...]:
    """Return the change of each score that has `minimum_n` answers in both windows.

    Notes
    -----
    With the share of voice ``a`` of a group (its part of all answers) and its mean score ``m``,
    before 0 and after 1: ``mix = (a1 - a0) ((m0 + m1) / 2 - (S0 + S1) / 2)`` and
    ``rate = (a0 + a1) / 2 (m1 - m0)``. The shares of voice sum to 1 in both windows, so that all
    terms sum to S1 - S0. A group that is missing from a window takes its mean from the other one.

    References
    ----------
    Kitagawa (1955), JASA 50:1168-1194 (rate and composition by midpoints).
    """
    if comparison.later is None:
        return ()
    shared = _shared(window)
    changes = (_score_change(window, comparison, measure, shared) for measure in found)
    return tuple(change for change in changes if change is not None)


def _shared(window: Window) -> _Shared:
    """Return the equal split over all answers: feedback first, then those without a comment."""
    feedback, ratings = len(window.tables.feedback), len(window.tables.ratings)
    split = equal_split(window)
    mentioned = np.zeros((len(window.themes), feedback + ratings), dtype=bool)
    mentioned[:, window.position] = split.mentioned
    themes = np.zeros(feedback + ratings, dtype=np.int64)
    themes[window.position] = split.n_themes
    return _Shared(mentioned, themes, np.arange(feedback + ratings) >= feedback)


def _score_change(
    window: Window, comparison: Comparison, measure: Measure, shared: _Shared
) -> ScoreChange | None:
    asked = (comparison.side >= 0) & (measure.codes >= 0)
    side, codes = comparison.side[asked], measure.codes[asked]
    before, after = measure.histogram(codes, side, 2)
    minimum = window.minimum_n
    if min(int(before.sum()), int(after.sum())) < minimum:
        return None
    worth, code = np.unique(measure.worth[codes], return_inverse=True)
    here = _Shared(shared.mentioned[:, asked], shared.themes[asked], shared.silent[asked])
    answers = _Answers(side, code, worth, here)
    terms, steps = _terms(answers, window, measure)
    return ScoreChange(
        score=measure.key,
        label=LABELS[measure.key],
        before=measure.headline(before, minimum),
        after=measure.headline(after, minimum),
        difference=measure.difference(after, before, minimum),
        terms=terms,
        steps=steps,
    )


def _terms(
    answers: _Answers, window: Window, measure: Measure
) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Return the terms of every theme, and the steps: the largest themes and the others."""
    size = answers.shared.mentioned.sum(axis=1)
    clear, few = (np.flatnonzero(part) for part in (size >= window.minimum_n, size))
    few = np.setdiff1d(few, clear)
    themes = [
        _term(answers, np.array([place]), measure, ("theme", window.themes[place]))
        for place in clear.tolist()
    ]
    order = sorted(range(len(themes)), key=lambda k: (-abs(themes[k].total.value or 0.0), k))
    ranked = tuple(themes[k] for k in order)
    others = np.union1d(few, clear[order[MOST_STEPS:]])
    rest = _without_theme(answers, measure)
    in_short = _together(answers, few, measure, "few")
    return (
        (*ranked, *in_short, *rest),
        (*ranked[:MOST_STEPS], *_together(answers, others, measure, "other"), *rest),
    )


def _together(answers: _Answers, themes: Ints, measure: Measure, kind: _Kind) -> tuple[Term, ...]:
    return (_term(answers, themes, measure, (kind, None)),) if len(themes) else ()


def _without_theme(answers: _Answers, measure: Measure) -> tuple[Term, ...]:
    shared = answers.shared
    groups: tuple[tuple[_Kind, Bools], ...] = (
        ("no theme", (shared.themes == 0) & ~shared.silent),
        ("no comment", shared.silent),
    )
    return tuple(
        _group_term(answers, (rows.astype(np.int64), rows.astype(np.int64)), measure, (kind, None))
        for kind, rows in groups
        if rows.any()
    )


def _term(
    answers: _Answers, themes: Ints, measure: Measure, named: tuple[_Kind, str | None]
) -> Term:
    members = answers.shared.mentioned[themes].sum(axis=0, dtype=np.int64)
    return _group_term(answers, (members, answers.shared.themes), measure, named)


def _group_term(
    answers: _Answers, parts: tuple[Ints, Ints], measure: Measure, named: tuple[_Kind, str | None]
) -> Term:
    windows = [answers.kinds(*parts, side) for side in (0, 1)]
    sizes = tuple(int(counts.sum()) for _, counts in windows)
    exact = _split(*(counts @ kinds for kinds, counts in windows), sizes=sizes)
    drawn = _split(
        *(resampled_sums(*one, seed=seed) for seed, one in enumerate(windows)), sizes=sizes
    )
    interval = percentile(exact, drawn)
    n = int((parts[0] > 0).sum())
    mix, rate, total = (
        estimate(
            interval.at(k),
            n,
            unit=measure.unit,
            method="bootstrap",
        )
        for k in range(_TERMS)
    )
    kind, theme = named
    return Term(kind, theme, mix, rate, total)


def _split(before: Array, after: Array, *, sizes: tuple[int, ...]) -> Array:
    """Return (mix, rate, total) of sums (part, part x worth, worth), on the last axis."""
    (a0, s0), (a1, s1) = (
        (sums[..., 0] / n, sums[..., 2] / n) for sums, n in zip((before, after), sizes, strict=True)
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        m0, m1 = before[..., 1] / before[..., 0], after[..., 1] / after[..., 0]
    middle = (s0 + s1) / 2
    m0, m1 = np.where(a0 > 0, m0, m1), np.where(a1 > 0, m1, m0)
    m0, m1 = (np.where(a0 + a1 > 0, mean, middle) for mean in (m0, m1))
    mix = (a1 - a0) * ((m0 + m1) / 2 - middle)
    rate = (a0 + a1) / 2 * (m1 - m0)
    return np.stack([mix, rate, mix + rate], axis=-1)
