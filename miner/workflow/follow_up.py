"""The rule of the follow-up list, kept in the manifest so that a redrawn report has the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miner.insight.facts.followup import FollowUpRule


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
