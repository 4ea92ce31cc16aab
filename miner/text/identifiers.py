"""Numbers that name a person or an account, told from other digits by their own check sums.

Each finder yields half-open spans over a text; none knows a language.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

Span = tuple[int, int]

_DIGIT_RUN: Final = re.compile(r"\d(?:[ .-]?\d)+")
_CARD_DIGITS: Final = range(13, 20)
_IBAN_START: Final = re.compile(r"(?<![^\W_])[A-Z]{2}\d\d(?=[ -]?[A-Z0-9])", re.IGNORECASE)
_IPV4: Final = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d]|\.\d)")
_IPV6: Final = re.compile(
    r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE
)

# Lengths by country: SWIFT, IBAN Registry, release 99.
_IBAN_LENGTHS: Final = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22,
    "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27,
    "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27,
    "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HN": 28, "HR": 21, "HU": 28,
    "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28,
    "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22,
    "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24,
    "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28,
    "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip


def luhn_valid(digits: str) -> bool:
    """Say whether the last digit checks the others (ISO/IEC 7812-1, annex B).

    Examples
    --------
    >>> luhn_valid("4111111111111111"), luhn_valid("4111111111111112")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 * (doubled > 9)
    return total % 10 == 0


def iban_valid(code: str) -> bool:
    """Say whether a code without spaces has its country's length and check digits (ISO 13616).

    Examples
    --------
    >>> iban_valid("DE89370400440532013000"), iban_valid("DE88370400440532013000")
    (True, False)
    """
    code = code.upper()
    if _IBAN_LENGTHS.get(code[:2]) != len(code):
        return False
    return int("".join(str(int(char, 36)) for char in code[4:] + code[:4])) % 97 == 1


def cards(text: str) -> Iterator[Span]:
    """Yield payment card numbers: 13 to 19 digits in any grouping, Luhn-valid."""
    for match in _DIGIT_RUN.finditer(text):
        places = [at for at in range(match.start(), match.end()) if text[at].isdigit()]
        done = 0
        for first in range(len(places)):
            edge = _group_edge(text, places[first] - 1)
            if first < done or not edge or text[places[first]] not in "23456":
                continue
            last = _card_end(text, places, first)
            if last is not None:
                yield places[first], places[last] + 1
                done = last + 1


def _card_end(text: str, places: list[int], first: int) -> int | None:
    for size in reversed(_CARD_DIGITS):
        last = first + size - 1
        if last < len(places) and _group_edge(text, places[last] + 1):
            digits = "".join(text[at] for at in places[first : last + 1])
            if luhn_valid(digits):
                return last
    return None


def _group_edge(text: str, at: int) -> bool:
    return not (0 <= at < len(text) and text[at].isdigit())


def ibans(text: str) -> Iterator[Span]:
    """Yield bank account numbers in IBAN form, with or without spaces."""
    for match in _IBAN_START.finditer(text):
        wanted = _IBAN_LENGTHS.get(match[0][:2].upper(), 0)
        at, code = match.start(), ""
        while at < len(text) and len(code) < wanted:
            if text[at].isascii() and text[at].isalnum():
                code += text[at]
            elif text[at] not in " -" or text[at - 1] in " -":
                break
            at += 1
        if wanted and iban_valid(code):
            yield match.start(), at


def addresses(text: str) -> Iterator[Span]:
    """Yield IPv4 and IPv6 addresses."""
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            try:
                ipaddress.ip_address(match[0])
            except ValueError:
                continue
            if len(match[0]) > 2:
                yield match.span()


@lru_cache(maxsize=4096)
def is_phone(candidate: str, regions: tuple[str, ...]) -> bool:
    """Say whether a stretch of digits and separators is a phone number somewhere in `regions`."""
    import phonenumbers

    if candidate.startswith("00"):
        candidate = "+" + candidate[2:].lstrip()
    for region in (None,) if candidate.startswith("+") else regions:
        try:
            number = phonenumbers.parse(candidate, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return True
    return False
