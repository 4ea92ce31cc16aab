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
from miner.text.arrays import Ints, Mask, counts_before, ended, following, is_any, places, previous
from miner.text.language_data import LanguageData
from miner.text.tokens import Flags
from miner.text.words import Vocabulary

_VERB_WINDOW: Final = 7  # tokens after a subject in which its verb must stand
_MIN_WORDS: Final = 2
_SOFT: Final = (  # without any of these no clause opens inside a sentence
    lx.OPENER | lx.AFTER_COMMA | lx.SEMICOLON | lx.ELLIPSIS | lx.EMOJI | lx.DETERMINER | lx.HEADING
)
_STICKS: Final = lx.END | lx.SEMICOLON | lx.ELLIPSIS | lx.EMOJI  # behind one tokens may stick to it
_HARMLESS: Final = lx.NUMBER | lx.ABBREVIATION | lx.INITIAL  # without any, each stop ends


@dataclass(frozen=True, slots=True)
class Stream:
    """Tokens of a batch with what the rules need to know about each.

    `flags`: see `miner.text.lexemes`; `seen`: those of any token. `first`: the token opens a text.
    `newlines`: line breaks between this token and the one before (0 at the start of a text).
    `glued`: no white space before it. `wrapped`: the line break before it only wraps a long line.
    `inside`: it stands within brackets or a short quotation. `forced`: furniture begins or ends
    here. `word`: the normal form of each token, a place in `vocabulary`.
    """

    flags: Flags
    seen: int
    first: Mask
    newlines: Ints
    glued: Mask
    wrapped: Mask
    inside: Mask
    forced: Mask
    word: Ints
    vocabulary: Vocabulary


class Splitter:
    """Applies the boundary rules of one language to token streams."""

    def __init__(self, language: LanguageData) -> None:
        self._ordinal_dot = language.ordinal_dot
        self._not_contrast = frozenset(tuple(phrase.split()) for phrase in language.not_contrast)
        self._phrase_lengths = sorted({len(phrase) for phrase in self._not_contrast})

    def starts(self, stream: Stream) -> Mask:
        """Return which tokens start a clause, shape (n_tokens,)."""
        seen = stream.seen
        if seen & _STICKS:  # what stands behind the last token opens nothing
            seen &= ~_STICKS | int(np.bitwise_or.reduce(stream.flags[:-1], initial=0))
        sticky = _sticky(stream) if seen & _STICKS else np.zeros_like(stream.first)
        hard = stream.first | stream.forced | _line_starts(stream)
        if seen & lx.END:
            hard |= self._sentence_starts(stream, seen, sticky)
        soft = self._soft(stream, hard, seen, sticky)
        starts = hard | _supported(stream, soft, hard) if is_any(soft) else hard
        return _without_scraps(stream, starts)

    def _sentence_starts(self, stream: Stream, seen: int, sticky: Mask) -> Mask:
        flags = stream.flags
        ends = _has(flags, lx.END) & ~stream.inside
        if seen & lx.DOT and seen & _HARMLESS:
            ends &= ~self._harmless_dots(stream)
        if seen & lx.ELLIPSIS:
            ends &= ~(_has(flags, lx.ELLIPSIS) & ~following(_has(flags, lx.UPPER)))
        return _after(ends, sticky) & ~stream.first

    def _harmless_dots(self, stream: Stream) -> Mask:
        """Full stops that end no sentence: abbreviations, initials, list numbers, ordinals."""
        flags = stream.flags
        before = _flags_before(stream)
        number_before, number_after = _has(before, lx.NUMBER), following(_has(flags, lx.NUMBER))
        opens_line = previous(stream.first | (stream.newlines > 0) | _after_end(flags))
        harmless = _has(before, lx.ABBREVIATION | lx.INITIAL)
        harmless |= _has(before, lx.NUMBER_ABBREVIATION) & number_after
        harmless |= number_before & _has(before, lx.SHORT) & opens_line
        harmless |= following(stream.glued) & (number_before | number_after)
        if self._ordinal_dot:
            harmless |= number_before & _has(before, lx.SHORT)
        return harmless & stream.glued & _has(flags, lx.DOT)

    def _soft(self, stream: Stream, hard: Mask, seen: int, sticky: Mask) -> Ints:
        """Return how many words each candidate start needs on its right, 0 where none is."""
        flags = stream.flags
        need = np.zeros(len(flags), dtype=np.int32)
        if not seen & _SOFT:
            return need
        if seen & (lx.OPENER | lx.AFTER_COMMA):
            need[self._contrast(stream)] = 3
        if seen & lx.SEMICOLON:
            need[_after(_has(flags, lx.SEMICOLON), sticky)] = 2
        if seen & (lx.ELLIPSIS | lx.EMOJI):
            behind = _after(_has(flags, lx.ELLIPSIS | lx.EMOJI), sticky)
            need[behind & ~_has(flags, lx.CONTINUES | lx.COMMA)] = 2
        if seen & lx.DETERMINER and seen & (lx.DASH | lx.COMMA | lx.LINK):
            _add_clauses(need, stream, hard, seen)
        if seen & lx.HEADING and seen & lx.COLON:
            need[_has(flags, lx.HEADING) & following(_has(flags, lx.COLON))] = 1
        need[stream.inside | stream.first] = 0
        return need

    def _contrast(self, stream: Stream) -> Mask:
        flags = stream.flags
        found = _has(flags, lx.OPENER) | (_has(flags, lx.AFTER_COMMA) & _comma_before(stream))
        ends_here = following(_has(flags, lx.COMMA | lx.END) | stream.first | (stream.newlines > 0))
        found &= ~(_has(flags, lx.CLOSING) & ends_here)
        for at in places(found).tolist():
            if self._fixed_phrase(stream, at):
                found[at] = False
        return found

    def _fixed_phrase(self, stream: Stream, at: int) -> bool:
        longest = self._phrase_lengths[-1] if self._phrase_lengths else 0
        low = max(0, at - longest + 1)
        near = tuple(stream.vocabulary.written(stream.word[low : at + longest]))
        at -= low
        return any(
            near[start : start + length] in self._not_contrast
            for length in self._phrase_lengths
            for start in range(max(0, at - length + 1), at + 1)
        )


