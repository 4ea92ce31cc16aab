"""What changed and why: shares, the parts of a score's change, stories with dates."""

from __future__ import annotations

from typing import Any, Final

from miner.insight.facts.change import Change, ScoreChange, ShareChange, Story, Term
from miner.insight.figures import Estimate
from miner.report import headlines
from miner.report.bands.base import Source, band, link
from miner.report.languages import cohort_name, t
from miner.report.model import (
    Band,
    Chart,
    IntervalBar,
    Pair,
    PairChart,
    Sentence,
    WaterfallChart,
    beyond_chance,
)
from miner.report.sentences import bare, say
from miner.report.tables import change as tables

MOST_PAIRS: Final = 10
"""Changes and stories drawn; the tables hold all."""

MOST_WATERFALLS: Final = 2
"""Scores whose change is drawn: the main one and one beside it; the table holds all."""
TOLD: Final = 3
"""Stories told in words under the headline: as many as one keeps in mind."""

COMPUTED: Final = (
    "Shares: feedback with such a mention / feedback counted, the difference with Newcombe's"
    " interval, p corrected for the number of themes (Benjamini-Hochberg). Scores: each answer is"
    " shared out equally over the themes of its comment; mix is what a theme adds because it is"
    " spoken of more or less often, rate because those who speak of it score higher or lower"
    " (Kitagawa's midpoint formula); all parts sum to the change of the score, with 95% bootstrap"
    " intervals. An association, never a cause. Stories: shifts and peaks over all periods, those"
    " of a cohort only where it moved differently from all other customers."
)

_REASONS: Final = {
    "no dates": "The export holds no dates, so nothing can be said about change.",
    "one period": "All feedback lies in one period, so there is nothing to compare it with.",
    "outside": "The date to compare from lies outside the dates of the feedback.",
    "empty": "One of the two windows holds no feedback, so there is nothing to compare.",
}
_RULES: Final = {
    "thirds": "Compared: the last third of the periods, {later} (n = {n}), with the third before,"
    " {earlier} (n = {n_before}).",
    "halves": "Compared: the later half of the periods, {later} (n = {n}), with the half before it,"
    " {earlier} (n = {n_before}).",
    "date": "Compared, from the date that was set: {later} (n = {n}), with {earlier}"
    " (n = {n_before}).",
}
_TOLD: Final = {
    ("negative", "up", False): "{when}: {after} of feedback is negative about {label}, up from"
    " {before:short}.",
    ("negative", "down", False): "{when}: {after} of feedback is negative about {label}, down from"
    " {before:short}.",
    ("negative", "peak", False): "{when}: {after} of feedback is negative about {label}, against"
    " {before:short} in the periods around it.",
    ("positive", "up", False): "{when}: {after} of feedback is positive about {label}, up from"
    " {before:short}.",
    ("positive", "down", False): "{when}: {after} of feedback is positive about {label}, down from"
    " {before:short}.",
    ("positive", "peak", False): "{when}: {after} of feedback is positive about {label}, against"
    " {before:short} in the periods around it.",
    ("negative", "up", True): "{when}, {cohort} {value}: {after} of feedback is negative about"
    " {label}, up from {before:short}.",
    ("negative", "down", True): "{when}, {cohort} {value}: {after} of feedback is negative about"
    " {label}, down from {before:short}.",
    ("negative", "peak", True): "{when}, {cohort} {value}: {after} of feedback is negative about"
    " {label}, against {before:short} in the periods around it.",
    ("positive", "up", True): "{when}, {cohort} {value}: {after} of feedback is positive about"
    " {label}, up from {before:short}.",
    ("positive", "down", True): "{when}, {cohort} {value}: {after} of feedback is positive about"
    " {label}, down from {before:short}.",
    ("positive", "peak", True): "{when}, {cohort} {value}: {after} of feedback is positive about"
    " {label}, against {before:short} in the periods around it.",
}
_MOVED: Final = {
    ("negative", True): "Negative feedback about {label} rose by {difference:size}, from"
    " {before:short} to {after:short}.",
    ("negative", False): "Negative feedback about {label} fell by {difference:size}, from"
    " {before:short} to {after:short}.",
    ("positive", True): "Positive feedback about {label} rose by {difference:size}, from"
    " {before:short} to {after:short}.",
    ("positive", False): "Positive feedback about {label} fell by {difference:size}, from"
    " {before:short} to {after:short}.",
}
_ROSE: Final = "{score} rose by {difference:size}, from {before:short} to {after:short}."
_FELL: Final = "{score} fell by {difference:size}, from {before:short} to {after:short}."
_ROSE_WITH: Final = (
    "{score} rose by {difference:size}, from {before:short} to {after:short}; {part:size} of it are"
    " associated with {label}, more than with any other particular theme."
)
_FELL_WITH: Final = (
    "{score} fell by {difference:size}, from {before:short} to {after:short}; {part:size} of it are"
    " associated with {label}, more than with any other particular theme."
)


