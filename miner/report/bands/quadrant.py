"""Impact against movement: what to fix now, monitor, watch and celebrate."""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

from miner.insight.facts.impact import Placed, Quadrant
from miner.report import headlines
from miner.report.bands.base import Source, band, link
from miner.report.languages import t
from miner.report.model import Band, PlacedTheme, QuadrantChart, Sentence
from miner.report.sentences import say
from miner.report.tables import examples
from miner.report.tables_impact import quadrant_table

VERBS: Final = ("monitor", "celebrate", "fix now", "watch")
"""Of the corners: top left, top right, bottom left, bottom right."""

MOST: Final = 9
"""Pain points, and strengths, drawn: those with the largest impact; the table holds all."""

COMPUTED: Final = (
    "Left to right: additive impact on the first score (without any score: the share of feedback,"
    " below zero for pain points), of negative mentions for pain points and of positive ones for"
    " strengths. Upwards: change of that share for the better, in percentage points: by its last"
    " lasting shift, else by the fitted line over the window where the trend test (p < 0.05,"
    " corrected) says that it rises or falls, else 0. Fix now: a pain point whose whole interval is"
    " below zero and whose share doesn't fall. Monitor: its share falls, or its peak is over, or"
    " its impact isn't clear. Celebrate: a strength whose whole interval is above zero and whose"
    " share doesn't fall. Watch: its share falls, or its impact isn't clear."
)


_TONES: Final[dict[str, Literal["negative", "positive", "neutral"]]] = {
    "fix now": "negative",
    "celebrate": "positive",
}


def quadrant(source: Source) -> Band | None:
    """Return the quadrant; None where no theme has an impact or there are no dates."""
    found = source.insight.quadrant
    if found is None:
        return None
    return band(
        "quadrant",
        "Impact and change",
        _headline(found, source),
        computed=COMPUTED,
        tables=(quadrant_table(found, examples(source.insight)),),
        charts=(_chart(found, source),),
    )


def _headline(found: Quadrant, source: Source) -> Sentence:
    """What to fix now, the largest loss first, and how many themes have each other verb."""
    count = Counter(one.verb for one in found.themes)
    urgent = [one.theme for one in found.themes if one.verb == "fix now"]
    figures = {verb.replace(" ", "_"): count[verb] for verb in VERBS}
    if not urgent:
        return say(
            "Nothing to fix now; {monitor} pain points to monitor, {watch} strengths to watch,"
            " {celebrate} to celebrate.",
            **figures,
        )
    return say(
        "{fix_now} pain points to fix now, {first} first; {monitor} to monitor, {watch} strengths"
        " to watch, {celebrate} to celebrate.",
        first=headlines.name(source.tree, urgent[0]),
        **figures,
    )


def _chart(found: Quadrant, source: Source) -> QuadrantChart:
    labels = {one.score: one.label for one in source.insight.impacts}
    x_title = "Share of feedback, pain points below zero, percentage points"
    if found.score:
        x_title = say("Additive impact on {score}", score=t(labels[found.score])).text
    drawn = [*_largest(found, "negative"), *_largest(found, "positive")]
    return QuadrantChart(
        key="quadrant",
        title="Impact and change",
        description=say("{themes} themes by impact and by change.", themes=len(drawn)).text,
        x_title=x_title,
        y_title="Change for the better, percentage points",
        verbs=VERBS,
        themes=tuple(_point(one, source) for one in drawn),
    )


def _largest(found: Quadrant, side: str) -> list[Placed]:
    mine = [one for one in found.themes if one.side == side]
    return sorted(mine, key=lambda one: -abs(one.impact.value or 0.0))[:MOST]


def _point(one: Placed, source: Source) -> PlacedTheme:
    scale = 100.0 if one.impact.unit == "share" else 1.0
    return PlacedTheme(
        label=headlines.name(source.tree, one.theme),
        x=(one.impact.value or 0.0) * scale,
        y=one.movement * 100,
        verb=one.verb,
        tone=_TONES.get(one.verb, "neutral"),
        link=link(theme=one.theme, polarity=one.side),
    )
