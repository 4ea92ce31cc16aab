"""What a report is drawn with: the settings its manifest keeps, and what follows from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from miner.columns import COHORT_PREFIX
from miner.config import Settings
from miner.errors import DataError, UsageError, nearest
from miner.ingest import stage_among
from miner.insight.facts.followup import FollowUpRule
from miner.insight.mentions import cohort_columns
from miner.insight.slices import within
from miner.insight.store import MinedTables

KEPT = (
    "grain", "minimum_n", "compare_from", "since", "until", "stage", "rank_by", "verbatims",
    "due_hours", "follow_up_days", "gross_margin", "formats", "report_language",
)  # fmt: skip
"""Settings that stay as the report was drawn before, unless they are given again."""


def drawn_before(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings a stored report was drawn with; what its version did not know, as usual.

    Raises
    ------
    DataError
        A value is none that could have been written there.
    """
    stored: dict[str, Any] = dict(manifest["settings"])
    before: dict[str, Any] = {name: stored.get(name) for name in KEPT}
    try:
        kept = Settings(**before).to_dict()
    except UsageError as error:
        raise DataError(
            f"manifest.json is damaged: {error.message}",
            hint="Run again: miner run FILE -o FOLDER.",
            slug="manifest.damaged",
        ) from error
    return stored | {name: kept[name] for name in KEPT}


def given_again(settings: Settings) -> dict[str, Any]:
    """Return what the settings of a redrawn report change.

    Examples
    --------
    >>> given_again(Settings(grain="week", due_hours=2))
    {'grain': 'week', 'due_hours': 2.0}
    """
    plain = settings.to_dict()
    named = ("benchmark", "against", "logo")
    return {n: plain[n] for n in (*KEPT, *named) if getattr(settings, n) is not None}


def stage_of(tables: MinedTables, manifest: Mapping[str, Any]) -> str | None:
    """Return the cohort that holds the stages: the one set, else the one its name gives away.

    Raises
    ------
    UsageError
        The one set is no cohort of these tables.
    """
    names = [name.removeprefix(COHORT_PREFIX) for name in cohort_columns(tables.feedback)]
    wanted = manifest["settings"].get("stage")
    return chosen_stage(wanted, names) if wanted else stage_among(names)


def chosen_stage(wanted: str, cohorts: Sequence[str]) -> str:
    """Return the cohort of this name as the export spells it.

    Raises
    ------
    UsageError
        There is none.

    Examples
    --------
    >>> chosen_stage("journey stage", ["Plan", "Journey stage"])
    'Journey stage'
    """
    for name in cohorts:
        if name.casefold() == wanted.casefold():
            return name
    raise UsageError(
        f'No cohort "{wanted}" to take as the journey stage.',
        hint=f"{nearest(wanted, cohorts)}Cohorts: {', '.join(cohorts) or 'none'}. "
        f'Take a column for one with: --map "cohort={wanted}".',
        slug="journey.unknown-stage",
        stage=wanted,
    )


def check_stage(settings: Settings, cohorts: Sequence[str]) -> None:
    """Raise the UsageError of `chosen_stage` before hours are spent on scoring."""
    if settings.stage is not None:
        chosen_stage(settings.stage, ["channel", *cohorts])


def compared_from(manifest: Mapping[str, Any]) -> date | None:
    """Return the day the later window begins with, None for the last third of the periods."""
    return _day(manifest, "compare_from")


def in_period(tables: MinedTables, manifest: Mapping[str, Any]) -> MinedTables:
    """Return the tables of the period the report is drawn for; whole where none was given."""
    return within(tables, since=_day(manifest, "since"), until=_day(manifest, "until"))


def _day(manifest: Mapping[str, Any], name: str) -> date | None:
    day = manifest["settings"].get(name)
    return date.fromisoformat(day) if day else None


def follow_up_rule(manifest: Mapping[str, Any]) -> FollowUpRule:
    """Return the rule a manifest's settings state; what they leave open takes its default.

    Examples
    --------
    >>> follow_up_rule({"settings": {"due_hours": 48, "follow_up_days": None}})
    FollowUpRule(due_hours=48.0, days=30)
    """
    stored, usual = manifest["settings"], FollowUpRule()
    return FollowUpRule(
        due_hours=float(stored.get("due_hours") or usual.due_hours),
        days=int(stored.get("follow_up_days") or usual.days),
    )
