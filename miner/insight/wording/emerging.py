"""Topics that no theme was found for: feedback that shares telling phrases in untagged clauses.

A topic is a leading phrase and the phrases said along with it; nothing is drawn at random and no
distance is tuned, so the same feedback in any order gives the same topics, and a little more
feedback nearly the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from scipy import special

from miner.insight.changes.compare import Comparison
from miner.insight.estimates import share
from miner.insight.facts.phrases import Direction, Emerging, Excerpt, Topic
from miner.insight.significance import ALPHA, adjust, two_shares
from miner.insight.verbatims import READABLE
from miner.insight.window import Bools, Ints
from miner.insight.wording.log_odds import log_odds
from miner.insight.wording.nesting import unnested
from miner.insight.wording.phrase_text import PhraseText, written
from miner.text.arrays import run_starts
from miner.text.phrase_words import Role

SURE_FROM: Final = 0.3
"""Confidence from which a mention settles what its clause is about: nine in ten are above."""

SHOWN: Final = 12
"""Topics: what a reader takes in at once; `Emerging.found` says how many there are."""

TOGETHER: Final = 0.5
"""Share of a phrase's feedback that must be in a topic already for the phrase to join it."""

MOSTLY: Final = 0.5
"""Share of the clauses with a phrase that must be without a theme for it to make a topic."""

COMMON: Final = 0.2
"""Share of all feedback from which a phrase names no topic: everybody speaks of it."""

EXAMPLES: Final = 5
"""Feedback shown of a topic: enough to see that it is one thing."""
FEW: Final = 500
"""Feedback below which a share says little about what everybody speaks of."""

_TELLING: Final = 2  # words that say something, from which a clause could have had a theme
_LABEL: Final = 3  # phrases of a label
_LOOKED_AT: Final = 400  # phrases that may lead a topic


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    """The stretches of text without a sure theme that say something.

    `stretches`: shape (n_stretches,); `feedback`: shape (n_counted,), which has one; `phrase`,
    `row`: one row per phrase and feedback in these stretches, sorted.
    """

    stretches: Bools
    feedback: Bools
    phrase: Ints
    row: Ints

    def rows(self, phrase: int) -> frozenset[int]:
        low, high = np.searchsorted(self.phrase, (phrase, phrase + 1))
        return frozenset(self.row[low:high].tolist())


@dataclass(slots=True)
class _Group:
    """A topic in the making: its phrases, the leading one first, and the feedback that has one.

    `lead`: the feedback of the leading phrase; `label`: the phrases that name it.
    """

    phrases: list[int]
    lead: frozenset[int]
    rows: set[int]
    label: list[int] = field(default_factory=list)


def emerging(text: PhraseText, windows: Comparison) -> Emerging:
    """Return the topics among stretches of text without a theme, or with an unsure one.

    Notes
    -----
    A phrase may lead or join a topic if at least `minimum_n` feedback say it there and it is more
    frequent there than in tagged clauses (log-odds z, one-sided, Benjamini-Hochberg): what people
    say anywhere is no topic. A phrase that more than `COMMON` of all feedback say is no topic
    either, but what the business is about (of fewer than `FEW` feedback, more than that share of
    `FEW`). Phrases come in the order of z; each joins the first topic whose leading phrase at least
    half of its feedback holds, or leads a new one. One word without another phrase is no topic, and
    phrases without a word that says something are never looked at.
    """
    found = _open(text)
    groups = _groups(text, found)
    size = sorted(groups, key=lambda group: -len(group.rows))
    covered = frozenset().union(*(group.rows for group in groups))
    n, least = int(found.feedback.sum()), text.window.minimum_n
    return Emerging(
        open=n,
        covered=len(covered),
        coverage=share(len(covered), n, least),
        sure_from=SURE_FROM,
        smallest=least,
        found=len(groups),
        topics=_topics(text, found, size[:SHOWN], windows),
    )


def _open(text: PhraseText) -> _Open:
    words, mentions = text.words, text.window.mentions
    sure = np.zeros(len(text.clauses.row) + 1, dtype=bool)  # the last: no clause
    confidence = text.window.tables.mentions["confidence"].to_numpy()[mentions.position]
    sure[text.clauses.of_mention[~(confidence < SURE_FROM)]] = True
    telling = words.stretch[words.role == Role.CONTENT]
    said = np.bincount(telling, minlength=len(words.stretch_row)) >= _TELLING
    stretches = said & ~sure[words.stretch_clause]
    feedback = np.zeros(text.window.n, dtype=bool)
    feedback[words.stretch_row[stretches]] = True
    inside = stretches[text.grams.stretch]
    phrase, row = text.grams.phrase[inside], words.stretch_row[text.grams.stretch[inside]]
    new = run_starts(phrase) | run_starts(row)
    return _Open(stretches, feedback, phrase[new], row[new].astype(np.int64))


def _groups(text: PhraseText, found: _Open) -> list[_Group]:
    order = _telling(text, found)
    rows = {one: found.rows(one) for one in order}
    groups: list[_Group] = []
    for one in order:
        near = next(
            (g for g in groups if len(rows[one] & g.lead) >= TOGETHER * len(rows[one])), None
        )
        if near is None:
            groups.append(_Group([one], rows[one], set(rows[one])))
        else:
            near.phrases.append(one)
            near.rows.update(rows[one])
    for group in groups:
        parts = {one: text.parts(one) for one in group.phrases}
        group.label = _apart(unnested(group.phrases, parts, rows), parts)
    return [group for group in groups if _readable(text, group.label)]


