"""The theme tree of somebody's own labels: made from them, or given and the labels fitted to it."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from miner.taxonomy import Taxonomy, Theme, parse_taxonomy

OWN_TOP: Final = "own"
"""First part of the keys of labels that name no top theme themselves."""

_STEPS: Final = re.compile(r"\s*(?:>+|#|::)\s*|(?<=\w)\.(?=\w)")
_NOT_KEY: Final = re.compile(r"[^a-z0-9]+")
_SAME: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class LabelKeys:
    """The theme of each label as written. `unknown`: labels without one, with the nearest key."""

    tree: Taxonomy
    keys: Mapping[str, str]
    unknown: Mapping[str, str]


def make_tree(labels: Iterable[str], *, source: str, language: str) -> LabelKeys:
    """Return a flat tree made from labels: a theme each, keys in the order of the labels.

    ``Delivery`` gives ``own.delivery``; a label with a dot, ``>``, ``#`` or ``::`` in it keeps its
    parts: ``Food#Quality`` gives ``food.quality``. Labels that differ only in case, blanks and
    punctuation are one.

    Examples
    --------
    >>> made = make_tree(["Delivery", "delivery ", "Food#Quality"], source="x.csv", language="en")
    >>> made.tree.keys, made.keys["delivery "]
    (('own.delivery', 'food.quality'), 'own.delivery')
    """
    same: dict[str, str] = {}
    keys: dict[str, str] = {}
    themes: list[dict[str, str]] = []
    tops: dict[str, str] = {}
    for label in labels:
        folded = same_label(label)
        if folded not in same:
            top, name, parts = _parts(label)
            key = _free(f"{top}.{name}", {one["key"] for one in themes})
            tops.setdefault(top, parts[0] if len(parts) > 1 else "Labels")
            said = f'Texts labelled "{label.strip()}" in {source}.'
            themes.append({"key": key, "label": parts[-1], "definition": said})
            same[folded] = key
        keys[label] = same[folded]
    tree = parse_taxonomy({"language": language, "top": tops, "theme": themes}, source)
    return LabelKeys(tree, keys, {})


def match_tree(labels: Iterable[str], tree: Taxonomy) -> LabelKeys:
    """Return the themes of a given tree that labels mean: by key, alias, label or last part.

    Examples
    --------
    >>> from miner.taxonomy import load_taxonomy
    >>> found = match_tree(["Delivery", "service.speed", "parking"], load_taxonomy())
    >>> found.keys["Delivery"], sorted(found.unknown)
    ('service.delivery', ['parking'])
    """
    names = _names(tree)
    keys: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for label in labels:
        found = names.get(_folded(label))
        if found is not None:
            keys[label] = found
            continue
        near = difflib.get_close_matches(_folded(label), names, n=1)
        unknown[label] = names[near[0]] if near else ""
    return LabelKeys(tree, keys, unknown)


def one_spelling(labels: Iterable[str], tree: Taxonomy | None = None) -> dict[str, str]:
    """Return the spelling to take of each label: that of the first that means the same.

    Labels mean the same as `make_tree` and, with a tree, `match_tree` say.

    Examples
    --------
    >>> one_spelling(["Late delivery", "late_delivery", "price"])
    {'Late delivery': 'Late delivery', 'late_delivery': 'Late delivery', 'price': 'price'}
    """
    listed = list(labels)
    themes = match_tree(listed, tree).keys if tree is not None else {}
    first: dict[str, str] = {}
    return {
        label: first.setdefault(themes.get(label) or same_label(label), label) for label in listed
    }


def same_label(label: str) -> str:
    """Return what labels share that differ only in case, blanks and punctuation.

    Examples
    --------
    >>> same_label("Late  Delivery") == same_label("late-delivery ")
    True
    """
    return _SAME.sub(" ", label.casefold()).strip() or label


def tree_text(tree: Taxonomy) -> str:
    """Return a tree as the TOML file that gives it again.

    Examples
    --------
    >>> import tomllib
    >>> from miner.taxonomy import load_taxonomy
    >>> tree = load_taxonomy()
    >>> parse_taxonomy(tomllib.loads(tree_text(tree))).sha256 == tree.sha256
    True
    """
    lines = [f"language = {quoted(tree.language)}"]
    if tree.catch_all:
        lines.append(f"catch_all = {_listed(tree.catch_all)}")
    lines += ["", "[top]", *(f"{key} = {quoted(label)}" for key, label in tree.top.items())]
    for theme in tree.themes:
        lines += ["", "[[theme]]", *_theme_lines(theme)]
    return "\n".join(lines) + "\n"


def _theme_lines(theme: Theme) -> list[str]:
    lines = [f"{name} = {quoted(getattr(theme, name))}" for name in ("key", "label", "definition")]
    return lines + [
        f"{name} = {_listed(getattr(theme, name))}"
        for name in ("examples", "counter_examples", "aliases")
        if getattr(theme, name)
    ]


def quoted(text: str) -> str:
    """Return a text as a TOML string.

    Examples
    --------
    >>> print(quoted('a "b"'))
    "a \\"b\\""
    """
    clean = (
        text.encode("utf-8", "replace").decode("utf-8").replace("\\", "\\\\").replace('"', '\\"')
    )
    shown = (f"\\u{ord(one):04x}" if unicodedata.category(one) == "Cc" else one for one in clean)
    return '"' + "".join(shown) + '"'


def _listed(texts: Iterable[str]) -> str:
    return "[" + ", ".join(map(quoted, texts)) + "]"


def _parts(label: str) -> tuple[str, str, list[str]]:
    """Return top key, rest of the key and the readable parts of a label."""
    parts = [part.strip() for part in _STEPS.split(label) if part and part.strip()]
    parts = parts or [label.strip()]
    top = _slug(parts[0]) if len(parts) > 1 else OWN_TOP
    names = parts[1:] if len(parts) > 1 else parts
    return top, ".".join(_slug(name) for name in names), parts


def _slug(name: str) -> str:
    """Return the part of a key a name gives; a name without Latin letters gives a hash of it.

    A key has to start with a letter: ``24h`` gives ``n24h``.
    """
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore")
    slug = _NOT_KEY.sub("_", plain.decode().lower()).strip("_")
    if not slug:
        return "label_" + sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return slug if slug[0].isalpha() else f"n{slug}"


def _free(key: str, taken: set[str]) -> str:
    number = 2
    free = key
    while free in taken:
        free, number = f"{key}_{number}", number + 1
    return free


def _names(tree: Taxonomy) -> dict[str, str]:
    """Return every name a theme goes by; labels and last parts only where they name one theme."""
    loose: dict[str, set[str]] = {}
    for theme in tree.themes:
        for name in (theme.label, theme.key.split(".")[-1]):
            loose.setdefault(_folded(name), set()).add(theme.key)
    found = {name: next(iter(keys)) for name, keys in loose.items() if len(keys) == 1}
    for theme in tree.themes:
        found |= {_folded(name): theme.key for name in (*theme.aliases, theme.key)}
    return found


def _folded(label: str) -> str:
    """Return a label as it is looked up: parts joined by dots, case and blanks aside."""
    parts = [_SAME.sub(" ", part.casefold()).strip() for part in _STEPS.split(label) if part]
    return ".".join(part for part in parts if part)
