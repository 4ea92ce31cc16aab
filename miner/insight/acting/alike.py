"""Short texts alike in their words, grouped around the ones that are most like the others.

Deterministic and independent of the order of the texts; nothing is drawn at random.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

Ints = npt.NDArray[np.int64]

MANNER: Final = 0.5
"""What a word of how a text is put weighs next to one of what it is about."""

_BLOCK: Final = 200  # rows of the similarity matrix held at once


@dataclass(frozen=True, slots=True)
class Star:
    """A group: its centre and all its members, the centre first; positions among the texts."""

    centre: int
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a short text: `content` says what it is about, `other` how it is put."""

    content: frozenset[str]
    other: frozenset[str] = frozenset()

    @property
    def name(self) -> tuple[str, ...]:
        """All words, sorted: what a text is called where the order must not matter."""
        return (*sorted(self.content), "", *sorted(self.other))


def stars(texts: Sequence[Words], sizes: Sequence[int], *, alike: float) -> list[Star]:
    """Return groups of texts in which every member is like the centre, the largest first.

    Parameters
    ----------
    texts : distinct; each with some content.
    sizes : how often each was said, from 1.
    alike : cosine from which two texts are alike, in (0, 1], if they share some content too; words
        weigh by their rarity, those of how it is put half.

    Notes
    -----
    Star clusters: of the texts that are left, the one whose likes were said most often becomes the
    centre of a group with all of them, until every text is in one. The weight of a word is
    ln(1 + n / df) over the texts as often as they were said.

    References
    ----------
    Aslam, Pelekhov, Rus (2004), "The Star Clustering Algorithm for Static and Dynamic Information
    Organization", JGAA 8(1):95-129; here with the degrees of what is left.

    Examples
    --------
    >>> said = [Words(frozenset({word})) for word in ("refund", "router", "hub")]
    >>> said.append(Words(frozenset({"refund"}), frozenset({"when"})))
    >>> [star.members for star in stars(said, [1, 4, 1, 1], alike=0.5)]
    [(1,), (0, 3), (2,)]
    """
    names = [text.name for text in texts]
    near = _neighbours(texts, np.asarray(sizes, dtype=np.int64), alike)
    left = set(range(len(names)))
    heap = [(-_weight(near[k], sizes, left), names[k], k) for k in range(len(names))]
    heapq.heapify(heap)
    found = []
    while heap:
        weight, name, k = heapq.heappop(heap)
        if k not in left:
            continue
        now = -_weight(near[k], sizes, left)
        if now != weight:  # some of its likes have gone to a larger group since
            heapq.heappush(heap, (now, name, k))
            continue
        others = sorted((j for j in near[k] if j in left and j != k), key=lambda j: names[j])
        found.append(Star(k, (k, *others)))
        left.difference_update(found[-1].members)
    return found


def _weight(near: Sequence[int], sizes: Sequence[int], left: set[int]) -> int:
    return sum(int(sizes[j]) for j in near if j in left)


def _neighbours(texts: Sequence[Words], sizes: Ints, alike: float) -> list[list[int]]:
    """Return for each text the texts like it, itself among them."""
    if not texts:
        return []
    content = [sorted(text.content) for text in texts]
    other = [sorted(text.other) for text in texts]
    everything = _weighted(content, other, sizes)
    about = _weighted(content, [[] for _ in texts], sizes)
    turned, about_turned = everything.T.tocsc(), about.T.tocsc()
    near: list[list[int]] = []
    for start in range(0, len(texts), _BLOCK):
        shared = (about[start : start + _BLOCK] @ about_turned).tocsr()
        shared.data[:] = 1.0
        block = (everything[start : start + _BLOCK] @ turned).multiply(shared).tocsr()
        # rounded: equal texts must not part over the last bit
        block.data = (np.round(block.data, 9) >= alike).astype(np.float64)
        block.eliminate_zeros()
        ends = block.indptr
        near += [block.indices[ends[k] : ends[k + 1]].tolist() for k in range(block.shape[0])]
    return near


def _weighted(content: list[list[str]], other: list[list[str]], sizes: Ints) -> sparse.csr_matrix:
    """Return the texts as rows of unit length, one column a word."""
    said = [[*about, *how] for about, how in zip(content, other, strict=True)]
    factors = [
        [1.0] * len(about) + [MANNER] * len(how) for about, how in zip(content, other, strict=True)
    ]
    place = {word: k for k, word in enumerate(sorted({word for words in said for word in words}))}
    column = np.array([place[word] for words in said for word in words], dtype=np.int64)
    row = np.repeat(np.arange(len(said)), [len(words) for words in said])
    often = np.bincount(column, weights=sizes[row], minlength=len(place))
    weight = np.log1p(sizes.sum() / often)[column] * np.concatenate(factors)
    length = np.sqrt(np.bincount(row, weights=weight**2, minlength=len(said)))
    shape = (len(said), len(place))
    return sparse.csr_matrix((weight / length[row], (row, column)), shape=shape)