def what_changed(source: Source) -> Band | None:
    """Return what changed, with its waterfalls; None for an insight that compared nothing."""
    change = source.insight.change
    if change is None:
        return None
    if change.later is None and not change.stories:
        reason = say(_REASONS.get(change.reason, _REASONS["empty"]))
        if not source.insight.counted:
            reason = headlines.nothing()
        return band("what-changed", "What changed", reason, computed=COMPUTED)
    told = [_story(one, source) for one in change.stories[:TOLD]]
    found = (
        tables.shares(change.shares),
        tables.scores(change.scores),
        tables.stories(change.stories),
    )
    return band(
        "what-changed",
        "What changed",
        _headline(change, source),
        computed=COMPUTED,
        tables=tuple(table for table in found if table.rows),
        charts=tuple(_charts(change, source)),
        notes=(_windows(change), *told),
    )


def _headline(change: Change, source: Source) -> Sentence:
    """Return the first score that changed clearly, else the clearest share, else that none did."""
    for score in change.scores:
        if _clear(score.difference):
            return _score(score, source)
    if change.shares and beyond_chance(change.shares[0].p_value):
        return _share(change.shares[0], source)
    if change.scores:
        first = change.scores[0]
        return say(
            "No clear change in {score}: {before:short} before, {after:short} after, a difference"
            " of {difference:signed}; and no theme's share moved beyond chance.",
            score=t(first.label),
            before=first.before,
            after=first.after,
            difference=first.difference,
        )
    return say("No theme's share moved beyond chance.")


def _score(score: ScoreChange, source: Source) -> Sentence:
    figures: dict[str, Any] = {
        "score": t(score.label),
        "before": score.before,
        "after": score.after,
        "difference": score.difference,
    }
    part = _largest(score, source)
    rose = (score.difference.value or 0.0) > 0
    if part is None:
        return say(_ROSE if rose else _FELL, **figures)
    figures |= {"label": headlines.name(source.tree, part.theme or ""), "part": part.total}
    return say(_ROSE_WITH if rose else _FELL_WITH, **figures)


def _largest(score: ScoreChange, source: Source) -> Term | None:
    """The theme that adds most in the direction of the change; None where that may be chance.

    What is said of no theme in particular explains nothing, so it is passed over.
    """
    way = score.difference.value or 0.0
    parts = [one for one in score.terms if one.theme and source.tree.ranked(one.theme)]
    most = max(parts, key=lambda one: (one.total.value or 0.0) * way, default=None)
    if most is None or (most.total.value or 0.0) * way <= 0 or not _clear(most.total):
        return None
    return most


def _share(one: ShareChange, source: Source) -> Sentence:
    return say(
        _MOVED[one.side, (one.difference.value or 0.0) > 0],
        label=headlines.name(source.tree, one.theme),
        before=one.before,
        after=one.after,
        difference=one.difference,
    )


def _clear(difference: Estimate) -> bool:
    if difference.low is None or difference.high is None:
        return False
    return difference.low * difference.high > 0


