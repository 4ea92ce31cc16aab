"""What a word looks like: its folded form, its hash, and the n-grams of its letters.

Hashes are the same in every process.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from miner.text.arrays import run_starts

if TYPE_CHECKING:
    from miner.learn.features import FeatureSettings

_FEW: Final = 8  # words up to which one after another is faster: 13 µs each, 80 for three at once
_DIGIT = re.compile(r"\d")
_LONG = re.compile(r"(.)\1{2,}")


def fold(word: str) -> str:
    """Return the form of a word that is hashed: lower case, digits as 0, no long repeats.

    Examples
    --------
    >>> fold("Sooooo"), fold("2026"), fold("Don’t")
    ('soo', '00', "don't")
    """
    lower = word.casefold().replace("\u2019", "'")
    return _LONG.sub(r"\1\1", _DIGIT.sub("0", lower))


def folds(words: Sequence[str]) -> list[str]:
    """Return `fold` of each word: in one go, a line each, where no word holds a line break."""
    lines = "\n".join(words)
    if lines.count("\n") >= len(words):
        return [fold(word) for word in words]
    return fold(lines).split("\n")


def word_hash(word: str) -> int:
    """Return a 64-bit hash of a folded word, equal in every process."""
    return int.from_bytes(blake2b(_encode(word), digest_size=8).digest(), "little")


def char_buckets(word: str, settings: FeatureSettings) -> NDArray[np.int64]:
    """Return the distinct buckets of the character n-grams of one folded word, sorted."""
    text = f" {word} "
    low, high = settings.characters
    mask = (1 << settings.bits) - 1
    places = [
        (at, at + size)
        for size in range(low, min(high, len(text)) + 1)
        for at in range(len(text) - size + 1)
    ]
    if text.isascii():
        written = text.encode()
        found = {crc32(written[start:end]) & mask for start, end in places}
    else:
        found = {crc32(_encode(text[start:end])) & mask for start, end in places}
    return np.array(sorted(found), dtype=np.int64)


def char_buckets_many(
    words: Sequence[str], settings: FeatureSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return `char_buckets` of many words: (which word, bucket), one entry a bucket, sorted."""
    if len(words) <= _FEW:
        found = [char_buckets(word, settings) for word in words] or [np.zeros(0, dtype=np.int64)]
        return np.arange(len(found)).repeat(list(map(len, found))), np.concatenate(found)
    low, high = settings.characters
    text = "".join(f" {word} " for word in words)
    sizes = np.fromiter(map(len, words), dtype=np.int64, count=len(words)) + 2
    owner = np.arange(len(words)).repeat(sizes)
    letters = _utf8(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32))
    keys = [np.zeros(0, dtype=np.int64)]
    state = np.full(len(text), 0xFFFFFFFF, dtype=np.uint32)
    for size in range(1, high + 1):
        stop = max(len(text) - size + 1, 0)
        state = _crc_of_next(state[:stop], letters[:, size - 1 : size - 1 + stop])
        if size >= low:
            inside = owner[:stop] == owner[size - 1 : size - 1 + stop]
            bucket = (state[inside] ^ 0xFFFFFFFF).astype(np.int64) & ((1 << settings.bits) - 1)
            keys.append((owner[:stop][inside] << settings.bits) | bucket)
    ordered = np.concatenate(keys)
    ordered.sort()  # a third of the time of np.unique
    ordered = ordered[run_starts(ordered)]
    return ordered >> settings.bits, ordered & ((1 << settings.bits) - 1)


def _utf8(codes: NDArray[np.uint32]) -> NDArray[np.int16]:
    """Return the bytes of each character, shape (bytes of the longest, n); -1 where it is over."""
    if not len(codes) or codes.max() < 0x80:
        return codes[None].astype(np.int16)
    found = np.full((4, len(codes)), -1, dtype=np.int16)
    plain = codes < 0x80
    found[0][plain] = codes[plain]
    for count, first, start, stop in _UTF8:
        at = ((codes >= start) & (codes < stop)).nonzero()[0]
        left = codes[at]
        for place in range(count - 1, 0, -1):
            found[place, at] = 0x80 | (left & 0x3F)
            left = left >> np.uint32(6)
        found[0, at] = first | left
    return found


def _crc_of_next(state: NDArray[np.uint32], letters: NDArray[np.int16]) -> NDArray[np.uint32]:
    """Return the state of CRC-32 after one more character each."""
    for byte in letters:
        here = _CRC[(state ^ byte.astype(np.uint32)) & 0xFF] ^ (state >> 8)
        state = here if len(letters) == 1 else np.where(byte >= 0, here, state)
    return state


def _crc_table() -> NDArray[np.uint32]:
    """Return the table of CRC-32 (ISO 3309), one entry a byte."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(0xEDB88320), table >> 1)
    return table


_CRC: Final = _crc_table()
# UTF-8 (RFC 3629): bytes, what the first begins with, first code, code after the last
_UTF8: Final = ((2, 0xC0, 0x80, 0x800), (3, 0xE0, 0x800, 0x10000), (4, 0xF0, 0x10000, 0x110000))


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
