"""HTML bodies read as their reader would see them, however broken, in bounded time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miner.ingest.mail.html import MOST_HTML, html_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One &amp; two &lt;3 caf&eacute;</p><p>Three</p>", "One & two <3 café\n\nThree"),
        ("One<br>two<br/>three", "One\ntwo\nthree"),
        ("One<br><br>two", "One\n\ntwo"),
        ("<ul><li>slow<li>rude</ul>", "slow\nrude"),
        ("<div>One</div><div><br></div><div>Two</div>", "One\n\nTwo"),
        ("<table><tr><td>Order</td><td>7</td></tr><tr><td>Late</td></tr></table>", "Order 7\nLate"),
        ("<pre>a  b\nc</pre>", "a b\nc"),
        ("so <b>very</b>\n  late", "so very late"),
        ("a&nbsp;&nbsp;b", "a b"),
        ("<html><head><title>No</title><style>p{}</style></head><body>Yes</body>", "Yes"),
        ("<script>alert(1)</script>Yes<!-- no -->", "Yes"),
        ("<!--[if mso]>no<![endif]--><![if !mso]>Yes<![endif]>", "Yes"),
        ("<img src='http://tracker.example/x.gif' alt='no'>Yes", "Yes"),
        ("Yes</div></td></p>", "Yes"),
        ("<p hidden>no<p>Yes", "Yes"),
        ("<div class='preheader'>no</div>Yes", "Yes"),
        ("", ""),
    ],
)
def test_what_is_seen(html: str, text: str) -> None:
    assert html_text(html) == text


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY: none !important",
        "visibility: hidden",
        "max-height:0; overflow:hidden",
        "mso-hide:all",
        "opacity: 0",
    ],
)
def test_hidden_words_are_not_read(style: str) -> None:
    assert html_text(f'<div style="{style}">Open now, <b>only today</b></div><p>Yes</p>') == "Yes"


@pytest.mark.parametrize("style", ["max-height:0.5em", "opacity:0.9", "display:block"])
def test_shown_words_are_read(style: str) -> None:
    assert html_text(f'<div style="{style}">Yes</div>') == "Yes"


def test_padding_of_previews_goes_and_joined_emoji_stay() -> None:
    assert html_text("Hello" + "&#847;&zwnj;&nbsp;" * 40 + " 👩‍🔧 there") == "Hello 👩‍🔧 there"


@pytest.mark.parametrize(
    "html",
    [
        "<p>Mine</p><blockquote type='cite'><p>Old</p></blockquote>",
        "<p>Mine</p><div class='gmail_quote extra'>Old</div>",
        "<p>Mine</p><div class='moz-cite-prefix'>Old</div>",
    ],
)
def test_older_mail_is_marked(html: str) -> None:
    assert [line for line in html_text(html).split("\n") if line.strip(">")] == ["Mine", "> Old"]


def test_an_indented_paragraph_is_no_older_mail() -> None:
    assert html_text("<blockquote style='margin: 0 0 0 40px'>Mine</blockquote>") == "Mine"


def test_a_signature_is_left_out_unless_it_is_all_there_is() -> None:
    signature = '<div class="gmail_signature">Jo Doe</div>'
    assert html_text(f"<p>Mine</p>{signature}") == "Mine"
    assert html_text(signature) == "Jo Doe"


@pytest.mark.parametrize(
    "unit",
    ["<", "<!", "<!--", "</", "<b>", "</b>", "<div>", "&", "<a href='", "<a href='>", "<![", "<a b",
     "<p hidden>", "<script>", "<td class=gmail_quote>"],
)  # fmt: skip
def test_hostile_markup_takes_bounded_time(unit: str) -> None:
    def seconds(length: int) -> float:
        start = time.process_time()
        html_text(unit * (length // len(unit)))
        return time.process_time() - start

    # four times the length: four times the work, with room for noise; sixteen were the square
    assert seconds(200_000) < 8 * seconds(50_000) + 0.2


def test_an_endless_body_is_cut() -> None:
    assert len(html_text("word " * MOST_HTML)) <= MOST_HTML


PIECES = [
    "<p>", "</p>", "<div hidden>", "</div>", "<li>", "<td>", "<pre>", "</pre>", "<br>", "<![x[",
    "<!x",
    "<blockquote type=cite>", "</blockquote>", "word", " ", "\n", "&#x;",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES)))
def test_any_markup_is_answered_without_tags(pieces: list[str]) -> None:
    text = html_text("".join(pieces))
    assert "<p>" not in text
    assert "\n\n\n" not in text
