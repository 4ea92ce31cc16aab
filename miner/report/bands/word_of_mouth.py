"""Word of mouth: how much feedback recommends, how much warns others."""

from __future__ import annotations

from typing import Final

from miner.insight.facts.word_of_mouth import WordCohort, WordOfMouth
from miner.insight.figures import Estimate
from miner.report.bands.base import Source, band, described
from miner.report.languages import cohort_name, t
from miner.report.model import Band, Chart, LineChart, Point, Sentence, beyond_chance
from miner.report.sentences import say
from miner.report.tables import customers as tables

COMPUTED: Final = (
    "Share of feedback in which a clause recommends the company to others, and in which one warns"
    " others of it, each with its 95% Wilson interval; net = per cent recommending minus per cent"
    " warning, adjusted Wald; cohorts against everybody else, p corrected for their number."
)


def word_of_mouth(source: Source) -> Band | None:
    """Return the shares that recommend and warn, None where no signals were looked for."""
    found = source.insight.word_of_mouth
    if found is None:
        return None
    made = (
        tables.word_periods(found),
        tables.word_cohorts(found),
        tables.word_examples(found, source),
    )
    return band(
        "word-of-mouth",
        "Word of mouth",
        _headline(found),
        computed=COMPUTED,
        charts=_charts(found),
        tables=tuple(table for table in made if table.rows),
        notes=_notes(found),
    )


def _headline(found: WordOfMouth) -> Sentence:
    shares = found.shares
    if shares.recommends.value is None:
        return say("Word of mouth: {share}.", share=shares.recommends)
    if not shares.recommending and not shares.warning:
        return say("None of {n} feedback recommends or warns others.", n=shares.n)
    return say(
        "{recommends} of feedback recommends to others, {warns} warns them: net {net:signed}"
        " points.",
        recommends=shares.recommends,
        warns=shares.warns,
        net=shares.net,
    )


def _notes(found: WordOfMouth) -> tuple[Sentence, ...]:
    notes = []
    warns = _clearest(found, "warns")
    if warns is not None:
        notes.append(
            say(
                "{cohort} {value} warns others more than everybody else: {share}.",
                cohort=cohort_name(warns.cohort),
                value=warns.value,
                share=warns.shares.warns,
            )
        )
    praises = _clearest(found, "recommends")
    if praises is not None:
        notes.append(
            say(
                "{cohort} {value} recommends more than everybody else: {share}.",
                cohort=cohort_name(praises.cohort),
                value=praises.value,
                share=praises.shares.recommends,
            )
        )
    return tuple(notes)


def _clearest(found: WordOfMouth, side: str) -> WordCohort | None:
    """Return the cohort furthest above the whole that stands out beyond chance, None where none."""
    whole = getattr(found.shares, side).value or 0.0
    clear = []
    for one in found.cohorts:
        p, value = getattr(one, f"p_{side}"), getattr(one.shares, side).value
        if beyond_chance(p) and value is not None and value > whole:
            clear.append((value, one))
    return max(clear, key=lambda pair: pair[0])[1] if clear else None


def _charts(found: WordOfMouth) -> tuple[Chart, ...]:
    both = [(one.period, one.shares.recommends, one.shares.warns) for one in found.periods]
    known = [one for one in both if one[1].value is not None]
    if len(known) < 2 or not (found.shares.recommending or found.shares.warning):
        return ()
    highs = [share.high for _, *shares in known for share in shares if share.high is not None]
    return (
        _line("recommends", "Recommends", [(p, one) for p, one, _ in both], max(highs)),
        _line("warns", "Warns", [(p, one) for p, _, one in both], max(highs)),
    )


def _line(key: str, title: str, shares: list[tuple[str, Estimate]], top: float) -> LineChart:
    points = tuple(Point(period, share) for period, share in shares)
    return LineChart(
        key=f"word-of-mouth-{key}",
        title=title,
        description=described(t(title), points),
        points=points,
        tone="positive" if key == "recommends" else "negative",
        top=top,
    )
