"""Everything unusual on one day, kind by kind."""

from __future__ import annotations

from datetime import date

from miner.feed.alerts.drift import mix_drift, vocabulary_drift
from miner.feed.alerts.finding import Finding
from miner.feed.alerts.inputs import AlertInputs
from miner.feed.alerts.levels import confidence_drift, score_falls
from miner.feed.alerts.rule import AlertRule
from miner.feed.alerts.shares import rejects, untagged
from miner.feed.alerts.silence import silences
from miner.feed.alerts.spikes import spikes

_JUDGES = {
    "spike": spikes,
    "score_fall": score_falls,
    "silent": silences,
    "rejects": rejects,
    "untagged": untagged,
    "drift_vocabulary": vocabulary_drift,
    "drift_confidence": confidence_drift,
}


def evaluate(
    inputs: AlertInputs, *, on: date, rule: AlertRule | None = None
) -> tuple[Finding, ...]:
    """Return what is unusual on a day, in the order of `AlertRule.kinds`; pure and deterministic.

    Parameters
    ----------
    inputs : daily counts; what is later than `on` isn't looked at.
    on : last day of the window: the last day that is complete, such as yesterday.
    rule : None means the defaults.

    Examples
    --------
    >>> evaluate(AlertInputs(), on=date(2026, 3, 31))
    ()
    """
    rule = rule or AlertRule()
    found: list[Finding] = []
    for kind in rule.kinds:
        if kind != "drift_mix":
            found += _JUDGES[kind](inputs, on=on, rule=rule)
    if "drift_mix" in rule.kinds:
        spiking = {one.theme for one in found if one.kind == "spike"}
        found += mix_drift(inputs, on=on, rule=rule, without=spiking)
    return tuple(sorted(found, key=lambda one: rule.kinds.index(one.kind)))
