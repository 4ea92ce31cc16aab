"""Look over a theme tree before anybody labels with it: what is broken, and what will blur.

A finding is a value, never an exception, so that all of them are seen at once.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final, Literal

import numpy as np

from miner.errors import UsageError
from miner.learn.bundle import Bundle
from miner.learn.corpus import plain_text
from miner.learn.custom.read import Labelled, shown
from miner.learn.custom.rules import ENOUGH
from miner.learn.tagging import tag_clauses
from miner.taxonomy import Taxonomy, Theme, parse_taxonomy
from miner.text.clauses import Clauser

Level = Literal["error", "warning"]

_NAMED: Final = re.compile(r"\(([^()]*)\)\s*\Z")
_ALIKE: Final = 0.7
_FEW: Final = 30
_OF_ONE_FAMILY: Final = 0.5


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a tree: `slug` for programs, `theme` its key ("" for the whole tree)."""

    level: Level
    slug: str
    theme: str
    message: str


def structure(data: Mapping[str, Any], where: str) -> tuple[Taxonomy | None, list[Finding]]:
    """Return the tree of parsed TOML and every rule it breaks; no tree where it breaks one.

    Examples
    --------
    >>> tree, found = structure({"top": {"a": "A"}, "theme": [{"key": "a.b", "lable": "B"}]}, "x")
    >>> tree is None, found[0].message
    (True, 'unknown field "lable", nearest "label"')
    """
    found = []
    for entry in theme_entries(data):
        alone = {"top": data.get("top", {}), "theme": [entry]}
        found += _broken(alone, where, theme=str(entry.get("key", "")))
    if found:
        return None, found
    found = _broken(data, where, theme="")
    return (None, found) if found else (parse_taxonomy(data, where), [])


