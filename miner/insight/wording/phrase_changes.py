"""New, growing, fading and gone phrases: the later window against the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

import numpy as np

from miner.insight.changes.compare import Comparison
from miner.insight.estimates import share
from miner.insight.facts.phrases import PhraseChange, PhraseChanges, PhraseKind
from miner.insight.intervals import Array
from miner.insight.shifts import SMALLEST_RATIO
from miner.insight.significance import ALPHA, adjust, two_shares
from miner.insight.window import Bools, Ints
from miner.insight.wording.log_odds import log_odds
from miner.insight.wording.nesting import unnested
from miner.insight.wording.phrase_text import PhraseText, written

KINDS: Final[tuple[PhraseKind, ...]] = get_args(PhraseKind)

FEWEST: Final = 5
"""Feedback of both windows together that must say a phrase for it to be tested."""

SHOWN: Final = 12
"""Phrases of one kind: four kinds fill one page; `PhraseChanges.found` says how many there are."""

PLACES: Final = 20
"""Feedback kept for one phrase: what somebody reads to understand a change."""

_LOOKED_AT: Final = 5 * SHOWN  # the clearest, before those inside others are merged


def phrase_changes(text: PhraseText, windows: Comparison) -> PhraseChanges:
    """Return the phrases whose share differs between the two windows.

    Notes
    -----
    Tested with `two_shares` (chi-squared, Fisher's exact test for small counts), Benjamini-Hochberg
    over all phrases that `FEWEST` feedback of the windows say. A Wald z is blind where a count is
    zero, which is just where new and gone phrases are, so the log-odds z orders what is found and
    does not decide. Growing and fading shares also differ by `SMALLEST_RATIO`.
    """
    place = windows.counted(text.window)
    hits = np.stack([text.count(place == number) for number in (0, 1)], axis=1)
    n = np.array([(place == number).sum() for number in (0, 1)])
    tested = hits.sum(axis=1) >= FEWEST
    if windows.later is None or n.min() < text.window.minimum_n:
        tested[:] = False
    p = np.full(len(text), np.nan)
    p[tested] = adjust(two_shares(hits[tested, 1], n[1], hits[tested, 0], n[0]))
    z = log_odds(hits[:, 1], n[1], hits[:, 0], n[0])
    kinds = [_of_kind(text, kind, _kinds(hits, n, p), z, place) for kind in KINDS]
    shown = {kind: chosen[:SHOWN] for kind, chosen in zip(KINDS, kinds, strict=True)}
    names = written(text, (one for chosen in shown.values() for one in chosen))
    return PhraseChanges(
        earlier=windows.earlier,
        later=windows.later,
        reason=windows.reason,
        tested=int(tested.sum()),
        fewest=FEWEST,
        found={kind: len(chosen) for kind, chosen in zip(KINDS, kinds, strict=True)},
        phrases=tuple(
            _change(
                text, one, (kind, names[one]), (hits[one], n, float(z[one]), float(p[one])), place
            )
            for kind, chosen in shown.items()
            for one in chosen
        ),
    )


def _kinds(hits: Ints, n: Ints, p: Array) -> Ints:
    """Return the place in `KINDS` of each phrase, -1 where nothing changed."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (hits[:, 1] / n[1]) / (hits[:, 0] / n[0])
    clear = p < ALPHA
    kinds = [
        clear & (hits[:, 0] == 0),
        clear & (hits[:, 0] > 0) & (ratio >= SMALLEST_RATIO),
        clear & (hits[:, 1] > 0) & (ratio <= 1 / SMALLEST_RATIO),
        clear & (hits[:, 1] == 0),
    ]
    return np.select(kinds, np.arange(len(KINDS)), default=-1)


def _of_kind(text: PhraseText, kind: PhraseKind, kinds: Ints, z: Array, place: Ints) -> list[int]:
    """Return all phrases of a kind, clearest first, those inside others merged."""
    found = np.flatnonzero(kinds == KINDS.index(kind))
    weight = np.abs(z[found]) * np.log2(1 + text.grams.size[found])
    order = found[np.argsort(-weight, kind="stable")].tolist()
    fuller = place == _fuller(kind)
    rows = {one: frozenset(_among(text.rows(one), fuller).tolist()) for one in order}
    return unnested(order, {one: text.parts(one) for one in order}, rows)


def _fuller(kind: PhraseKind) -> int:
    """Return the window in which phrases of this kind are said more: 0 before, 1 after."""
    return int(kind in ("new", "growing"))


def _among(rows: Ints, those: Bools) -> Ints:
    return rows[those[rows]]


def _change(
    text: PhraseText,
    phrase: int,
    what: tuple[PhraseKind, Sequence[str]],
    figures: tuple[Ints, Ints, float, float],
    place: Ints,
) -> PhraseChange:
    (kind, names), (hits, n, z, p_value) = what, figures
    least = text.window.minimum_n
    before, after = (share(int(hits[at]), int(n[at]), least) for at in (0, 1))
    fuller = place == _fuller(kind)
    rows = _among(text.rows(phrase), fuller)
    mentions = text.mentions(phrase)
    mentions = mentions[fuller[text.window.mentions.row[mentions]]]
    return PhraseChange(
        kind=kind,
        phrase=names[0],
        forms=tuple(names[1:]),
        hits_before=int(hits[0]),
        hits_after=int(hits[1]),
        before=before,
        after=after,
        z=z,
        p_value=p_value,
        theme=main_theme(text, mentions, len(rows)),
        verbatims=text.quotes(mentions),
        feedback=tuple(text.window.position[text.newest(rows)[:PLACES]].tolist()),
    )


def main_theme(text: PhraseText, mentions: Ints, n: int) -> str | None:
    """Return the theme that at least half of `n` feedback have among these mentions, else None."""
    table = text.window.mentions
    pairs = np.unique(table.theme[mentions] * text.window.n + table.row[mentions])
    counts = np.bincount(pairs // max(text.window.n, 1), minlength=len(text.window.themes))
    best = int(np.argmax(counts))
    return text.window.themes[best] if counts[best] * 2 >= max(n, 1) else None
