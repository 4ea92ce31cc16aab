"""What each theme adds to a score and takes from it: a waterfall that adds up."""

from __future__ import annotations

from typing import Final, Literal

from miner.insight.facts.impact import ScoreImpact, ThemeImpact
from miner.report import headlines
from miner.report.bands.base import Source, band, link
from miner.report.languages import t
from miner.report.model import Band, IntervalBar, Sentence, WaterfallChart
from miner.report.numbers import show
from miner.report.sentences import say
from miner.report.tables.impact import PARTS, impact_table, steps, steps_table
from miner.report.tables.shared import examples

Tone = Literal["negative", "positive", "neutral"]

COMPUTED: Final = (
    "Additive impact: each answer's distance from the baseline, shared out equally over the themes"
    " of its comment (a Shapley value) and divided by the number of answers, so that the impacts of"
    " all themes, of comments without a theme and of answers without a comment sum to score minus"
    " baseline; for the NPS a promoter is 100, a detractor -100, for CSAT a satisfied customer is"
    " 100%. Leave-one-out impact: the score minus the score of all answers that don't mention the"
    " theme; themes named together are counted in each. Intervals: 95%, bootstrap over answers."
    " Associations, never causes."
)


def impact(source: Source) -> Band | None:
    """Return a waterfall a score and both impacts of every theme; None without a score."""
    found = source.insight.impacts
    if not found:
        return None
    tables = (steps_table(found), impact_table(found, examples(source.insight)))
    return band(
        "impact",
        "Impact on the scores",
        _headline(found[0], source),
        computed=COMPUTED,
        tables=tables,
        charts=tuple(_waterfall(one, source) for one in found),
        notes=tuple(_baseline(one) for one in found),
    )


def _headline(impact: ScoreImpact, source: Source) -> Sentence:
    """The theme with the largest loss and the one with the largest gain, where they are clear."""
    themes = [one for one in impact.themes if one.side == "any" and source.tree.ranked(one.theme)]
    losses = [one for one in themes if one.additive.high is not None and one.additive.high < 0]
    gains = [one for one in themes if one.additive.low is not None and one.additive.low > 0]
    figures: dict[str, object] = {"score": t(impact.label)}
    if losses:
        figures |= _named("worst", min(losses, key=lambda one: one.points), source)
    if gains:
        figures |= _named("best", max(gains, key=lambda one: one.points), source)
    return say(_HEADLINES[bool(losses), bool(gains)], **figures)


_HEADLINES: Final = {
    (True, True): "{worst} goes with the largest loss of {score}, {worst_impact:signed};"
    " {best} with the largest gain, {best_impact:signed}.",
    (True, False): "{worst} goes with the largest loss of {score}, {worst_impact:signed};"
    " no theme with a clear gain.",
    (False, True): "{best} goes with the largest gain of {score}, {best_impact:signed};"
    " no theme with a clear loss.",
    (False, False): "No theme goes with a clear gain or loss of {score}.",
}


def _named(which: str, one: ThemeImpact, source: Source) -> dict[str, object]:
    label = headlines.name(source.tree, one.theme)
    return {which: label, f"{which}_impact": one.additive}


def _baseline(impact: ScoreImpact) -> Sentence:
    """Where the sum starts, and why there."""
    figures = {"score": t(impact.label), "n": impact.n}
    if impact.unit == "points":
        return say(
            "{score} is counted from {baseline} (as many promoters as detractors; n = {n}).",
            baseline=int(impact.baseline),
            **figures,
        )
    if impact.unit == "share":
        return say(
            "{score} is counted from {baseline} (as many satisfied customers as others; n = {n}).",
            baseline=impact.baseline,
            **figures,
        )
    return say(
        "{score} is counted from {baseline} (the middle of its scale; n = {n}).",
        baseline=f"{impact.baseline:g}",
        **figures,
    )


def _waterfall(impact: ScoreImpact, source: Source) -> WaterfallChart:
    bars = tuple(
        IntervalBar(
            label=headlines.name(source.tree, theme) if theme else t(PARTS[part]),
            estimate=estimate,
            tone=_tone(estimate.value or 0.0) if theme else "neutral",
            link=link(theme=theme) if theme else "",
        )
        for part, theme, estimate in steps(impact)
    )
    score = t(impact.label)
    return WaterfallChart(
        key=f"impact-{impact.score}",
        title=say("{score}: from the baseline by theme", score=score).text,
        description=_described(impact, source),
        start=(t("baseline"), impact.baseline),
        steps=bars,
        end=(score, impact.value),
    )


def _tone(value: float) -> Tone:
    return "negative" if value < 0 else "positive" if value > 0 else "neutral"


def _described(impact: ScoreImpact, source: Source) -> str:
    """The whole walk in words, for those who don't see the chart."""
    said = ", ".join(
        f"{headlines.name(source.tree, theme) if theme else t(PARTS[part])} {show(one, 'signed')}"
        for part, theme, one in steps(impact)
    )
    return say("Steps to {score}: {steps}.", score=t(impact.label), steps=said).text
