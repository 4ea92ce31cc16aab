"""What is shown of a text too long to show whole: the stretches around what is quoted from it.

A report shows a feedback's text beside every mention in it, so that a text of a book's length with
a thousand mentions would make files of hundreds of megabytes that nobody can read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 2_000
"""Characters of a text up to which it is shown whole: a page of print, far above most feedback."""
LONGEST_CLAUSE: Final = 500
"""Characters that are quoted of one clause of a text that is cut: many texts have no marks."""
LEFT_OUT: Final = "…"
"""What stands where a part of the text was left out."""

Span = tuple[int, int]
"""Where a stretch begins and ends: code points, half-open."""

_SPACE: Final = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """One text as it is shown: stretches of it in order, with a mark where something is left out.

    `stretches` are offsets in the whole text, `places` where each of them begins in `text`.
    """

    text: str
    stretches: tuple[Span, ...]
    places: tuple[int, ...]

    def place(self, start: int, end: int) -> Span | None:
        """Return where a stretch of the whole text stands here, None where it isn't shown whole.

        Examples
        --------
        >>> Excerpt("… or here …", ((20, 27),), (2,)).place(23, 27)
        (5, 9)
        """
        for (first, last), at in zip(self.stretches, self.places, strict=True):
            if first <= start and end <= last:
                return start - first + at, end - first + at
        return None


def is_long(text: str) -> bool:
    """Return whether a text is too long to be shown whole."""
    return len(text) > LONGEST


def excerpt(text: str, around: Sequence[Span]) -> Excerpt:
    """Return the text, a long one cut down to these stretches and what stands around them.

    Parameters
    ----------
    around : stretches that are shown whatever their length; empty shows the beginning. What they
        leave of `LONGEST` characters is shared out equally and ends at the ends of words.

    Examples
    --------
    >>> excerpt("Late again.", [(0, 11)]).text
    'Late again.'
    >>> cut = excerpt("good " * 1000 + "but late", [(5004, 5008)])
    >>> len(cut.text), cut.text[:11], cut.text[-8:]
    (2000, '… good good', 'but late')
    """
    if not is_long(text):
        return Excerpt(text, ((0, len(text)),), (0,))
    wanted = merged(around) or ((0, 0),)
    room = max(LONGEST - sum(end - start for start, end in wanted), 0) // (2 * len(wanted))
    stretches = merged(_widened(text, one, room) for one in wanted)
    return _joined(text, stretches)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the spans in order, those that overlap or touch as one.

    Examples
    --------
    >>> merged([(5, 8), (0, 2), (7, 9)])
    ((0, 2), (5, 9))
    """
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def clause_shown(text: str, clause: Span, evidence: Sequence[Span]) -> Span:
    """Return the part of a long text's clause that is quoted: around its first evidence, if long.

    Examples
    --------
    >>> clause_shown("never " * 1000, (0, 5999), [(3000, 3005)])
    (2754, 3251)
    """
    start, end = clause
    if end - start <= LONGEST_CLAUSE:
        return clause
    kept = next((one for one in evidence if one[1] - one[0] < LONGEST_CLAUSE), (start, start))
    low, high = _widened(text, kept, (LONGEST_CLAUSE - (kept[1] - kept[0])) // 2)
    return max(low, start), min(high, end)


def _widened(text: str, span: Span, room: int) -> Span:
    """The span with `room` characters on each side, or what one side lacks on the other.

    It begins and ends with whole words, where that leaves the span inside.
    """
    start, end = span
    low = max(start - room, 0)
    high = min(end + 2 * room - (start - low), len(text))
    low = max(start - (2 * room - (high - end)), 0)
    if low and (first := _SPACE.search(text, low, start)):
        low = first.end()
    if high < len(text):
        high = max((one.start() for one in _SPACE.finditer(text, end, high)), default=high)
    return low, high


def _joined(text: str, stretches: Sequence[Span]) -> Excerpt:
    """The stretches with a mark where more than blanks is left out."""
    kept: list[Span] = []
    for start, end in stretches:
        near = kept and not text[kept[-1][1] : start].strip()
        kept[-1:] = [(kept[-1][0], end)] if near else [*kept[-1:], (start, end)]
    places: list[int] = []
    said = f"{LEFT_OUT} " if text[: kept[0][0]].strip() else ""
    for start, end in kept:
        said += f" {LEFT_OUT} " if places else ""
        places.append(len(said))
        said += text[start:end]
    said += f" {LEFT_OUT}" if text[kept[-1][1] :].strip() else ""
    return Excerpt(said, tuple(kept), tuple(places))
