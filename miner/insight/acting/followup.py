"""The follow-up list: which feedback calls for somebody, why, and by when.

The rule is a declared order of reasons, no score: see `REASONS` and `follow_up`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from miner.insight.acting.evidence import (
    best_mentions,
    clauses_of,
    dates_of,
    day,
    minute,
    recent,
    signals_of,
    stable_order,
    theme_key,
)
from miner.insight.acting.mismatch import plainly
from miner.insight.acting.sides import ScoreSides
from miner.insight.facts.followup import FollowUp, FollowUpCase, FollowUpRule
from miner.insight.window import Bools, Ints, Window

REASONS: Final[dict[str, int]] = {
    "safety": 1,
    "legal_threat": 1,
    "churn_risk": 2,
    "urgency": 3,
    "low_score": 4,
    "request": 5,
    "question": 5,
}
"""Priority of each reason, most pressing first: danger and law, leaving, haste, a low score, and
somebody who waits for an answer. A case takes the priority of its first reason."""

SOONER: Final = 4
"""Cases of priority 1 are due in a quarter of the hours: of the usual day that leaves six, so that
what is read in the morning is answered before the evening."""

MOST_CASES: Final = 2000
"""Cases listed at most: more than a team works through in a month."""

_SIGNALS: Final = tuple(reason for reason in REASONS if reason != "low_score")


def follow_up(window: Window, sides: ScoreSides, rule: FollowUpRule) -> FollowUp:
    """Return the feedback of the last days that calls for somebody, most pressing first.

    Notes
    -----
    Safety and a question count whatever the rest says; a low score does unless the words are plain
    praise (`miner.insight.acting.mismatch` lists those). A legal threat, a churn risk, a
    request and haste count unless the customer is content: a positive text or a high score, and no
    low one ("please thank her" asks for nothing). Haste also needs something that is wanted: a
    complaint, a request or a question in the same feedback.

    Examples
    --------
    >>> list(REASONS)[:3]
    ['safety', 'legal_threat', 'churn_risk']
    """
    why = _reasons(window, sides)
    call = why.any(axis=0)
    inside, since = recent(window, rule.days)
    dated = ~np.isnat(dates_of(window))
    rows = np.flatnonzero(call & inside)
    first = np.argmax(why[:, rows], axis=0)
    priority = np.array(list(REASONS.values()), dtype=np.int64)[first]
    order = stable_order(window, rows, priority, dates_of(window)[rows])[:MOST_CASES]
    outside = call & ~inside
    return FollowUp(
        rule=rule,
        cases=_cases(window, rows[order], why[:, rows[order]], rule),
        found=len(rows),
        counted=int(inside.sum()),
        by_reason={
            reason: int(why[k, rows].sum())
            for k, reason in enumerate(REASONS)
            if why[k, rows].any()
        },
        since=since,
        older=int((outside & dated).sum()),
        undated=int((outside & ~dated).sum()),
    )


def _reasons(window: Window, sides: ScoreSides) -> Bools:
    """Return which reasons each counted feedback has, shape (n_reasons, n_counted)."""
    polarity = window.tables.feedback["polarity"].to_numpy()[window.position]
    content = ~sides.any_low & (sides.high | (polarity == "positive"))
    wants = window.signalled("complaint", "request", "question")
    found = {kind: window.signalled(kind) for kind in _SIGNALS}
    found["low_score"] = sides.any_low & ~plainly(window, "positive")
    for kind in ("legal_threat", "churn_risk", "request", "urgency"):
        found[kind] &= ~content
    found["urgency"] &= wants
    return np.array([found[reason] for reason in REASONS])


def _cases(window: Window, rows: Ints, why: Bools, rule: FollowUpRule) -> tuple[FollowUpCase, ...]:
    keys = tuple(REASONS)
    reasons = [tuple(keys[k] for k in np.flatnonzero(column)) for column in why.T]
    signals = _stated(window, signals_of(window, rows, _SIGNALS), reasons)
    mention, theme = best_mentions(
        window, rows, polarity="negative", clause=clauses_of(window, signals)
    )
    dates = dates_of(window)[rows]
    hours = [rule.due_hours / (SOONER if REASONS[given[0]] == 1 else 1) for given in reasons]
    due = dates + np.array([round(one * 60) for one in hours], dtype="timedelta64[m]")
    return tuple(
        FollowUpCase(
            feedback=int(window.position[rows[k]]),
            priority=REASONS[reasons[k][0]],
            reasons=reasons[k],
            theme=theme_key(window, int(theme[k])),
            signals=tuple(signals[k].tolist()),
            mention=int(mention[k]) if mention[k] >= 0 else None,
            date=day(dates[k]),
            due=minute(due[k]),
        )
        for k in range(len(rows))
    )


def _stated(window: Window, signals: list[Ints], reasons: list[tuple[str, ...]]) -> list[Ints]:
    """Leave out signals that are no reason here, such as the request of a content customer."""
    kinds = window.tables.signals["kind"].cat
    names, codes = list(map(str, kinds.categories)), kinds.codes.to_numpy()
    return [
        found[[names[code] in given for code in codes[found].tolist()]]
        for found, given in zip(signals, reasons, strict=True)
    ]
