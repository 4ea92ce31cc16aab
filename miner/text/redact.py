"""Replace what names a person or an account by what it was: ``[e-mail]``, ``[number]`` …

Check sums (cards, IBAN), number plans (phones) and words of the language ("order", "ref") tell
identifiers from other digits, so that prices, dates, times, years and counts stay readable.
Names of people are not looked for.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from miner.text.identifiers import Span, addresses, cards, ibans, is_phone
from miner.text.language_data import LanguageData, load_language
from miner.text.normalize import normalize

_WORTH_A_LOOK: Final = re.compile(r"[\d@]|://|www\.|[\[(]at[\])]", re.IGNORECASE)
_AT: Final = re.compile(r"@|[\[(]at[\])]", re.IGNORECASE)
_SLASH: Final = re.compile(r"://|www\.|\w\.\w+/", re.IGNORECASE)
_DOTTED: Final = re.compile(r"\d\.\d+\.\d+\.\d|:[0-9a-f]{0,4}:", re.IGNORECASE)
_THREE_DIGITS, _SEVEN_DIGITS, _TEN_DIGITS = (
    re.compile(rf"\d(?:[^\d]{{0,3}}\d){{{count - 1}}}") for count in (3, 7, 10)
)
_EMAIL: Final = re.compile(
    r"\w[\w.+%'-]{0,63}(?:@|[ ]?[\[(]at[\])][ ]?)[\w-]+(?:\.[\w-]+)+", re.IGNORECASE
)
_LINK: Final = re.compile(
    r"(?:[a-z][a-z0-9+]{1,10}://|www\.)[^\s<>\"\[\]]*[^\s<>\"\[\].,;:!?')]"
    r"|(?<![\w@.-])(?:[a-z0-9-]+\.)+[a-z]{2,10}/[^\s<>\"\[\]]*[^\s<>\"\[\].,;:!?')]",
    re.IGNORECASE,
)
_HANDLE: Final = re.compile(r"(?<![\w@.])@\w{2,}")
_PHONE: Final = re.compile(r"(?<![\w+])(?:\+|\(\+?)?\d(?:[ ()./-]{0,3}\d){6,}")
_GROUP: Final = re.compile(r"[(+]*\d+")
_PRICE_OR_MEASURE: Final = re.compile(r"\d+(?:[.,]\d{1,2}|[^\W\d_A-Z]{1,5})\Z")
_DATE: Final = re.compile(  # and times of day as in 0630-0730
    r"(?<!\d)(?:[01]\d|2[0-3])[0-5]\d ?- ?(?:[01]\d|2[0-3])[0-5]\d(?!\d)|"
    r"(?:\d{1,2}[./-]){2}(?:\d{4}|\d{2})(?!\d)|\d{4}[./-]\d{1,2}[./-]\d{1,2}(?!\d)"
)
_LONG_NUMBER: Final = re.compile(r"(?<![\w.,])\d{9,}(?![\d]|[.,]\d)")
_HASH_NUMBER: Final = re.compile(r"(?<!\w)#[ ]?[A-Z]{0,4}-?\d{4,}[\w-]*")
_CODE: Final = r"(?:[A-Z]{1,4}[ -])?(?=[\w/.-]*\d)[^\W_](?:[\w/-]|\.(?=\w))*(?:[ -]\d{3,}(?!\w))*"
_YEARS: Final = re.compile(r"(?:(?:19|20)\d\d[ /-]*)+\Z")
_MASK: Final = "\ue000"  # a private-use character: no pattern here matches it
_GENERAL_REGIONS: Final = ("GB", "US", "DE", "FR", "SE", "ES", "NL")
_MIN_PHONE_DIGITS: Final = 7
_MAX_PHONE_DIGITS: Final = 15  # ITU-T E.164
_MAX_GROUPS: Final = 8  # digit groups of one phone number
_MAX_TRIES: Final = 300  # phone candidates looked up in one text; past it whole runs of digits go


@dataclass(frozen=True, slots=True)
class Redaction:
    """One replaced stretch: half-open offsets into the original text, and the placeholder."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text fit to show, and what was replaced in it, in order and not overlapping."""

    text: str
    spans: tuple[Redaction, ...]

    def to_redacted(self, offset: int) -> int:
        """Return where an offset into the original text lies in `text`: non-decreasing.

        An offset within a replaced stretch goes to the start of its placeholder.

        Examples
        --------
        >>> redact("Mail me@x.org now").to_redacted(14)
        14
        """
        place = bisect_right(self.spans, offset, key=lambda span: span.start)
        shift = sum(
            len(span.label) - (span.end - span.start) for span in self.spans[: max(place - 1, 0)]
        )
        if place == 0:
            return offset
        last = self.spans[place - 1]
        if offset < last.end:
            return last.start + shift
        return offset + shift + len(last.label) - (last.end - last.start)


def redact(text: str, *, language: str = "en") -> Redacted:
    """Return the text with e-mails, links, phones, cards, IBANs, IPs, ids and handles replaced.

    Parameters
    ----------
    text : any text.
    language : its code; decides which words announce a number. Unknown codes use check sums only.

    Notes
    -----
    Idempotent: the text of a result is left as it is.

    Examples
    --------
    >>> redact("Order 4471-882, $64.99 on 12/03/2024: write to jo@example.org").text
    'Order [number], $64.99 on 12/03/2024: write to [e-mail]'
    """
    if not _WORTH_A_LOOK.search(text):
        return Redacted(text, ())
    spans = _finder(load_language(language)).find(text)
    pieces: list[str] = []
    done = 0
    for span in spans:
        pieces += (text[done : span.start], span.label)
        done = span.end
    return Redacted("".join((*pieces, text[done:])), spans)