def _add_clauses(need: Ints, stream: Stream, hard: Mask, seen: int) -> None:
    """Add the starts of clauses with a subject and a verb of their own."""
    flags = stream.flags
    clause = _has(flags, lx.DETERMINER) & _verb_follows(stream, hard)
    if seen & lx.DASH:
        dash = previous(_has(flags, lx.DASH) & ~stream.glued)
        need[dash & ~stream.glued & clause] = 3
    if not seen & (lx.COMMA | lx.LINK):
        return
    had_verb, comma_before = _verb_before(stream, hard), _comma_before(stream)
    need[comma_before & had_verb & clause] = 3
    if seen & lx.LINK:
        link = _has(flags, lx.LINK) & following(clause)
        need[comma_before & link] = 3
        need[link & had_verb] = 4


def _line_starts(stream: Stream) -> Mask:
    return np.asarray((stream.newlines > 0) & ~stream.wrapped)


def _has(flags: Flags, wanted: int) -> Mask:
    return np.asarray((flags & wanted) != 0)


def _flags_before(stream: Stream) -> Flags:
    """Return the flags of the token before, 0 where a text opens."""
    moved = np.zeros(len(stream.flags), dtype=np.int64)
    moved[1:] = stream.flags[:-1]
    moved[stream.first] = 0
    return moved


def _comma_before(stream: Stream) -> Mask:
    return previous(_has(stream.flags, lx.COMMA)) & ~stream.first


def _after_end(flags: Flags) -> Mask:
    return previous(_has(flags, lx.END))


def _sticky(stream: Stream) -> Mask:
    """Tokens that belong to what stands before: closing marks, emoji, more punctuation."""
    closing = lx.END | lx.CLOSER | lx.EMOJI | lx.SEMICOLON
    quote = _has(stream.flags, lx.QUOTE) & stream.glued
    sticks = (_has(stream.flags, closing) | quote) & ~stream.first & (stream.newlines == 0)
    return np.asarray(sticks)


def _after(mask: Mask, sticky: Mask) -> Mask:
    """Return the first token behind each marked one that does not stick to it."""
    n = len(mask)
    found = np.zeros(n, dtype=np.bool_)
    at = places(mask)
    if len(at):
        loose = ended(places(~sticky), n)
        behind = loose[loose.searchsorted(at + 1)]
        found[behind[behind < n]] = True
    return found


def _verb_follows(stream: Stream, hard: Mask) -> Mask:
    """Say for each token whether a verb stands soon after it, before a comma or a new clause."""
    n = len(stream.flags)
    stops = ended(places(hard | _has(stream.flags, lx.COMMA | lx.SEMICOLON)), n)
    here = np.arange(n)
    limit = np.minimum(stops[stops.searchsorted(here + 1)], here + _VERB_WINDOW)
    verbs = counts_before(_has(stream.flags, lx.VERB))
    return np.asarray((verbs[limit] - verbs[1:]) > 0)


def _verb_before(stream: Stream, hard: Mask) -> Mask:
    """Say for each token whether its sentence has had a verb already."""
    verbs = counts_before(_has(stream.flags, lx.VERB))[:-1]
    opened = np.maximum.accumulate(np.where(hard, np.arange(len(hard)), 0))
    return np.asarray((verbs - verbs[opened]) > 0)


def _supported(stream: Stream, need: Ints, hard: Mask) -> Mask:
    """Keep the soft starts with enough words on both sides."""
    at = places(hard | (need > 0))
    words = counts_before(_has(stream.flags, lx.WORD))
    before = words[at]
    right = ended(before[1:], words[-1]) - before
    left = np.zeros(len(at), dtype=np.int64)
    left[1:] = right[:-1]
    supported = np.zeros(len(hard), dtype=np.bool_)
    supported[at[(left >= _MIN_WORDS) & (right >= need[at])]] = True
    return supported & (need > 0)


def _without_scraps(stream: Stream, starts: Mask) -> Mask:
    """Join pieces without a word to the one before, or to the next where they open a text.

    Sentences of one word in a row are one statement ("Worst. Taxi. Ever."), line by line.
    """
    at = places(starts)
    if len(at) < 2:  # it opens a text
        return starts
    words = counts_before(_has(stream.flags, lx.WORD))[ended(at, len(starts))]
    size = words[1:] - words[:-1]
    scrap = size <= 1
    if not is_any(scrap):
        return starts
    kept = starts.copy()
    fixed = (stream.first | stream.forced)[at]
    empty, single = size == 0, size == 1
    kept[at[empty & ~fixed]] = False
    kept[at[1:][empty[:-1] & fixed[:-1] & ~fixed[1:]]] = False
    in_a_row = single[1:] & single[:-1] & ~fixed[1:]
    if is_any(in_a_row):
        kept[at[1:][in_a_row & ~_line_starts(stream)[at[1:]]]] = False
    return kept
