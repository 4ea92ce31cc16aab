"""Where score and words disagree."""

from __future__ import annotations

from typing import Final

from miner.report.bands.base import Source, band
from miner.report.model import Band, Sentence
from miner.report.sentences import say
from miner.report.tables import followup as tables

COMPUTED: Final = (
    "High: NPS 9-10, otherwise above 60% of the scale; low: NPS 0-6, otherwise below 40%; no other"
    " score on the side of the words. Angry: sentiment of -0.5 or less, a complaint, a negative"
    " mention with a confidence of at least 0.8, nothing positive; praise: the mirror of it."
    " Shares with their 95% Wilson interval."
)


def mismatch(source: Source) -> Band | None:
    """Return the feedback whose score and words disagree, None where there is none."""
    found = source.insight.mismatch
    if found is None or not found.high.hits + found.low.hits:
        return None
    listed, hits = len(found.high.cases) + len(found.low.cases), found.high.hits + found.low.hits
    notes: tuple[Sentence, ...] = (
        say(
            "Read them before acting: some customers take the scale the wrong way round or mean it"
            " ironically, and some texts the tagger has misread."
        ),
    )
    if listed < hits:
        notes += (say("The first {listed} of {found} are listed.", listed=listed, found=hits),)
    return band(
        "mismatch",
        "Score and words disagree",
        say(
            "{high} of {high_n} feedback with a high score read as angry, {low} of {low_n} with a"
            " low score read as praise.",
            high=found.high.hits,
            high_n=found.high.n,
            low=found.low.hits,
            low_n=found.low.n,
        ),
        computed=COMPUTED,
        tables=(tables.mismatch_shares(found), tables.mismatch(found, source)),
        notes=notes,
    )
