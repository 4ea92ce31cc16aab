"""The export beside averages of an industry or a competitor."""

from __future__ import annotations

from typing import Any, Final

from miner.insight.facts.benchmarks import Benchmark, BenchmarkGap
from miner.insight.metrics import LABELS
from miner.report import headlines
from miner.report.bands.base import Source, band, link
from miner.report.languages import t
from miner.report.model import Band, Column, Pair, PairChart, Sentence, Table, beyond_chance
from miner.report.sentences import say
from miner.report.tables.shared import examples, rounded
from miner.taxonomy import Taxonomy

COMPUTED: Final = (
    "Difference = figure here - benchmark, with its 95% interval. A benchmark without a number of"
    " answers is taken as exact (one-sample test); with one, its own chance counts too, and where"
    " its standard deviation is not given its answers are taken to spread as they do here. p-values"
    " are corrected for the number of benchmarks (Benjamini-Hochberg). Who was asked, and how, may"
    " differ from here."
)
_CHARTS: Final = {
    "points": "NPS beside benchmarks",
    "share": "Shares beside benchmarks",
    "score": "Mean scores beside benchmarks",
}
_NAMES: Final = ("Benchmark", "Here")


def benchmarks(source: Source) -> Band | None:
    """Return the differences to the benchmarks, None where none were given."""
    found = source.insight.benchmarks
    if not found:
        return None
    tree = source.tree
    charts = (_chart(found, unit, tree) for unit in _CHARTS)
    return band(
        "benchmarks",
        "Benchmarks",
        _headline(found, tree),
        computed=COMPUTED,
        tables=(_table(found, source),),
        charts=tuple(chart for chart in charts if chart is not None),
        notes=_notes(found),
    )


def label_of(one: Benchmark, tree: Taxonomy) -> str:
    """Return what is measured: the score's name, or the theme and the side."""
    if one.theme is None:
        return LABELS[one.measure]
    label = headlines.name(tree, one.theme)
    template = {"negative": "{label}, negative", "positive": "{label}, positive"}[one.measure]
    return say(template, label=label).text


def _ahead(found: BenchmarkGap) -> bool | None:
    """Whether the export does better, None where the difference may be chance."""
    if not beyond_chance(found.p_value) or not found.gap.value:
        return None
    return (found.gap.value > 0) != (found.benchmark.measure == "negative")


def _headline(found: tuple[BenchmarkGap, ...], tree: Taxonomy) -> Sentence:
    tested = [one for one in found if one.gap.value is not None]
    if not tested:
        return say("None of {all} benchmarks could be compared with.", all=len(found))
    behind = [one for one in tested if _ahead(one) is False]
    ahead = sum(_ahead(one) is True for one in tested)
    counts = {"behind": len(behind), "ahead": ahead, "all": len(tested)}
    if not behind:
        return say("Behind none of {all} benchmarks beyond chance, ahead of {ahead}.", **counts)
    worst = min(behind, key=lambda one: one.p_value or 0.0)
    return say(
        "Behind {behind} of {all} benchmarks beyond chance, ahead of {ahead}; most clearly behind"
        " {name}: {label} {ours:short} here, {theirs:short} there.",
        **counts,
        name=worst.benchmark.name,
        label=label_of(worst.benchmark, tree),
        ours=worst.ours,
        theirs=worst.theirs,
    )


def _notes(found: tuple[BenchmarkGap, ...]) -> tuple[Sentence, ...]:
    notes = []
    for one in found:
        name, label = one.benchmark.name, t(LABELS.get(one.benchmark.measure, ""))
        if one.problem == "no answers":
            notes.append(
                say("{name}: the export holds no {label} to compare with.", name=name, label=label)
            )
        elif one.problem == "scale":
            notes.append(
                say(
                    "{name}: its {label} was asked on another scale and is not compared.",
                    name=name,
                    label=label,
                )
            )
    return tuple(notes)


def _chart(found: tuple[BenchmarkGap, ...], unit: str, tree: Taxonomy) -> PairChart | None:
    drawn = [one for one in found if one.ours.unit == unit and one.gap.value is not None]
    if not drawn:
        return None
    top = drawn[0]
    said = say(
        "{n} figures beside their benchmark: {label} {ours} here, {theirs:short} for {name}.",
        n=len(drawn),
        label=label_of(top.benchmark, tree),
        ours=top.ours,
        theirs=top.theirs,
        name=top.benchmark.name,
    )
    pairs = tuple(
        Pair(
            f"{label_of(one.benchmark, tree)} · {one.benchmark.name}",
            one.theirs,
            one.ours,
            link(theme=one.benchmark.theme, polarity=one.benchmark.measure)
            if one.benchmark.theme
            else "",
        )
        for one in drawn
    )
    return PairChart(f"benchmarks-{unit}", _CHARTS[unit], said.text, _NAMES, pairs)


def _table(found: tuple[BenchmarkGap, ...], source: Source) -> Table:
    quoted = examples(source.insight)
    columns = (
        Column("benchmark", "Benchmark", "text"),
        Column("measure", "Measure", "text"),
        Column("theme", "Theme", "theme"),
        Column("here", "Here", "estimate"),
        Column("there", "Benchmark value", "estimate"),
        Column("difference", "Difference", "estimate", signed=True),
        Column("p_value", "p-value", "number"),
        Column("source", "Source", "text"),
        Column("year", "Year", "text"),
        Column("example", "Example", "quote"),
    )
    rows: tuple[tuple[Any, ...], ...] = tuple(
        (
            one.benchmark.name,
            label_of(one.benchmark, source.tree),
            one.benchmark.theme,
            one.ours,
            one.theirs,
            one.gap,
            rounded(one.p_value),
            one.benchmark.source or None,
            str(one.benchmark.year) if one.benchmark.year else None,
            quoted.get((one.benchmark.theme, one.benchmark.measure)),
        )
        for one in found
    )
    return Table("benchmarks", "Benchmarks", columns, rows)
