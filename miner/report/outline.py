"""The order of the bands, and the chapters that a reader finds them under."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from miner.report.model import Band

CHAPTERS: Final[dict[str, tuple[str, ...]]] = {
    "Basis": ("data-quality", "scores"),
    "Why": ("pain-points", "impact", "quadrant", "keyphrases"),
    "Change": ("what-changed", "trends"),
    "Who": ("cohorts", "journey", "customers", "word-of-mouth"),
    "Gaps": ("want-versus-now", "benchmarks", "against"),
    "Words": ("phrases", "emerging", "questions"),
    "Strengths": ("strengths", "themes"),
    "Act": ("follow-up", "advocates", "mismatch"),
    "Evidence": ("verbatims", "method"),
}
"""Chapter titles and the keys of their bands, in reading order."""

_PLACES: Final = {key: (at, title) for at, (title, key) in enumerate(
    (title, key) for title, keys in CHAPTERS.items() for key in keys
)}  # fmt: skip
_ELSEWHERE: Final = "Act"


@dataclass(frozen=True, slots=True)
class Chapter:
    """Bands that answer one question; `key` is its fragment in the page."""

    key: str
    title: str
    bands: tuple[Band, ...]


def ordered(bands: Iterable[Band]) -> tuple[Band, ...]:
    """Return the bands in reading order; one that no chapter names stands before the evidence.

    Examples
    --------
    >>> from miner.report.model import Sentence
    >>> made = [Band(key, "", Sentence(""), "") for key in ("method", "pain-points", "scores")]
    >>> [one.key for one in ordered(made)]
    ['scores', 'pain-points', 'method']
    """
    last = max(at for at, title in _PLACES.values() if title == _ELSEWHERE)
    return tuple(sorted(bands, key=lambda one: _PLACES.get(one.key, (last, ""))[0]))


def chapters(bands: Iterable[Band]) -> tuple[Chapter, ...]:
    """Return the ordered bands by chapter; a chapter without bands is left out.

    Examples
    --------
    >>> from miner.report.model import Sentence
    >>> [one.title for one in chapters([Band("method", "", Sentence(""), "")])]
    ['Evidence']
    """
    groups = itertools.groupby(ordered(bands), key=_chapter)
    return tuple(
        Chapter(f"chapter-{title.lower()}", title, tuple(found)) for title, found in groups
    )


def _chapter(band: Band) -> str:
    return _PLACES.get(band.key, (0, _ELSEWHERE))[1]
