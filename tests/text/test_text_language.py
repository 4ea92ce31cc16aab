"""Language identification: cautious on short texts, deterministic, batch equals single."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from text_strategies import texts

from miner.text.language import UNDETERMINED, identify, identify_many


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The delivery took three weeks and nobody answered.", "en"),
        ("Leveransen tog tre veckor och ingen svarade på mejlen.", "sv"),
        ("Die Lieferung hat drei Wochen gedauert, niemand hat geantwortet.", "de"),
        ("La livraison a pris trois semaines et personne n'a répondu.", "fr"),
        ("La entrega tardó tres semanas y nadie respondió.", "es"),
        ("De bezorging duurde drie weken en niemand gaf antwoord.", "nl"),
        ("Dostawa trwała trzy tygodnie i nikt nie odpowiadał na listy.", "pl"),
        ("Чайник Kettlon пришёл разбитым, а на письмо уже вторую неделю никто не отвечает", "ru"),
        ("Kettlon水壶送货太慢了，客服也不回复我的邮件", "zh"),
    ],
)
def test_plain_cases(text: str, wanted: str) -> None:
    assert identify(text) == wanted


@pytest.mark.parametrize("text", ["", "ok!", "👍👍👍", "12345 67", "Super!"])
def test_little_text_gets_the_default(text: str) -> None:
    assert identify(text) == "en"
    assert identify(text, default="sv") == "sv"


def test_a_short_text_in_another_script_fits_none() -> None:
    assert identify("Ужасно") == UNDETERMINED


def test_the_default_is_always_expected() -> None:
    assert (
        identify(
            "Leveringen tog tre uger og ingen svarede på mine breve", supported=["en"], default="da"
        )
        == "da"
    )


@settings(max_examples=30)
@given(texts)
def test_a_batch_says_what_single_calls_say(text: str) -> None:
    assert identify_many([text, text]) == [identify(text)] * 2