def _windows(change: Change) -> Sentence:
    earlier, later = change.earlier, change.later
    if earlier is None or later is None:
        return say(_REASONS.get(change.reason, _REASONS["empty"]))
    return say(
        _RULES[change.rule],
        later=say("{first} to {last}", first=later.first, last=later.last).text,
        n=later.counted,
        earlier=say("{first} to {last}", first=earlier.first, last=earlier.last).text,
        n_before=earlier.counted,
    )


def _story(one: Story, source: Source) -> Sentence:
    up = "up" if one.excess >= 0 else "down"
    figures: dict[str, Any] = {
        "when": _when(one),
        "label": headlines.name(source.tree, one.theme),
        "before": one.before,
        "after": one.after,
    }
    if one.cohort is not None:
        figures |= {"cohort": cohort_name(bare(one.cohort)), "value": one.value}
    way = "peak" if one.kind == "peak" else up
    return say(_TOLD[one.side, way, one.cohort is not None], **figures)


def _when(one: Story) -> str:
    if one.period == one.until:
        return one.period
    return say("{first} to {last}", first=one.period, last=one.until).text


def _charts(change: Change, source: Source) -> list[Chart]:
    charts: list[Chart] = [
        _waterfall(score, source) for score in change.scores[:MOST_WATERFALLS] if score.steps
    ]
    moved = [one for one in change.shares if beyond_chance(one.p_value)][:MOST_PAIRS]
    pairs = tuple(_share_pair(one, source, change) for one in moved)
    told = tuple(_story_pair(one, source) for one in change.stories[:MOST_PAIRS])
    if pairs:
        text = say("Shares of {n} themes in both windows; the table has all.", n=len(pairs)).text
        charts.append(
            PairChart("change-shares", "Shares that changed", text, ("before", "after"), pairs)
        )
    if told:
        text = say("Shares of {n} stories before and after; the table has all.", n=len(told)).text
        charts.append(PairChart("change-stories", "Stories", text, ("before", "after"), told))
    return charts


def _waterfall(score: ScoreChange, source: Source) -> WaterfallChart:
    name = t(score.label)
    steps = tuple(
        IntervalBar(
            headlines.name(source.tree, one.theme) if one.theme else t(tables.PARTS[one.kind]),
            one.total,
            "positive" if (one.total.value or 0.0) >= 0 else "negative",
            link(theme=one.theme) if one.theme else "",
        )
        for one in score.steps
    )
    return WaterfallChart(
        key=f"change-{score.score}",
        title=say("{score}: from before to after", score=name).text,
        description=say(
            "{score} went from {before:short} to {after:short}, in {n} steps.",
            score=name,
            before=score.before,
            after=score.after,
            n=len(steps),
        ).text,
        start=(t("before"), score.before.value or 0.0),
        steps=steps,
        end=(t("after"), score.after.value or 0.0),
    )


def _share_pair(one: ShareChange, source: Source, change: Change) -> Pair:
    span = change.later if (one.difference.value or 0.0) >= 0 else change.earlier
    where = {"from": span.from_period, "to": span.to_period} if span else {}
    return Pair(
        _about(one, source).text,
        one.before,
        one.after,
        link(**{"theme": one.theme, "polarity": one.side, **where}),
    )


def _about(one: ShareChange | Story, source: Source) -> Sentence:
    label = headlines.name(source.tree, one.theme)
    if one.side == "negative":
        return say("{label}, negative", label=label)
    return say("{label}, positive", label=label)


def _story_pair(one: Story, source: Source) -> Pair:
    where = {"from": one.period, "to": one.until}
    if one.cohort is not None:
        where = {"cohort": f"{bare(one.cohort)}:{one.value}", **where}
    about = _about(one, source)
    label = (
        say("{about}, {when}", about=about, when=_when(one))
        if one.cohort is None
        else say("{about}, {value}, {when}", about=about, value=one.value, when=_when(one))
    )
    return Pair(
        label.text,
        one.before,
        one.after,
        link(**{"theme": one.theme, "polarity": one.side, **where}),
    )
