"""Every sentence of the report: a template filled from figures, nothing invented.

A sentence keeps the figures it was filled from (`Sentence.figures`). Wording is plain: a
difference between groups is "associated with", and a figure below the stated minimum is
"too few to say (n = …)".
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

from miner.insight.types import CohortShare, Estimate, Gap, Insight, Score, ThemeFinding, Trend
from miner.report.languages import cohort_name, spoken, t
from miner.report.model import ScoreView, Sentence
from miner.report.numbers import count, percent, show
from miner.types import Ledger


class _Said:
    """A figure inside a template: ``{share}``, ``{share:short}``, ``{n:row|rows}`` …"""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __format__(self, form: str) -> str:
        if "|" in form:
            one, many = form.split("|")
            return one if self.value == 1 else many
        if isinstance(self.value, Estimate):
            return show(self.value, form or "full")  # type: ignore[arg-type]
        if isinstance(self.value, float):
            return percent(self.value)
        if isinstance(self.value, int):
            return count(self.value)
        return str(self.value)


def say(template: str, **figures: Any) -> Sentence:
    """Return the template, in the language spoken, filled with figures by the one rounding rule.

    Floats are shares in [0, 1], ints are counts, an Estimate takes a form of
    `miner.report.numbers.show`; a Sentence stands as its text and brings its figures along.
    ``{n:row|rows}`` is the word that goes with a count, not the count itself.

    Examples
    --------
    >>> say("{n} {n:row|rows} read", n=1).text, say("{n} {n:row|rows} read", n=2).text
    ('1 row read', '2 rows read')
    >>> say("{n} of {all} rows ({part}).", n=1308, all=14212, part=0.092).text
    '1,308 of 14,212 rows (9%).'
    """
    said = {name: _Said(value) for name, value in figures.items()}
    known = (
        value.figures if isinstance(value, Sentence) else {name: value}
        for name, value in figures.items()
    )
    return Sentence(text=t(template).format(**said), figures=_together(known))


def joined(parts: Iterable[Sentence], between: str = ", ") -> Sentence:
    """Return sentences as one, with the figures of all."""
    found = list(parts)
    figures = _together(part.figures for part in found)
    return Sentence(between.join(part.text for part in found), figures)


def _together(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the figures of all parts; a second one of a name is called ``name_2`` and so on."""
    known: dict[str, Any] = {}
    for name, value in (pair for part in parts for pair in part.items()):
        places = (name if at == 1 else f"{name}_{at}" for at in itertools.count(1))
        known[next(place for place in places if place not in known)] = value
    return known


def reading(ledger: Ledger, insight: Insight, not_scored: int) -> Sentence:
    """Return what was read, counted and set aside, as parts that add up.

    `not_scored`: accepted feedback in a language without a model.
    """
    aside = ledger.received - insight.counted
    parts = {
        "empty": ledger.empty,
        "duplicate": ledger.duplicate,
        "junk": ledger.junk,
        "rejected": ledger.rejected,
        "not_scored": not_scored,
        "outside": ledger.accepted - insight.counted - not_scored,
    }
    names = {
        "empty": "{empty} empty",
        "duplicate": "{duplicate} duplicate",
        "junk": "{junk} without words",
        "rejected": "{rejected} rejected",
        "not_scored": "{not_scored} in a language that is not scored",
        "outside": "{outside} outside the period",
    }
    listed = joined(say(names[key], **{key: part}) for key, part in parts.items() if part > 0)
    figures = {"received": ledger.received, "counted": insight.counted, "aside": aside, **parts}
    if not listed.text or aside <= 0:
        return say("{received} {received:row|rows} read, {counted} counted.", **figures)
    template = (
        "{received} {received:row|rows} read, {counted} counted, {aside} set aside: {listed}."
    )
    return say(template, listed=listed, **figures)


def answers(score: Score | ScoreView) -> Sentence:
    """Return how many answers a score rests on, and how many of those came without a comment."""
    template = "{n} {n:answer|answers}"
    if score.n_without_text:
        template = "{n} {n:answer|answers}, {without} of them without a comment"
    return say(template, n=score.estimate.n, without=score.n_without_text)


def share_of(finding: ThemeFinding, label: str, score: str = "") -> Sentence:
    """Return the sentence of one theme: its share, its shift, and what it goes with in a score.

    `score`: the name of the score that the impact is on; the impact is said where it is clear.
    """
    if finding.share.value is None:
        return say("{label}: {share}.", label=label, share=finding.share)
    template = "{label}: {share} of feedback is negative about it{shift}{impact}."
    if finding.side == "positive":
        template = "{label}: {share} of feedback is positive about it{shift}{impact}."
    shift, impact = _shift(finding.trend), _impact(finding, score)
    return say(template, label=label, share=finding.share, shift=shift, impact=impact)


