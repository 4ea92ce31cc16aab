"""Look over a tagger that somebody brings, before anything is scored with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from miner.errors import UsageError
from miner.learn.tagging import ClauseTagger, Tagged, TextTagger
from miner.taxonomy import Taxonomy

_TRIAL: Final = (("trial",), ())
"""Two clauses, one without words: what a tagger is tried on."""
_BY_THEME: Final = {"probability": (0, 1), "decided": (0, 1), "sentiment": (-1, 1),
                    "polarity": (0, 2)}  # fmt: skip
_BY_CLAUSE: Final = {"opinion": (0, 1), "clause_sentiment": (-1, 1)}


def check_tagger(tagger: object, taxonomy: Taxonomy) -> ClauseTagger:
    """Return the tagger, if it does what a `miner.scoring.Scorer` asks of one.

    Parameters
    ----------
    tagger : tried on a few words.
    taxonomy : the themes of its columns, in their order.

    Raises
    ------
    UsageError
        It lacks a method, knows another number of themes, or gives arrays of another shape or
        range than `Tagged` says.

    Examples
    --------
    >>> from miner.learn.bundle import load_bundle
    >>> bundle = load_bundle("en")
    >>> check_tagger(bundle.tagger, bundle.taxonomy) is bundle.tagger
    True
    """
    if not isinstance(tagger, ClauseTagger):
        asked = ("n_themes", "tag", "evidence_many")
        missing = ", ".join(name for name in asked if not hasattr(tagger, name))
        raise _refused(f"{type(tagger).__name__} is no tagger: it lacks {missing}")
    wanted = len(taxonomy.themes)
    if tagger.n_themes != wanted:
        raise _refused(f"n_themes: got {tagger.n_themes}, expected {wanted} as in the taxonomy")
    written = [" ".join(words) for words in _TRIAL]
    _check_tagged("tag", tagger.tag(_TRIAL, written), wanted)
    if isinstance(tagger, TextTagger):
        together = np.zeros(len(_TRIAL), dtype=np.int32)
        _check_tagged("tag_texts", tagger.tag_texts(_TRIAL, together, written), wanted)
    words = tagger.evidence_many(_TRIAL[:1], [0], polarity=[0])
    if len(words) != 1 or not isinstance(words[0], tuple):
        raise _refused(f"evidence_many: got {words!r}, expected one tuple of words a mention")
    return tagger


def _check_tagged(method: str, tagged: object, n_themes: int) -> None:
    if not isinstance(tagged, Tagged):
        raise _refused(f"{method}: got {type(tagged).__name__}, expected a miner.Tagged")
    _check(method, tagged, _BY_THEME, (len(_TRIAL), n_themes))
    _check(method, tagged, _BY_CLAUSE, (len(_TRIAL),))
    if tagged.decided.dtype != np.bool_:
        raise _refused(f"{method}, decided: got {tagged.decided.dtype}, expected bool")
    if np.asarray(tagged.decided)[1].any():
        raise _refused(f"{method}: got a mention in a clause without words, expected none")


def _check(
    method: str, tagged: Tagged, ranges: Mapping[str, tuple[int, int]], shape: tuple[int, ...]
) -> None:
    for name, (low, high) in ranges.items():
        values = getattr(tagged, name)
        got = getattr(values, "shape", None)
        if got != shape:
            raise _refused(f"{method}, {name}: got shape {got}, expected {shape}")
        if not ((values >= low) & (values <= high)).all():
            raise _refused(
                f"{method}, {name}: got {values.tolist()}, expected values {low} to {high}"
            )


def _refused(what: str) -> UsageError:
    return UsageError(
        f"{what}.",
        hint="See miner.ClauseTagger and miner.Tagged for what a tagger has to give.",
        slug="score.bad-tagger",
    )
