"""The headline of each band: the finding in one sentence, filled from the figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from miner.insight.types import CohortShare, Estimate, Insight, Score, ThemeFinding
from miner.report.excerpts import LONGEST
from miner.report.languages import cohort_name, t
from miner.report.model import Sentence, beyond_chance
from miner.report.sentences import answers, bare, joined, say
from miner.taxonomy import Taxonomy
from miner.types import Ledger


def lead(insight: Insight) -> Sentence:
    """Return the line above the decision cards: how many pain points there are to act on."""
    if not insight.counted:
        return say("No feedback was counted")
    if len(insight.pain_points) == 1:
        return say("The only pain point")
    if insight.pain_points:
        return say(
            "The {shown} largest of {all} pain points, worst first",
            shown=min(3, len(insight.pain_points)),
            all=len(insight.pain_points),
        )
    if not insight.with_opinion:
        return say("No opinion was found in {counted} feedback", counted=insight.counted)
    return say(
        "No pain point: no theme has a negative mention in {minimum} feedback or more",
        minimum=insight.minimum_n,
    )


def data_quality(ledger: Ledger, insight: Insight) -> Sentence:
    """Return how much of what was read stands behind the figures."""
    if not insight.counted:
        return say(
            "Nothing could be counted out of {received} {received:row|rows}.",
            received=ledger.received,
        )
    no_opinion = 1 - insight.with_opinion / insight.counted
    if not ledger.received:
        return say("{no_opinion} of feedback counted holds no opinion.", no_opinion=no_opinion)
    return say(
        "{counted_share} of the rows read could be counted; {no_opinion} of those hold no opinion.",
        counted_share=insight.counted / ledger.received,
        no_opinion=no_opinion,
    )


def nothing() -> Sentence:
    """Return what a band says that would else name something the export lacks: it may have it."""
    return say("No feedback was counted, so there is nothing to show here.")


def scores(found: tuple[Score, ...], insight: Insight) -> Sentence:
    """Return every score with its interval, its answers and those without a comment."""
    if not found:
        if not insight.counted:
            return nothing()
        return say("The export holds no score: no NPS, CSAT, CES or stars column was recognised.")
    said = [
        say("{label} is {score} over {answers}", label=t(one.label), score=one.estimate,
            answers=answers(one))
        for one in found
    ]  # fmt: skip
    figures = {f"{one.key}_{name}": value for one, part in zip(found, said, strict=True)
               for name, value in part.figures.items()}  # fmt: skip
    return Sentence("; ".join(part.text for part in said) + ".", figures)


def pain_points(found: tuple[ThemeFinding, ...], tree: Taxonomy, insight: Insight) -> Sentence:
    """Return the largest pain point, and the runner-up beside it."""
    if not found:
        return say("{lead}.", lead=lead(insight))
    figures: dict[str, Any] = {"label": name(tree, found[0].theme), "share": found[0].share}
    if found[0].share.value is None:
        return say("{label}: {share}.", **figures)
    if insight.ranked_by != "share":
        template = "{label} ranks first: {share} of feedback is negative about it."
        return say(template, **figures)
    template = "{label} is the largest pain point: {share} of feedback is negative about it."
    if len(found) > 1:
        figures |= {"second": name(tree, found[1].theme), "second_share": found[1].share}
        template = (
            "{label} is the largest pain point: {share} of feedback is negative about it,"
            " ahead of {second} with {second_share}."
        )
    return say(template, **figures)


def ranked_by(insight: Insight) -> Sentence:
    """Return the declared key that pain points stand in the order of."""
    return say("Ranked by {key}.", key=t(insight.ranking_key.replace(" %", "%")))


def strengths(found: tuple[ThemeFinding, ...], tree: Taxonomy, insight: Insight) -> Sentence:
    """Return the theme most feedback is positive about."""
    if not found:
        return say(
            "No strength: no theme has a positive mention in {minimum} feedback or more.",
            minimum=insight.minimum_n,
        )
    template = "{label} is the largest strength: {share} of feedback is positive about it."
    if found[0].share.value is None:
        template = "{label}: {share}."
    elif insight.ranked_by != "share":
        template = "{label} ranks first: {share} of feedback is positive about it."
    return say(
        template,
        label=name(tree, found[0].theme),
        share=found[0].share,
    )


def trends(found: tuple[ThemeFinding, ...], tree: Taxonomy, insight: Insight) -> Sentence:
    """Return the clearest shift, the clearest peak, and how many pain points rise and fall."""
    if not insight.counted:
        return nothing()
    if not insight.periods:
        return say("The export holds no dates, so nothing can be said about change over time.")
    if not found:
        return say("No pain point, so no change to show.")
    parts = []
    shifted = [one for one in found if one.trend.since and _step(one) > 0]
    if shifted:
        largest = max(shifted, key=_step)
        parts.append(
            say(
                "{label} shifted most, from {before} to {after} since {since}",
                label=name(tree, largest.theme),
                before=largest.trend.before,
                after=largest.trend.after,
                since=largest.trend.since,
            )
        )
    peaked = [(_peak(one), one) for one in found if one.trend.peak]
    if peaked:
        share, highest = max(peaked, key=lambda pair: pair[0].value or 0.0)
        parts.append(
            say(
                "{peak_label} peaked in {peak} at {peak_share} of feedback",
                peak_label=name(tree, highest.theme),
                peak=highest.trend.peak,
                peak_share=share,
            )
        )
    parts.append(directions([one.trend.direction for one in found]))
    return say("{parts}.", parts=joined(parts, "; "))


def directions(found: Sequence[str]) -> Sentence:
    """Return how many pain points rise and how many fall, without a nought."""
    rising, falling = found.count("rising"), found.count("falling")
    if set(found) <= {"too few"}:
        return say("Too little to say whether pain points rise or fall from period to period")
    template = {
        (True, True): "{rising} of {all} pain points {rising:rises|rise},"
        " {falling} {falling:falls|fall}",
        (True, False): "{rising} of {all} {all:pain point|pain points} {rising:rises|rise},"
        " none falls",
        (False, True): "{falling} of {all} {all:pain point|pain points} {falling:falls|fall},"
        " none rises",
        (False, False): "None of {all} {all:pain point|pain points} rises or falls beyond chance",
    }[rising > 0, falling > 0]
    return say(template, rising=rising, falling=falling, all=len(found))


def moved(found: ThemeFinding) -> bool:
    """Return whether the share rose, fell, shifted or peaked beyond chance."""
    trend = found.trend
    return trend.direction in ("rising", "falling") or bool(trend.since or trend.peak)


def _peak(found: ThemeFinding) -> Estimate:
    return next(cell.share for cell in found.trend.cells if cell.period == found.trend.peak)


def _step(found: ThemeFinding) -> float:
    before, after = found.trend.before, found.trend.after
    return 0.0 if before is None or after is None else abs(after - before)


def cohorts(found: tuple[ThemeFinding, ...], tree: Taxonomy, insight: Insight) -> Sentence:
    """Return the cohort that stands out most over all pain points."""
    if not insight.counted:
        return nothing()
    if not insight.heat:
        return say("The export holds no cohorts: no plan, region or channel column was recognised.")
    clear = [(one, cohort) for one in found for cohort in one.worst_cohorts if stands_out(cohort)]
    if not clear:
        return say("No cohort stands out clearly from the others on any pain point.")
    theme, cohort = max(clear, key=lambda pair: pair[1].difference)
    return say(
        "{label} hurts most where {cohort} is {value}:"
        " {share} of feedback, against {rest} elsewhere.",
        label=name(tree, theme.theme),
        cohort=cohort_name(bare(cohort.cohort)),
        value=cohort.value,
        share=cohort.share,
        rest=cohort.rest,
    )


def stands_out(cohort: CohortShare) -> bool:
    """Return whether the cohort differs from everybody else beyond chance."""
    return beyond_chance(cohort.p_value) and cohort.share.value is not None


def themes(insight: Insight, tree: Taxonomy) -> Sentence:
    """Return the most mentioned theme and the balance of all mentions."""
    total = sum(one.mentions for one in insight.themes)
    if not total:
        return say("No theme was mentioned.")
    first = max(insight.themes, key=lambda one: one.mentions)
    negative = sum(one.negative for one in insight.themes)
    positive = sum(one.positive for one in insight.themes)
    return say(
        "{negative} of {total} {total:mention is|mentions are} negative, {positive} positive;"
        " {label} is mentioned most, {mentions} {mentions:time|times}.",
        negative=negative,
        positive=positive,
        total=total,
        label=name(tree, first.theme),
        mentions=first.mentions,
    )


def verbatims(shown: int, total: int, most: int) -> Sentence:
    """Return how many of the mentions can be read here, and the limit that was kept to."""
    if not shown:
        return say("There is no verbatim to show.")
    return say(
        "{shown} of {total} {total:mention|mentions} can be read here: up to {most} chosen for each"
        " theme and side,"
        " those that a table names, and all else said in the same feedback.",
        shown=shown,
        total=total,
        most=most,
    )


def cut(texts: int) -> Sentence:
    """Return how many texts are too long to be shown whole, and what is shown of them."""
    return say(
        "{texts} {texts:of these texts is|of these texts are} longer than {longest} characters:"
        " shown is what stands around the words quoted, with … where something is left out;"
        " feedback.csv holds all of it.",
        texts=texts,
        longest=LONGEST,
    )


def name(tree: Taxonomy, theme: str) -> str:
    """Return a theme's label; a theme the taxonomy no longer has stands under its key."""
    known = {one.key: one.label for one in tree.themes} | dict(tree.top)
    return known.get(theme, theme)
