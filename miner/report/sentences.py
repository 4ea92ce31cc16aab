"""Every sentence of the report: a template filled from figures, nothing invented.

A sentence keeps the figures it was filled from (`Sentence.figures`). Wording is plain: a
difference between groups is "associated with", and a figure below the stated minimum is
"too few to say (n = …)".
"""

from __future__ import annotations

from typing import Any

from miner.insight.types import CohortShare, Estimate, Gap, Insight, Score, ThemeFinding, Trend
from miner.report.model import ScoreView, Sentence
from miner.report.numbers import count, percent, show
from miner.types import Ledger

_SIDE = {"negative": "negative about it", "positive": "positive about it"}


class _Said:
    """A figure inside a template: ``{share}``, ``{share:short}`` …"""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __format__(self, form: str) -> str:
        if isinstance(self.value, Estimate):
            return show(self.value, form or "full")  # type: ignore[arg-type]
        if isinstance(self.value, float):
            return percent(self.value)
        if isinstance(self.value, int):
            return count(self.value)
        return str(self.value)


def say(template: str, **figures: Any) -> Sentence:
    """Return the template filled with figures, each written by the one rounding rule.

    Floats are shares in [0, 1], ints are counts, an Estimate takes a form of
    `miner.report.numbers.show`.

    Examples
    --------
    >>> say("{n} of {all} rows ({part}).", n=1308, all=14212, part=0.092).text
    '1,308 of 14,212 rows (9%).'
    """
    said = {name: _Said(value) for name, value in figures.items()}
    return Sentence(text=template.format(**said), figures=figures)


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
    listed = ", ".join(names[key] for key, number in parts.items() if number > 0)
    template = "{received} rows read, {counted} counted" + (
        f", {{aside}} set aside: {listed}." if listed and aside > 0 else "."
    )
    figures = {"received": ledger.received, "counted": insight.counted, "aside": aside, **parts}
    return say(template, **figures)


def answers(score: Score | ScoreView) -> Sentence:
    """Return how many answers a score rests on, and how many of those came without a comment."""
    template = "{n} answers"
    if score.n_without_text:
        template += ", {without} of them without a comment"
    return say(template, n=score.estimate.n, without=score.n_without_text)


def share_of(finding: ThemeFinding, label: str) -> Sentence:
    """Return the sentence of one theme: its share, and the shift where there was one."""
    if finding.share.value is None:
        return say("{label}: {share}.", label=label, share=finding.share)
    shift, figures = _shift(finding.trend)
    template = "{label}: {share} of feedback is {side}" + shift + "."
    return say(template, label=label, share=finding.share, side=_SIDE[finding.side], **figures)


def _shift(trend: Trend) -> tuple[str, dict[str, Any]]:
    if trend.since and trend.before is not None and trend.after is not None:
        how = "up" if trend.after >= trend.before else "down"
        return (
            f", {how} from {{before}} to {{after}} since {{since}}",
            {"before": trend.before, "after": trend.after, "since": trend.since},
        )
    words = {"rising": ", rising over the period", "falling": ", falling over the period"}
    if trend.direction in words:
        return words[trend.direction], {}
    return (", with a peak in {peak}", {"peak": trend.peak}) if trend.peak else ("", {})


def trend_words(trend: Trend) -> Sentence:
    """Return the direction with its test, such as ``rising (p = 0.003)``."""
    if trend.direction == "too few":
        return say("trend: too few to say")
    if trend.p_value is None:
        return say("{direction}", direction=trend.direction)
    p = "p\u00a0<\u00a00.001" if trend.p_value < 0.001 else f"p\u00a0=\u00a0{trend.p_value:.2g}"
    return say("{direction} ({p})", direction=trend.direction, p=p)


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
        cohort=bare(cohort.cohort),
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
        return say("No clear difference in {label} ({gap:signed}).", **figures)
    how = "higher" if estimate.value > 0 else "lower"
    return say(f"Associated with {{label}} {how} by {{gap:size}}.", **figures)
