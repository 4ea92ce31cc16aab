"""What the program knows about a language: frozen word lists and patterns read from data files.

One `LanguageData` is one language. Code asks it, and never holds a word of any language itself;
a language without a file gets the neutral one, whose lists are empty: punctuation rules only.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from dataclasses import asdict, dataclass, fields
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any, Final, cast

from miner.errors import InternalError

NEUTRAL: Final = "xx"
_FOLDER: Final = files("miner.text") / "data"
_SECTIONS: Final = (
    "sentence", "contrast", "linking", "words", "degree", "furniture", "redaction"
)  # fmt: skip


@dataclass(frozen=True)
class LanguageData:
    """Word lists and patterns of one language; every list may be empty.

    Words are lower case and cut as the tokenizer cuts them; multi-word entries are joined by
    single spaces. `heights_…` tell the denials that say the most ("could not be more helpful"):
    see `miner.learn.negation.Heights`. `lines`, `quote_markers` are regular expressions matched on
    whole lines without regard to case.
    """

    language: str
    phone_regions: tuple[str, ...] = ()
    abbreviations: tuple[str, ...] = ()
    number_abbreviations: tuple[str, ...] = ()
    ordinal_dot: bool = False
    openers: tuple[str, ...] = ()
    after_comma: tuple[str, ...] = ()
    subordinate: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    not_contrast: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    determiners: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    verb_endings: tuple[str, ...] = ()
    continues: tuple[str, ...] = ()
    headings: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    heights_can: tuple[str, ...] = ()
    heights_ever: tuple[str, ...] = ()
    heights_between: tuple[str, ...] = ()
    heights_more: tuple[str, ...] = ()
    heights_so: tuple[str, ...] = ()
    heights_worse: tuple[str, ...] = ()
    heights_unless: tuple[str, ...] = ()
    intensifiers: tuple[str, ...] = ()
    diminishers: tuple[str, ...] = ()
    no_degree: tuple[str, ...] = ()
    greetings: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    name_particles: tuple[str, ...] = ()
    sign_offs: tuple[str, ...] = ()
    name_sign_offs: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    subject_headers: tuple[str, ...] = ()
    quote_markers: tuple[str, ...] = ()
    reference_words: tuple[str, ...] = ()
    number_words: tuple[str, ...] = ()
    number_joiners: tuple[str, ...] = ()

    @cached_property
    def sha256(self) -> str:
        """Hash of the content (not of the file's layout): goes into a model's manifest."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=32)
def load_language(code: str) -> LanguageData:
    """Return the data of a code such as ``en`` or ``en-GB``; unknown codes get the neutral one.

    Raises
    ------
    InternalError
        A shipped data file is broken.

    Examples
    --------
    >>> "but" in load_language("en").openers
    True
    >>> load_language("tlh").openers
    ()
    """
    base = re.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]
    if base not in shipped_languages():
        return LanguageData(language=NEUTRAL)
    return parse_language(tomllib.loads((_FOLDER / f"{base}.toml").read_text("utf-8")), base)


def shipped_languages() -> tuple[str, ...]:
    """Return the codes that have a data file, sorted."""
    return tuple(
        sorted(p.name.removesuffix(".toml") for p in _FOLDER.iterdir() if p.name.endswith(".toml"))
    )


def parse_language(data: dict[str, Any], where: str) -> LanguageData:
    """Build a LanguageData from parsed TOML.

    Raises
    ------
    InternalError
        An unknown field, a word that is not lower case, or a pattern that does not compile.
    """
    flat = {name: value for name, value in data.items() if name not in _SECTIONS}
    for section in _SECTIONS:
        flat |= data.get(section, {})
    unknown = sorted(set(flat) - {field.name for field in fields(LanguageData)})
    if unknown:
        raise _broken(where, f'unknown field "{unknown[0]}"')
    frozen = {
        name: tuple(value) if isinstance(value, list) else value for name, value in flat.items()
    }
    for name in ("lines", "quote_markers"):
        for pattern in frozen.get(name, ()):
            _check_pattern(pattern, f"{where}.{name}")
    return LanguageData(**cast("dict[str, Any]", frozen))


def _check_pattern(pattern: str, where: str) -> None:
    try:
        re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise _broken(where, f"{pattern!r} is not a regular expression ({error})") from error


def _broken(where: str, what: str) -> InternalError:
    return InternalError(
        f"Language data {where}: {what}.",
        hint="Mend miner/text/data/<language>.toml or reinstall the package.",
        slug="text.language-data",
    )
