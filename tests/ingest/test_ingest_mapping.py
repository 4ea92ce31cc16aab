"""Columns are found by name and content; what is said by hand wins; every choice has a reason."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from miner.errors import DataError, UsageError
from miner.ingest import Export, ReadOptions, open_export, parse_map
from miner.ingest.layouts import all_layouts, plan_header
from miner.ingest.options import FIELDS

WORDS = (
    "The parcel came {n} days late and nobody told me.",
    "Staff were kind, although the queue took {n} minutes.",
    "Paying with my card number {n} never works here.",
    "I like the new opening hours at shop {n}.",
)


def words(n: int) -> str:
    return WORDS[n % 4].format(n=n)


def save(folder: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    path = folder / "export.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def opened(path: Path, **options: object) -> Export:
    return open_export([path], ReadOptions(**options))  # type: ignore[arg-type]


def fields(export: Export) -> dict[str, str]:
    return {choice.column: choice.field for choice in export.mapping.columns}


def test_a_plain_review_export(tmp_path: Path) -> None:
    header = [
        "Review ID",
        "Name",
        "E-mail",
        "Review Title",
        "Review",
        "Rating",
        "Date",
        "Plan",
        "Country",
        "Order value",
        "Our reply",
        "Link",
    ]
    rows = [
        [
            f"r{n}",
            "Kim Li",
            f"k{n}@x.org",
            f"Title {n}",
            words(n),
            1 + n % 5,
            f"2026-01-{1 + n % 28:02}",
            ["pro", "free"][n % 2],
            ["SE", "DE", "FR"][n % 3],
            17.3 * n,
            "We are sorry to hear that.",
            f"https://x.org/{n}",
        ]
        for n in range(60)
    ]
    export = opened(save(tmp_path, header, rows))
    assert fields(export) == {
        "Review ID": "id",
        "Name": "personal",
        "E-mail": "personal",
        "Review Title": "title",
        "Review": "text",
        "Rating": "stars",
        "Date": "date",
        "Plan": "cohort",
        "Country": "cohort",
        "Order value": "ignore",
        "Our reply": "ignore",
        "Link": "personal",
    }
    assert export.scales == {"stars": (1.0, 5.0)}
    assert export.mapping.of("text")[0].reason == (
        "name matches 'review'; 100 % of values are free text, 47 characters on average"
    )
    assert "export.csv: not read because personal: Name, E-mail, Link." in export.notes
    (chunk,) = export.chunks()
    assert chunk.feedback["text"][0] == f"Title 0\n{words(0)}"


def test_names_propose_and_content_disposes(tmp_path: Path) -> None:
    header = [
        "key_comment",
        "comment_type",
        "comment_txt",
        "sentiment_confidence",
        "retweet_count",
        "score",
    ]
    rows = [
        [f"{n}_x", ["best", "improve"][n % 2], words(n), n / 100, n % 7, n * 37] for n in range(100)
    ]
    export = opened(save(tmp_path, header, rows))
    assert fields(export) == {
        "key_comment": "id",
        "comment_type": "cohort",
        "comment_txt": "text",
        "sentiment_confidence": "ignore",
        "retweet_count": "ignore",
        "score": "ignore",
    }
    assert not export.scales


def test_text_is_found_by_content_alone(tmp_path: Path) -> None:
    rows = [[n, ["a", "b"][n % 2], words(n)] for n in range(40)]
    export = opened(save(tmp_path, ["nr", "group", "q17_open"], rows))
    assert export.mapping.names("text") == ("q17_open",)
    assert export.mapping.of("text")[0].confidence == 0.6


def test_no_text_column_lists_candidates_and_what_to_type(tmp_path: Path) -> None:
    rows = [[n, ["north", "south"][n % 2], n * 3] for n in range(40)]
    with pytest.raises(
        DataError, match=r'no column looks like .*"region" \(5 characters'
    ) as caught:
        opened(save(tmp_path, ["nr", "region", "amount"], rows))
    assert caught.value.slug == "ingest.no-text-column"
    assert caught.value.hint == 'Say which one it is: --map text="region".'
    assert caught.value.facts["candidates"] == ["region"]


@pytest.mark.parametrize(
    ("header", "values", "field", "scale"),
    [
        ("score", range(1, 6), "stars", (1, 5)),
        ("nps", range(11), "nps", (0, 10)),
        ("How likely are you to recommend us to a friend?", range(11), "nps", (0, 10)),
        ("Hur troligt är det att du skulle rekommendera oss?", range(11), "nps", (0, 10)),
        ("Overall satisfaction", range(1, 8), "csat", (1, 7)),
        ("How easy was it to get help?", range(1, 8), "ces", (1, 7)),
        ("answer", ["Very satisfied", "Neutral", "Dissatisfied"], "csat", (1, 5)),
        ("Satisfaction Score", ["Good", "Bad", "Offered"], "csat", (0, 1)),
        ("rating", ["4/5", "5/5", "1/5"], "stars", (1, 5)),
        ("rating", ["★★★", "★★★★★"], "stars", (1, 5)),
        ("rating", ["5 - Excellent", "1 - Awful"], "stars", (1, 5)),
        ("rating", ["4,5", "3,0", "2,5"], "stars", (1, 5)),
    ],
)
def test_ratings_and_their_scales(
    tmp_path: Path, header: str, values: Sequence[object], field: str, scale: tuple[float, float]
) -> None:
    rows = [[words(n), values[n % len(values)]] for n in range(60)]
    export = opened(save(tmp_path, ["comment", header], rows))
    assert fields(export)[header] == field
    assert export.scales == {field: scale}
    (chunk,) = export.chunks()
    assert chunk.feedback[field].between(*scale).sum() > 30


def test_a_recommendation_on_five_steps_is_no_nps(tmp_path: Path) -> None:
    rows = [[words(n), 1 + n % 5] for n in range(60)]
    export = opened(save(tmp_path, ["comment", "recommend"], rows))
    assert fields(export)["recommend"] == "ignore"


def test_good_and_bad_of_a_help_desk(tmp_path: Path) -> None:
    values = ["Good", "Bad", "Offered", "Unoffered", ""]
    rows = [[words(n), values[n % 5]] for n in range(50)]
    (chunk,) = opened(save(tmp_path, ["comment", "satisfaction"], rows)).chunks()
    assert chunk.feedback["csat"].value_counts().to_dict() == {1.0: 10, 0.0: 10}
    assert not chunk.problems


@pytest.mark.parametrize(
    ("dates", "first", "order"),
    [
        (["01/02/2020", "25/02/2020"], datetime(2020, 2, 1), "day"),
        (["01/02/2020", "02/25/2020"], datetime(2020, 1, 2), "month"),
        (["01.02.2020", "02.03.2020"], datetime(2020, 2, 1), "day"),
        (["01-02-2020", "02-03-2020"], datetime(2020, 2, 1), "day"),
        (["1/2/2020 3:04 PM", "2/3/2020 4:05 AM"], datetime(2020, 1, 2, 15, 4), "month"),
    ],
)
def test_order_of_day_and_month(
    tmp_path: Path, dates: list[str], first: datetime, order: str
) -> None:
    rows = [[words(n), dates[n % 2]] for n in range(30)]
    export = opened(save(tmp_path, ["comment", "date"], rows))
    assert export.mapping.date_order == order
    (chunk,) = export.chunks()
    assert chunk.feedback["date"][0] == first


def test_an_open_order_is_settled_behind_the_sample(tmp_path: Path) -> None:
    rows = [[words(n), "04/05/2020" if n < 2500 else "28/05/2020"] for n in range(2600)]
    export = opened(save(tmp_path, ["comment", "date"], rows))
    assert export.mapping.date_order == "day"
    assert not export.notes


@pytest.mark.parametrize(("header", "order"), [("date", "month"), ("datum", "day")])
def test_an_order_nothing_proves_follows_the_headers_language_and_is_said(
    tmp_path: Path, header: str, order: str
) -> None:
    text = "comment" if header == "date" else "kommentar"
    rows = [[words(n), "04/05/2020"] for n in range(30)]
    export = opened(save(tmp_path, [text, header], rows))
    assert export.mapping.date_order == order
    assert any(f"read with the {order} first; nothing in the file" in n for n in export.notes)


def test_a_group_with_one_value_in_the_sample_is_still_found(tmp_path: Path) -> None:
    rows = [[words(n), "north" if n < 2100 else "south", "v1"] for n in range(2200)]
    export = opened(save(tmp_path, ["comment", "region", "version"], rows))
    assert export.cohorts == ("region",)
    assert fields(export)["version"] == "ignore"


def test_cohort_rules(tmp_path: Path) -> None:
    header = ["comment", "flag", "many", "long", "when", "measure", "version"]
    rows = [
        [
            words(n),
            n % 2,
            f"k{n % 51}",
            f"{'a rather long option ' * 4}{n % 3}",
            f"2026-01-{1 + n % 9:02}",
            [0.5, 1.5, 9.25][n % 3],
            f"4.{n % 3}.1",
        ]
        for n in range(300)
    ]
    export = opened(save(tmp_path, header, rows))
    assert export.cohorts == ("flag", "version")


def test_customer_channel_and_language(tmp_path: Path) -> None:
    header = ["comment", "Customer ID", "Channel", "Language", "Client"]
    rows = [
        [
            words(n),
            5000 + n % 40,
            ["app", "web"][n % 2],
            ["en-GB", "Deutsch"][n % 2],
            f"Kim {'ABCD'[n % 4]}lsson",
        ]
        for n in range(60)
    ]
    export = opened(save(tmp_path, header, rows))
    assert fields(export) == {
        "comment": "text",
        "Customer ID": "customer",
        "Channel": "channel",
        "Language": "language",
        "Client": "personal",
    }
    (chunk,) = export.chunks()
    assert list(chunk.feedback["language"][:2]) == ["en", "de"]
    assert chunk.feedback["customer"][0] == "5000"


def test_the_companys_reply_is_not_the_customers_text(tmp_path: Path) -> None:
    header = ["content", "replyContent", "repliedAt", "Developer Reply Text", "at"]
    long = "Dear customer, thank you for the kind words and the time you took to write to us. "
    rows = [["Fine", long * 2, "2026-02-02", long, "2026-02-01"] for _ in range(30)]
    rows[3][0] = "Slow as ever"
    export = opened(save(tmp_path, header, rows))
    assert fields(export) == {
        "content": "text",
        "replyContent": "ignore",
        "repliedAt": "ignore",
        "Developer Reply Text": "ignore",
        "at": "date",
    }


def test_personal_data_are_known_by_content(tmp_path: Path) -> None:
    header = ["comment", "kontakt", "host", "pic", "build"]
    rows = [
        [
            words(n),
            f"p{n}@mail.example",
            f"192.168.1.{n}",
            f"https://img.example/{n}.png",
            f"1.2.3.{n % 4}",
        ]
        for n in range(60)
    ]
    export = opened(save(tmp_path, header, rows))
    assert export.mapping.names("personal") == ("kontakt", "host", "pic")
    assert fields(export)["build"] == "cohort"


def test_a_question_that_names_email_is_no_personal_column(tmp_path: Path) -> None:
    header = ["How satisfied are you with our e-mail support this year?", "comment"]
    rows = [[1 + n % 5, words(n)] for n in range(40)]
    assert opened(save(tmp_path, header, rows)).mapping.names("csat") == (header[0],)


def test_qualtrics_three_header_rows(tmp_path: Path) -> None:
    header = [
        "StartDate",
        "EndDate",
        "Status",
        "IPAddress",
        "Finished",
        "RecordedDate",
        "ResponseId",
        "RecipientEmail",
        "DistributionChannel",
        "UserLanguage",
        "Q1",
        "Q2",
        "Q3",
    ]
    labels = [
        "Start Date",
        "End Date",
        "Response Type",
        "IP Address",
        "Finished",
        "Recorded Date",
        "Response ID",
        "Recipient Email",
        "Distribution Channel",
        "User Language",
        "How likely are you to recommend us?",
        "What could we do better?",
        "Which plan are you on?",
    ]
    imports = [f'{{"ImportId":"{n}"}}' for n in range(13)]
    rows = [
        ["2026-01-01 10:00:00"] * 2
        + [
            "IP Address",
            "10.0.0.200",
            "True",
            "2026-01-02 10:00:00",
            f"R_{n}",
            "",
            "email",
            "EN",
            n % 11,
            words(n),
            ["pro", "free"][n % 2],
        ]
        for n in range(30)
    ]
    export = opened(save(tmp_path, header, [labels, imports, *rows]))
    found = fields(export)
    assert export.mapping.layout == "Qualtrics responses"
    assert (found["Q1"], found["Q2"], found["Q3"]) == ("nps", "text", "cohort")
    assert found["RecordedDate"] == "date"
    assert found["IPAddress"] == "personal"
    (chunk,) = export.chunks()
    assert chunk.ledger.received == 30
    assert chunk.feedback["row"][0] == 4
    by_question = opened(tmp_path / "export.csv", map={"text": "What could we do better?"})
    assert by_question.mapping.names("text") == ("Q2",)


def test_surveymonkey_two_header_rows(tmp_path: Path) -> None:
    header = [
        "Respondent ID",
        "Collector ID",
        "Start Date",
        "End Date",
        "IP Address",
        "How satisfied are you?",
        "Which of these do you use?",
        "",
        "Anything to add?",
    ]
    second = ["", "", "", "", "", "Response", "App", "Shop", "Open-Ended Response"]
    rows = [
        [
            900 + n,
            77,
            "01/02/2026",
            "01/25/2026",
            "10.0.0.201",
            1 + n % 5,
            ["App", ""][n % 2],
            "Shop",
            words(n),
        ]
        for n in range(30)
    ]
    export = opened(save(tmp_path, header, [second, *rows]))
    found = fields(export)
    assert found["Respondent ID"] == "id"
    assert found["How satisfied are you?"] == "csat"
    assert found["Anything to add?"] == "text"
    assert "Which of these do you use? - Shop" in found
    (chunk,) = export.chunks()
    assert chunk.feedback["row"][0] == 3
    assert chunk.feedback["date"][0] == datetime(2026, 1, 25)


def test_a_ticket_export_without_a_body_has_the_subject_as_text(tmp_path: Path) -> None:
    header = [
        "Id",
        "Requester",
        "Requester id",
        "Subject",
        "Status",
        "Ticket type",
        "Created at",
        "Satisfaction Score",
        "First reply time in minutes",
    ]
    rows = [
        [
            n,
            "Kim Li",
            n % 20,
            f"Where is my order {n}?",
            ["open", "solved"][n % 2],
            "question",
            "2026-03-01 10:00",
            ["Good", "Bad", "Offered"][n % 3],
            n * 3,
        ]
        for n in range(60)
    ]
    export = opened(save(tmp_path, header, rows))
    assert export.mapping.layout == "Zendesk ticket export"
    assert fields(export) == {
        "Id": "id",
        "Requester": "personal",
        "Requester id": "customer",
        "Subject": "text",
        "Status": "cohort",
        "Ticket type": "ignore",
        "Created at": "date",
        "Satisfaction Score": "csat",
        "First reply time in minutes": "ignore",
    }


def test_play_console_export(tmp_path: Path) -> None:
    header = [
        "Package Name",
        "App Version Code",
        "App Version Name",
        "Reviewer Language",
        "Device",
        "Review Submit Date and Time",
        "Review Submit Millis Since Epoch",
        "Star Rating",
        "Review Title",
        "Review Text",
        "Developer Reply Text",
        "Review Link",
    ]
    rows = [
        [
            "a.b",
            7,
            "7.1",
            "en",
            ["x1", "y2"][n % 2],
            "2026-01-02T03:04:05Z",
            1767323045000,
            1 + n % 5,
            "",
            words(n),
            "Thanks a lot for this!",
            f"https://play.example/{n}",
        ]
        for n in range(40)
    ]
    path = save(tmp_path, header, rows)
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))
    export = opened(path)
    found = {
        c.field: c.column for c in export.mapping.columns if c.field not in ("ignore", "cohort")
    }
    assert found == {
        "language": "Reviewer Language",
        "date": "Review Submit Date and Time",
        "stars": "Star Rating",
        "title": "Review Title",
        "text": "Review Text",
        "id": "Review Link",
    }
    assert export.cohorts == ("Device",)


def test_layouts_are_well_formed() -> None:
    for layout in all_layouts():
        assert layout.require
        assert set(layout.fields) <= set(FIELDS)
        assert not layout.personal & layout.ignore


def test_a_title_above_the_table_is_no_header() -> None:
    plan = plan_header([["Export"], [""], ["id", "comment", "date"], ["1", "x", ""]])
    assert (plan.names, plan.data_at, plan.above) == (("id", "comment", "date"), 3, 2)


def test_by_hand_wins(tmp_path: Path) -> None:
    header = ["comment", "other", "score", "score10", "zone", "n"]
    rows = [[words(n), words(n + 1), 1 + n % 5, n % 11, f"z{n}", n % 3] for n in range(60)]
    chosen = {"text": "other", "nps": "SCORE10", "cohort": ("zone", "#6"), "ignore": "comment"}
    export = opened(save(tmp_path, header, rows), map=chosen)
    assert fields(export) == {
        "comment": "ignore",
        "other": "text",
        "score": "stars",
        "score10": "nps",
        "zone": "cohort",
        "n": "cohort",
    }
    assert export.mapping.of("text")[0].reason == "said by hand"


def test_several_text_columns_are_joined(tmp_path: Path) -> None:
    rows = [["It was", "all", "fine"], ["", "so", "so"]]
    export = opened(save(tmp_path, ["a", "b", "c"], rows), map={"text": ("a", "c")})
    (chunk,) = export.chunks()
    assert list(chunk.feedback["text"]) == ["It was\nfine", "so"]


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"text": "coment"}, r'no column "coment" to map to text\. Nearest: --map text="comment"'),
        ({"text": "#9"}, 'no column "#9"'),
        ({"nps": "comment"}, 'column "comment": got ".*", expected a rating for --map nps'),
        ({"date": "score"}, "expected a date for --map date"),
        ({"text": "comment", "title": "comment"}, "is mapped to both text and title"),
    ],
)
def test_wrong_choices_by_hand(tmp_path: Path, chosen: dict[str, str], message: str) -> None:
    path = save(tmp_path, ["comment", "score"], [[words(n), 1 + n % 5] for n in range(9)])
    with pytest.raises(UsageError, match=message):
        opened(path, map=chosen)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        (["text"], 'got "text", expected FIELD=COLUMN'),
        (["text="], 'got "text="'),
        (["txet=a"], 'Nearest: "text"'),
        (["date=a", "date=b"], '"date" is given twice'),
    ],
)
def test_map_texts_are_checked(pairs: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_map(pairs)


def test_equal_headers_that_compete_are_an_error(tmp_path: Path) -> None:
    rows = [[n, words(n), words(n + 1)] for n in range(20)]
    path = save(tmp_path, ["id", "comment", "comment"], rows)
    with pytest.raises(DataError, match=r'columns 2 and 3 are both called "comment"') as caught:
        opened(path)
    assert caught.value.hint.endswith("--map text=#2.")
    (chunk,) = opened(path, map={"text": "#3"}).chunks()
    assert chunk.feedback["text"][0] == words(1)


def test_equal_headers_are_harmless_where_unused_empty_or_the_same(tmp_path: Path) -> None:
    header = ["comment", "comment", "region", "region", "date", "date"]
    rows = [
        [words(n), words(n), ["n", "s"][n % 2], ["x", "y"][n % 2], "", "2026-01-02"]
        for n in range(40)
    ]
    export = opened(save(tmp_path, header, rows))
    assert export.cohorts == ("region", "region (2)")
    assert [c.position for c in export.mapping.of("text")] == [1]
    assert [c.position for c in export.mapping.of("date")] == [6]
    assert any('columns 3 and 4 are both called "region"' in note for note in export.notes)


def test_a_header_without_a_name_gets_its_position(tmp_path: Path) -> None:
    rows = [[n, words(n), ["n", "s"][n % 2]] for n in range(40)]
    assert "column 3" in fields(opened(save(tmp_path, ["", "comment", ""], rows)))


def test_a_table_without_a_header_is_refused(tmp_path: Path) -> None:
    rows = [[f"2026-01-{1 + n % 28:02}", words(n), 1 + n % 5] for n in range(40)]
    with pytest.raises(DataError, match=r'first row looks like data \("2026-01-02"') as caught:
        opened(save(tmp_path, rows[1], rows[2:]))
    assert caught.value.slug == "ingest.no-header"
    assert opened(tmp_path / "export.csv", map={"text": "#2"}).mapping.names("text")