def theme_entries(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the [[theme]] entries of parsed TOML, without what is no such entry."""
    entries = data.get("theme", [])
    if not isinstance(entries, list):
        return []
    return [entry for entry in entries if isinstance(entry, Mapping)]


def meaning(tree: Taxonomy) -> list[Finding]:
    """Return what is doubtful about labels, definitions, examples and counter-examples."""
    return [*_labels(tree), *_definitions(tree), *_examples(tree), *_counter_examples(tree)]


def against_default(tree: Taxonomy, default: Taxonomy) -> list[Finding]:
    """Return keys of the default tree that are gone without an alias.

    A tree that shares less than half of the default's keys is somebody's own, and nothing is said.
    """
    names = {name for theme in tree.themes for name in (theme.key, *theme.aliases)}
    gone = [theme for theme in default.themes if theme.key not in names]
    if len(gone) > _OF_ONE_FAMILY * len(default.themes):
        return []
    new = [theme for theme in tree.themes if theme.key not in default.keys]
    return [
        _warning(
            "theme.key-gone",
            theme.key,
            f'"{theme.key}" of the default tree is gone and no theme has it as an alias: stored '
            f"mentions of it can't be carried over.{_alias_hint(theme, new)}",
        )
        for theme in gone
    ]


def confusions(tree: Taxonomy, bundle: Bundle) -> list[Finding]:
    """Return examples that a model tags as another theme of this tree.

    Themes the model does not know are judged too: where it takes their examples for a theme that
    stays in the tree, the two overlap or one was part of the other.
    """
    texts = [(theme, text) for theme in tree.themes for text in theme.examples]
    if not texts:
        return []
    said = _tagged([text for _, text in texts], tree, bundle)
    known = {key for key in map(_resolver(tree), bundle.taxonomy.keys) if key}
    found = []
    for (theme, text), keys in zip(texts, said, strict=True):
        if not keys or theme.key in keys:
            continue
        others = ", ".join(keys)
        why = "" if theme.key in known else f" It does not know {theme.key} yet."
        found.append(
            _warning(
                "theme.confused",
                theme.key,
                f'the model {bundle.name} takes the example "{text}" for {others}.{why}',
            )
        )
    return found


def label_counts(labelled: Labelled) -> list[Finding]:
    """Return themes with too few labels in a corpus, and the rows of it that were set aside."""
    found = []
    for key, count in labelled.counts().items():
        if count < ENOUGH:
            what = f"{count} labelled texts: never predicted under {ENOUGH}"
            found.append(_warning("theme.too-few-labels", key, what))
        elif count < _FEW:
            what = f"{count} labelled texts: figures are shaky under {_FEW}"
            found.append(_warning("theme.few-labels", key, what))
    for reason, count, first in shown(labelled.problems):
        found.append(_warning(reason, "", f"{count:,} rows, first: {first}"))
    return found


def _warning(slug: str, theme: str, message: str) -> Finding:
    return Finding("warning", slug, theme, message)


def _error(slug: str, theme: str, message: str) -> Finding:
    return Finding("error", slug, theme, message)


def _broken(data: Mapping[str, Any], where: str, *, theme: str) -> list[Finding]:
    """Return the first rule that data breaks, as a list."""
    try:
        parse_taxonomy(data, where)
    except UsageError as error:
        place = f'{where}, theme "{theme}": '
        message = error.message.removeprefix(place).removeprefix(f"{where}: ").rstrip(".")
        return [_error(error.slug, theme, message)]
    return []


def _labels(tree: Taxonomy) -> Iterator[Finding]:
    first: dict[str, str] = {}
    for theme in tree.themes:
        label = plain_text(theme.label)
        if label in first:
            yield _warning(
                "theme.same-label",
                theme.key,
                f'has the label "{theme.label}", which {first[label]} has too',
            )
        first.setdefault(label, theme.key)


def _definitions(tree: Taxonomy) -> Iterator[Finding]:
    """Yield pairs of themes whose definitions say nearly the same.

    Notes
    -----
    Near: cosine of at least 0.7 between the words, each weighted by idf over the definitions.
    """
    words = [set(plain_text(theme.definition).split()) for theme in tree.themes]
    every = sorted(set().union(*words)) if words else []
    has = np.array([[word in one for word in every] for one in words], dtype=np.float64)
    rows = has * (np.log((1 + len(words)) / (1 + has.sum(axis=0))) + 1)
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    for one, other in combinations(range(len(words)), 2):
        if rows[one] @ rows[other] >= _ALIKE:
            yield _warning(
                "theme.same-definition",
                tree.themes[other].key,
                f"is defined in nearly the words of {tree.themes[one].key}",
            )


def _examples(tree: Taxonomy) -> Iterator[Finding]:
    owner: dict[str, str] = {}
    for theme in tree.themes:
        if not theme.examples:
            yield _warning(
                "theme.no-example",
                theme.key,
                "has no examples: labellers and the check of confusions need some",
            )
        for text in theme.examples:
            other = owner.setdefault(plain_text(text), theme.key)
            if other != theme.key:
                yield _warning(
                    "theme.same-example",
                    theme.key,
                    f'the example "{text}" stands under {other} too',
                )


def _counter_examples(tree: Taxonomy) -> Iterator[Finding]:
    """Yield counter-examples whose bracket at the end names no theme, or their own."""
    resolve = _resolver(tree)
    for theme in tree.themes:
        for text in theme.counter_examples:
            match = _NAMED.search(text)
            named = match[1].strip() if match else ""
            if "." not in named or " " in named:
                continue
            if not resolve(named):
                near = difflib.get_close_matches(named, tree.keys, n=1)
                nearest = f', nearest "{near[0]}"' if near else ""
                yield _error(
                    "theme.counter-example-unknown",
                    theme.key,
                    f'a counter-example names the unknown theme "{named}"{nearest}',
                )
            elif resolve(named) == theme.key:
                yield _warning(
                    "theme.counter-example-own",
                    theme.key,
                    f'the counter-example "{text}" names this theme itself',
                )


def _alias_hint(gone: Theme, new: Sequence[Theme]) -> str:
    same = [theme for theme in new if plain_text(theme.label) == plain_text(gone.label)]
    names = [theme.key for theme in new]
    near = [theme.key for theme in same] or difflib.get_close_matches(gone.key, names, n=1)
    return f' Renamed? Add aliases = ["{gone.key}"] to {near[0]}.' if near else ""


def _tagged(texts: Sequence[str], tree: Taxonomy, bundle: Bundle) -> list[tuple[str, ...]]:
    """Return the themes of this tree that a model finds in each text, in the tree's order."""
    batch = Clauser(bundle.language).analyse(texts)
    decided = tag_clauses(bundle.tagger, batch, texts).decided
    resolve = _resolver(tree)
    keys = [resolve(key) for key in bundle.taxonomy.keys]
    found: list[set[str]] = [set() for _ in texts]
    for clause, theme in zip(*np.nonzero(decided), strict=True):
        if keys[theme]:
            found[batch.document[clause]].add(keys[theme])
    return [tuple(key for key in tree.keys if key in one) for one in found]


def _resolver(tree: Taxonomy) -> Any:
    """Return a function that gives the key a name stands for in the tree, "" for none."""
    names = {alias: theme.key for theme in tree.themes for alias in theme.aliases}
    names |= {key: key for key in tree.keys}
    return lambda name: names.get(name, "")
