"""Find what is no statement of the customer's: greetings, signatures, quotes, reference lines.

Works line by line on one normalised text. Where in doubt a line stays a statement; where nothing
but furniture would be left, greeting and signature are statements again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from miner.text.language_data import LanguageData
from miner.types import ClauseKind

_CODE: Final = r"[A-Z0-9#/.-]*\d[A-Z0-9#/.-]*"
_NEVER: Final = r"(?!)"
_DIGIT: Final = re.compile(r"\d")  # no reference is without one, and to look for it costs little
_LINE: Final = re.compile(r"\S[^\n]*")
SENTENCE_ENDS: Final = ".!?…)"
"""One of these, and a space, stand before a sign-off that is no line of its own."""
_SENTENCE: Final = re.compile(rf"\A|[{SENTENCE_ENDS}] ")
_MAX_BLOCK: Final = 6  # lines of one signature
_SHORT_LINE: Final = 60  # characters
_LONGEST_END: Final = 160  # characters of a sign-off and a name at the end of a line


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of furniture, half-open offsets into the text searched."""

    start: int
    end: int
    kind: ClauseKind


_Line = re.Match[str]
"""A line from its first character on; `_text` is what it says."""


class FurnitureFinder:
    """Finds ticket furniture by the word lists and patterns of one language."""

    def __init__(self, language: LanguageData) -> None:
        word = rf"(?:[^\W\d_a-zß-öø-ÿ][\w'.-]*|&|(?:{_any(language.name_particles)})(?= ))"
        name = rf"{word}(?: {word}){{0,3}}"
        to = rf"(?: (?:(?i:{_any(language.addressees)})|{word})){{0,5}}"
        greeting = f"(?i:{_any(language.greetings)})"
        alone = f"(?i:{_any(language.sign_offs)})"
        named = f"(?i:{_any(language.sign_offs + language.name_sign_offs)})"
        tail = rf"(?:[,.! -]+{name}(?: x+)?)?[,.!]*"
        code = r"[A-Z0-9#/.-]*\d[A-Z0-9#/.-]*"
        self._name_line = re.compile(rf"{word}(?:,? \(?{word}\)?){{0,4}}(?: x+)?,?\Z")
        self._greeting_line = re.compile(
            rf"{greeting}(?:{to}|(?: [^\s.!?,]+){{0,4}}(?=,))[,.!: ]*\Z"
        )
        self._greeting_start = re.compile(rf"{greeting}{to}(?:[,!]+|\.(?= )| -) *(?=\S)")
        self._sign_line = re.compile(rf"(?:{named}){tail}\Z")
        self._sign_end = re.compile(rf"(?:{alone}{tail}|{named}[,] ?{name}[.!]*)\s*\Z")
        self._reference = re.compile(
            rf"(?:[^\W\d_]+ ){{0,2}}(?i:{_any(language.reference_words)})\b[ .:#-]*"
            rf"(?:\w{{2,10}}[.:]* ?)?[:# ]*{code}(?: {code})*(?: \([\w ]+\))?\.?\Z"
        )
        headers = language.headers + language.subject_headers
        self._subject = re.compile(rf"(?i:{_any(language.subject_headers)}) ?:")
        self._header = re.compile(rf"\*?(?i:{_any(headers)})\*? ?:\*? ?\S")
        self._lines = re.compile(rf"(?i:{'|'.join(language.lines) or _NEVER})\Z")
        markers = f"(?i:{'|'.join(language.quote_markers) or _NEVER})"
        self._marker = re.compile(rf"{markers}\s*\Z")
        # one look at a text says that no line of it begins what was quoted
        self._may_quote = re.compile(rf"^[^\S\n]*(?:>|{markers})|:", re.MULTILINE)

    def find(self, text: str) -> list[Span]:
        """Return the furniture of a normalised text, in order, not overlapping."""
        lines = list(_LINE.finditer(text))
        quotes = self._quotes(lines) if self._may_quote.search(text) else []
        own = _uncovered(lines, quotes)
        top = self._top(own)
        rest = _uncovered(own, top)
        bottom = self._bottom(rest, evidence=bool(top))
        spans = sorted((*quotes, *top, *bottom), key=lambda span: span.start)
        if _covers_all(text, spans):
            spans = quotes if not _covers_all(text, quotes) else []
        return spans

    def _quotes(self, lines: list[_Line]) -> list[Span]:
        spans = []
        for at, line in enumerate(lines):
            if line[0][0] == ">":
                spans.append(Span(line.start(), line.end(), "quote"))
            elif self._marker.match(_text(line)):
                spans.append(Span(line.start(), line.end(), "quote"))
                answered_below = any(later[0][0] == ">" for later in lines[at + 1 : at + 2])
                if not answered_below and at + 1 < len(lines) and at > 0:
                    return [
                        *spans,
                        *(Span(later.start(), later.end(), "quote") for later in lines[at + 1 :]),
                    ]
            elif at > 0 and ":" in line[0] and self._is_header_block(lines, at):
                return [
                    *spans,
                    *(Span(later.start(), later.end(), "quote") for later in lines[at:]),
                ]
        return spans

    def _is_header_block(self, lines: list[_Line], at: int) -> bool:
        return (
            all(self._header.match(_text(line)) for line in lines[at : at + 3])
            and len(lines) > at + 2
        )

    def _top(self, lines: list[_Line]) -> list[Span]:
        """Subject, reference and header lines, then the greeting."""
        spans: list[Span] = []
        for at, line in enumerate(lines):
            if not self._opens(lines, at):
                return [*spans, *self._greeting(line, last=at == len(lines) - 1)]
            spans.append(Span(line.start(), line.end(), "greeting"))
        return spans

    def _opens(self, lines: list[_Line], at: int) -> bool:
        text = _text(lines[at])
        if self._subject.match(text) or self._is_reference(text):
            return True
        following = lines[at + 1 : at + 2]
        return bool(
            self._header.match(text) and following and self._header.match(_text(following[0]))
        )

    def _greeting(self, line: _Line, *, last: bool) -> list[Span]:
        if not last and self._greeting_line.match(_text(line)):
            return [Span(line.start(), line.end(), "greeting")]
        match = self._greeting_start.match(_text(line))
        if match is None:
            return []
        return [Span(line.start(), line.start() + match.end(), "greeting")]

    def _bottom(self, lines: list[_Line], *, evidence: bool) -> list[Span]:
        """Sign-off and what follows, a bare name, reference and device lines at the end."""
        keep = len(lines)
        while keep > 0 and len(lines) - keep < _MAX_BLOCK and self._is_tail(lines[keep - 1]):
            keep -= 1
        spans = [Span(line.start(), line.end(), "signature") for line in lines[keep:]]
        signed = self._sign_off_at(lines[:keep])
        if signed is not None:
            block = [Span(line.start(), line.end(), "signature") for line in lines[signed:keep]]
            return [*block, *spans]
        named = keep
        while (
            evidence
            and named > 1
            and keep - named < 3
            and self._is_name(lines[named - 1], lines[named - 2])
        ):
            named -= 1
        if named < keep:
            return [Span(line.start(), line.end(), "signature") for line in lines[named:]]
        return [*self._inline(lines[:keep]), *spans]

    def _is_tail(self, line: _Line) -> bool:
        text = _text(line)
        return bool(self._lines.match(text)) or self._is_reference(text)

    def _is_reference(self, text: str) -> bool:
        return _DIGIT.search(text) is not None and self._reference.match(text) is not None

    def _is_name(self, line: _Line, above: _Line) -> bool:
        over = _text(above)
        gap = line.start() - above.end() > 1 or over[-1] in ".!?" or self._is_name_text(over)
        return gap and self._is_name_text(_text(line))

    def _is_name_text(self, text: str) -> bool:
        return len(text) <= 40 and self._name_line.match(text) is not None and not text.isupper()

    def _sign_off_at(self, lines: list[_Line]) -> int | None:
        """Return the index of a sign-off line that only short lines follow."""
        for back in range(1, min(_MAX_BLOCK, len(lines)) + 1):
            text = _text(lines[-back])
            if self._sign_line.match(text) and (back < len(lines)):
                return len(lines) - back
            if len(text) > _SHORT_LINE or text[-1] in "!?" or len(text.split()) > 8:
                return None
        return None

    def _inline(self, lines: list[_Line]) -> list[Span]:
        if not lines:
            return []
        line = lines[-1]
        text = _text(line)
        low = max(0, len(text) - _LONGEST_END)
        for opens in _SENTENCE.finditer(text, max(0, low - 2)):
            at = opens.end()
            if at >= low and self._sign_end.match(text, at):
                alone = at == 0 and len(lines) == 1
                return [] if alone else [Span(line.start() + at, line.end(), "signature")]
        return []


def _text(line: _Line) -> str:
    return line[0].rstrip()


def _any(words: tuple[str, ...]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or _NEVER


def _uncovered(lines: list[_Line], spans: list[Span]) -> list[_Line]:
    """Return the lines that no span holds whole; every span starts with a line."""
    if not spans:
        return lines
    ends = {span.start: span.end for span in spans}
    return [line for line in lines if ends.get(line.start(), -1) < line.end()]


def _covers_all(text: str, spans: list[Span]) -> bool:
    ends = [0, *(span.end for span in spans)]
    starts = [*(span.start for span in spans), len(text)]
    left = (text[low:high] for low, high in zip(ends, starts, strict=True))
    return bool(spans) and not any(any(map(str.isalnum, piece)) for piece in left)
