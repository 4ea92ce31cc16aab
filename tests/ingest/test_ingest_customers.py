"""A customer table: columns recognised in several languages, every row accounted for."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miner.errors import DataError, UsageError
from miner.ingest import ReadOptions, open_export, parse_customer_map
from miner.ingest.amounts import amount, decimal_mark
from miner.ingest.customers import CustomerTable, customers_of, read_customers

HEAD = "Customer ID,Plan,Customer since,Left on,Revenue to date,Acquisition cost"


def read(tmp_path: Path, *lines: str, **options: object) -> CustomerTable:
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_customers(path, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "mark", "number"),
    [
        ("1,234.50", None, 1234.5),
        ("1.234,50 €", None, 1234.5),
        ("1 234 kr", None, 1234.0),
        ("1.234", None, 1234.0),
        ("1.234", ".", 1.234),
        ("12,5", ".", 12.5),
        ("1'234'567.89", None, 1234567.89),
        ("SEK -5", None, -5.0),
        ("(12.00)", None, -12.0),
        ("0.125", None, 0.125),
    ],
)
def test_amounts_as_people_write_them(value: str, mark: str | None, number: float) -> None:
    if value == "0.125":
        mark = decimal_mark(["0.125", "3.5"])
    assert amount(value, mark) == pytest.approx(number)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["12k", "12 months", "unknown", "", "5-"])
def test_what_is_no_amount(value: str) -> None:
    with pytest.raises(ValueError, match=value.replace("(", "") or "^$"):
        amount(value, None)


@pytest.mark.parametrize(
    "header",
    [
        "customer_id;start_date;churn_date;total_revenue;cac",
        "Kundnummer;Kund sedan;Slutdatum;Omsättning;Anskaffningskostnad",
        "Kundennummer;Kunde seit;Gekündigt am;Gesamtumsatz;Akquisekosten",
        "Numéro client;Client depuis;Date de résiliation;Revenu total;Coût d'acquisition",
        "Número de cliente;Cliente desde;Fecha de baja;Ingresos totales;Coste de adquisición",
        "Klantnummer;Klant sinds;Opgezegd op;Totale omzet;Wervingskosten",
    ],
)
def test_columns_are_recognised_by_name(header: str, tmp_path: Path) -> None:
    table = read(tmp_path, header, "K1;13.02.2024;;1.200,50;40", "K2;01.03.2024;05.06.2025;300;35")
    assert list(table.columns[0].at) == ["id", "start", "end", "revenue", "cost"]
    assert table.frame["start"].dt.strftime("%Y-%m-%d").tolist() == ["2024-02-13", "2024-03-01"]
    assert table.frame["end"].isna().tolist() == [True, False]
    assert table.frame["revenue"].tolist() == [1200.5, 300.0]
    assert table.frame["cost"].tolist() == [40.0, 35.0]


def test_monthly_revenue_is_told_from_revenue_to_date(tmp_path: Path) -> None:
    table = read(tmp_path, "id,start,MRR,Total revenue", "A,2025-01-01,30,360")
    assert table.frame[["monthly_revenue", "revenue"]].iloc[0].tolist() == [30, 360]


def test_other_columns_with_few_values_are_cohorts(tmp_path: Path) -> None:
    rows = [f"A{at},{'basic' if at % 2 else 'plus'},P{at},2025-01-0{at}" for at in range(1, 8)]
    table = read(tmp_path, "id,Plan,Name,start", *rows)
    assert [name for name in table.frame if name.startswith("cohort.")] == ["cohort.Plan"]
    assert table.frame["cohort.Plan"].tolist()[:2] == ["basic", "plus"]


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    table = read(
        tmp_path, HEAD,
        "C1,Basic,2024-04-03,,1200.50,30",
        "C2,Basic,2024-04-25,2024-04-24,12,30",
        "C3,Plus,soon,,12,30",
        "C4,Plus,2024-04-25,later,12,30",
        ",Plus,2024-04-25,,12,30",
        "C5,Plus,,,12,30",
        "C6,Plus,2024-04-25,9999-12-31,a lot,-3",
        "C1,Basic,2024-04-03,,1200.50,30",
    )  # fmt: skip
    assert table.frame["id"].tolist() == ["C1", "C6"]
    ledger = table.ledger
    assert (ledger.received, ledger.accepted, ledger.duplicate) == (8, 2, 1)
    assert (ledger.empty, ledger.rejected, ledger.junk) == (1, 4, 0)
    assert Counter(one.reason for one in table.problems) == {
        "row.customer-end-before-start": 1,
        "row.customer-start-unreadable": 1,
        "row.customer-end-unreadable": 1,
        "row.customer-without-id": 1,
        "row.customer-without-start": 1,
        "row.customer-amount-unreadable": 2,
        "row.customer-repeated": 1,
    }
    said = {one.reason: one.message for one in table.problems}
    assert "before the start on 2024-04-25" in said["row.customer-end-before-start"]
    assert (
        "people.csv, row 4, column \"Customer since\": got 'soon', expected a date"
        in (said["row.customer-start-unreadable"])
    )
    assert table.frame["end"].isna().all()  # 9999 is no end
    assert table.frame[["revenue", "cost"]].iloc[1].isna().all()


def test_the_newest_row_of_a_customer_counts_in_any_order(tmp_path: Path) -> None:
    """Back again in 2025, then the end became known, then more revenue."""
    rows = [
        "C1,Basic,2023-01-01,2023-06-01,100,30",
        "C1,Basic,2025-01-01,,200,30",
        "C1,Basic,2025-01-01,2025-09-01,250,30",
        "C1,Basic,2025-01-01,2025-09-01,240,30",
    ]
    for order in itertools.permutations(rows):
        table = read(tmp_path, HEAD, *order)
        assert table.frame["end"].dt.strftime("%Y-%m-%d").tolist() == ["2025-09-01"]
        assert table.frame["revenue"].tolist() == [250]
        assert [one.reason for one in table.problems] == 3 * ["row.customer-superseded"]


def test_columns_said_by_hand(tmp_path: Path) -> None:
    lines = ("who,began,stopped,grade,other", "A,2025-01-01,,x,2024-02-02")
    told = parse_customer_map(["id=who", "start=began", "end=stopped", "cohort=grade"])
    table = read(tmp_path, *lines, mapping=told)
    assert table.frame["cohort.grade"].tolist() == ["x"]
    assert table.columns[0].named() == {
        "id": "who", "start": "began", "end": "stopped", "cohort": ["grade"],
    }  # fmt: skip


def test_a_column_named_like_an_end_that_holds_none_is_told(tmp_path: Path) -> None:
    table = read(tmp_path, "id,start,churned", "A,2025-01-01,yes", "B,2025-01-02,no")
    assert "end" not in table.columns[0].at
    assert any('"churned" is named like end, but holds values such as "yes"' in one
               for one in table.notes)  # fmt: skip


def test_dates_that_prove_their_order(tmp_path: Path) -> None:
    table = read(tmp_path, "id,start,end", "A,04/03/2024,04/25/2024", "B,01/02/2024,")
    assert table.frame["start"].dt.month.tolist() == [4, 1]
    unproven = read(tmp_path, "id,start,end", "A,04/03/2024,")
    assert any("month first" in note for note in unproven.notes)


@pytest.mark.parametrize(
    ("lines", "mapping", "message"),
    [
        (("code,start", "A,2025-01-01"), {}, 'ids. Columns: code.*--customer-map id="code"'),
        (("id,name", "A,Bo"), {}, "the day each customer started.*--customer-map start="),
        (("id,start", "A,2025-01-01"), {"end": "stop"}, 'no column "stop" to map to end'),
        (("id,start", "A,soon"), {"start": "start"}, 'was to be the start.*"soon"'),
        (("id,start", "A,2025-01-01"), {"ende": "x"}, 'no field "ende".*Nearest: "end"'),
        (("id,start", ",2025-01-01"), {}, "none of its 1 rows is a customer"),
    ],
)
def test_errors_say_what_to_do(
    lines: tuple[str, ...], mapping: dict[str, str], message: str, tmp_path: Path
) -> None:
    with pytest.raises((DataError, UsageError), match=message):
        read(tmp_path, *lines, mapping=mapping)


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ("end", "expected FIELD=COLUMN"),
        ("ned=Left", 'no field "ned"'),
        ("end=", "expected FIELD=COLUMN"),
    ],
)
def test_bad_maps(pair: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_customer_map([pair])
    with pytest.raises(UsageError, match='"end" is given twice'):
        parse_customer_map(["end=a", "end=b"])


@pytest.mark.parametrize("ending", ["xlsx", "parquet"])
def test_other_file_formats(ending: str, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "Customer": [101, 102],
            "Start": pd.to_datetime(["2025-01-03", "2025-02-04"]),
            "End": pd.to_datetime([None, "2025-09-09"]),
            "Revenue": [12.125, 40.0],
        }
    )
    path = tmp_path / f"people.{ending}"
    if ending == "xlsx":
        frame.to_excel(path, index=False)
    else:
        frame.to_parquet(path)
    table = read_customers(path)
    assert table.frame["id"].tolist() == ["101", "102"]
    assert table.frame["start"].dt.day.tolist() == [3, 4]
    assert table.frame["end"].isna().tolist() == [True, False]


def test_columns_of_the_export_itself(tmp_path: Path) -> None:
    """One row a feedback: the same customer again is no trouble, nor a row without one."""
    path = tmp_path / "export.csv"
    path.write_text(
        "id,customer,joined,gone,comment\n"
        "1,C1,2024-01-01,,The queue at the desk was far too long today\n"
        "2,C1,2024-01-01,,Still waiting for somebody to call me back\n"
        "3,,,,Nice staff but the room was cold all day\n"
        "4,C2,2024-05-01,2025-01-01,I have had enough of the late parcels\n",
        encoding="utf-8",
    )
    export = open_export([path], ReadOptions())
    told = {"id": "customer", "start": "joined", "end": "gone"}
    table = customers_of(export.tables, told, in_export=True)
    assert table.frame["id"].tolist() == ["C1", "C2"]
    assert (table.ledger.duplicate, table.ledger.empty) == (1, 1)
    assert table.problems == ()


DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2026, 1, 1))


ROWS = st.lists(st.tuples(st.integers(0, 5), DAYS, st.none() | DAYS), min_size=1, max_size=12)


@settings(max_examples=40)
@given(rows=ROWS)
def test_the_ledger_balances_and_ids_are_unique(
    rows: list[tuple[int, object, object]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("law")
    lines = [f"C{who or ''},{start},{end or ''}".replace("C,", ",") for who, start, end in rows]
    try:
        table = read(folder, "id,start,end", *lines)
    except DataError as error:
        assert error.slug == "customers.nobody"
        return
    assert table.ledger.received == len(rows)
    assert table.ledger.accepted == table.frame["id"].nunique() == len(table.frame)
    ends = table.frame["end"].dropna()
    assert (ends >= table.frame.loc[ends.index, "start"]).all()