def impact_of(finding: ThemeFinding) -> Estimate | None:
    """Return the additive impact on the first score, None where that isn't clear.

    Clear: its whole interval lies on the finding's own side of zero, below for a pain point, above
    for a strength.
    """
    found = finding.impacts[0].additive if finding.impacts else None
    if found is None or found.low is None or found.high is None:
        return None
    clear = found.high < 0 if finding.side == "negative" else found.low > 0
    return found if clear else None


def _impact(finding: ThemeFinding, score: str) -> Sentence:
    """What the theme is associated with in the score; empty where that isn't clear."""
    found = impact_of(finding)
    if found is None:
        return Sentence("")
    template = {
        "points": "; associated with {impact:change} {score} points ({impact:reach})",
        "share": "; associated with {impact:change} percentage points of {score} ({impact:reach})",
        "score": "; associated with {impact:signed} on the mean of {score}",
    }[found.unit]
    return say(template, impact=found, score=score)


def among_them(gap: Gap, score: str, side: str) -> Sentence:
    """Return the score of those who mention the theme, beside that of all others with a comment."""
    template = "Those who are negative about it: {score} {own}, other comments {others}."
    if side == "positive":
        template = "Those who are positive about it: {score} {own}, other comments {others}."
    return say(template, score=score, own=gap.with_theme, others=gap.without_theme)


def _shift(trend: Trend) -> Sentence:
    """How the share moved, to follow what it is; empty where it did not."""
    if trend.since and trend.before is not None and trend.after is not None:
        template = ", up from {before} to {after} since {since}"
        if trend.after < trend.before:
            template = ", down from {before} to {after} since {since}"
        return say(template, before=trend.before, after=trend.after, since=trend.since)
    if trend.direction == "rising":
        return say(", rising over the period")
    if trend.direction == "falling":
        return say(", falling over the period")
    return say(", with a peak in {peak}", peak=trend.peak) if trend.peak else Sentence("")


def trend_words(trend: Trend) -> Sentence:
    """Return the direction with its test, such as ``rising (p = 0.003)``."""
    if trend.direction == "too few":
        return say("trend: too few to say")
    if trend.p_value is None:
        return say("{direction}", direction=t(trend.direction))
    return say("{direction} ({p})", direction=t(trend.direction), p=p_words(trend.p_value))


def p_words(p_value: float) -> str:
    """Return a p-value as it is written: ``p < 0.001`` or two digits."""
    smaller = p_value < 0.001
    number = "0.001" if smaller else f"{p_value:.2g}"
    sign = "<" if smaller else "="
    return f"p\u00a0{sign}\u00a0{number.translate(spoken().digits)}"


def peak_words(trend: Trend) -> Sentence | None:
    """Return the period that stands out with its share, None where none does."""
    if not trend.peak:
        return None
    share = next(cell.share for cell in trend.cells if cell.period == trend.peak)
    return say("peak in {peak}: {share:short}", peak=trend.peak, share=share)


def cohort_words(cohort: CohortShare) -> Sentence:
    """Return the cohort hit hardest, next to everybody else."""
    return say(
        "{cohort} {value}: {share}, others {rest:short}",
        cohort=cohort_name(bare(cohort.cohort)),
        value=cohort.value,
        share=cohort.share,
        rest=cohort.rest,
    )


def bare(cohort: str) -> str:
    """Return a cohort column's name without its prefix."""
    return cohort.removeprefix("cohort.")


def association(gap: Gap, label: str) -> Sentence:
    """Return the difference of a score with and without the theme, never worded as a cause.

    `label` is the score's name. An interval that holds zero is said to be no clear difference.
    """
    estimate, figures = gap.estimate, {"label": label, "gap": gap.estimate, "n": gap.with_theme.n}
    if estimate.value is None:
        return say("Associated with {label}: {gap}.", **figures)
    clear = estimate.low is None or estimate.high is None or estimate.low * estimate.high > 0
    if not clear:
        return say("No clear difference in {label}: {gap:signed}.", **figures)
    if estimate.value > 0:
        return say("Associated with {label} higher by {gap:size}.", **figures)
    return say("Associated with {label} lower by {gap:size}.", **figures)
