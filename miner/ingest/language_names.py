"""Languages as exports name them: ``en``, ``en-US``, ``EN_gb``, ``English``, ``Deutsch``."""

from __future__ import annotations

import re
from functools import cache

from miner.ingest.words import table

_CODE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*\Z")


@cache
def language_code(value: str) -> str | None:
    """Return the lower-case ISO 639 code, None where the text names no language.

    Examples
    --------
    >>> language_code("EN_gb"), language_code("Deutsch"), language_code("?")
    ('en', 'de', None)
    """
    text = value.strip().casefold()
    if text in _names():
        return _names()[text]
    found = _CODE.match(text)
    return found[1] if found else None


@cache
def _names() -> dict[str, str]:
    return {name: code for code, names in table("languages").items() for name in names}
