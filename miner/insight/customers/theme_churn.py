"""Who leaves after being negative about what: churn after a mention, next to everybody else's."""

from __future__ import annotations

import numpy as np

from miner.insight.customers.customer_base import NEVER, Tenure
from miner.insight.customers.retention import Exposure, p_values, risk, risk_difference
from miner.insight.facts.customers import ThemeChurn
from miner.insight.figures import VerbatimRef
from miner.insight.significance import known
from miner.insight.verbatims import legible, references
from miner.insight.window import Bools, Ints, Window
from miner.types import POLARITIES


def churn_by_theme(window: Window, tenure: Tenure) -> tuple[ThemeChurn, ...]:
    """Return each particular theme that a customer was negative about, largest difference first.

    Themes whose difference is too small to say come last, in the taxonomy's order.

    Notes
    -----
    A person-time analysis with the mention as a time-dependent exposure: see `ThemeChurn`. A
    customer who complains and leaves must have stayed until the complaint; crediting those days
    to the complaint would make it look harmless (immortal time).

    References
    ----------
    Suissa (2008), Immortal time bias in pharmacoepidemiology, Am J Epidemiol 167:492-499.
    """
    entry = _first_days(tenure, np.ones(window.n, dtype=bool))
    writers = entry < tenure.exit
    first = np.array(
        [_first_days(tenure, row) for row in window.said["negative"]], dtype=np.int64
    ).reshape(len(window.themes), tenure.n)
    first = np.where(writers, np.minimum(first, tenure.exit), 0)
    left = writers & (tenure.end <= tenure.until)
    said = writers & (first < tenure.exit)
    themes = [
        at for at, key in enumerate(window.themes) if window.taxonomy.ranked(key) and said[at].any()
    ]
    if not themes:
        return ()
    first, said = first[themes], said[themes]
    mentioned = _exposure(said, said & left, np.where(said, tenure.exit - first, 0))
    before = np.where(writers, first - entry, 0)
    others = _exposure(before > 0, ~said & left & (before > 0), before)
    return _ranked(window, tenure, (themes, said & left), (mentioned, others))


def _first_days(tenure: Tenure, rows: Bools) -> Ints:
    """Return the first day of each customer with such feedback while a customer, else `NEVER`."""
    chosen = rows & (tenure.member >= 0) & (tenure.day < NEVER)
    first = np.full(tenure.n, NEVER)
    member = tenure.member[chosen]
    np.minimum.at(first, member, np.maximum(tenure.day[chosen], tenure.start[member]))
    return first


def _exposure(who: Bools, left: Bools, days: Ints) -> Exposure:
    return Exposure(who.sum(axis=1), left.sum(axis=1), days.sum(axis=1))


def _ranked(
    window: Window,
    tenure: Tenure,
    themes: tuple[list[int], Bools],
    groups: tuple[Exposure, Exposure],
) -> tuple[ThemeChurn, ...]:
    p = p_values(*groups, window.minimum_n)
    found = [
        _theme(window, tenure, (theme, themes[1][at]), _at(groups, at), float(p[at]))
        for at, theme in enumerate(themes[0])
    ]
    return tuple(
        sorted(
            found,
            key=lambda one: (
                one.difference.value is None,
                -(one.difference.value or 0.0),
                window.themes.index(one.theme),
            ),
        )
    )


def _at(groups: tuple[Exposure, Exposure], place: int) -> tuple[Exposure, Exposure]:
    first, other = (Exposure(*(np.asarray(part)[place] for part in group)) for group in groups)
    return first, other


def _theme(
    window: Window,
    tenure: Tenure,
    theme: tuple[int, Bools],
    groups: tuple[Exposure, Exposure],
    p: float,
) -> ThemeChurn:
    mentioned, others = groups
    customers, left = (int(np.asarray(part)) for part in mentioned[:2])
    rest, rest_left = (int(np.asarray(part)) for part in others[:2])
    return ThemeChurn(
        theme=window.themes[theme[0]],
        customers=customers,
        left=left,
        others=rest,
        others_left=rest_left,
        churn=risk(mentioned, window.minimum_n),
        others_churn=risk(others, window.minimum_n),
        difference=risk_difference(mentioned, others, window.minimum_n),
        p_value=known(p),
        example=_example(window, tenure, *theme),
    )


def _example(window: Window, tenure: Tenure, theme: int, left: Bools) -> VerbatimRef | None:
    """Return what one of these customers said before leaving: readable, clear, then late.

    Ties go to the earlier end, then to the customer's id, then to the place in the text.
    """
    mentions = window.mentions
    negative = POLARITIES.index("negative")
    chosen = np.flatnonzero((mentions.theme == theme) & (mentions.polarity == negative))
    row = mentions.row[chosen]
    member, day = tenure.member[row], tenure.day[row]
    keep = (member >= 0) & left[member] & (day < tenure.end[member])
    if not keep.any():
        return None
    chosen, member, day = chosen[keep], member[keep], day[keep]
    frame = window.tables.mentions.take(mentions.position[chosen])
    readable, clear = legible(frame)
    end = tenure.end[member]
    keys = (frame["start"].to_numpy(), member, end, end - day, -clear, ~readable)
    best = chosen[np.lexsort(keys)[0]]
    return references(window, np.array([best]))[0]
