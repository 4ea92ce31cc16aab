"""Whom to call back, by when and why; whom to thank."""

from __future__ import annotations

from typing import Any, Final

from miner.insight.acting.followup import SOONER
from miner.insight.facts.followup import Advocates, FollowUp
from miner.report.bands.base import Source, band
from miner.report.model import Band, Sentence
from miner.report.sentences import say
from miner.report.tables import followup as tables

COMPUTED: Final = (
    "Priority is the first reason that applies: 1 safety or a legal threat, 2 may leave, 3 urgent,"
    " 4 a low score (NPS 0-6, otherwise below 40% of the scale) unless the words are plain praise,"
    " 5 asks for something or asks a question. A positive text or a high score, without a low one,"
    " counts for safety and questions only. Sorted by priority, then by due time."
)
COMPUTED_ADVOCATES: Final = (
    "A positive text without a complaint, a request or a question, no low score, and either a"
    " recommendation or a high score (NPS 9-10, otherwise above 60% of the scale) with praise of"
    " something in particular. Those who recommend come first, then the latest."
)


def follow_up(source: Source) -> Band | None:
    """Return the follow-up list, None where no feedback calls for somebody."""
    found = source.insight.follow_up
    if found is None or not found.found + found.older + found.undated:
        return None
    made = (tables.reasons(found), tables.follow_up(found, source)) if found.found else ()
    return band(
        "follow-up",
        "Follow-up",
        _headline(found),
        computed=COMPUTED,
        tables=made,
        notes=_notes(found),
    )


def advocates(source: Source) -> Band | None:
    """Return whom to thank, None where there is nobody."""
    found = source.insight.advocates
    if found is None or not found.found:
        return None
    return band(
        "advocates",
        "Advocates to thank",
        _thanks(found),
        computed=COMPUTED_ADVOCATES,
        tables=(tables.advocates(found, source),),
        notes=_cut(len(found.people), found.found),
    )


_HEADLINES: Final = {
    (False, False, False): "{found} of {counted} feedback {found:calls|call} for follow-up.",
    (False, False, True): "{found} of {counted} feedback {found:calls|call} for follow-up,"
    " {leaving} of them may leave.",
    (False, True, False): "{found} of {counted} feedback {found:calls|call} for follow-up,"
    " {danger} of them about safety or with a legal threat.",
    (False, True, True): "{found} of {counted} feedback {found:calls|call} for follow-up:"
    " {danger} about safety or with a legal threat, {leaving} may leave.",
    (True, False, False): "{found} of {counted} feedback since {since} {found:calls|call} for"
    " follow-up.",
    (True, False, True): "{found} of {counted} feedback since {since} {found:calls|call} for"
    " follow-up, {leaving} of them may leave.",
    (True, True, False): "{found} of {counted} feedback since {since} {found:calls|call} for"
    " follow-up, {danger} of them about safety or with a legal threat.",
    (True, True, True): "{found} of {counted} feedback since {since} {found:calls|call} for"
    " follow-up: {danger} about safety or with a legal threat, {leaving} may leave.",
}
"""By whether it has a first day, a case of priority 1, and somebody who may leave."""


def _headline(found: FollowUp) -> Sentence:
    danger = sum(case.priority == 1 for case in found.cases)
    figures: dict[str, Any] = {
        "found": found.found,
        "counted": found.counted,
        "since": found.since,
        "leaving": found.by_reason.get("churn_risk", 0),
        "danger": danger,
    }
    if not found.found:
        return say("No feedback since {since} calls for follow-up.", **figures)
    key = (found.since is not None, danger > 0, figures["leaving"] > 0)
    return say(_HEADLINES[key], **figures)


def _notes(found: FollowUp) -> tuple[Sentence, ...]:
    hours = found.rule.due_hours
    notes = list(_cut(len(found.cases), found.found))
    if found.found:
        notes.append(
            say(
                "Due {hours} hours after the feedback, {sooner} hours for priority {first}; a date"
                " without a time counts from midnight. The report knows neither the time it is read"
                " at nor what has been answered since.",
                hours=f"{hours:g}",
                sooner=f"{hours / SOONER:g}",
                first=1,
            )
        )
    if found.older:
        notes.append(
            say(
                "Only the last {days} days of the export are listed; {older} older feedback would"
                " call for follow-up by the same rule.",
                days=found.rule.days,
                older=found.older,
            )
        )
    if found.undated:
        notes.append(
            say(
                "{undated} feedback without a date would call for follow-up; they are not listed.",
                undated=found.undated,
            )
        )
    return tuple(notes)


def _cut(listed: int, found: int) -> tuple[Sentence, ...]:
    if listed == found:
        return ()
    return (say("The first {listed} of {found} are listed.", listed=listed, found=found),)


def _thanks(found: Advocates) -> Sentence:
    recommend = sum(one.recommends for one in found.people)
    if found.since is None:
        return say(
            "{found} feedback to thank for, {recommend} of them recommend the company to others.",
            found=found.found,
            recommend=recommend,
        )
    return say(
        "{found} feedback since {since} to thank for, {recommend} of them recommend the company to"
        " others.",
        found=found.found,
        since=found.since,
        recommend=recommend,
    )
