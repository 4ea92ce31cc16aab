"""Want versus now: how far each survey area falls short, beside what is said about its theme."""

from __future__ import annotations

from typing import Any, Final

from miner.insight.facts.wants import AreaGap
from miner.report.bands.base import Source, band, link
from miner.report.model import Band, Column, Pair, PairChart, Sentence, Table, beyond_chance
from miner.report.sentences import say
from miner.report.tables.shared import examples, rounded

COMPUTED: Final = (
    "Gap = mean of (wanted - now) over the answers that rate the area twice on 1-5, with the 95%"
    " t interval of paired differences; the p-value is corrected for the number of areas"
    " (Benjamini-Hochberg). Where the second question asks how much the area matters, the gap is"
    " importance minus experience. Answers without a comment count too; the share of feedback that"
    " is negative about the area's theme stands beside it, an association and never a cause."
)
_NAMES: Final = {"wanted": ("Now", "Wanted"), "importance": ("Experience", "Importance")}
_TITLES: Final = {"wanted": "Want versus now", "importance": "Importance versus experience"}


def wants(source: Source) -> Band | None:
    """Return the gaps of the survey areas, None where the export has none."""
    found = source.insight.areas
    if not found:
        return None
    charts = tuple(
        chart for kind in ("wanted", "importance") if (chart := _chart(found, kind)) is not None
    )
    return band(
        "want-versus-now",
        "Want versus now",
        _headline(found),
        computed=COMPUTED,
        tables=(_table(found, source),),
        charts=charts,
        notes=_notes(found),
    )


def _notes(found: tuple[AreaGap, ...]) -> tuple[Sentence, ...]:
    """Say where nothing can be quoted, and what to do about it."""
    bare = sum(one.theme is None for one in found)
    if not bare:
        return ()
    return (
        say(
            "{bare} of {all} areas go by no theme's name; name their theme in the settings"
            " (areas) to see what is said about them.",
            bare=bare,
            all=len(found),
        ),
    )


def _short(found: AreaGap) -> bool:
    """Whether customers want more than they have, beyond chance."""
    return beyond_chance(found.p_value) and (found.gap.value or 0.0) > 0


def _headline(found: tuple[AreaGap, ...]) -> Sentence:
    if all(one.gap.value is None for one in found):
        return say("Too few answers to say how any of {all} areas falls short.", all=len(found))
    short = [one for one in found if _short(one)]
    if not short:
        return say("No area of {all} falls short of what is wanted beyond chance.", all=len(found))
    worst = short[0]
    template = {
        "wanted": "{area} falls short most: {now:short} now, {wanted:short} wanted, a gap of"
        " {gap:size}; {short} of {all} areas fall short beyond chance.",
        "importance": "{area} falls short most: experience {now:short}, importance"
        " {wanted:short}, a gap of {gap:size}; {short} of {all} areas fall short beyond chance.",
    }[worst.kind]
    return say(
        template, area=worst.area, now=worst.now, wanted=worst.wanted, gap=worst.gap,
        short=len(short), all=len(found),
    )  # fmt: skip


def _chart(found: tuple[AreaGap, ...], kind: str) -> PairChart | None:
    drawn = [one for one in found if one.kind == kind and one.gap.value is not None]
    if not drawn:
        return None
    template = {
        "wanted": "{n} areas on 1-5, largest gap first: {area} from {now} now to {wanted} wanted.",
        "importance": "{n} areas on 1-5, largest gap first: {area} with experience {now} and"
        " importance {wanted}.",
    }[kind]
    top = drawn[0]
    said = say(template, n=len(drawn), area=top.area, now=top.now, wanted=top.wanted)
    return PairChart(
        key=f"areas-{kind}",
        title=_TITLES[kind],
        description=said.text,
        names=_NAMES[kind],
        pairs=tuple(
            Pair(
                one.area,
                one.now,
                one.wanted,
                link(theme=one.theme, polarity="negative") if one.theme else "",
            )
            for one in drawn
        ),
    )


def _table(found: tuple[AreaGap, ...], source: Source) -> Table:
    quoted = examples(source.insight)
    columns = (
        Column("area", "Area", "text"),
        Column("now", "Now", "estimate"),
        Column("wanted", "Wanted", "estimate"),
        Column("gap", "Gap", "estimate", signed=True),
        Column("answers", "Answers to both", "int"),
        Column("one_answer", "Answers to one only", "int"),
        Column("p_value", "p-value", "number"),
        Column("second_question", "Second question", "word"),
        Column("theme", "Theme", "theme"),
        Column("negative", "Share of feedback negative about it", "estimate", bar="negative"),
        Column("example", "Example", "quote"),
    )
    rows: tuple[tuple[Any, ...], ...] = tuple(
        (
            one.area,
            one.now,
            one.wanted,
            one.gap,
            one.gap.n,
            one.one_answer,
            rounded(one.p_value),
            one.kind,
            one.theme,
            one.negative,
            quoted.get((one.theme, "negative")),
        )
        for one in found
    )
    return Table("want_versus_now", "Want versus now", columns, rows)
