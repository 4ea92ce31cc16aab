"""Redaction: what names somebody never survives; prices, dates and counts do."""

from __future__ import annotations

import time

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import texts

from miner.text.identifiers import iban_valid, luhn_valid
from miner.text.redact import redact

words = st.sampled_from(
    ["call me", "paid", "order", "ref:", "12 times", "on 3 May", "(", ")", ",", "...", "5", "£9.99"]
)
around = st.lists(words, max_size=4).map(" ".join)


@st.composite
def card(draw: st.DrawFn) -> str:
    body = draw(st.sampled_from("3456")) + "".join(
        draw(st.lists(st.sampled_from("0123456789"), min_size=14, max_size=14))
    )
    digits = next(body + last for last in "0123456789" if luhn_valid(body + last))
    gap = draw(st.sampled_from(["", " ", "-"]))
    return gap.join(digits[at : at + 4] for at in range(0, 16, 4))


@st.composite
def iban(draw: st.DrawFn) -> str:
    country, size = draw(
        st.sampled_from([("DE", 18), ("NL", 14), ("SE", 20), ("FR", 23), ("GB", 18)])
    )
    body = "".join(draw(st.lists(st.sampled_from("0123456789"), min_size=size, max_size=size)))
    code = next(c for n in range(98, 1, -1) if iban_valid(c := f"{country}{n:02d}{body}"))
    gap = draw(st.sampled_from(["", " "]))
    shown = gap.join(code[at : at + 4] for at in range(0, len(code), 4))
    return draw(st.sampled_from([shown, shown.lower()]))


@st.composite
def phone(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(["GB", "US", "DE", "FR", "SE", "NL", "IE", "AU"]))
    number = phonenumbers.example_number_for_type(region, draw(st.sampled_from([0, 1])))
    formats = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        number, draw(st.sampled_from([formats.E164, formats.INTERNATIONAL, formats.NATIONAL]))
    )


@given(around, st.one_of(card(), iban(), phone()), around)
def test_injected_numbers_never_survive(before: str, secret: str, after: str) -> None:
    shown = redact(f"{before} {secret} {after}").text
    assert secret not in shown
    digits = "".join(filter(str.isdigit, secret))
    assert digits not in "".join(filter(str.isdigit, shown))


@given(
    texts,
    st.from_regex(
        r"[a-z][a-z0-9._]{0,20}[a-z0-9]@[a-z][a-z0-9]{1,10}\.(com|org|se)", fullmatch=True
    ),
    texts,
)
def test_an_injected_address_never_survives(before: str, secret: str, after: str) -> None:
    assert secret not in redact(f"{before} {secret} {after}").text


@given(st.one_of(texts, st.text(alphabet="0123456789 .-/+()#@aAz:xno", max_size=60)))
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = redact(text)
    assert redact(once.text).text == once.text


@given(st.text(alphabet="0123456789 .-/+()#@aAz:\u200b\u0301", max_size=60))
def test_offsets_never_decrease_and_spans_are_in_order(text: str) -> None:
    result = redact(text)
    places = [result.to_redacted(offset) for offset in range(len(text) + 1)]
    assert places == sorted(places)
    assert places[0] == 0
    assert places[-1] == len(result.text)
    edges = [edge for span in result.spans for edge in (span.start, span.end)]
    assert edges == sorted(edges)


def test_offsets_lead_to_the_same_words() -> None:
    text = "Mail jo@x.org or ring 0121 234 5678, then wait"
    result = redact(text)
    assert result.text == "Mail [e-mail] or ring [phone], then wait"
    at = text.index("then")
    assert result.text[result.to_redacted(at) :] == "then wait"
    assert result.to_redacted(text.index("x.org")) == result.text.index("[e-mail]")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("see https://a.b/c?d=1. Bye", "see [link]. Bye"),
        ("see shop.example.org/me/1", "see [link]"),
        ("card 4111 1111 1111 1111 12/26", "card [card] 12/26"),
        ("from 192.168.0.1 and 2001:db8::1", "from [ip] and [ip]"),
        ("order 4471-882, ref: VY 7710", "order [number], ref: [number]"),
        ("ticket #123456, #7788123", "ticket #[number], [number]"),
        ("Account ends 7719", "Account ends [number]"),
        ("thanks @vy_support!", "thanks [user]!"),
        ("jo [at] example.org", "[e-mail]"),
        ("jo\u200b@exam\u200bple.org", "[e-mail]"),
    ],
)
def test_what_is_replaced(text: str, wanted: str) -> None:
    assert redact(text).text == wanted


@pytest.mark.parametrize(
    "text",
    [
        "paid £64.99, $1,299.00 and 1.299,00 euro on 12/03/2024",
        "open 0630-0730, closed 10:30-11:00 in 2019-2020",
        "about 5000 units, 120x200 cm, 100 000 000 people",
        "order 2 pizzas, ticket 3 of 5, case 2024, 200kms trip 200kms",
        "99.99 149.99 and 2024-06-13, version 2.5.1",
        "booking.com beats amazon.co.uk",
        "#1 of 300 and 24/7",
        "no digits at all",
        "",
    ],
)
def test_what_stays(text: str) -> None:
    result = redact(text)
    assert (result.text, result.spans) == (text, ())


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        (
            "de",
            "Bestellnummer 448812, Kunden-Nr. 7712",
            "Bestellnummer [number], Kunden-Nr. [number]",
        ),
        ("sv", "Ärendenummer: 44881", "Ärendenummer: [number]"),
        ("fr", "commande n° 44812", "commande n° [number]"),
        ("es", "pedido nº 44812", "pedido nº [number]"),
        ("nl", "bestelnummer 448812", "bestelnummer [number]"),
        ("tlh", "bestelnummer 448812", "bestelnummer 448812"),
    ],
)
def test_words_of_the_language_announce_numbers(language: str, text: str, wanted: str) -> None:
    assert redact(text, language=language).text == wanted


@pytest.mark.parametrize(
    "unit", ["1 ", "4", "4111 ", "+1", "a@", "DE89 ", "1.", "www.", "(0", "a.", "ab:"]
)
def test_hostile_text_costs_little(unit: str) -> None:
    started = time.process_time()
    redact(unit * (100_000 // len(unit)))
    assert time.process_time() - started < 8
