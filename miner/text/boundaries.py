"""Where a new clause starts: rules over token flags, in numpy, for a whole batch at once.

Hard boundaries end a sentence (punctuation, a line break). Soft ones open a clause inside a
sentence (contrast words, dashes, "and" with a subject and a verb of its own, emoji) and stand only
where both sides carry a statement of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from miner.text import lexemes as lx
from miner.text.language_data import LanguageData
from miner.text.tokens import Flags, Ints, Mask

_VERB_WINDOW: Final = 7  # tokens after a subject in which its verb must stand
_MIN_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Stream:
    """Tokens of a batch with what the rules need to know about each.

    `flags`: see `miner.text.lexemes`. `first`: the token opens a text. `newlines`: line breaks
    between this token and the one before (0 at the start of a text). `glued`: no white space
    before it. `wrapped`: the line break before it only wraps a long line. `inside`: it stands
    within brackets or a short quotation. `forced`: furniture begins or ends here.
    `forms`: normal form of each token.
    """

    flags: Flags
    first: Mask
    newlines: Ints
    glued: Mask
    wrapped: Mask
    inside: Mask
    forced: Mask
    forms: list[str]


class Splitter:
    """Applies the boundary rules of one language to token streams."""

    def __init__(self, language: LanguageData) -> None:
        self._ordinal_dot = language.ordinal_dot
        self._not_contrast = frozenset(tuple(phrase.split()) for phrase in language.not_contrast)
        self._phrase_lengths = sorted({len(phrase) for phrase in self._not_contrast})

    def starts(self, stream: Stream) -> Mask:
        """Return which tokens start a clause, shape (n_tokens,)."""
        hard = stream.first | stream.forced | _line_starts(stream) | self._sentence_starts(stream)
        soft, weight = self._soft(stream, hard)
        starts = hard | _supported(stream, hard, soft, weight)
        return _without_wordless(stream, starts)

    def _sentence_starts(self, stream: Stream) -> Mask:
        flags = stream.flags
        ends = _has(flags, lx.END) & ~stream.inside
        ends &= ~self._harmless_dots(stream)
        ends &= ~(_has(flags, lx.ELLIPSIS) & ~_next(_has(flags, lx.UPPER)))
        return _after(ends, _sticky(stream)) & ~stream.first

    def _harmless_dots(self, stream: Stream) -> Mask:
        """Full stops that end no sentence: abbreviations, initials, list numbers, ordinals."""
        flags = stream.flags
        before = np.where(stream.first, 0, _shift_flags(flags))
        number_before, number_after = _has(before, lx.NUMBER), _next(_has(flags, lx.NUMBER))
        opens_line = _previous(stream.first | (stream.newlines > 0) | _after_end(flags))
        harmless = _has(before, lx.ABBREVIATION | lx.INITIAL)
        harmless |= _has(before, lx.NUMBER_ABBREVIATION) & number_after
        harmless |= number_before & _has(before, lx.SHORT) & opens_line
        harmless |= _next(stream.glued) & (number_before | number_after)
        if self._ordinal_dot:
            harmless |= number_before & _has(before, lx.SHORT)
        return harmless & stream.glued & _has(flags, lx.DOT)

    def _soft(self, stream: Stream, hard: Mask) -> tuple[Mask, Ints]:
        """Return candidate starts and how many words each needs on its right."""
        flags = stream.flags
        need = np.zeros(len(flags), dtype=np.int32)
        verbs = _verb_follows(stream, hard)
        comma_before = _previous(_has(flags, lx.COMMA)) & ~stream.first
        clause = _has(flags, lx.DETERMINER) & verbs
        link = _has(flags, lx.LINK)
        had_verb = _verb_before(stream, hard)
        for candidates, words in (
            (self._contrast(stream, comma_before), 3),
            (_after(_has(flags, lx.SEMICOLON), _sticky(stream)), 2),
            (
                _after(_has(flags, lx.ELLIPSIS | lx.EMOJI), _sticky(stream))
                & ~_has(flags, lx.CONTINUES | lx.COMMA),
                2,
            ),
            (_previous(_has(flags, lx.DASH) & ~stream.glued) & ~stream.glued & clause, 3),
            (comma_before & had_verb & clause, 3),
            (comma_before & link & _next(clause), 3),
            (link & had_verb & _next(clause), 4),
            (_has(flags, lx.HEADING) & _next(_has(flags, lx.COLON)), 1),
        ):
            need[candidates & ~stream.inside & ~stream.first] = words
        return need > 0, need

    def _contrast(self, stream: Stream, comma_before: Mask) -> Mask:
        flags = stream.flags
        found = _has(flags, lx.OPENER) | (_has(flags, lx.AFTER_COMMA) & comma_before)
        ends_here = _next(_has(flags, lx.COMMA | lx.END) | stream.first | (stream.newlines > 0))
        found &= ~(_has(flags, lx.CLOSING) & ends_here)
        for at in np.flatnonzero(found).tolist():
            if self._fixed_phrase(stream.forms, at):
                found[at] = False
        return found

    def _fixed_phrase(self, forms: list[str], at: int) -> bool:
        for length in self._phrase_lengths:
            for start in range(max(0, at - length + 1), at + 1):
                if tuple(forms[start : start + length]) in self._not_contrast:
                    return True
        return False


def _line_starts(stream: Stream) -> Mask:
    return np.asarray((stream.newlines > 0) & ~stream.wrapped)


def _has(flags: Flags, wanted: int) -> Mask:
    return np.asarray((flags & wanted) != 0)


def _shift_flags(flags: Flags) -> Flags:
    moved = np.zeros_like(flags)
    moved[1:] = flags[:-1]
    return moved


def _previous(mask: Mask) -> Mask:
    moved = np.zeros_like(mask)
    moved[1:] = mask[:-1]
    return moved


def _next(mask: Mask) -> Mask:
    moved = np.zeros_like(mask)
    moved[:-1] = mask[1:]
    return moved


def _after_end(flags: Flags) -> Mask:
    return _previous(_has(flags, lx.END))


def _sticky(stream: Stream) -> Mask:
    """Tokens that belong to what stands before: closing marks, emoji, more punctuation."""
    closing = lx.END | lx.CLOSER | lx.EMOJI | lx.SEMICOLON
    quote = _has(stream.flags, lx.QUOTE) & stream.glued
    sticks = (_has(stream.flags, closing) | quote) & ~stream.first & (stream.newlines == 0)
    return np.asarray(sticks)


def _after(mask: Mask, sticky: Mask) -> Mask:
    """Return the first token behind each marked one that does not stick to it."""
    found = np.zeros_like(mask)
    n = len(mask)
    places = np.flatnonzero(mask)
    loose = np.append(np.flatnonzero(~sticky), n)
    following = loose[np.searchsorted(loose, places + 1)] if len(places) else places
    found[following[following < n]] = True
    return found


def _verb_follows(stream: Stream, hard: Mask) -> Mask:
    """Say for each token whether a verb stands soon after it, before a comma or a new clause."""
    n = len(stream.flags)
    stops = np.append(np.flatnonzero(hard | _has(stream.flags, lx.COMMA | lx.SEMICOLON)), n)
    here = np.arange(n)
    limit = np.minimum(stops[np.searchsorted(stops, here + 1)], here + _VERB_WINDOW)
    verbs = np.append(0, np.cumsum(_has(stream.flags, lx.VERB)))
    return np.asarray((verbs[limit] - verbs[np.minimum(here + 1, n)]) > 0)


def _verb_before(stream: Stream, hard: Mask) -> Mask:
    """Say for each token whether its sentence has had a verb already."""
    verbs = np.append(0, np.cumsum(_has(stream.flags, lx.VERB)))[:-1]
    opened = np.maximum.accumulate(np.where(hard, np.arange(len(hard)), 0))
    return np.asarray((verbs - verbs[opened]) > 0)


def _supported(stream: Stream, hard: Mask, soft: Mask, need: Ints) -> Mask:
    """Keep the soft starts with enough words on both sides."""
    places = np.flatnonzero(hard | soft)
    words = np.append(0, np.cumsum(_has(stream.flags, lx.WORD)))
    at = words[places]
    right = np.diff(np.append(at, words[-1]))
    left = np.append(0, right[:-1])
    kept = places[(left >= _MIN_WORDS) & (right >= need[places])]
    supported = np.zeros_like(soft)
    supported[kept] = True
    return supported & soft


def _without_wordless(stream: Stream, starts: Mask) -> Mask:
    """Join pieces without a word to the one before, or to the next where they open a text."""
    places = np.flatnonzero(starts)
    if not len(places):
        return starts
    words = np.add.reduceat(_has(stream.flags, lx.WORD).astype(np.int32), places)
    empty = words == 0
    kept = starts.copy()
    fixed = stream.first | stream.forced
    kept[places[empty & ~fixed[places]]] = False
    orphan = places[1:][empty[:-1] & fixed[places[:-1]] & ~fixed[places[1:]]]
    kept[orphan] = False
    return kept
