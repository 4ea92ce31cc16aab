"""Impact against movement: what to fix now, monitor, watch and celebrate."""

from __future__ import annotations

from collections import Counter
from typing import Final, Literal

from miner.insight.facts.impact import Placed, Quadrant
from miner.report import headlines
from miner.report.bands.base import Source, band, link
from miner.report.languages import t
from miner.report.model import Band, PlacedTheme, QuadrantChart, Sentence
from miner.report.sentences import joined, say
from miner.report.tables.impact import quadrant_table
from miner.report.tables.shared import examples

VERBS: Final = ("monitor", "celebrate", "fix now", "watch")
"""Of the corners: top left, top right, bottom left, bottom right."""

NAMED: Final = 3
"""Pain points to fix now that the headline names."""

_URGENT: Final = (
    "Nothing to fix now",
    "Fix now: {first}",
    "Fix now: {first}",
    "Fix now: {first}",
    "{fix_now} pain points to fix now, first {first}",
)
"""By how many there are."""

_OTHERS: Final = {
    ("monitor", True): "1 pain point to monitor",
    ("monitor", False): "{monitor} pain points to monitor",
    ("watch", True): "1 strength to watch",
    ("watch", False): "{watch} strengths to watch",
    ("celebrate", True): "1 strength to celebrate",
    ("celebrate", False): "{celebrate} strengths to celebrate",
}
"""By verb and whether it is one."""

MOST: Final = 9
"""Pain points, and strengths, drawn: those with the largest impact; the table holds all."""

COMPUTED: Final = (
    "Left to right: additive impact on the first score (without any score: the share of feedback,"
    " below zero for pain points), of negative mentions for pain points and of positive ones for"
    " strengths. Upwards: change of that share for the better, in percentage points: by its last"
    " lasting shift, else by the fitted line over the window. A point is filled where there is such"
    " a shift or where the trend test (p < 0.05, corrected) says that the share rises or falls;"
    " where it is hollow the share counts as steady. Fix now: a pain point whose whole interval is"
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
    names = [headlines.name(source.tree, one) for one in urgent[:NAMED]]
    others = (
        say(_OTHERS[verb, count[verb] == 1], **{verb: count[verb]})
        for verb in ("monitor", "watch", "celebrate")
        if count[verb]
    )
    figures = {"fix_now": count["fix now"], "first": ", ".join(names)}
    parts = [say(_URGENT[min(len(urgent), NAMED + 1)], **figures), *others]
    return say("{parts}.", parts=joined(parts, "; "))


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
        tones=("neutral", "positive", "negative", "neutral"),
        marks=(t("change may be chance"), t("change beyond chance")),
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
        hollow=not one.clear,
    )
