"""What is said of a theme: the phrases that set its clauses apart from all others."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy import special

from miner.insight.estimates import share
from miner.insight.facts.phrases import Keyphrase, ThemePhrases
from miner.insight.intervals import Array
from miner.insight.significance import ALPHA, adjust
from miner.insight.window import SIDES, Bools, Ints
from miner.insight.wording.log_odds import log_odds
from miner.insight.wording.nesting import unnested
from miner.insight.wording.phrase_text import FEWEST, PhraseText, written
from miner.text.arrays import spread
from miner.types import POLARITIES

SHOWN: Final = 8
"""Phrases of one side of a theme: a line or two of a card."""

_LOOKED_AT: Final = 5 * SHOWN  # the clearest, before those inside others are merged


def keyphrases(text: PhraseText) -> tuple[ThemePhrases, ...]:
    """Return the phrases of every theme and side with at least `minimum_n` feedback on it.

    Notes
    -----
    z by `miner.insight.wording.log_odds` of the clauses on this side of the theme against all other
    stretches of text (a clause counts once a phrase), p from z, one-sided, Benjamini-Hochberg
    over the phrases that at least `FEWEST` such clauses hold. Kept: p < .05 in at least `FEWEST`
    feedback; shown in the order of z log2(1 + words), so that of two phrases as clear the longer,
    which says more, comes first (the weight that the C-value gives to length).

    References
    ----------
    Frantzi, Ananiadou, Mima (2000), "Automatic recognition of multi-word terms: the
    C-value/NC-value method", International Journal on Digital Libraries 3:115-130.
    """
    phrase, group, row = _in_groups(text)
    n_groups = len(text.window.themes) * len(SIDES)
    shape = (len(text), n_groups)
    counts = np.bincount(phrase * n_groups + group, minlength=shape[0] * shape[1]).reshape(shape)
    z, p = _tested(text, counts)
    weight = z * np.log2(1 + text.grams.size)[:, None]
    chosen = _clearest(weight, p)
    rows = _rows(chosen, (phrase, group, row))
    shown = {at: _merged(text, list(ids), rows, at, weight) for at, ids in enumerate(chosen) if ids}
    names = written(text, {one for ids in shown.values() for one in ids})
    found = []
    for at in range(n_groups):
        theme, side = divmod(at, len(SIDES))
        n = int(text.window.said[SIDES[side]][theme].sum())
        if n < text.window.minimum_n:
            continue
        phrases = tuple(
            Keyphrase(
                phrase=names[one][0],
                forms=names[one][1:],
                n=len(rows[one, at]),
                share=share(len(rows[one, at]), n, text.window.minimum_n),
                z=float(z[one, at]),
                p_value=float(p[one, at]),
                verbatims=text.quotes(_mentions(text, one, theme, side)),
            )
            for one in shown.get(at, [])
        )
        found.append(ThemePhrases(text.window.themes[theme], SIDES[side], n, phrases))
    return tuple(found)


def _groups(text: PhraseText) -> tuple[Ints, Ints]:
    """Return the distinct pairs of clause and group (theme and side), sorted by clause."""
    mentions = text.window.mentions
    side = np.array([SIDES.index(p) if p in SIDES else -1 for p in POLARITIES])[mentions.polarity]
    group = mentions.theme * len(SIDES) + side
    n_groups = len(text.window.themes) * len(SIDES)
    pairs = np.unique((text.clauses.of_mention * n_groups + group)[side >= 0])
    return pairs // n_groups, pairs % n_groups


def _in_groups(text: PhraseText) -> tuple[Ints, Ints, Ints]:
    """Return (phrase, group, row): each phrase of each clause, once for each group of it."""
    clause, group = _groups(text)
    first = np.searchsorted(clause, np.arange(len(text.clauses.row) + 1))
    own = text.words.stretch_clause[text.grams.stretch].astype(np.int64)
    tagged = np.flatnonzero(own >= 0)
    own = own[tagged]
    sizes = first[own + 1] - first[own]
    return (
        text.grams.phrase[tagged].repeat(sizes),
        group[spread(first[own], sizes)],
        text.clauses.row[own].repeat(sizes),
    )


def _tested(text: PhraseText, counts: Ints) -> tuple[Array, Array]:
    """Return z and adjusted p, both of shape (n_phrases, n_groups); NaN where not tested."""
    spoken = text.words.stretch_clause
    has_words = np.zeros(len(text.clauses.row), dtype=bool)
    has_words[spoken[spoken >= 0]] = True
    clause, group = _groups(text)
    size = np.bincount(group[has_words[clause]], minlength=counts.shape[1])
    everywhere = np.bincount(text.grams.phrase, minlength=len(text))[:, None]
    z = log_odds(counts, size, everywhere - counts, len(spoken) - size)
    z[counts < FEWEST] = np.nan
    p = special.ndtr(-z)
    for at in range(counts.shape[1]):
        p[:, at] = adjust(p[:, at])
    return z, p


def _clearest(weight: Array, p: Array) -> list[tuple[int, ...]]:
    """Return for each group its clearest phrases, those first that come first in the report."""
    chosen = []
    for at in range(p.shape[1]):
        good = np.flatnonzero(p[:, at] < ALPHA)
        order = good[np.argsort(-weight[good, at], kind="stable")][:_LOOKED_AT]
        chosen.append(tuple(order.tolist()))
    return chosen


_Found = tuple[Ints, Ints, Ints]


def _rows(chosen: list[tuple[int, ...]], found: _Found) -> dict[tuple[int, int], frozenset[int]]:
    """Return the feedback of each chosen phrase and group."""
    phrase, group, row = found
    n_groups = len(chosen)
    codes = np.array([one * n_groups + at for at, ids in enumerate(chosen) for one in ids], int)
    every = phrase * n_groups + group
    wanted: Bools = np.isin(every, codes)
    every, row = every[wanted], row[wanted]
    order = np.argsort(every, kind="stable")
    every, row = every[order], row[order]
    rows = {}
    for code in codes.tolist():
        low, high = np.searchsorted(every, (code, code + 1))
        rows[divmod(code, n_groups)] = frozenset(row[low:high].tolist())
    return rows


def _merged(
    text: PhraseText,
    order: list[int],
    rows: dict[tuple[int, int], frozenset[int]],
    group: int,
    weight: Array,
) -> list[int]:
    order = [one for one in order if len(rows[one, group]) >= FEWEST]
    parts = {one: text.parts(one) for one in order}
    kept = unnested(order, parts, {one: rows[one, group] for one in order})
    return sorted(kept, key=lambda one: -weight[one, group])[:SHOWN]


def _mentions(text: PhraseText, phrase: int, theme: int, side: int) -> Ints:
    """Return the mentions on this side of the theme in clauses with the phrase, best first."""
    found = text.mentions(phrase)
    table = text.window.mentions
    wanted = POLARITIES.index(SIDES[side])
    here: Bools = (table.theme[found] == theme) & (table.polarity[found] == wanted)
    return np.asarray(found[here])
