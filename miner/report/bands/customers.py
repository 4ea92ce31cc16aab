"""Customers: who stays, what they are worth, who leaves after saying what, whom to call first."""

from __future__ import annotations

from typing import Final

from miner.insight.facts.customers import Customers, ThemeChurn
from miner.report import headlines
from miner.report.bands.base import Source, band, described, link
from miner.report.languages import cohort_name
from miner.report.model import (
    Band,
    Chart,
    LineChart,
    Pair,
    PairChart,
    Point,
    Sentence,
    Table,
    beyond_chance,
)
from miner.report.plain import storable
from miner.report.sentences import say
from miner.report.tables import customers as tables

DRAWN: Final = 8
"""Themes drawn; the table has all."""

COMPUTED: Final = (
    "Churn of a period = customers lost in it / customers at its start (Wilson); groups are"
    " compared by the share that leaves within a month, from customer-days. A mention counts only"
    " before the customer's end: days after a negative mention against days of customers with"
    " feedback and without one so far, from their first feedback on; p corrected for the number of"
    " themes. An association, never a cause."
)
COMPUTED_WITHOUT: Final = (
    "Customers are told apart by the export's own customer ids; negative feedback holds at least"
    " one negative mention."
)


def customers(source: Source) -> Band | None:
    """Return what is known of customers, None where nothing names them."""
    found = source.insight.customers
    if found is None:
        return None
    return band(
        "customers",
        "Customers",
        _headline(found, source),
        computed=COMPUTED if found.table else COMPUTED_WITHOUT,
        charts=_charts(found, source),
        tables=_tables(found, source),
        notes=_notes(found, source),
    )


def _headline(found: Customers, source: Source) -> Sentence:
    if found.window is None:
        return say(
            "{again} of {writing} customers wrote more than once.",
            again=found.writing_again,
            writing=found.writing,
        )
    worst = _worst(found)
    figures = {
        "lost": found.window.lost,
        "at_start": found.window.at_start,
        "churn": found.window.churn,
        "until": found.table.until if found.table else "",
    }
    if found.window.churn.value is None:
        return say("Customers lost in the window: {churn}.", churn=found.window.churn)
    if worst is None:
        return say(
            "{lost} of the {at_start} customers at the start had left by {until}: {churn}.",
            **figures,
        )
    return say(
        "{lost} of the {at_start} customers at the start had left by {until}: {churn}. Being"
        " negative about {theme} is associated with leaving: {said:short} a month, others"
        " {others:short}.",
        **figures,
        theme=headlines.name(source.tree, worst.theme),
        said=worst.churn,
        others=worst.others_churn,
    )


def _worst(found: Customers) -> ThemeChurn | None:
    """Return the theme most clearly associated with leaving, None where none is."""
    clear = [
        one
        for one in found.churn_by_theme
        if beyond_chance(one.p_value) and (one.difference.value or 0.0) > 0
    ]
    return clear[0] if clear else None


def _notes(found: Customers, source: Source) -> tuple[Sentence, ...]:
    notes = [say("Customer ids are shown as the export gave them.")]
    if found.table is not None and found.window is None:
        notes.insert(0, say("No customer of the table has an end, so nobody can say who left."))
    if found.table is not None:
        read = source.manifest.get("customers", {}).get("notes", ())
        notes = [*_fit(found), *_worth(found), *_apart(found, source), *notes]
        notes += [say("{note}", note=storable(str(note))) for note in read]
    return tuple(notes)


def _fit(found: Customers) -> list[Sentence]:
    """How the table and the feedback fit together, and what became of the table's rows."""
    table = found.table
    assert table is not None
    ledger = table.ledger
    rows = say(
        "Customer table: {accepted} customers in {received} rows read; rows that repeat a customer:"
        " {duplicate}, without an id: {empty}, rejected: {rejected}. It tells of {first} to"
        " {until}; ends after that are plans, not losses.",
        **{key: ledger[key] for key in ("received", "accepted", "duplicate", "empty", "rejected")},
        first=table.first,
        until=table.until,
    )
    if not table.with_feedback:
        return [
            rows,
            say(
                "No customer of the table is named in the feedback, so nothing joins the two:"
                " compare the ids of both files.",
            ),
        ]
    return [
        rows,
        say(
            "{with_feedback} of the {customers} customers wrote feedback; {unmatched} feedback name"
            " a customer who is not in the table, {unnamed} name none.",
            with_feedback=table.with_feedback,
            customers=table.customers,
            unmatched=table.feedback_unmatched,
            unnamed=table.feedback_unnamed,
        ),
    ]


def _worth(found: Customers) -> list[Sentence]:
    """Lifetime value beside acquisition cost, and what was assumed."""
    known = {one.key: one.estimate for one in found.values}
    notes = []
    if "value_to_cost" in known and known["value_to_cost"].value is not None:
        notes.append(
            say(
                "A customer is worth {ratio} times what it cost to win one: lifetime value {value},"
                " acquisition cost {cost}, in the table's own currency.",
                ratio=known["value_to_cost"],
                value=known["lifetime_value"],
                cost=known["acquisition_cost"],
            )
        )
    if "lifetime_value" in known:
        margin = found.table.gross_margin if found.table else None
        notes.append(
            say("Gross margin {margin}, as given.", margin=margin)
            if margin is not None
            else say("No gross margin was given, so all revenue counts as value.")
        )
    return notes


def _apart(found: Customers, source: Source) -> list[Sentence]:
    """The cohort that leaves most clearly more often, and how the worst theme's figures stand."""
    notes = []
    clear = [
        one
        for one in found.cohorts
        if beyond_chance(one.p_value) and (one.difference.value or 0.0) > 0
    ]
    if clear:
        most = max(clear, key=lambda one: one.difference.value or 0.0)
        notes.append(
            say(
                "{cohort} {value} leaves most: {churn} a month, others {rest:short}.",
                cohort=cohort_name(most.cohort),
                value=most.value,
                churn=most.churn,
                rest=most.rest,
            )
        )
    worst = _worst(found)
    if worst is not None:
        notes.append(
            say(
                "{left} of {n} customers left after being negative about {theme}; a month, that is"
                " {difference:signed} percentage points against other customers with feedback, an"
                " association.",
                left=worst.left,
                n=worst.customers,
                theme=headlines.name(source.tree, worst.theme),
                difference=worst.difference,
            )
        )
    return notes


def _charts(found: Customers, source: Source) -> tuple[Chart, ...]:
    charts: list[Chart] = []
    points = tuple(Point(one.period, one.churn) for one in found.periods if one.complete)
    if sum(point.estimate.value is not None for point in points) > 1:
        title = "Customers lost"
        charts.append(LineChart("churn", title, described(title, points), points, tone="negative"))
    pairs = tuple(
        Pair(
            headlines.name(source.tree, one.theme),
            one.churn,
            one.others_churn,
            link(theme=one.theme, polarity="negative"),
        )
        for one in found.churn_by_theme
        if one.difference.value is not None
    )[:DRAWN]
    if pairs:
        charts.append(
            PairChart(
                "churn-by-theme",
                "Churn a month by theme mentioned",
                "Customers who leave within a month after a negative mention of a theme, beside"
                " other customers with feedback.",
                ("after a negative mention", "other customers"),
                pairs,
            )
        )
    return tuple(charts)


def _tables(found: Customers, source: Source) -> tuple[Table, ...]:
    made = [
        tables.periods(found),
        tables.values(found),
        tables.themes(found, source),
        tables.cohorts(found),
        tables.people(found, source),
    ]
    return tuple(table for table in made if table.rows)
