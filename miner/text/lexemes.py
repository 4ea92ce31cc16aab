"""What one token is: the form the tagger sees and the flags the clause rules ask for.

Both depend on the token's text alone, so they are worked out once per distinct token and kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from miner.text.language_data import LanguageData

WORD: Final = 1 << 0  # holds a letter or a digit
END: Final = 1 << 1  # a full stop, exclamation or question marks, an ellipsis
DOT: Final = 1 << 2  # exactly one full stop
ELLIPSIS: Final = 1 << 3
SEMICOLON: Final = 1 << 4
COMMA: Final = 1 << 5
COLON: Final = 1 << 6
DASH: Final = 1 << 7
CLOSER: Final = 1 << 8  # a closing bracket
QUOTE: Final = 1 << 9
EMOJI: Final = 1 << 10  # emoji or emoticon
NUMBER: Final = 1 << 11
CURRENCY_SIGN: Final = 1 << 12
CURRENCY_WORD: Final = 1 << 13
UPPER: Final = 1 << 14  # starts with an upper-case letter
INITIAL: Final = 1 << 15  # one upper-case letter, as in "N. Birtwhistle"
ABBREVIATION: Final = 1 << 16
NUMBER_ABBREVIATION: Final = 1 << 17
OPENER: Final = 1 << 18  # contrast word that opens a clause
AFTER_COMMA: Final = 1 << 19  # … only after a comma
SUBORDINATE: Final = 1 << 20  # contrast word whose clause may come first
CLOSING: Final = 1 << 21  # contrast word that may end its clause
LINK: Final = 1 << 22
DETERMINER: Final = 1 << 25
VERB: Final = 1 << 26
CONTINUES: Final = 1 << 27
HEADING: Final = 1 << 28
SHORT: Final = 1 << 29  # one or two characters
GREETING: Final = 1 << 30  # first word of a greeting
SIGN_OFF: Final = 1 << 31  # first word of a sign-off

EMOJI_PATTERN: Final = (
    "(?:[\U0001f1e6-\U0001f1ff]{2}"
    "|[\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
    "[\U0001f3fb-\U0001f3ff\u2640\u2642\ufe0f\u20e3]*)"
)
EMOTICON_PATTERN: Final = (
    r"(?:(?<!\d)[:;=]['^-]?[)(\]\[]+|(?<![\w:])[:;=]['^-]?[DPpOo3/\\|*](?![\w/])"
    r"|<3+|\^_\^|(?<!\w)[xX]D(?!\w))"
)

LETTER_EMOTICONS: Final = frozenset(("xd", "xD", "Xd", "XD"))

_EMOJI: Final = re.compile(EMOJI_PATTERN)
_EMOTICON: Final = re.compile(EMOTICON_PATTERN)
_END: Final = re.compile(r"[.!?…。！？]+\Z")
_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,:/'-]\d+)*[%°]?\Z")
_DOTTED_NAME: Final = re.compile(r"[a-z0-9-]{2,}(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?:/\S*)?\Z", re.I)
_USER: Final = re.compile(r"@\w+\Z")
_STRETCHED: Final = re.compile(r"([^\W\d_])\1{2,}")
_CODE: Final = re.compile(r"(?=(?:\D*\d){4})(?=.*[^\W\d])[\w/-]+\Z")
_SKIN: Final = re.compile("[\U0001f3fb-\U0001f3ff\u2640\u2642\ufe0f\u20e3]+")
_CURRENCY_SIGNS: Final = frozenset("$€£¥₹₽₩₺฿₴₪")
_FIXED: Final = {
    ";": SEMICOLON, ",": COMMA, "،": COMMA, "、": COMMA, "，": COMMA, ":": COLON,
    "-": DASH, "–": DASH, "—": DASH, "--": DASH, "―": DASH, "---": DASH,
    ")": CLOSER, "]": CLOSER, "}": CLOSER, '"': QUOTE, "'": QUOTE, "''": QUOTE, "``": QUOTE,
}  # fmt: skip


def normal_forms(tokens: Sequence[str]) -> list[str]:
    """Return the forms the tagger sees: lower case, numbers, links and names masked.

    Tokens of letters alone, as most are, are worked out at one go.

    Examples
    --------
    >>> normal_forms(["Soooo", "64.99", "www.a.com", "@vy", "!!!!!", "..."])
    ['soo', '<num>', '<url>', '<user>', '!!!', '…']
    """
    plain = [token for token in tokens if _plain(token)]
    forms = _STRETCHED.sub(r"\1\1", "\n".join(plain).lower()).splitlines()
    known = dict(zip(plain, forms, strict=True))
    return [known[token] if token in known else _marked_form(token) for token in tokens]


def _marked_form(token: str) -> str:
    """Return the normal form of a token that is not ASCII letters alone."""
    if not _unmarked(token):
        if _END.match(token):
            return _punctuation(token)
        if _EMOJI.match(token):
            return _SKIN.sub("", token) or token
    if _NUMBER.match(token) or (len(token) > 4 and _CODE.match(token)):
        return "<num>"
    if "@" in token or "." in token or "/" in token:
        masked = _masked(token)
        if masked:
            return masked
    return _STRETCHED.sub(r"\1\1", token.lower())


def _plain(token: str) -> bool:
    """Whether a token is ASCII letters, as most are: no mark, number, link or emoticon."""
    return token.isascii() and token.isalpha() and token not in LETTER_EMOTICONS


def _unmarked(token: str) -> bool:
    """Whether a token is ASCII letters and digits: no mark, emoji or emoticon."""
    return token.isascii() and token.isalnum() and token not in LETTER_EMOTICONS


def _punctuation(token: str) -> str:
    if set(token) <= {".", "…"}:
        return "…" if len(token) > 1 else token
    if "?" in token and "!" in token:
        return "?!"
    return token[0] * min(len(token), 3) if len(set(token)) == 1 else token[-1] * 2


def _masked(token: str) -> str | None:
    if _USER.match(token):
        return "<user>"
    if "://" in token or token[:4].lower() == "www." or ("@" in token and "." in token):
        return "<url>"
    return "<url>" if _DOTTED_NAME.match(token) else None


def _kind_of_stop(stop: str) -> int:
    if "…" in stop or stop.startswith(".."):
        return ELLIPSIS
    return DOT if stop == "." else 0


class Flagger:
    """Works out the flags of a token text from its shape and one language's word lists."""

    def __init__(self, language: LanguageData) -> None:
        self._words: dict[str, int] = {}
        lists = (
            (ABBREVIATION, language.abbreviations),
            (NUMBER_ABBREVIATION, language.number_abbreviations),
            (OPENER, language.openers), (AFTER_COMMA, language.after_comma),
            (SUBORDINATE, language.subordinate), (CLOSING, language.closing),
            (LINK, language.links), (DETERMINER, language.determiners), (VERB, language.verbs),
            (CONTINUES, language.continues), (HEADING, language.headings),
            (CURRENCY_WORD, language.currencies),
            (GREETING, _first_words(language.greetings)),
            (SIGN_OFF, _first_words(language.sign_offs + language.name_sign_offs)),
        )  # fmt: skip
        for flag, words in lists:
            for word in words:
                self._words[word] = self._words.get(word, 0) | flag
        self._verb_endings = language.verb_endings

    def flags(self, token: str) -> int:
        """Return the flags of a token as a bit field."""
        if _plain(token):
            return self._word(token, token.lower()) | WORD
        if not _unmarked(token):
            found = _FIXED.get(token)
            if found is not None:
                return found
            if _END.match(token):
                return END | _kind_of_stop(token)
            if _EMOJI.match(token) or _EMOTICON.match(token):
                return EMOJI
            if token in _CURRENCY_SIGNS:
                return CURRENCY_SIGN | WORD
        found = WORD if any(char.isalnum() for char in token) else 0
        found |= NUMBER if _NUMBER.match(token) else 0
        lower = token.lower()
        return found | self._word(token, lower) | self._words.get(lower.rstrip("."), 0)

    def _word(self, token: str, lower: str) -> int:
        flags = self._words.get(lower, 0)
        if token[0].isupper():
            flags |= UPPER | (INITIAL if len(token) == 1 and lower not in self._words else 0)
        if len(lower) > 4 and self._verb_endings and lower.endswith(self._verb_endings):
            flags |= VERB
        return flags | (SHORT if len(token) <= 2 else 0)


def _first_words(phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(phrase.split(" ", 1)[0] for phrase in phrases)
