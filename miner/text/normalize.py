"""Character-level clean-up with a map back to the original offsets.

What changes: curly quotes and full-width forms become plain, exotic spaces and control characters
become a space (line breaks a newline), ligatures are spelt out, letters and their combining marks
are composed, zero-width characters, variation selectors and lone surrogates' damage are removed.
What never changes: words, case, punctuation, line structure.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int32]

_MAX_MARKS: Final = (
    4  # marks kept on one letter; more is decoration ("Zalgo") and quadratic to sort
)


def _one_to_one() -> dict[int, str]:
    table = {code: " " for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\n"}
    table |= dict.fromkeys((0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n")
    table |= dict.fromkeys((0xA0, 0x1680, 0x202F, 0x205F, 0x3000, *range(0x2000, 0x200B)), " ")
    table |= {ord(quote): "'" for quote in "‘’‚‛′´＇"}
    table |= {ord(quote): '"' for quote in "“”„‟″«»＂"}
    table |= {ord(dash): "-" for dash in "‐‑"}
    table |= {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if chr(code) not in "＇＂"}
    table |= dict.fromkeys(range(0xD800, 0xE000), "\ufffd")
    return table


_TABLE: Final = _one_to_one()
_LIGATURES: Final = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_INVISIBLE: Final = (
    "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e0fff"
)
_MARKS: Final = "\u0300-\u034e\u0350-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_ONE_TO_ONE: Final = re.compile(
    "[" + "".join(re.escape(chr(code)) for code in sorted(_TABLE)) + "]"
)
_LENGTH_CHANGING: Final = re.compile(f"[{_INVISIBLE}{_MARKS}{''.join(_LIGATURES)}]")
_LONE_RETURN: Final = re.compile("\r(?!\n)")
_REMOVED: Final = re.compile(f"[{_INVISIBLE}]")
_CLUSTER: Final = re.compile(
    f"(?P<letter>[^{_MARKS}]?)(?P<marks>[{_MARKS}]+)|(?P<ligature>[{''.join(_LIGATURES)}])"
)


@dataclass(frozen=True, slots=True)
class Normalized:
    """A cleaned text and where each of its characters came from.

    `offsets`: shape (len(text) + 1,), non-decreasing; ``offsets[i]`` is the original offset of
    character i, the last entry is the length of the original.
    """

    text: str
    offsets: Offsets

    def to_original(self, offset: int) -> int:
        """Return the original offset of an offset into `text`."""
        return int(self.offsets[offset])


def normalize(text: str) -> Normalized:
    """Return the text with its characters cleaned up, and the offset map.

    Idempotent: a normalised text comes back unchanged. Any `str` is answered, lone surrogates
    included; cost is linear in the length.

    Examples
    --------
    >>> clean = normalize("It\\u2019s \\u200bgre\\u0301at")
    >>> clean.text, clean.to_original(5)
    ("It's gréat", 6)
    """
    plain = same_length(text)
    if not changes_length(plain):
        return Normalized(plain, np.arange(len(plain) + 1, dtype=np.int32))
    keep = np.ones(len(plain), dtype=bool)
    keep[[match.start() for match in _REMOVED.finditer(plain)]] = False
    origin = np.append(np.flatnonzero(keep), len(plain)).astype(np.int32)
    return _compose(_REMOVED.sub("", plain), origin)


def same_length(text: str) -> str:
    """Return the text after those replacements that put one character for one."""
    if (text.isascii() and text.isprintable()) or not _ONE_TO_ONE.search(text):
        return text
    return _LONE_RETURN.sub("\n", text).translate(_TABLE)


def changes_length(text: str) -> bool:
    """Say whether `normalize` would change the number of characters of this text."""
    return not text.isascii() and _LENGTH_CHANGING.search(text) is not None


def _compose(text: str, origin: Offsets) -> Normalized:
    pieces: list[str] = []
    places: list[int] = []
    done = 0
    for match in _CLUSTER.finditer(text):
        start, end = match.span()
        new = _LIGATURES.get(match[0]) or _composed(match["letter"], match["marks"])
        pieces += (text[done:start], new)
        places += range(done, start)
        places += (min(start + i, end - 1) for i in range(len(new)))
        done = end
    pieces.append(text[done:])
    places += range(done, len(text) + 1)
    return Normalized("".join(pieces), origin[places])


def _composed(letter: str, marks: str) -> str:
    if not letter or letter.isspace():
        return letter
    return unicodedata.normalize("NFC", letter + marks[:_MAX_MARKS])
