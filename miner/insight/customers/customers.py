"""Customers in one window: who writes, who is unhappy, and with a customer table who stays."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from miner.insight.customers.customer_base import CustomerBase, Tenure, iso, make_tenure
from miner.insight.customers.lifetime import observed, values
from miner.insight.customers.retention import by_cohort, periods, whole
from miner.insight.customers.theme_churn import churn_by_theme
from miner.insight.facts.customers import Customers, CustomerSummary, CustomerTableFacts
from miner.insight.window import Bools, Ints, Window

MOST: Final = 50
"""Customers listed at most: those to speak to first; `miner customer` shows anyone."""


def customers(window: Window, base: CustomerBase | None = None) -> Customers | None:
    """Return what is known of customers, None where the feedback names none and no table is given.

    Parameters
    ----------
    base : the customer table; None without one.

    Notes
    -----
    A table without any end can't tell whether nobody left or nobody wrote it down: no churn then.
    """
    people = _People(window)
    if base is None:
        return _facts(people) if people.n else None
    tenure = make_tenure(window, base)
    if not base.frame["end"].notna().any():
        return _facts(
            people,
            tenure,
            table=_table(window, base, tenure),
            values=values(window, tenure, gross_margin=base.gross_margin),
        )
    return _facts(
        people,
        tenure,
        table=_table(window, base, tenure),
        window=whole(window, tenure),
        periods=periods(window, tenure),
        cohorts=by_cohort(window, tenure),
        values=values(window, tenure, gross_margin=base.gross_margin),
        churn_by_theme=churn_by_theme(window, tenure),
    )


class _People:
    """Customers who wrote counted feedback, sorted by id: `code` is each feedback's, -1 unknown."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self.rows = window.tables.feedback.take(window.position)
        codes, ids = pd.factorize(self.rows["customer"], sort=True)
        self.code: Ints = codes.astype(np.int64)
        self.ids = tuple(map(str, ids))
        self.n = len(self.ids)

    def count(self, rows: Bools | None = None) -> Ints:
        """Return how many of these feedback each customer wrote."""
        keep = self.code >= 0 if rows is None else rows & (self.code >= 0)
        return np.bincount(self.code[keep], minlength=self.n)


def _facts(people: _People, tenure: Tenure | None = None, **parts: object) -> Customers:
    written = people.count()
    return Customers(
        writing=people.n,
        writing_again=int((written > 1).sum()),
        most_negative=_most_negative(people, tenure),
        **parts,  # type: ignore[arg-type]
    )


def _table(window: Window, base: CustomerBase, tenure: Tenure) -> CustomerTableFacts:
    named = window.tables.feedback["customer"].take(window.position).notna().to_numpy()
    matched = tenure.member >= 0
    return CustomerTableFacts(
        customers=tenure.n,
        with_feedback=len(np.unique(tenure.member[matched])),
        feedback_matched=int(matched.sum()),
        feedback_unmatched=int((named & ~matched).sum()),
        feedback_unnamed=int((~named).sum()),
        first=iso(int(tenure.start.min())) if tenure.n else iso(tenure.until),
        until=iso(tenure.until),
        ledger=base.ledger.to_dict(),
        gross_margin=base.gross_margin,
    )


def _most_negative(people: _People, tenure: Tenure | None) -> tuple[CustomerSummary, ...]:
    """Return the customers with most negative feedback.

    Ties go to more feedback with a sign of leaving, then to more negative mentions, then to the
    newer negative feedback, then to the id.
    """
    window = people.window
    hurt: Bools = np.asarray(window.said["negative"].any(axis=0))
    negative, risky = people.count(hurt), people.count(window.signalled("churn_risk"))
    mentions = np.bincount(
        people.code[hurt & (people.code >= 0)],
        window.said["negative"].sum(axis=0)[hurt & (people.code >= 0)],
        minlength=people.n,
    ).astype(np.int64)
    last = _last(people, hurt)
    order = np.lexsort((np.arange(people.n), -last[0], -mentions, -risky, -negative))
    order = order[negative[order] > 0][:MOST]
    written = people.count()
    members = {} if tenure is None else {name: at for at, name in enumerate(tenure.ids)}
    counts = np.stack([written, negative, mentions, risky])
    return tuple(
        _summary(people, at, counts[:, at], int(last[1][at]), (tenure, members))
        for at in order.tolist()
    )


def _last(people: _People, rows: Bools) -> tuple[Ints, Ints]:
    """Return the moment and the row position of each customer's newest such feedback.

    Undated feedback counts as oldest; among equals the smaller id of the feedback is taken.
    """
    moment = people.rows["date"].to_numpy().astype("datetime64[us]").astype(np.int64)
    chosen = np.flatnonzero(rows & (people.code >= 0))
    identity = pd.factorize(people.rows["id"].iloc[chosen], sort=True)[0]
    order = chosen[np.lexsort((-identity, moment[chosen]))]
    newest = np.zeros(people.n, dtype=np.int64)
    newest[people.code[order]] = order  # the last one written stays
    return moment[newest] if len(moment) else newest, newest


def _summary(
    people: _People,
    at: int,
    counts: Ints,
    last: int,
    base: tuple[Tenure | None, dict[str, int]],
) -> CustomerSummary:
    window = people.window
    own = np.flatnonzero(people.code == at)
    rows = people.rows.iloc[own]
    channels = sorted({str(name) for name in rows["channel"].dropna()})
    days = sorted(str(day)[:10] for day in rows["date"].dropna())
    theme = int(window.said["negative"][:, own].sum(axis=1).argmax())
    start, end, revenue = _stay(people.ids[at], *base)
    written, negative, mentions, risky = counts.tolist()
    return CustomerSummary(
        customer=people.ids[at],
        feedback=written,
        negative=negative,
        mentions=mentions,
        churn_risk=risky,
        theme=window.themes[theme],
        channels=tuple(channels),
        first_date=days[0] if days else None,
        last_date=days[-1] if days else None,
        last=int(window.position[last]),
        start=start,
        end=end,
        revenue=revenue,
    )


def _stay(
    name: str, tenure: Tenure | None, members: dict[str, int]
) -> tuple[str | None, str | None, float | None]:
    """Return start, end and revenue of one customer, as far as the table knows."""
    at = members.get(name)
    if tenure is None or at is None:
        return None, None, None
    end = int(tenure.end[at])
    revenue = float(observed(tenure)[at])
    return (
        iso(int(tenure.start[at])),
        iso(end) if end <= tenure.until else None,
        None if np.isnan(revenue) else revenue,
    )
