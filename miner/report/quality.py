"""The tagger's own measured error, read from the figures that come with the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from miner.insight.types import Estimate
from miner.report.model import Column, Sentence, Table
from miner.report.sentences import say

FIGURES: Final = {
    "top_macro_f1": "top themes, macro-F1",
    "theme_macro_f1": "sub-themes, macro-F1",
    "sign_macro_f1": "positive or negative, macro-F1",
    "mention_sign_macro_f1": "the same, with clauses that are both",
    "sign_accuracy": "positive or negative, right",
    "polarity_macro_f1": "negative, neutral or positive, macro-F1",
    "opinion_macro_f1": "opinion or none, macro-F1",
    "theme_ece": "calibration error of themes (lower is better)",
    "mention_ece": "calibration error of mentions (lower is better)",
    "sign_ece": "calibration error of the sign (lower is better)",
}
"""Plain words for the figures a model is measured by; others stand under their own names."""

_ESTIMATE: Final = {"value", "low", "high", "n"}
_COUNTS: Final = {"precision", "recall", "f1", "n"}
_WRAPPERS: Final = ("splits", "figures", "themes")


def figures(model_quality: Mapping[str, Any]) -> Table:
    """Return one row a measured figure: what it was measured on, its name, its estimate."""
    columns = (
        Column("measured_on", "Measured on", "text"),
        Column("figure", "Figure", "word"),
        Column("estimate", "Value", "estimate"),
    )
    rows = tuple(
        (_place(path[:-1]), FIGURES.get(path[-1], path[-1].replace("_", " ")), _estimate(found))
        for path, found in _nodes(model_quality, ())
        if set(found) >= _ESTIMATE
    )
    return Table("model_quality", "The tagger's own error", columns, rows)


def by_theme(model_quality: Mapping[str, Any]) -> Table:
    """Return one row a theme: how much of what is there is found, and is right."""
    columns = (
        Column("measured_on", "Measured on", "text"),
        Column("theme", "Theme", "theme"),
        Column("precision", "Precision", "share"),
        Column("recall", "Recall", "share"),
        Column("f1", "F1", "share"),
        Column("labels", "Labels", "int"),
    )
    rows = tuple(
        (_place(path[:-1]), path[-1], *(found[name] for name in ("precision", "recall", "f1", "n")))
        for path, found in _nodes(model_quality, ())
        if set(found) >= _COUNTS and path[-2:-1] == ("themes",)
    )
    return Table("theme_quality", "The tagger's error by theme", columns, rows)


def headline(tagger: str, model_quality: Mapping[str, Any]) -> Sentence:
    """Return what the tagger was measured to get right, with its interval."""
    said = say("tagger {name}", name=tagger) if tagger else say("tagger")
    facts: dict[str, Any] = {"tagger": said}
    sign = _find(model_quality, "sign_accuracy", "share")
    themes = _find(model_quality, "top_macro_f1", "score")
    if sign is None or themes is None:
        if model_quality:
            return say("The {tagger} makes errors; how often is listed below.", **facts)
        return say("The {tagger} makes errors; how often was not given with the figures.", **facts)
    return say(
        "On feedback it had not seen, the {tagger} tells positive from negative in {sign} of"
        " mentions and reaches an F1 of {themes} on themes.",
        sign=sign,
        themes=themes,
        **facts,
    )


def agreement(model_quality: Mapping[str, Any]) -> Sentence | None:
    """Return how often two people agree, where the model's figures say so."""
    range_ = model_quality.get("human_agreement")
    if not isinstance(range_, (list, tuple)) or len(range_) != 2:
        return None
    low, high = map(float, range_)
    return say(
        "Two people who tag the same clause agree on its themes in about {low} to {high} of cases,"
        " so no tagger can be expected to do much better.",
        low=low,
        high=high,
    )


def _nodes(
    value: Any, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Every mapping inside, with the names that lead to it."""
    if not isinstance(value, Mapping):
        return
    if path:
        yield path, value
    for name, item in value.items():
        yield from _nodes(item, (*path, str(name)))


def _place(path: tuple[str, ...]) -> str:
    return ", ".join(name.replace("_", " ") for name in path if name not in _WRAPPERS)


def _estimate(found: Mapping[str, Any], unit: Literal["share", "score"] = "score") -> Estimate:
    value, low, high = (
        None if found[name] is None else float(found[name]) for name in ("value", "low", "high")
    )
    return Estimate(value, low, high, int(found["n"]), unit, "bootstrap")


def _find(
    model_quality: Mapping[str, Any], figure: str, unit: Literal["share", "score"]
) -> Estimate | None:
    """The figure on the plain test split, read the way the program scores."""
    found = {
        path: node
        for path, node in _nodes(model_quality, ())
        if path[-1] == figure and set(node) >= _ESTIMATE
    }
    for wanted in ({"test", "as_scored"}, {"test"}, set()):
        for path, node in found.items():
            if wanted <= set(path):
                return _estimate(node, unit)
    return None
