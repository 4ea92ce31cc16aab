"""Questions people keep asking: grouped by their words, the gaps of a FAQ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

import numpy as np

from miner.insight.acting.alike import Words, stars
from miner.insight.acting.asked import Question, questions_in
from miner.insight.acting.evidence import best_mentions, dates_of
from miner.insight.estimates import share
from miner.insight.facts.questions import QuestionGroup, Questions
from miner.insight.window import Ints, Window

ALIKE: Final = 0.6
"""Cosine from which two questions are one: most of what they say, rare words first."""

AT_LEAST: Final = 2
"""Feedback that ask it before a question is one that people keep asking."""

MOST_GROUPS: Final = 500
"""Groups listed at most: a help page answers some dozens; those beyond are asked by very few."""

MOST_COMPARED: Final = 10_000
"""Wordings compared at most, the most said and then the latest: two seconds and 100 MB."""

MOST_EXAMPLES: Final = 5
"""Feedback a group leads to: enough to see in how many ways it is asked, and read in a minute."""

_MOST_WORDS: Final = 4  # name a group: a question rarely has more words of content


def questions(window: Window) -> Questions:
    """Return what people ask, grouped, the most asked first.

    Notes
    -----
    Questions are compared by their words, inflections as one, rare words first; those of no content
    word ("is that it?") are in no group. A group forms around the question that most others are
    like (`miner.insight.acting.alike`), which stands for it.
    """
    asked = questions_in(window)
    groups, not_compared = _grouped(window, asked)
    themes = _themes(window, asked)
    repeated = [group for group in groups if _askers(group) >= AT_LEAST]
    return Questions(
        asking=len(themes),
        share=share(len(themes), window.n, window.minimum_n),
        by_theme=_counted(window, themes.values()),
        repeated=len({one.row for group in repeated for one in group}),
        found=len(repeated),
        groups=tuple(_facts(window, group, themes) for group in groups[:MOST_GROUPS]),
        alike=ALIKE,
        not_compared=not_compared,
    )


def _grouped(window: Window, asked: list[Question]) -> tuple[list[list[Question]], int]:
    """Return the groups, most askers first, in each the question that stands for it first.

    Also the number of wordings that were not compared.
    """
    alike: dict[Words, list[Question]] = {}
    for one in asked:
        if one.content:
            alike.setdefault(one.words, []).append(one)
    age = _ages(window)
    sizes = {words: _askers(said) for words, said in alike.items()}
    latest = {words: min(int(age[one.row]) for one in said) for words, said in alike.items()}
    texts = sorted(alike, key=lambda words: (-sizes[words], latest[words], words.name))
    groups = []
    for star in stars(
        texts[:MOST_COMPARED], [sizes[words] for words in texts[:MOST_COMPARED]], alike=ALIKE
    ):
        centre = sorted(alike[texts[star.centre]], key=_readable)
        rest = [one for k in star.members[1:] for one in alike[texts[k]]]
        groups.append([*centre, *sorted(rest, key=_readable)])

    def place(group: list[Question]) -> tuple[int, int, str, int]:
        askers = _askers(group)
        when = int(age[group[0].row]) if askers < AT_LEAST else 0
        return -askers, when, group[0].wording, group[0].rank

    return sorted(groups, key=place), max(0, len(texts) - MOST_COMPARED)


def _ages(window: Window) -> Ints:
    """Return numbers that order feedback by date, the latest first, undated last."""
    date = dates_of(window)
    return np.where(np.isnat(date), np.iinfo(np.int64).max, -date.astype(np.int64))


def _askers(group: list[Question]) -> int:
    return len({one.row for one in group})


def _readable(one: Question) -> tuple[bool, int, str, int]:
    return (not one.marked, len(one.wording), one.wording, one.rank)


def _facts(window: Window, group: list[Question], themes: dict[int, int]) -> QuestionGroup:
    rows = list(dict.fromkeys(one.row for one in group))
    about = _counted(window, (themes[row] for row in rows))
    return QuestionGroup(
        signal=group[0].signal,
        feedback=int(window.position[group[0].row]),
        n=len(rows),
        words=_shared(group),
        theme=max(about, key=lambda theme: about[theme], default=None),
        examples=tuple(int(window.position[row]) for row in rows[:MOST_EXAMPLES]),
    )


def _shared(group: list[Question]) -> tuple[str, ...]:
    """Return the words that at least half of the askers use, as they write them mostly."""
    said: dict[str, set[int]] = {}
    forms: dict[str, Counter[str]] = {}
    for one in group:
        for key, surface in one.content.items():
            said.setdefault(key, set()).add(one.row)
            forms.setdefault(key, Counter())[surface] += 1
    enough = [key for key in said if 2 * len(said[key]) >= _askers(group)]
    chosen = sorted(enough, key=lambda key: (-len(said[key]), key))[:_MOST_WORDS]
    return tuple(min(forms[key], key=lambda form: (-forms[key][form], form)) for key in chosen)


def _themes(window: Window, asked: list[Question]) -> dict[int, int]:
    """Return for each feedback what it speaks of where it first asks, -1 where of nothing."""
    clause = {one.row: one.clause for one in reversed(asked)}
    rows = np.array(sorted(clause), dtype=np.int64)
    where = np.array([clause[row] for row in rows.tolist()], dtype=np.int64)
    themes = best_mentions(window, rows, polarity=None, clause=where)[1]
    return dict(zip(rows.tolist(), themes.tolist(), strict=True))


def _counted(window: Window, themes: Iterable[int]) -> dict[str, int]:
    """Count themes by key, in the taxonomy's order; nothing (-1) is left out."""
    counts = Counter(themes)
    return {key: counts[k] for k, key in enumerate(window.themes) if counts[k]}
