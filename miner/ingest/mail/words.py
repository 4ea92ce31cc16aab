"""The patterns of mail, compiled once for all languages: a message does not say which it is in."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from miner.ingest.words import table
from miner.text.language_data import LanguageData, load_language, shipped_languages

_MOST_LINE: Final = 300  # characters of a line "On …, Jane Doe <jane@shop.example> wrote:"


@dataclass(frozen=True)
class Patterns:
    """What mail programs write around a message, in all languages.

    `attribution` begins with its own first word, `loose` with a number or a name; both end the
    line.
    `field`: a header field inside a body; `subject`: the one every block has.
    `separator`: a line above older mail; `tail`: device, disclaimer and like lines.
    `banner`: what a gateway puts on top. `automatic`, `reply`, `forward`: starts of subjects.
    """

    attribution: re.Pattern[str]
    loose: re.Pattern[str]
    field: re.Pattern[str]
    subject: re.Pattern[str]
    separator: re.Pattern[str]
    tail: re.Pattern[str]
    banner: re.Pattern[str]
    automatic: re.Pattern[str]
    reply: re.Pattern[str]
    forward: re.Pattern[str]


@cache
def patterns() -> Patterns:
    """Return the patterns of all languages that have data."""
    known = [load_language(code) for code in shipped_languages()]
    opens, wrote = _any(_mail("opens")), _any(_mail("wrote"))
    names = _any(_all(known, lambda one: one.headers))
    subjects = _any(_all(known, lambda one: one.subject_headers))
    passed_on = _any(_mail("passed_on"))
    markers = _all(known, lambda one: one.quote_markers)
    prefix = r"\s*(?:\[\d+\]|\(\d+\)|\^\d+)?\s*[:：]\s*"
    # a year, a time or an address: what a customer's "then your colleague wrote:" does not have
    date = rf"(?=.{{0,{_MOST_LINE}}}(?:\b20\d\d\b|\d[:.h]\d\d\b|\S@\S))(?=.*\d)"
    said = rf".{{3,{_MOST_LINE}}}\b(?:{wrote})\b.{{0,160}}[:：]\Z"
    return Patterns(
        attribution=_compile(rf"{date}(?:{opens})\b{said}"),
        loose=_compile(
            rf"{date}\d{said}|{date}.{{2,160}}\b(?:{wrote})\s(?:(?:{opens})\b|\d).{{0,120}}[:：]\Z"
            rf"|[^.!?]{{0,80}}<\S+@\S+>,?\s(?:{wrote})\s?[:：]\Z"
        ),
        field=_compile(rf"\*?(?:{names}|{subjects})\*? ?[:：]\*?"),
        subject=_compile(rf"\*?(?:{subjects})\*? ?[:：]\*?"),
        separator=_compile(
            rf"(?:{passed_on})\Z|(?=[-*])(?:{'|'.join(markers)})\s*\Z" if markers else passed_on
        ),
        tail=_compile(_whole(_all(known, lambda one: one.lines))),
        banner=_compile(_whole(_mail("banner"))),
        automatic=_compile(rf"(?:{_any(_mail('automatic'))})\s*(?:[:：]|\Z)"),
        reply=_compile(rf"(?:{_any(_mail('reply'))}){prefix}"),
        forward=_compile(rf"(?:{_any(_mail('forward'))}){prefix}"),
    )


def _mail(name: str) -> list[str]:
    return [word for words in table("mail")[name].values() for word in words]


def _all(
    known: Iterable[LanguageData], words: Callable[[LanguageData], tuple[str, ...]]
) -> list[str]:
    return list(dict.fromkeys(word for one in known for word in words(one)))


def _any(words: Iterable[str]) -> str:
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word) for word in longest_first)


def _whole(found: Iterable[str]) -> str:
    return rf"(?:{'|'.join(found)})\Z"


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
