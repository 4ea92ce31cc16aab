"""Every sentence of an alert: a template filled from the figures of a finding, nothing invented.

Numbers are written by the report's one rounding rule, in the language that is spoken
(`miner.report.languages`); both are loaded when something is said, as most nights say nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from miner.feed.alerts.finding import Finding
from miner.feed.alerts.lifecycle import Event, What
from miner.feed.alerts.rule import Kind

TEMPLATES: Final[Mapping[Kind, str]] = {
    "spike": "{theme}{where}: {seen} feedback with a negative mention from {first} to {last}, "
    "{expected} expected ({low} to {high}).",
    "score_fall": "{score}: {seen} from {first} to {last}, {expected} expected ({low} to {high}), "
    "{n} answers.",
    "silent": "{source} has sent nothing for {seen} days, since {first}. Its gaps are usually "
    "{expected}, rarely above {high} days.",
    "rejects": "{source}: {seen} of the rows were set aside from {first} to {last}, {expected} "
    "expected ({low} to {high}), {n} rows.",
    "untagged": "{seen} of the feedback has no theme from {first} to {last}, {expected} expected "
    "({low} to {high}), {n} feedback.",
    "drift_vocabulary": "{seen} of the words are new from {first} to {last}, {expected} expected "
    "({low} to {high}). Said most: {words}.",
    "drift_mix": "{seen} of the mentions moved to other themes from {first} to {last}, {expected} "
    "expected ({low} to {high}). Gained: {words}.",
    "drift_confidence": "The mean confidence of mentions was {seen} from {first} to {last}, "
    "{expected} expected ({low} to {high}), {n} mentions.",
}
"""What a finding of each kind is said with; figures are named as in `Finding`."""

TIMES: Final = "{sentence} {ratio} times as many."
EXPLAINED: Final = "{sentence} Most of it in {place}: {seen}, {expected} expected."
ALSO: Final = "{sentence} Also in {places}."

EVENTS: Final[Mapping[What, str]] = {
    "opened": "{sentence}",
    "updated": "Worse than on {before}: {sentence}",
    "closed": "Over, last seen on {seen}. At its worst: {sentence}",
}

_MOST_PLACES: Final = 3  # cohorts named in a sentence; the finding holds all


def sentence(finding: Finding, *, labels: Mapping[str, str] | None = None) -> str:
    """Return a finding in words.

    Parameters
    ----------
    labels : theme key -> its label; a theme without one is called by its key.

    Examples
    --------
    >>> from datetime import date
    >>> finding = Finding("spike", "spike:service.speed", "mentions", 96.0, 31.6, 21.0, 43.0, 1480,
    ...                   1e-9, 1e-7, date(2026, 3, 2), date(2026, 3, 8), theme="service.speed")
    >>> print(sentence(finding, labels={"service.speed": "Speed"}))
    Speed: 96 feedback with a negative mention from 2026-03-02 to 2026-03-08, 32 expected (21 to
    43). 3.0 times as many.
    """
    from miner.report.languages import t
    from miner.report.numbers import write

    known = labels or {}
    names = finding.words if finding.kind != "drift_mix" else _labelled(finding.words, known)
    said = t(TEMPLATES[finding.kind]).format(
        theme=known.get(finding.theme, finding.theme),
        where=f", {finding.cohort}" if finding.cohort else "",
        score=_score(finding.score),
        source=finding.source or t("The source without a name"),
        first=finding.first,
        last=finding.last,
        words=", ".join(names) or "–",
        n=write(finding.n, 0),
        **{name: _figure(finding, name) for name in ("seen", "expected", "low", "high")},
    )
    if finding.kind != "spike":
        return said
    if finding.ratio is not None and finding.expected >= 1:  # "90 times" of 0.1 says nothing
        said = t(TIMES).format(sentence=said, ratio=write(finding.ratio, 1))
    if finding.place is not None:
        figures = (write(one, 0) for one in (finding.place.seen, finding.place.expected))
        seen, expected = figures
        place = finding.place.cohort
        said = t(EXPLAINED).format(sentence=said, place=place, seen=seen, expected=expected)
    if finding.also:
        said = t(ALSO).format(sentence=said, places=", ".join(finding.also[:_MOST_PLACES]))
    return said


def headline(event: Event, *, labels: Mapping[str, str] | None = None) -> str:
    """Return an event in words: what it is, and the finding behind it.

    Parameters
    ----------
    labels : as in `sentence`.
    """
    from miner.report.languages import t

    said = sentence(event.finding, labels=labels)
    story = event.story
    return t(EVENTS[event.what]).format(sentence=said, before=story.opened, seen=story.seen)


def _figure(finding: Finding, name: str) -> str:
    """Return one of the four figures as its measure is written."""
    from miner.report.numbers import decimals, percent, write

    value: float = getattr(finding, name)
    half = (finding.high - finding.low) / 2
    if finding.measure == "share":
        return percent(value, decimals(100 * half, most=1))
    if finding.measure == "score":
        # confidence moves by hundredths, so one digit more than the interval supports
        return write(value, max(decimals(half, most=2), 2))
    return write(value, decimals(half, most=1) if finding.measure == "points" else 0)


def _score(key: str) -> str:
    from miner.insight.metrics import LABELS

    return LABELS.get(key, key)


def _labelled(themes: tuple[str, ...], labels: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(labels.get(theme, theme) for theme in themes)
