"""The bands on customers and on word of mouth, in every rendering."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date
from functools import lru_cache
from typing import Any

import pandas as pd
import pytest
from insight.synthetic import tables_of
from report.report_samples import MANIFEST, NOW, QUALITY, TREE

from miner.columns import CUSTOMER_COLUMNS
from miner.insight import MinedTables, analyse
from miner.insight.customers.customer_base import CustomerBase
from miner.insight.extras import Extras
from miner.insight.mentions import SIGNAL_COLUMNS
from miner.report import ReportData, build
from miner.report.html import render as page
from miner.report.numbers import show
from miner.report.text import render as markdown
from miner.report.workbook import render as workbook
from miner.report.write import csv_text
from miner.types import Ledger

NASTY_ID = '=HYPERLINK("http://x.example","<script>alert(1)</script>")'


def data_of(
    rows: list[dict[str, Any]], base: CustomerBase | None = None, signals: Any = None
) -> ReportData:
    tables = MinedTables.from_frames(*tables_of(rows), signals=signals)
    insight = analyse(
        tables, taxonomy=TREE, scales={}, grain="month", extras=Extras(customers=base)
    )
    return build(
        insight,
        tables,
        taxonomy=TREE,
        manifest=MANIFEST,
        ledger=Ledger(received=len(rows), accepted=len(rows)),
        problems_by_reason={},
        model_quality=QUALITY,
    )


@lru_cache(maxsize=1)
def leaving() -> ReportData:
    """Billing is what those who leave spoke of; the others spoke of the price."""
    rows = [
        {
            "customer": NASTY_ID if at == 0 else f"c{at:03}",
            "date": f"2026-0{1 + at % 4}-03",
            "said": [("service.billing" if at % 3 == 0 else "product.price", "negative")],
        }
        for at in range(120)
    ]
    frame = pd.DataFrame(
        {
            "id": [row["customer"] for row in rows],
            "start": pd.Timestamp("2024-01-01"),
            "end": [
                pd.Timestamp(row["date"]) + pd.Timedelta(days=20) if at % 3 == 0 else pd.NaT
                for at, row in enumerate(rows)
            ],
            "monthly_revenue": 20.0,
            "revenue": [300.0 + at for at in range(120)],
            "cost": [60.0 + at % 5 for at in range(120)],
        }
    ).astype(CUSTOMER_COLUMNS)
    base = CustomerBase(frame, date(2026, 12, 1), Ledger(received=121, accepted=120, rejected=1))
    signals = pd.DataFrame(
        [
            {"feedback": at, "id": f"h{at}", "clause": 0,
             "kind": "warning" if at % 3 == 0 else "advocacy", "start": 0, "end": 4,
             "verbatim_start": 0, "verbatim_end": 4, "words": "=What I have"}
            for at in range(0, 120, 2)
        ]
    ).astype(SIGNAL_COLUMNS)  # fmt: skip
    return data_of(rows, base, signals)


def test_the_headline_is_filled_from_the_figures() -> None:
    band = leaving().band("customers")
    figures = band.headline.figures
    assert figures["theme"] == "Billing"
    assert (figures["lost"], figures["at_start"]) == (40, 120)
    assert show(figures["churn"]) in band.headline.text
    assert "is associated with leaving" in band.headline.text
    assert "cause" not in band.headline.text


def test_notes_account_for_the_table_and_state_what_was_assumed() -> None:
    said = " ".join(note.text for note in leaving().band("customers").notes)
    assert "120 customers in 121 rows read" in said
    assert "rejected: 1" in said
    assert "120 of the 120 customers wrote feedback" in said
    assert "No gross margin was given, so all revenue counts as value." in said
    assert "Customer ids are shown as the export gave them." in said


def test_churn_by_theme_leads_to_what_was_said() -> None:
    table = leaving().table("churn_by_theme")
    assert table is not None
    row = dict(zip([column.key for column in table.columns], table.rows[0], strict=True))
    assert row["theme"] == "service.billing"
    assert (row["customers"], row["left"]) == (40, 40)
    assert "service.billing is rather negative" in row["quote"]
    assert row["feedback"].position % 3 == 0


def test_every_measure_names_its_formula() -> None:
    table = leaving().table("customer_value")
    assert table is not None
    assert len(table.rows) == 8
    assert all(row[3] for row in table.rows)
    assert "assumes that churn and revenue stay" in str(table.to_json())


def test_the_customers_most_unhappy_are_listed() -> None:
    table = leaving().table("customers")
    assert table is not None
    assert len(table.rows) == 50
    assert {row[2] for row in table.rows} == {1}


def test_word_of_mouth_by_period_sums_to_the_whole() -> None:
    table = leaving().table("word_of_mouth")
    assert table is not None
    counts = [row[1] for row in table.rows]
    assert sum(counts[:-1]) == counts[-1] == 120
    headline = leaving().band("word-of-mouth").headline
    assert headline.figures["warns"].value == pytest.approx(20 / 120)
    assert headline.figures["recommends"].value == pytest.approx(40 / 120)
    assert headline.figures["net"].value == pytest.approx(100 * 20 / 120)


def test_every_rendering_shows_the_bands() -> None:
    data = leaving()
    drawn = page(data, generated=NOW)
    written = markdown(data, generated=NOW)
    plain = json.loads(json.dumps(data.to_json()))
    for title in ("Customers", "Word of mouth"):
        assert f"## {title}" in written
    assert 'id="customers"' in drawn
    assert 'id="word-of-mouth"' in drawn
    assert plain["findings"]["customers"]["headline"]["text"] in written
    assert len(plain["tables"]["churn_by_theme"]["rows"]) == 2
    assert workbook(data, generated=NOW).startswith(b"PK")


def test_an_id_that_tries_to_break_out_is_inert() -> None:
    data = leaving()
    table = data.table("customers")
    assert table is not None
    drawn = page(data, generated=NOW)
    assert "<script>alert(1)" not in drawn
    cells = [row[0] for row in csv.reader(io.StringIO(csv_text(table, data)))]
    assert not [cell for cell in cells if cell.startswith("=")]
    examples = data.table("word_of_mouth_examples")
    assert examples is not None
    assert "'=What I have" in csv_text(examples, data)


def test_without_a_table_the_ids_alone_speak() -> None:
    rows = [{"customer": f"c{at // 2}", "date": "2026-01-03"} for at in range(20)]
    band = data_of(rows).band("customers")
    assert band.headline.text == "10 of 10 customers wrote more than once."
    assert [table.key for table in band.tables] == []


def test_a_table_that_nothing_joins_with_says_so() -> None:
    base = CustomerBase(
        pd.DataFrame(
            {
                "id": ["001"],
                "start": [pd.Timestamp("2025-01-01")],
                "end": [pd.NaT],
                "monthly_revenue": [None],
                "revenue": [None],
                "cost": [None],
            }
        ).astype(CUSTOMER_COLUMNS),
        date(2026, 12, 1),
        Ledger(received=1, accepted=1),
    )
    band = data_of([{"customer": "1", "date": "2026-01-03"}], base).band("customers")
    said = " ".join(note.text for note in band.notes)
    assert "compare the ids of both files" in said
    assert "No customer of the table has an end" in said


def test_nothing_known_makes_no_band() -> None:
    keys = {band.key for band in data_of([{"date": "2026-01-03"}]).bands}
    assert not keys & {"customers", "word-of-mouth"}


def test_too_few_is_said_in_words() -> None:
    rows = [{"customer": "a", "date": "2026-01-03"}, {"customer": "b", "date": "2026-02-03"}]
    frame = pd.DataFrame(
        {
            "id": ["a"],
            "start": [pd.Timestamp("2025-01-01")],
            "end": [pd.Timestamp("2026-01-20")],
            "monthly_revenue": [9.0],
            "revenue": [None],
            "cost": [None],
        }
    ).astype(CUSTOMER_COLUMNS)
    base = CustomerBase(frame, date(2026, 12, 1), Ledger(received=1, accepted=1))
    data = data_of(rows, base)
    assert data.band("customers").headline.text == (
        "Customers lost in the window: too few to say (n = 1)."
    )
    assert re.search(r"too few to say \(n = 1\)", markdown(data, generated=NOW))
