"""The theme tree: read from TOML, validated, hashed.

A theme is a node with a dotted key (`service.delivery`); the first part is its top theme. Keys
never renumber; a theme that was merged away leaves its key behind as an alias.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

from miner.errors import UsageError, nearest
from miner.resources import folder

_KEY = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z")
_TOP_FIELDS = {"version", "language", "catch_all", "top", "theme", "translation"}
_TRANSLATION_FIELDS = {"label", "definition"}
_THEME_FIELDS = {"key", "label", "definition", "examples", "counter_examples", "aliases"}


@dataclass(frozen=True, slots=True)
class Theme:
    """One node that can be mentioned: key, label, definition, examples, counter-examples."""

    key: str
    label: str
    definition: str
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]
    aliases: tuple[str, ...] = ()

    @property
    def top(self) -> str:
        """Return the first part of the key: ``communication``, ``service``, …"""
        return self.key.split(".", 1)[0]


@dataclass(frozen=True, slots=True)
class Translation:
    """Labels of themes and top themes, and definitions of themes, in one language, by key."""

    label: Mapping[str, str] = field(default_factory=dict)
    definition: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Taxonomy:
    """The themes in their fixed order, and the labels of the top themes.

    `catch_all`: top themes that name nothing in particular; their mentions are counted, but they
    are never ranked as a pain point or a strength. `translations`: by language code, for reports;
    they change no meaning, so that they are no part of the hash.

    Examples
    --------
    >>> tree = load_taxonomy()
    >>> tree.resolve("service.delivery").label
    'Delivery'
    """

    themes: tuple[Theme, ...]
    top: Mapping[str, str]
    language: str = "en"
    catch_all: tuple[str, ...] = ()
    translations: Mapping[str, Translation] = field(default_factory=dict)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Theme keys in the file's order: the order of every report and model column."""
        return tuple(theme.key for theme in self.themes)

    @cached_property
    def _by_key(self) -> dict[str, Theme]:
        names = {alias: theme for theme in self.themes for alias in theme.aliases}
        return names | {theme.key: theme for theme in self.themes}

    @cached_property
    def sha256(self) -> str:
        """Hash of the meaning (keys, labels, definitions …), not of the file's layout."""
        data = {"top": dict(self.top), "themes": [asdict(theme) for theme in self.themes]}
        if self.catch_all:
            data["catch_all"] = list(self.catch_all)
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

    def resolve(self, key: str) -> Theme:
        """Return the theme of this key or alias; UsageError names the nearest valid key."""
        found = self._by_key.get(key)
        if found is None:
            raise UsageError(
                f'No theme "{key}" in the taxonomy.',
                hint=f"{nearest(key, self._by_key)}See all: miner themes list.",
                slug="taxonomy.unknown-theme",
                theme=key,
            )
        return found

    def ranked(self, key: str) -> bool:
        """Return whether a theme names something particular, and so can be a pain point."""
        return key.split(".", 1)[0] not in self.catch_all

    def label(self, key: str) -> str:
        """Return the label of a theme key or of a top theme."""
        return self.top[key] if key in self.top else self.resolve(key).label

    def in_language(self, code: str) -> Taxonomy:
        """Return the same themes with labels and definitions in another language where known.

        A theme this taxonomy doesn't translate takes the shipped translation if it is worded as
        the shipped one; else it stays as it is.

        Examples
        --------
        >>> load_taxonomy().in_language("sv").label("service.delivery")
        'Leverans'
        """
        if code == self.language:
            return self
        own, shipped = self.translations.get(code), _shipped()
        known = (own or Translation(), shipped.translations.get(code) or Translation())
        themes = tuple(_translated(one, known, shipped) for one in self.themes)
        top = {
            key: _word("label", key, known, same=shipped.top.get(key) == label) or label
            for key, label in self.top.items()
        }
        return replace(self, themes=themes, top=top, language=code)


@cache
def _shipped() -> Taxonomy:
    return load_taxonomy()


def _translated(theme: Theme, known: tuple[Translation, ...], shipped: Taxonomy) -> Theme:
    found = shipped._by_key.get(theme.key)
    label, definition = (
        _word(name, theme.key, known, same=getattr(found, name, None) == getattr(theme, name))
        for name in ("label", "definition")
    )
    return replace(theme, label=label or theme.label, definition=definition or theme.definition)


def _word(name: str, key: str, known: tuple[Translation, ...], *, same: bool) -> str:
    """The word of the taxonomy itself, else the shipped one where the original is the same."""
    own, shipped = (getattr(one, name).get(key, "") for one in known)
    return own or (shipped if same else "")


def load_taxonomy(path: str | Path | None = None) -> Taxonomy:
    """Read and validate a taxonomy file; None means the shipped one.

    Raises
    ------
    UsageError
        The file is missing, is not TOML, or breaks a rule (the message names the key).
    """
    source = Path(path) if path is not None else folder("corpora") / "taxonomy.toml"
    return parse_taxonomy(taxonomy_data(source), str(source))


