"""Which language a text is in: py3langid, read with the caution short feedback needs.

Identification is a guess about a whole text. Very short texts say nothing and get the default;
a text in a language outside `supported` is named only when that is beyond doubt.
"""

from __future__ import annotations

import re
import threading
import tomllib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import repeat
from typing import TYPE_CHECKING, Final

from miner.text.language_data import shipped_languages

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

UNDETERMINED: Final = "und"
"""Code of a text no language fits (ISO 639-2)."""

MIN_LETTERS: Final = 12
_SURE_LETTERS: Final = 60  # from here on the text outweighs what is usual in its source
_DEFAULT_ODDS: Final = 4.0  # weight of the default on the shortest text that is looked at
_FOREIGN_ODDS: Final = 20.0  # how much likelier than any expected language another must be (95 %)
_NAMED: Final = 0.5  # probability from which another language is named, not only ruled in
_NOT_LANGUAGE: Final = "zxx"  # py3langid's label for what is no language
_READ: Final = 300  # characters looked at
_LATIN_END: Final = 0x250
_FUNCTION_WORDS: Final = files("miner.text") / "data" / "function_words"
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CODE: Final = re.compile(r"[a-z]{2,3}\Z")
_SPLIT: Final = re.compile(r"[-_]")
_LOADING: Final = threading.Lock()
_PLAIN_SHARE: Final = 3  # one word in so many, from which function words give a language away


def identify(text: str, *, supported: Sequence[str] | None = None, default: str = "en") -> str:
    """Return the ISO 639-1 code of the language of a text.

    Parameters
    ----------
    text : any text; the first 300 characters are looked at.
    supported : codes to expect; None means the languages this package has data for.
    default : what texts with fewer than 12 letters get, and what doubt favours.

    Returns
    -------
    One of `supported`, `default`, the code of another language where the text is plainly in it,
    or ``und`` where nothing fits. Deterministic.

    Examples
    --------
    >>> identify("Die Lieferung kam drei Wochen zu spät.")
    'de'
    >>> identify("ok!"), identify("送货太慢了，客服也不回复我的邮件")
    ('en', 'zh')
    """
    return identify_many([text], supported=supported, default=default)[0]


def identify_many(
    texts: Iterable[str], *, supported: Sequence[str] | None = None, default: str = "en"
) -> list[str]:
    """Return `identify` of every text, in order."""
    codes = tuple(shipped_languages() if supported is None else supported)
    expected = tuple(dict.fromkeys((default, *codes)))
    return [_identify(text[:_READ], expected, default) for text in texts]


def languages_of(
    texts: Sequence[str], named: Iterable[object] | None = None, *, default: str
) -> list[str]:
    """Return the ISO 639-1 code of every text: the one its row names, else identified.

    Parameters
    ----------
    named : what each row says, such as ``en-GB``, anything else for nothing; None where no row
        says anything.
    default : as in `identify`.

    Examples
    --------
    >>> late = "Die Lieferung kam drei Wochen zu spät."
    >>> languages_of([late, late], ["en-GB", None], default="en")
    ['en', 'de']
    """
    known = [_code(value) for value in (repeat(None, len(texts)) if named is None else named)]
    missing = [index for index, code in enumerate(known) if code is None]
    found = identify_many([texts[index] for index in missing], default=default)
    for index, code in zip(missing, found, strict=True):
        known[index] = code
    return [code or default for code in known]


def _code(value: object) -> str | None:
    """Return the ISO code a cell such as ``en-GB`` or ``EN`` names, None where it names none."""
    if not isinstance(value, str):
        return None
    code = _SPLIT.split(value.strip().lower(), maxsplit=1)[0]
    return code if _CODE.match(code) else None


def _identify(text: str, expected: tuple[str, ...], default: str) -> str:
    if _says_nothing(text):
        return default
    letters = sum(map(str.isalpha, text))
    if _is_plainly(text, default) or _identifier().classify(text)[0] == default:
        return default
    chances = dict(_identifier().rank(text))
    weights = {code: chances.get(code, 0.0) for code in expected}
    weights[default] *= max(1.0, _DEFAULT_ODDS * (1 - letters / _SURE_LETTERS))
    best = max(expected, key=weights.__getitem__)
    likeliest = next(iter(chances))  # best first
    if chances[likeliest] <= _FOREIGN_ODDS * weights[best]:
        return best
    named = chances[likeliest] >= _NAMED and likeliest != _NOT_LANGUAGE
    return likeliest if named else UNDETERMINED


def _says_nothing(text: str) -> bool:
    """Whether a text is too short to tell its language."""
    letters = sum(map(str.isalpha, text))
    return letters == 0 or (letters < MIN_LETTERS and _is_latin(text))


def _is_plainly(text: str, language: str) -> bool:
    """Whether function words alone give the language away: saves the look, and loading its model.

    On 34,840 public texts in many languages (2026-11) the closer look never said otherwise.
    """
    own, shared = _function_words(language)
    if not own or any(letter > "\u024f" and letter.isalpha() for letter in text):
        return False
    words = _WORD.findall(text.lower().replace("’", "'"))
    common = [word for word in words if word in own or word in shared]
    return len(common) * _PLAIN_SHARE >= len(words) and not own.isdisjoint(common)


@lru_cache(maxsize=32)
def _function_words(language: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return a language's own function words and those it shares; none where there is no file."""
    file = _FUNCTION_WORDS / f"{language}.toml"
    if not language.isalpha() or not file.is_file():
        return frozenset(), frozenset()
    words = tomllib.loads(file.read_text("utf-8"))
    return frozenset(words["own"]), frozenset(words["shared"])


def _is_latin(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return sum(ord(char) < _LATIN_END for char in letters) * 2 >= len(letters)


def load_ahead(texts: Sequence[str] = ()) -> None:
    """Begin to load what identification needs beside other work, where there is a core for it.

    It takes half a second, nearly all of it unpacking, which other threads needn't wait for.

    Parameters
    ----------
    texts : if given, all there is to identify: often a look at their words will do.
    """
    from miner.processes import cores

    plain = bool(texts) and all(
        _says_nothing(text) or any(_is_plainly(text, code) for code in shipped_languages())
        for text in (text[:_READ] for text in texts)
    )
    if cores() > 1 and not plain and not _loaded.cache_info().currsize:
        import py3langid.langid  # noqa: F401  (no two threads shall import at once)

        import miner.text.identifier  # noqa: F401

        threading.Thread(target=_identifier, name="load-languages", daemon=True).start()


def _identifier() -> LanguageIdentifier:
    with _LOADING:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> LanguageIdentifier:
    from miner.text.identifier import load_identifier

    return load_identifier()
