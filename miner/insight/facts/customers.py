"""What is known of customers: how many stay, what they are worth, who leaves after saying what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from miner.insight.figures import Estimate, VerbatimRef


@dataclass(frozen=True, slots=True)
class CustomerPeriod:
    """Customers of one period; ``at_start + joined - lost - passing`` = those at the next start.

    `lost`: of those there at its start, left in it; `joined`: started in it; `passing`: started and
    left in it (in neither rate). `churn` = lost / at_start, `retention` = 1 − churn, both Wilson.
    `complete` is False where the table ends within the period.
    """

    period: str
    at_start: int
    joined: int
    lost: int
    passing: int
    churn: Estimate
    retention: Estimate
    complete: bool


@dataclass(frozen=True, slots=True)
class CustomerCohort:
    """Churn a month of one cohort of the customer table, next to that of everybody else.

    `customers`: those at risk within the window, `lost` of them left in it. `difference` =
    churn − rest in share, square-and-add interval; `p_value` Benjamini-Hochberg over all cohorts.
    """

    cohort: str
    value: str
    customers: int
    lost: int
    churn: Estimate
    rest: Estimate
    difference: Estimate
    p_value: float | None


@dataclass(frozen=True, slots=True)
class CustomerValue:
    """One figure of what customers bring and cost, in the table's own currency.

    `key`: ``monthly_churn`` | ``lifetime`` (months) | ``monthly_revenue`` | ``observed_revenue`` |
    ``acquisition_cost`` | ``lifetime_value`` | ``value_to_cost`` | ``payback`` (months).
    Where the value is None, ``estimate.n`` is the count that is too small: of customers, or of
    those who left where the figure rests on leaving.
    """

    key: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class ThemeChurn:
    """Churn a month after a negative mention of the theme, next to other customers with feedback.

    Time counts in customer-days: for `others` from a customer's first feedback on, for the
    customers who mentioned it from that mention on (for both from their start, where they wrote
    before it), up to their end or the end of the table. So a mention counts only before the end,
    and the days a customer had to stay in order to mention anything are credited to the others.
    `customers` mentioned it, `left` of them afterwards; `others` customers spent days without
    having mentioned it, `others_left` left in them. `difference` = churn − others' churn, an
    association; `p_value` Benjamini-Hochberg over themes.
    `example`: a negative mention by a customer who left later: readable, clear, then late.
    """

    theme: str
    customers: int
    left: int
    others: int
    others_left: int
    churn: Estimate
    others_churn: Estimate
    difference: Estimate
    p_value: float | None
    example: VerbatimRef | None


@dataclass(frozen=True, slots=True)
class CustomerSummary:
    """One customer with negative feedback; ids as the export gave them.

    `feedback`: all they wrote, `negative` of it with a negative mention; `churn_risk`: feedback
    with that signal; `theme`: the one they were negative about most often; `last`: row position of
    their newest negative feedback. `start`, `end`, `revenue` are None without a customer table.
    """

    customer: str
    feedback: int
    negative: int
    mentions: int
    churn_risk: int
    theme: str
    channels: tuple[str, ...]
    first_date: str | None
    last_date: str | None
    last: int
    start: str | None
    end: str | None
    revenue: float | None


@dataclass(frozen=True, slots=True)
class CustomerTableFacts:
    """How the customer table and the feedback fit together.

    `ledger`: the account of the table's rows. `with_feedback` of the `customers` wrote counted
    feedback; `feedback_matched` = counted feedback of those, `feedback_unmatched` = with a customer
    who is not in the table, `feedback_unnamed` = without any customer. `until`: the last day the
    table and the feedback tell of; ends after it are plans, not losses.
    """

    customers: int
    with_feedback: int
    feedback_matched: int
    feedback_unmatched: int
    feedback_unnamed: int
    first: str
    until: str
    ledger: Mapping[str, int]
    gross_margin: float | None


@dataclass(frozen=True, slots=True)
class Customers:
    """Customers in one window.

    `writing`: customers with counted feedback, `writing_again` of them with two or more. Without a
    customer table, `table` and `window` are None and `periods`, `cohorts`, `values`,
    `churn_by_theme` are empty; so are all but `table` and `values` where the table tells of no
    end. `most_negative`: most negative feedback first.
    """

    writing: int
    writing_again: int
    most_negative: tuple[CustomerSummary, ...]
    table: CustomerTableFacts | None = None
    window: CustomerPeriod | None = None
    periods: tuple[CustomerPeriod, ...] = ()
    cohorts: tuple[CustomerCohort, ...] = ()
    values: tuple[CustomerValue, ...] = ()
    churn_by_theme: tuple[ThemeChurn, ...] = ()