def taxonomy_data(path: Path) -> dict[str, Any]:
    """Return a taxonomy file as parsed TOML, its rules not yet looked at.

    Raises
    ------
    UsageError
        The file is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror or error}.",
            hint="Give the path of a taxonomy TOML file.",
            slug="taxonomy.unreadable",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is not valid TOML: {error}.",
            hint="Mend that line; corpora/taxonomy.toml shows the form.",
            slug="taxonomy.not-toml",
        ) from error


def parse_taxonomy(data: Mapping[str, Any], where: str = "taxonomy") -> Taxonomy:
    """Build a Taxonomy from parsed TOML; raises UsageError on the first broken rule."""
    _known(data, _TOP_FIELDS, where)
    _formed(data, where)
    top = {str(key): str(label) for key, label in dict(data.get("top", {})).items()}
    themes = tuple(_theme(entry, top, where) for entry in data.get("theme", []))
    if not themes:
        raise _broken(where, "no [[theme]] entry")
    names = [name for theme in themes for name in (theme.key, *theme.aliases)]
    catch_all = tuple(map(str, data.get("catch_all", ())))
    for name in catch_all:
        if name not in top:
            raise _broken(where, f'catch_all names "{name}", which is not in [top]')
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _broken(where, f'theme key or alias "{twice[0]}" stands twice')
    language = str(data.get("language", "en"))
    known = {*top, *names}
    translations = {
        str(code): _translation(entry, known, f"{where}, translation.{code}")
        for code, entry in dict(data.get("translation", {})).items()
    }
    return Taxonomy(themes, top, language, catch_all, translations)


def _translation(entry: Mapping[str, Any], known: set[str], where: str) -> Translation:
    """Read one language; words for themes taken out of a copy of the shipped tree are left out."""
    if not _is_table(entry) or not all(map(_is_table, entry.values())):
        raise _broken(where, "expected tables of words by theme")
    _known(entry, _TRANSLATION_FIELDS, where)
    parts = {name: dict(words) for name, words in entry.items()}
    for name, words in parts.items():
        gone = [key for key in words if key not in known and key in _shipped().keys]
        parts[name] = {key: word for key, word in words.items() if key not in gone}
        _known(parts[name], known, f"{where}.{name}")
    return Translation(**parts)


def _theme(entry: Mapping[str, Any], top: Mapping[str, str], where: str) -> Theme:
    key = str(entry.get("key", ""))
    place = f'{where}, theme "{key}"'
    _known(entry, _THEME_FIELDS, place)
    _formed(entry, place)
    if not _KEY.match(key):
        raise _broken(place, "a key has the form top.name, in lower case")
    if key.split(".", 1)[0] not in top:
        raise _broken(place, f"its first part is not in [top] ({', '.join(top)})")
    for name in ("label", "definition"):
        if not entry.get(name):
            raise _broken(place, f"{name} is missing")
    return Theme(
        key=key,
        label=str(entry["label"]),
        definition=str(entry["definition"]),
        examples=tuple(map(str, entry.get("examples", ()))),
        counter_examples=tuple(map(str, entry.get("counter_examples", ()))),
        aliases=tuple(map(str, entry.get("aliases", ()))),
    )


def _formed(entry: Mapping[str, Any], where: str) -> None:
    """Raise UsageError where a field is no table or list and should be one, or the reverse."""
    for name, value in entry.items():
        is_so, wanted = _FORMS.get(name, (_is_word, "a text in quotes"))
        if not is_so(value):
            raise _broken(where, f'"{name}" has another form, expected {wanted}')


def _is_word(value: object) -> bool:
    return not isinstance(value, Mapping | list | tuple)


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_words(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_word, value))


def _is_labels(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_word, value.values()))


def _is_tables(value: object) -> bool:
    return isinstance(value, list | tuple) and all(map(_is_table, value))


_LIST: Final = (_is_words, 'a list of texts, as in ["one", "two"]')
_FORMS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "top": (_is_labels, 'a table [top] of lines such as service = "Service"'),
    "theme": (_is_tables, "entries that each start with [[theme]]"),
    "translation": (_is_table, "tables such as [translation.sv.label]"),
    "catch_all": _LIST,
    "examples": _LIST,
    "counter_examples": _LIST,
    "aliases": _LIST,
}


def _known(entry: Mapping[str, Any], allowed: set[str], where: str) -> None:
    for name in entry:
        if name not in allowed:
            near = difflib.get_close_matches(name, sorted(allowed), n=1)
            wanted = f', nearest "{near[0]}"' if near else ""
            raise _broken(where, f'unknown field "{name}"{wanted}')


def _broken(where: str, what: str) -> UsageError:
    return UsageError(
        f"{where}: {what}.",
        hint="corpora/taxonomy.toml shows the form.",
        slug="taxonomy.invalid",
    )
