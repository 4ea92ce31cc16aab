"""How varied a corpus is: near-duplicates, growth of the vocabulary, how texts begin."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import log

from miner.learn.corpus import Corpus, near_duplicates, plain_text

_OPENING_WORDS = 2


@dataclass(frozen=True, slots=True)
class Variety:
    """Figures that give away text made from templates.

    `near_duplicates`: share of examples of six words or more that stand nearly the same elsewhere
    in the corpus. `words`, `distinct`: running words, and different ones. `growth`: Heaps' exponent
    [1]_, how fast new words still appear (natural text 0.4 to 0.8). `openings`: the most frequent
    first two words, with their share of all texts.

    References
    ----------
    .. [1] Heaps (1978), Information Retrieval: Computational and Theoretical Aspects, 7.5.
    """

    near_duplicates: float
    words: int
    distinct: int
    growth: float
    openings: tuple[tuple[str, float], ...]


def variety(corpus: Corpus, *, top: int = 5) -> Variety:
    """Return how varied the texts of a corpus are; whole responses count by their clauses."""
    texts = [plain_text(text).split() for text in corpus.texts]
    close = {key for pair in near_duplicates(corpus, corpus) if pair[0] != pair[1] for key in pair}
    half, whole = _distinct(texts[::2]), _distinct(texts)
    openings = Counter(" ".join(text[:_OPENING_WORDS]) for text in texts)
    return Variety(
        near_duplicates=round(len(close) / max(len(texts), 1), 4),
        words=whole[0],
        distinct=whole[1],
        growth=round(log(whole[1] / half[1]) / log(whole[0] / half[0]), 2),
        openings=tuple(
            (opening, round(count / len(texts), 4)) for opening, count in openings.most_common(top)
        ),
    )


def _distinct(texts: list[list[str]]) -> tuple[int, int]:
    words = [word for text in texts for word in text]
    return max(len(words), 1), max(len(set(words)), 1)
