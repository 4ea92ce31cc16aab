"""Read permitted public sets as training examples in this project's labels.

Grain: one `Example` is one text with whatever its source knows about it. A source that says
nothing about a theme, the sign or the presence of an opinion leaves it open, and training skips
that loss; nothing is guessed. Which label of which set means which theme is data
(``corpora/sources.toml``), not code. Texts of these sets never become part of the repository.
"""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from miner.errors import ModelError

SUFFIX = ".jsonl.gz"
SIGNED = frozenset({"positive", "negative"})


@dataclass(frozen=True, slots=True)
class Example:
    """One text and what is known about it.

    Parameters
    ----------
    text : the statement as written.
    labels : (theme key, polarity) pairs; a bare top theme leaves its sub-themes open; polarity
        None where the source does not say.
    open_themes : themes about which nothing is known although `complete` is true.
    complete : True where every theme not in `labels` or `open_themes` is absent.
    absent : themes known to be absent even where `complete` is false.
    sign : 'positive' or 'negative' of the whole text, None where unknown or both.
    opinion : whether the text holds an opinion, None where unknown.
    weight : trust in the labels, in (0, 1].
    group : author or document; rows of one group stay on one side of a split.
    source : name of the set.
    odds : a teacher's opinion instead of all these: its log-odds for each output.
    """

    text: str
    labels: tuple[tuple[str, str | None], ...] = ()
    open_themes: frozenset[str] = frozenset()
    complete: bool = False
    absent: frozenset[str] = frozenset()
    sign: str | None = None
    opinion: bool | None = None
    weight: float = 1.0
    group: str = ""
    source: str = ""
    odds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """One public set: its licence, attribution and label mapping, as ``sources.toml`` states it."""

    name: str
    title: str
    licence: str
    attribution: str
    source: str
    commit: str = ""
    key: tuple[str, ...] = ()
    themes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    no_opinion: frozenset[str] = frozenset()
    negative: bool = False
    sign: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    complete_words: int = 0
    absent: frozenset[str] = frozenset()
    opinion: bool = False
    max_words: int = 60
    weight: float = 1.0
    group: str = ""
    skip: str = ""


def load_specs(path: Path) -> dict[str, SourceSpec]:
    """Return every set described in a ``sources.toml``, by name.

    Raises
    ------
    ModelError
        If the file is missing, or a table has an unknown or missing setting.
    """
    try:
        tables: dict[str, dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))["sets"]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise ModelError(
            f"{path} does not describe training sets: {error}.",
            hint="Pass a TOML file with [sets.<name>] tables.",
        ) from error
    return {name: _spec(name, _inherit(table, tables), path) for name, table in tables.items()}


def read_source(path: Path, specs: Mapping[str, SourceSpec]) -> Iterator[Example]:
    """Yield the examples of one set, in file order; the file's stem names the set.

    Parameters
    ----------
    path : a gzipped file of JSON lines.
    specs : from `load_specs`.

    Raises
    ------
    ModelError
        If no set has the file's stem as its name.
    """
    name = path.name.removesuffix(SUFFIX)
    if name not in specs:
        raise ModelError(
            f"No training set is called {name!r}.", hint=f"Known sets: {', '.join(sorted(specs))}."
        )
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as handle:
        yield from examples(map(json.loads, handle), specs[name])


def examples(rows: Iterable[Mapping[str, Any]], spec: SourceSpec) -> Iterator[Example]:
    """Yield the rows that fit a set's limits as examples, in order.

    Examples
    --------
    >>> spec = SourceSpec("tickets", "Tickets", "MIT", "us", "", key=("tag",),
    ...                   themes={"late": ("service.delivery",)}, negative=True)
    >>> [e.labels for e in examples([{"text": "Still not here.", "tag": "late"}], spec)]
    [(('service.delivery', 'negative'),)]
    """
    skip = re.compile(spec.skip) if spec.skip else None
    for row in rows:
        text = str(row["text"]).strip()
        words = len(text.split())
        if 0 < words <= spec.max_words and not (skip and skip.search(text.lower())):
            yield _example(text, words, row, spec)


def _example(text: str, words: int, row: Mapping[str, Any], spec: SourceSpec) -> Example:
    tags = _tags(row, spec)
    known = [(tag, polarity) for tag, polarity in tags if tag in spec.themes]
    sign = _sign(row, tags, bool(known), spec)
    labels = {
        theme: _polarity(polarity, sign, spec)
        for tag, polarity in known
        if polarity != "neutral"
        for theme in spec.themes[tag]
    }
    silent = not known and bool(tags) and _no_opinion(tags, spec)
    neutral = frozenset(t for tag, p in known if p == "neutral" for t in spec.themes[tag])
    complete = silent or (bool(labels) and len(known) == len(tags) and words <= spec.complete_words)
    return Example(
        text=text,
        labels=tuple(sorted(labels.items())),
        open_themes=neutral.difference(labels),
        complete=complete,
        absent=spec.absent,
        sign=None if silent else sign,
        opinion=False if silent else (True if spec.opinion or (labels and spec.negative) else None),
        weight=spec.weight,
        group=f"{spec.name}:{row[spec.group]}" if spec.group else "",
        source=spec.name,
    )


def _tags(row: Mapping[str, Any], spec: SourceSpec) -> list[tuple[str, str | None]]:
    """Return the row's own labels with the polarity its source gives to each."""
    if spec.key == ("aspects",):
        return [(a["category"], a["polarity"]) for a in row["aspects"]]
    if spec.key == ("features",):
        return [
            (f["feature"], "positive" if f["strength"] > 0 else "negative")
            for f in row["features"]
            if f["strength"]
        ]
    if spec.key == ("labels",):
        return [(str(row["labels"][-1]), None)] if row["labels"] else []
    values = [row.get(name) for name in spec.key]
    return [(" | ".join(map(str, values)), None)] if values and all(values) else []


def _sign(
    row: Mapping[str, Any], tags: list[tuple[str, str | None]], known: bool, spec: SourceSpec
) -> str | None:
    for name, values in spec.sign.items():
        return values.get(str(row.get(name)))
    signs = {polarity for _, polarity in tags} & SIGNED
    if len(signs) == 1:
        return signs.pop()
    return "negative" if spec.negative and known else None


def _polarity(own: str | None, sign: str | None, spec: SourceSpec) -> str | None:
    return own or sign or ("negative" if spec.negative else None)


def _no_opinion(tags: list[tuple[str, str | None]], spec: SourceSpec) -> bool:
    return "*" in spec.no_opinion or all(tag in spec.no_opinion for tag, _ in tags)


def _inherit(table: dict[str, Any], tables: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    own = {name: value for name, value in table.items() if name != "like"}
    return {**tables[table["like"]], **own} if "like" in table else own


def _spec(name: str, table: dict[str, Any], path: Path) -> SourceSpec:
    values = dict(table)
    for setting in ("no_opinion", "absent"):
        values[setting] = frozenset(values.get(setting, ()))
    values["key"] = tuple(values.get("key", ()))
    values["themes"] = {tag: tuple(keys) for tag, keys in values.get("themes", {}).items()}
    try:
        return SourceSpec(name=name, **values)
    except TypeError as error:
        raise ModelError(
            f"{path}, [sets.{name}]: {error}.",
            hint="See the comment at the top of the file for the settings.",
        ) from error
