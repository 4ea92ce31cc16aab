"""Language identification: cautious on short texts, deterministic, batch equals single."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from text_strategies import texts

from miner.text import language
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


class TestLoadAhead:
    """Loading beside other work: once, and only where a look at the words will not do."""

    @pytest.fixture
    def loads(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
        """The names of the threads that loaded; nothing is loaded before."""
        from py3langid.langid import LanguageIdentifier

        load, found = LanguageIdentifier.from_model_file, list[str]()

        def slowly(*args: object, **options: object) -> LanguageIdentifier:
            found.append(threading.current_thread().name)
            time.sleep(0.1)
            return load(*args, **options)

        monkeypatch.setattr(LanguageIdentifier, "from_model_file", slowly)
        monkeypatch.setattr("miner.processes.cores", lambda: 2)
        language._loaded.cache_clear()
        yield found
        for one in threading.enumerate():
            if one.name == "load-languages":
                one.join()

    def test_whoever_asks_meanwhile_waits_for_it(self, loads: list[str]) -> None:
        language.load_ahead()
        assert identify("Die Lieferung kam drei Wochen zu spät.") == "de"
        assert loads == ["load-languages"]

    @pytest.mark.parametrize(
        ("texts", "loaded"),
        [
            (["The courier was two days late."], []),
            (["The courier was late.", "送货太慢了，客服也不回复我的邮件"], ["load-languages"]),
        ],
    )
    def test_plain_texts_need_none(
        self, loads: list[str], texts: list[str], loaded: list[str]
    ) -> None:
        language.load_ahead(texts)
        time.sleep(0.02)
        assert loads == loaded

    def test_one_core_has_none_to_spare(
        self, loads: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("miner.processes.cores", lambda: 1)
        language.load_ahead()
        time.sleep(0.02)
        assert loads == []
