"""A chunk without white space in pieces, so that no rule of a tokenizer meets more than it should.

Links, names, emoji and signs are tokens already. What lies between them is the tokenizer's, which
looks over all that is left of a piece for every mark that it takes off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from miner.text.lexemes import EMOJI_PATTERN, EMOTICON_PATTERN

LONG: Final = 100  # characters; a longer chunk is cut into stretches, so that no rule meets more
SHORT: Final = 40  # characters; more of a mixture of letters and marks is cut again
_TLDS: Final = (
    "com|org|net|edu|gov|info|biz|app|dev|io|ai|me|tv|shop|store|online|eu|uk|ie|us|ca|au|nz|in|de|at|ch|"
    "se|no|dk|fi|nl|be|fr|es|it|pt|pl|ru|jp|cn|br|mx"
)
_LINK: Final = (
    r"(?:https?://|www\.)\S+?(?=[.,;:!?)\]\"'>]*\Z)"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    rf"|(?<![\w.])[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:{_TLDS})(?:/\S*?)?(?=[.,;:!?)\]\"'>]*\Z)"
)
_PICTURES: Final = "\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff"
_SIGNS: Final = (
    r"(?=[\W_x])(?:"  # no other letter begins one
    rf"(?=[@:;=<^x.!?…{_PICTURES}])(?:"  # and no other mark one of these: quickly seen
    r"(?<!\w)@\w+"
    rf"|{EMOTICON_PATTERN}|{EMOJI_PATTERN}"
    r"|[.]{2,}[!?]*|…[.…!?]*|[!?]+[.!?]*)"
    rf"|(?P<marks>[^\w\s.!?…{_PICTURES}]{{9,}})"
    r"|[()\[\]{};\"•▪◦●·*~|_=<>]"
    r"|(?<=[^\W\d_]{3})[.](?=[^\W\d_]{3}))"
)
_SPECIAL: Final = re.compile(f"{_LINK}|{_SIGNS}", re.IGNORECASE)
_UNLINKED: Final = re.compile(_SIGNS, re.IGNORECASE)  # the same without a link, a third of its time
# without one of these no link begins; quickly seen
_MAY_LINK: Final = re.compile(rf"://|www[.]|@|[.](?:{_TLDS})(?![a-z0-9-])", re.IGNORECASE)
# letters, digits, joints between them: nothing special but perhaps an emoticon of letters
_ORDINARY: Final = re.compile(r"[^\W_]*(?:['’,-]{1,8}[^\W_]+)*['’,-]{0,8}\Z")


def is_ordinary(stretch: str) -> bool:
    """Whether nothing in it is to be cut off before the tokenizer looks.

    Examples
    --------
    >>> is_ordinary("don't"), is_ordinary("(don't)")
    (True, False)
    """
    return _ORDINARY.match(stretch) is not None and "xd" not in stretch.lower()


def may_link(stretch: str) -> bool:
    """Whether there may be a link in it, or an e-mail address.

    Examples
    --------
    >>> may_link("shop.co.uk"), may_link("late.Again"), may_link("late.in")
    (True, False, True)
    """
    return _MAY_LINK.search(stretch) is not None


def stretches(chunk: str) -> list[tuple[str, bool]]:
    """Return the pieces of a chunk and whether each is a token already, in order, without gaps.

    Examples
    --------
    >>> stretches("great(ish)!!")
    [('great', False), ('(', True), ('ish', False), (')', True), ('!!', True)]
    """
    pieces = []
    for at in range(0, len(chunk), LONG):
        stretch = chunk[at : at + LONG]
        done = 0
        for match in _special(stretch):
            start, end = match.span()
            if start > done:
                pieces.append((stretch[done:start], False))
            if match.lastgroup:  # the tokenizer would look at the whole stretch for each mark
                pieces += [(mark, True) for mark in match[0]]
            else:
                pieces.append((match[0], True))
            done = end
        if done < len(stretch):
            pieces.append((stretch[done:], False))
    return pieces


def _special(stretch: str) -> Iterable[re.Match[str]]:
    """Yield what is to be cut off before the tokenizer looks."""
    if is_ordinary(stretch):
        return ()
    return (_SPECIAL if may_link(stretch) else _UNLINKED).finditer(stretch)


def short(pieces: Iterable[tuple[str, bool]]) -> list[tuple[str, bool]]:
    """Return the pieces, what is long and not of letters alone in parts.

    Examples
    --------
    >>> [len(piece) for piece, _ in short([("so-" * 20, False), ("😀", True)])]
    [40, 20, 1]
    """
    found = []
    for piece, final in pieces:
        if final or len(piece) <= SHORT or piece.isalpha():
            found.append((piece, final))
        else:
            found += [(piece[at : at + SHORT], False) for at in range(0, len(piece), SHORT)]
    return found