@dataclass(frozen=True, slots=True)
class _Step:
    """One search: its placeholder, a cheap test whether it can find anything, the search."""

    label: str
    gate: re.Pattern[str]
    find: Callable[[str], Iterator[Span]]


class _Finder:
    """The patterns of one language."""

    def __init__(self, language: LanguageData) -> None:
        self._regions = tuple(dict.fromkeys((*language.phone_regions, *_GENERAL_REGIONS)))
        words = "|".join(map(re.escape, sorted(language.number_words, key=len, reverse=True)))
        joiners = "|".join(map(re.escape, sorted(language.number_joiners, key=len, reverse=True)))
        self._finders: tuple[_Step, ...] = (
            _Step("[e-mail]", _AT, _spans(_EMAIL)),
            _Step("[link]", _SLASH, _spans(_LINK)),
            _Step("[user]", _AT, _spans(_HANDLE)),
            _Step("[iban]", _TEN_DIGITS, ibans),
            _Step("[card]", _TEN_DIGITS, cards),
            _Step("[ip]", _DOTTED, addresses),
            _Step("[phone]", _SEVEN_DIGITS, self._phones),
            _Step("[number]", _THREE_DIGITS, self._codes),
            _Step("[number]", _THREE_DIGITS, _spans(_HASH_NUMBER)),
            _Step("[number]", _SEVEN_DIGITS, _spans(_LONG_NUMBER)),
        )
        self._announced = re.compile(
            rf"(?<!\w)(?i:{words or '(?!)'})"
            rf"(?P<joiner>(?:[ ]?(?i:{joiners or '(?!)'})(?!\w)\.?|[ ]?[#:.№])*)"
            rf"[ ]?(?P<code>{_CODE})"
        )

    def find(self, text: str) -> tuple[Redaction, ...]:
        """Return what has to go, in order, not overlapping.

        What is found is masked by a stand-in with the placeholder's edges, and the search goes on
        until nothing new turns up: so the finished text holds nothing to find either.
        """
        clean = normalize(text)
        found: list[tuple[int, int, str]] = []
        masked, before = clean.text, -1
        while before != len(found):
            before = len(found)
            for step in self._finders:
                if not step.gate.search(masked):
                    continue
                spans = [span for span in step.find(masked) if _MASK not in masked[slice(*span)]]
                found += ((start, end, step.label) for start, end in spans)
                masked = _mask(masked, spans)
        return tuple(
            Redaction(clean.to_original(start), clean.to_original(end - 1) + 1, label)
            for start, end, label in sorted(found)
        )

    def _phones(self, text: str) -> Iterator[Span]:
        tries = 0
        text = _DATE.sub(lambda match: "x" * len(match[0]), text)
        for match in _PHONE.finditer(text):
            groups = [group.span() for group in _GROUP.finditer(text, *match.span())]
            first = 0
            while first < len(groups) and tries < _MAX_TRIES:
                tries += 1
                end = self._phone_end(text, groups, first)
                if end is not None:
                    yield groups[first][0], groups[end][1]
                    first = end
                first += 1
            if tries >= _MAX_TRIES:
                yield match.span()

    def _phone_end(self, text: str, groups: list[Span], first: int) -> int | None:
        """Return the last group of the longest phone number that starts at this group."""
        start = groups[first][0]
        for last in range(min(len(groups), first + _MAX_GROUPS) - 1, first - 1, -1):
            if self._is_phone(text[start : groups[last][1]]):
                return last
        return None

    def _is_phone(self, candidate: str) -> bool:
        digits = re.sub(r"\D", "", candidate)
        if not _MIN_PHONE_DIGITS <= len(digits) <= _MAX_PHONE_DIGITS or digits.endswith("00000"):
            return False
        plain = candidate.lstrip("(")[0] not in "+0"
        if plain and (len(digits) < 9 or _YEARS.match(candidate) or {" ", "."} <= set(candidate)):
            return False
        return is_phone(candidate, self._regions)

    def _codes(self, text: str) -> Iterator[Span]:
        for match in self._announced.finditer(text):
            if _is_code(match["code"], announced=bool(match["joiner"].strip())):
                yield match.span("code")


@lru_cache(maxsize=32)
def _finder(language: LanguageData) -> _Finder:
    return _Finder(language)


def _spans(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Span]]:
    return lambda text: (match.span() for match in pattern.finditer(text))


def _is_code(code: str, *, announced: bool) -> bool:
    """Tell an identifier behind an announcing word from a count, a price, a year or a date."""
    digits = sum(map(str.isdigit, code))
    if _DATE.match(code) or _PRICE_OR_MEASURE.match(code):
        return False
    if not code.isdigit():
        return digits >= 3
    return digits >= (3 if announced else 5)


def _mask(text: str, spans: list[Span]) -> str:
    if not spans:
        return text
    chars = list(text)
    for start, end in spans:
        size = end - start
        chars[start:end] = ("[" + _MASK * (size - 2) + "]")[:size] if size > 2 else _MASK * size
    return "".join(chars)