def _apart(phrases: list[int], parts: Mapping[int, tuple[int, ...]]) -> list[int]:
    """Leave out of a label each phrase whose words another one of it has, and more."""
    words = {one: frozenset(parts[one]) for one in phrases}
    return [one for one in phrases if not any(words[one] < words[other] for other in phrases)]


def _readable(text: PhraseText, label: list[int]) -> bool:
    """Whether a label says something: a single word without company doesn't."""
    return len(label) > 1 or bool(text.grams.size[label[0]] > 1)


def _telling(text: PhraseText, found: _Open) -> list[int]:
    """Return the phrases that set these stretches apart, clearest first."""
    inside = found.stretches[text.grams.stretch]
    here = np.bincount(text.grams.phrase[inside], minlength=len(text))
    there = np.bincount(text.grams.phrase[~inside], minlength=len(text))
    size = int(found.stretches.sum())
    z = log_odds(here, size, there, len(found.stretches) - size)
    enough = np.bincount(found.phrase, minlength=len(text)) >= text.window.minimum_n
    common = text.grams.feedback > COMMON * max(text.window.n, FEW)
    z[~enough | common | (here < MOSTLY * (here + there))] = np.nan
    clear = np.flatnonzero(adjust(special.ndtr(-z)) < ALPHA)
    weight = z[clear] * np.log2(1 + text.grams.size[clear])
    order: list[int] = clear[np.argsort(-weight, kind="stable")][:_LOOKED_AT].tolist()
    return order


def _topics(
    text: PhraseText, found: _Open, groups: list[_Group], windows: Comparison
) -> tuple[Topic, ...]:
    place = windows.counted(text.window)
    n = [int((place == number).sum()) for number in (0, 1)]
    rows = [np.array(sorted(group.rows), dtype=np.int64) for group in groups]
    hits = np.array([[(place[r] == k).sum() for k in (0, 1)] for r in rows]).reshape(-1, 2)
    enough = windows.later is not None and min(n) >= text.window.minimum_n
    p = adjust(two_shares(hits[:, 1], n[1], hits[:, 0], n[0]) if enough else [np.nan] * len(rows))
    names = written(text, (one for group in groups for one in group.label[:_LABEL]))
    return tuple(
        _topic(
            (text, found),
            group,
            tuple(names[one][0] for one in group.label[:_LABEL]),
            (hits[at], n, float(p[at])),
        )
        for at, group in enumerate(groups)
    )


def _topic(
    source: tuple[PhraseText, _Open],
    group: _Group,
    phrases: tuple[str, ...],
    change: tuple[Ints, list[int], float],
) -> Topic:
    (text, found), (hits, n, p) = source, change
    least, known = text.window.minimum_n, not np.isnan(p)
    rows = np.array(sorted(group.rows), dtype=np.int64)
    period = text.window.period[rows]
    dated = period[period >= 0]
    return Topic(
        label=" · ".join(phrases),
        phrases=phrases,
        n=len(rows),
        share=share(len(rows), int(found.feedback.sum()), least),
        before=share(int(hits[0]), n[0], least) if known else None,
        after=share(int(hits[1]), n[1], least) if known else None,
        p_value=p if known else None,
        direction=_direction(hits, n, p),
        first_period=text.window.calendar.labels[int(dated.min())] if len(dated) else None,
        examples=_excerpts(text, found, group),
    )


def _direction(hits: Ints, n: list[int], p: float) -> Direction:
    if np.isnan(p):
        return "too few"
    if p >= ALPHA:
        return "steady"
    if not hits.all():
        return "new" if not hits[0] else "gone"
    return "growing" if hits[1] / n[1] > hits[0] / n[0] else "fading"


def _excerpts(text: PhraseText, found: _Open, group: _Group) -> tuple[Excerpt, ...]:
    """Return where the topic is spoken of: first stretches that read well, the newest of them."""
    bounds = [np.searchsorted(text.grams.phrase, (one, one + 1)) for one in group.phrases]
    stretch = np.unique(np.concatenate([text.grams.stretch[low:high] for low, high in bounds]))
    stretch = stretch[found.stretches[stretch]]
    first = np.searchsorted(text.words.stretch, stretch)
    last = np.searchsorted(text.words.stretch, stretch, side="right") - 1
    start, end = text.words.start[first], text.words.start[last]
    row = text.words.stretch_row[stretch].astype(np.int64)
    length = end - start
    readable = (length >= READABLE[0]) & (length <= READABLE[1])
    order = np.lexsort((start, text.shelf.recency[row], ~readable))
    _, once = np.unique(row[order], return_index=True)
    return tuple(
        Excerpt(
            feedback=int(text.window.position[row[one]]),
            start=int(start[one]),
            end=int(end[one]) + len(text.words.spellings[int(text.words.spelling[last[one]])]),
        )
        for one in order[np.sort(once)][:EXAMPLES].tolist()
    )
