"""The language a report speaks: a catalogue a language, keyed by the English of the code.

A catalogue is a TOML file of this folder, named by its code (``sv.toml``). ``[form]`` says how
numbers are written, ``[text]`` holds each sentence template, title and label of the code,
``[word]`` what comes as a value: a tone, a direction, the name of a sheet. What a catalogue lacks
is said in English, and a test names it.

The language is a context variable: it holds for one thread, and a report drawn inside another
leaves the outer one as it was.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib import resources
from typing import Final

ENGLISH: Final = "en"
CHANNEL: Final = "channel"
"""The one cohort that is the program's own column and not one of the export's."""

_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
"""What stands as ``#`` in a key, so that one entry serves every scale and threshold."""


@dataclass(frozen=True, slots=True)
class Language:
    """How one language writes numbers, and its words for the report's own.

    `group` stands between thousands, `decimal` before decimals; `percent`, `range` and
    `signed_range` are templates of ``{n}`` and of ``{low}``, ``{high}``.
    """

    code: str
    name: str
    group: str
    decimal: str
    percent: str
    range: str
    signed_range: str
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def digits(self) -> dict[int, str]:
        """The table that turns a number written in English into this language's."""
        return {ord(","): self.group, ord("."): self.decimal}

    def say(self, text: str) -> str:
        """Return the text in this language, as it is where the catalogue lacks it."""
        found = self.texts.get(text)
        if found is None and self.texts and _NUMBER.search(text):
            found = self._with_numbers(text)
        return text if found is None else found

    def _with_numbers(self, text: str) -> str | None:
        found = self.texts.get(_NUMBER.sub("#", text))
        numbers = iter(_NUMBER.findall(text))
        return None if found is None else re.sub("#", lambda _: next(numbers), found)


def codes() -> tuple[str, ...]:
    """Return the languages there is a catalogue for, English first.

    Examples
    --------
    >>> codes()
    ('en', 'sv')
    """
    here = resources.files(__name__).iterdir()
    found = {one.name.removesuffix(".toml") for one in here if one.name.endswith(".toml")}
    return (ENGLISH, *sorted(found - {ENGLISH}))


@functools.cache
def language(code: str) -> Language:
    """Return the language of this code; one without a catalogue is English.

    Examples
    --------
    >>> language("sv").say("Pain points")
    'Smärtpunkter'
    """
    known = code if code in codes() else ENGLISH
    text = resources.files(__name__).joinpath(f"{known}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return Language(code=known, texts=data.get("word", {}) | data.get("text", {}), **data["form"])


_SPOKEN: ContextVar[str] = ContextVar("report_language", default=ENGLISH)


@contextmanager
def speaking(code: str) -> Iterator[Language]:
    """Let everything inside be said in this language.

    Examples
    --------
    >>> with speaking("sv"):
    ...     t("Strengths")
    'Styrkor'
    >>> t("Strengths")
    'Strengths'
    """
    token = _SPOKEN.set(code)
    try:
        yield language(code)
    finally:
        _SPOKEN.reset(token)


def spoken() -> Language:
    """Return the language that is spoken now."""
    return language(_SPOKEN.get())


def t(text: str) -> str:
    """Return a text of the report's own in the language that is spoken now."""
    return spoken().say(text)


def cohort_name(name: str) -> str:
    """Return a cohort's name as a reader sees it: the export's own, or the program's, translated.

    Examples
    --------
    >>> with speaking("sv"):
    ...     cohort_name("channel"), cohort_name("plan")
    ('kanal', 'plan')
    """
    return t("channel") if name == CHANNEL else name
