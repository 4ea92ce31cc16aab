"""The tables on customers and on word of mouth."""

from __future__ import annotations

from typing import Final

from miner.insight.facts.customers import CustomerPeriod, Customers, ThemeChurn
from miner.insight.facts.word_of_mouth import WordOfMouth, WordShares
from miner.insight.figures import Estimate
from miner.report.bands.base import Source
from miner.report.cells import CLIPPED, clip
from miner.report.languages import t
from miner.report.model import CohortCell, Column, FeedbackCell, Table
from miner.report.plain import storable
from miner.report.tables.shared import rounded

MEASURES: Final = {
    "monthly_churn": "Churn a month",
    "lifetime": "Expected lifetime, months",
    "monthly_revenue": "Revenue a customer and month",
    "observed_revenue": "Revenue a customer to date",
    "acquisition_cost": "Acquisition cost a customer",
    "lifetime_value": "Lifetime value (LTV)",
    "value_to_cost": "LTV : CAC",
    "payback": "Months until the acquisition cost is earned back",
}
FORMULAS: Final = {
    "monthly_churn": "share that leaves within a month at the rate of the window's customer-days",
    "lifetime": "customer-months in the window / customers lost in it",
    "monthly_revenue": "mean of monthly revenue; without that column, all revenue / all"
    " customer-months",
    "observed_revenue": "mean of the revenue from the start to this day, nothing assumed",
    "acquisition_cost": "mean of the customers whose cost is given",
    "lifetime_value": "revenue a customer and month x gross margin x expected lifetime; assumes"
    " that churn and revenue stay as they are, no discounting",
    "value_to_cost": "lifetime value / acquisition cost",
    "payback": "acquisition cost / (revenue a customer and month x gross margin)",
}


def periods(found: Customers) -> Table:
    """Return customers at the start, joined and lost, and churn, by period."""
    columns = (
        Column("period", "Period", "text"),
        Column("at_start", "At its start", "int"),
        Column("joined", "Joined", "int"),
        Column("lost", "Lost", "int"),
        Column("passing", "Joined and left in it", "int"),
        Column("churn", "Churn", "estimate", bar="negative"),
        Column("retention", "Retention", "estimate", bar="positive"),
        Column("complete", "State", "word"),
    )
    whole = (found.window,) if found.window else ()
    return Table(
        "retention",
        "Customers who stayed and left",
        columns,
        tuple(_period(one) for one in (*found.periods, *whole)),
    )


def _period(one: CustomerPeriod) -> tuple[object, ...]:
    state = "whole" if one.complete else "not complete"
    counts = (one.at_start, one.joined, one.lost, one.passing)
    return (one.period, *counts, one.churn, one.retention, state)


def values(found: Customers) -> Table:
    """Return what customers bring and cost, each figure with its formula."""
    columns = (
        Column("measure", "Measure", "word"),
        Column("estimate", "Estimate", "estimate"),
        Column("n", "Customers", "int"),
        Column("formula", "Formula", "word"),
    )
    rows = tuple(
        (MEASURES[one.key], one.estimate, one.estimate.n, FORMULAS[one.key]) for one in found.values
    )
    return Table("customer_value", "What customers bring and cost", columns, rows)


def cohorts(found: Customers) -> Table:
    """Return churn a month by cohort of the customer table."""
    columns = (
        Column("cohort", "Cohort", "cohort"),
        Column("customers", "Customers", "int"),
        Column("lost", "Lost", "int"),
        Column("churn", "Churn a month", "estimate", bar="negative"),
        Column("difference", "Against everybody else", "estimate", signed=True),
        Column("p_value", "Adjusted p", "number"),
    )
    rows = tuple(
        (
            CohortCell(one.cohort, one.value, one.churn, one.rest, one.p_value),
            one.customers,
            one.lost,
            one.churn,
            one.difference,
            rounded(one.p_value),
        )
        for one in found.cohorts
    )
    return Table("churn_by_cohort", "Churn by cohort", columns, rows)


def themes(found: Customers, source: Source) -> Table:
    """Return churn after a negative mention by theme, with what one who left had said."""
    columns = (
        Column("theme", "Theme", "theme"),
        Column("customers", "Negative about it", "int"),
        Column("left", "Left after it", "int"),
        Column("churn", "Churn a month after it", "estimate", bar="negative"),
        Column("others", "Other customers", "int"),
        Column("others_left", "Others who left", "int"),
        Column("others_churn", "Churn a month of others", "estimate", bar="neutral"),
        Column("difference", "Difference", "estimate", signed=True),
        Column("p_value", "Adjusted p", "number"),
        Column("quote", "Said before leaving", "text"),
        Column("feedback", "Feedback", "feedback"),
    )
    said = _said(found, source)
    rows = tuple(
        (
            one.theme,
            one.customers,
            one.left,
            one.churn,
            one.others,
            one.others_left,
            one.others_churn,
            one.difference,
            rounded(one.p_value),
            *said[one.theme],
        )
        for one in found.churn_by_theme
    )
    return Table("churn_by_theme", "Churn by theme mentioned", columns, rows)


