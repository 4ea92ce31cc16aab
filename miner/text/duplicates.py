"""Fingerprints that tell the same text said twice from two texts."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

from miner.text.normalize import normalize

SIZE: Final = 8
"""Bytes of a fingerprint: among a million texts a chance collision has odds of 1 to 37 million."""

_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_SPACE: Final = re.compile(r"\s+")


def fingerprint(text: str) -> bytes:
    """Return 8 bytes that are equal for texts that differ in case, spacing or punctuation only.

    Letters and digits count, folded; a text without any (emoji, "!!!") counts as it stands,
    without white space.

    Examples
    --------
    >>> fingerprint("Great app!!") == fingerprint(" great  APP")
    True
    >>> fingerprint("👍") == fingerprint("👎")
    False
    """
    clean = normalize(text).text.casefold()
    core = _NOT_LETTERS.sub("", clean) or _SPACE.sub("", clean)
    return blake2b(core.encode("utf-8", "replace"), digest_size=SIZE).digest()
