"""Language identification: cautious on short texts, deterministic, batch equals single."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from text_strategies import texts

from miner.text import identifier, language
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


def finish() -> None:
    """Wait for what loads beside the test, if anything does."""
    for one in threading.enumerate():
        if one.name == "load-languages":
            one.join()


class TestLoadAhead:
    """Loading beside other work: once, and only where a look at the words will not do."""

    @pytest.fixture
    def loads(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
        """The names of the threads that loaded; nothing is loaded before."""
        load, found = identifier.load_identifier, list[str]()

        def slowly() -> object:
            found.append(threading.current_thread().name)
            time.sleep(0.1)
            return load()

        monkeypatch.setattr(identifier, "load_identifier", slowly)
        monkeypatch.setattr("miner.processes.cores", lambda: 2)
        language._loaded.cache_clear()
        yield found
        finish()

    def test_whoever_asks_meanwhile_waits_for_it(self, loads: list[str]) -> None:
        language.load_ahead()
        assert identify("Die Lieferung kam drei Wochen zu spät.") == "de"
        assert loads == ["load-languages"]

    @pytest.mark.parametrize(
        ("texts", "loaded"),
        [
            (["The courier was two days late."], []),
            (["@ShopX ok 5/5", "", "!!!"], []),  # too little to tell
            (["The courier was late.", "送货太慢了，客服也不回复我的邮件"], ["load-languages"]),
        ],
    )
    def test_plain_texts_need_none(
        self, loads: list[str], texts: list[str], loaded: list[str]
    ) -> None:
        language.load_ahead(texts)
        finish()
        assert loads == loaded

    def test_what_is_loaded_takes_no_other_thread(
        self, loads: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        language.load_ahead()
        finish()
        monkeypatch.setattr(threading, "Thread", None)
        language.load_ahead()
        assert loads == ["load-languages"]

    def test_one_core_has_none_to_spare(
        self, loads: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("miner.processes.cores", lambda: 1)
        language.load_ahead()
        finish()
        assert loads == []


class TestIdentifier:
    """Unpacked in one go, or as the library does it: the same."""

    TEXTS = ("hej du", "Die Lieferung kam spät.", "", "送货太慢了", "wifi dropd out", "\ud800 ok")

    def test_it_is_that_of_the_library(self) -> None:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        theirs = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
        ours = identifier._in_one_go()
        assert [ours.rank(text) for text in self.TEXTS] == [theirs.rank(t) for t in self.TEXTS]

    @pytest.mark.parametrize("error", [KeyError("ptc"), TypeError("tk_row"), ValueError("npz")])
    def test_another_layout_is_left_to_the_library(
        self, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        wanted = [identifier.load_identifier().rank(text) for text in self.TEXTS]

        def unknown(*_: object, **__: object) -> object:
            raise error

        monkeypatch.setattr(identifier, "_in_one_go", unknown)
        assert [identifier.load_identifier().rank(text) for text in self.TEXTS] == wanted