def _said(
    found: Customers, source: Source
) -> dict[str, tuple[str, FeedbackCell] | tuple[None, None]]:
    shown = [one for one in found.churn_by_theme if one.example is not None]
    rows = source.tables.fetch_mentions([_mention(one) for one in shown]).to_dict("records")
    none: dict[str, tuple[str, FeedbackCell] | tuple[None, None]] = {
        one.theme: (None, None) for one in found.churn_by_theme
    }
    return none | {
        one.theme: (
            clip(storable(str(row["quote"])), CLIPPED),
            FeedbackCell(one.example.feedback if one.example else -1, storable(str(row["id"]))),
        )
        for one, row in zip(shown, rows, strict=True)
    }


def _mention(one: ThemeChurn) -> int:
    assert one.example is not None
    return one.example.mention


def people(found: Customers, source: Source) -> Table:
    """Return the customers with most negative feedback, ids as the export gave them."""
    columns = (
        Column("customer", "Customer", "text"),
        Column("feedback", "Feedback", "int"),
        Column("negative", "Negative", "int"),
        Column("churn_risk", "Signs of leaving", "int"),
        Column("theme", "Mostly about", "theme"),
        Column("channels", "Channels", "text"),
        Column("last_date", "Last wrote", "text"),
        Column("start", "Customer since", "text"),
        Column("end", "Left", "text"),
        Column("revenue", "Revenue to date", "number"),
        Column("last", "Last negative feedback", "feedback"),
    )
    listed = found.most_negative
    rows = source.tables.fetch_feedback([one.last for one in listed])
    names = [storable(str(name)) for name in rows["id"]]
    return Table(
        "customers",
        "Customers with most negative feedback",
        columns,
        tuple(
            (
                storable(one.customer),
                one.feedback,
                one.negative,
                one.churn_risk,
                one.theme,
                storable(", ".join(one.channels)) or None,
                one.last_date,
                one.start,
                one.end,
                None if one.revenue is None else round(one.revenue, 2),
                FeedbackCell(one.last, name),
            )
            for one, name in zip(listed, names, strict=True)
        ),
    )


_SHARES: Final = (
    Column("n", "Feedback", "int"),
    Column("recommends", "Recommends", "estimate", bar="positive"),
    Column("warns", "Warns", "estimate", bar="negative"),
    Column("net", "Net, points", "estimate", signed=True),
)


def word_periods(found: WordOfMouth) -> Table:
    """Return the shares that recommend and warn, in all and by period."""
    rows = tuple((one.period, *_shares(one.shares)) for one in found.periods)
    return Table(
        "word_of_mouth",
        "Recommending and warning by period",
        (Column("period", "Period", "text"), *_SHARES),
        (*rows, (t("All feedback"), *_shares(found.shares))),
    )


def word_cohorts(found: WordOfMouth) -> Table:
    """Return the shares by cohort with what sets each apart."""
    columns = (
        Column("cohort", "Cohort", "text"),
        Column("value", "Value", "text"),
        *_SHARES,
        Column("p_recommends", "Adjusted p, recommends", "number"),
        Column("p_warns", "Adjusted p, warns", "number"),
    )
    rows = tuple(
        (
            storable(one.cohort),
            storable(one.value),
            *_shares(one.shares),
            rounded(one.p_recommends),
            rounded(one.p_warns),
        )
        for one in found.cohorts
    )
    return Table("word_of_mouth_cohorts", "Recommending and warning by cohort", columns, rows)


def _shares(one: WordShares) -> tuple[int, Estimate, Estimate, Estimate]:
    return one.n, one.recommends, one.warns, one.net


KINDS: Final = {"advocacy": "Recommends", "warning": "Warns"}


def word_examples(found: WordOfMouth, source: Source) -> Table:
    """Return what was counted: the words, and the whole text they stand in."""
    columns = (
        Column("kind", "Kind", "word"),
        Column("words", "Words", "text"),
        Column("text", "Text", "text"),
        Column("feedback", "Feedback", "feedback"),
    )
    signals = source.tables.fetch_signals([one.signal for one in found.examples])
    feedback = source.tables.fetch_feedback([one.feedback for one in found.examples])
    texts = zip(signals["words"], feedback["verbatim"], feedback["id"], strict=True)
    rows = tuple(
        (
            KINDS[one.kind],
            clip(storable(str(words)), CLIPPED),
            clip(storable(str(text)), CLIPPED),
            FeedbackCell(one.feedback, storable(str(name))),
        )
        for one, (words, text, name) in zip(found.examples, texts, strict=True)
    )
    return Table("word_of_mouth_examples", "Who recommends and who warns", columns, rows)
