"""The spaCy component: found by its entry point, leaves no trace, survives being stored."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import spacy
from jsonschema import Draft202012Validator
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span, Token
from spacy.tokens.underscore import Underscore

import miner
from miner.engines import models
from miner.engines import spacy as engine
from miner.engines.spacy import FeedbackMiner
from miner.errors import ModelError
from miner.types import Scored

TEXTS = [
    "The food was delicious, but the courier was two days late.",
    "I am cancelling my contract!",
    "",
    "  \n Hello,\n\nthe app   crashes every day.  \n\nKind regards\nKim ",
    "😀😀 Nobody answers the phone 😡",
]


@pytest.fixture
def nlp() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("feedback_miner", config={"model": "en"})
    return nlp


def labels(doc: Doc, group: str) -> list[tuple[str, str]]:
    return [(span.text, span.label_) for span in doc.spans[group]]


def test_the_entry_point_leads_to_the_factory() -> None:
    (found,) = entry_points(group="spacy_factories", name="feedback_miner")
    assert found.load() is engine.make_component


def test_a_pipeline_finds_it_without_an_import_of_miner() -> None:
    code = (
        "import spacy; nlp = spacy.blank('de'); nlp.add_pipe('feedback_miner');"
        "doc = nlp('The courier was two days late.');"
        "print([span.label_ for span in doc.spans['mentions']])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "['service.delivery:negative']"


def test_importing_miner_loads_no_engine() -> None:
    code = "import sys, miner, miner.engines; print('spacy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_data_are_those_of_the_scorer(nlp: Language) -> None:
    scorer = models.shared_scorer("en")
    validator = Draft202012Validator(miner.scored_schema())
    for text in TEXTS:
        data = nlp(text).user_data["feedback_miner"]
        validator.validate(data)
        assert Scored.from_dict(data) == scorer.score(text)


def test_spans_are_whole_tokens_around_what_was_found(nlp: Language) -> None:
    doc = nlp(TEXTS[0])
    assert labels(doc, "mentions") == [
        ("The food was delicious,", "product.quality:positive"),
        ("but the courier was two days late.", "service.delivery:negative"),
    ]
    assert [label for _, label in labels(doc, "clauses")] == ["statement", "statement"]
    left = nlp(TEXTS[1])
    assert "churn_risk" in {label for _, label in labels(left, "signals")}
    for text in TEXTS:
        doc = nlp(text)
        data = doc.user_data["feedback_miner"]
        for group in ("mentions", "signals"):
            assert len(doc.spans[group]) == len(data[group])
            for span, one in zip(doc.spans[group], data[group], strict=True):
                assert span.start_char <= one["start"] or not text[one["start"]].strip()
                assert text[one["start"] : one["end"]].strip() in span.text


def test_nothing_global_is_set(nlp: Language) -> None:
    before = [dict(kind) for kind in (Underscore.doc_extensions, Underscore.span_extensions)]
    nlp(TEXTS[0])
    assert [
        dict(kind) for kind in (Underscore.doc_extensions, Underscore.span_extensions)
    ] == before
    for kind in (Doc, Span, Token):
        assert not kind.has_extension("feedback_miner")


def test_pipe_gives_what_calls_give_in_order(nlp: Language) -> None:
    texts = TEXTS * 5
    alone = [nlp(text).user_data for text in texts]
    assert [doc.user_data for doc in nlp.pipe(texts, batch_size=3)] == alone
    pairs = list(nlp.pipe(((text, at) for at, text in enumerate(texts)), as_tuples=True))
    assert [at for _, at in pairs] == list(range(len(texts)))
    assert [doc.user_data for doc, _ in pairs] == alone


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="spaCy forks")
def test_two_processes_give_the_same(nlp: Language) -> None:
    texts = TEXTS * 6
    alone = [(doc.user_data, labels(doc, "mentions")) for doc in nlp.pipe(texts)]
    two = nlp.pipe(texts, n_process=2, batch_size=4)
    assert [(doc.user_data, labels(doc, "mentions")) for doc in two] == alone


def test_documents_survive_being_stored(nlp: Language) -> None:
    doc = nlp(TEXTS[0])
    copy = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert copy.user_data["feedback_miner"] == doc.user_data["feedback_miner"]
    assert labels(copy, "mentions") == labels(doc, "mentions")
    stored = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (read,) = DocBin().from_bytes(stored).get_docs(spacy.blank("en").vocab)
    # msgpack gives tuples for lists here
    assert Scored.from_dict(read.user_data["feedback_miner"]) == Scored.from_dict(
        doc.user_data["feedback_miner"]
    )
    assert labels(read, "signals") == labels(doc, "signals")


def test_a_pipeline_survives_being_stored(nlp: Language, tmp_path: Path) -> None:
    nlp.get_pipe("feedback_miner").prefix = "retail_"  # type: ignore[attr-defined]
    nlp.to_disk(tmp_path / "nlp")
    size = sum(path.stat().st_size for path in (tmp_path / "nlp" / "feedback_miner").rglob("*"))
    assert size < 200
    for copy in (
        spacy.load(tmp_path / "nlp"),
        spacy.blank("en", config=nlp.config).from_bytes(nlp.to_bytes()),
    ):
        doc = copy(TEXTS[0])
        assert "retail_feedback_miner" in doc.user_data
        assert len(doc.spans["retail_mentions"]) == 2


def test_a_component_survives_a_pickle() -> None:
    component = FeedbackMiner("mine", model="en", prefix="x_")
    stored = pickle.dumps(component)
    copy = pickle.loads(stored)
    assert len(stored) < 500
    assert (copy.name, copy.model, copy.prefix) == ("mine", "en", "x_")
    doc = copy(spacy.blank("en").make_doc(TEXTS[0]))
    assert len(doc.spans["x_mentions"]) == 2


def test_two_of_them_fit_into_one_pipeline() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("feedback_miner")
    nlp.add_pipe("feedback_miner", name="second", config={"prefix": "second_"})
    doc = nlp(TEXTS[0])
    assert set(doc.user_data) == {"feedback_miner", "second_feedback_miner"}
    assert labels(doc, "mentions") == labels(doc, "second_mentions")


def test_a_missing_model_is_said_when_the_pipe_is_added(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r'No model "nowhere".*Shipped: '):
        spacy.blank("en").add_pipe("feedback_miner", config={"model": "nowhere"})
    component = FeedbackMiner()
    with pytest.raises(ModelError, match='No model "gone"'):
        component.from_bytes(json.dumps({"model": "gone", "prefix": ""}).encode())
    assert component.model == "en"
    for foreign in (b"\xff", b"[1]", b'{"model": "en"}'):
        with pytest.raises(ModelError, match="no configuration of a feedback_miner component"):
            component.from_bytes(foreign)


def test_a_wrong_setting_is_refused_by_spacy() -> None:
    with pytest.raises(ValueError, match="modle"):
        spacy.blank("en").add_pipe("feedback_miner", config={"modle": "en"})


def failing(text: str, doc: Doc, *_: Any) -> None:
    if doc.text == text:
        raise RuntimeError("planted")


def test_the_error_handler_gets_what_failed(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    real = FeedbackMiner._annotate

    def annotate(self: FeedbackMiner, doc: Doc, scored: Scored) -> None:
        failing(TEXTS[1], doc)
        real(self, doc, scored)

    monkeypatch.setattr(FeedbackMiner, "_annotate", annotate)
    with pytest.raises(RuntimeError, match="planted"):
        list(nlp.pipe(TEXTS))
    heard: list[tuple[str, list[str], str]] = []
    nlp.set_error_handler(
        lambda name, _, docs, error: heard.append((name, [doc.text for doc in docs], str(error)))
    )
    passed = [doc.text for doc in nlp.pipe(TEXTS, batch_size=2)]
    assert passed == [TEXTS[0], *TEXTS[2:]]
    assert heard == [("feedback_miner", [TEXTS[1]], "planted")]


def test_the_error_handler_gets_a_batch_that_was_not_scored(
    nlp: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(miner.Scorer, "score_many", broken)
    heard: list[str] = []
    nlp.set_error_handler(lambda _, __, docs, ___: heard.extend(doc.text for doc in docs))
    assert list(nlp.pipe(TEXTS, batch_size=2)) == []
    assert heard == TEXTS


def test_scorers_are_shared_and_a_new_folder_is_seen(tmp_path: Path, root: Path) -> None:
    import os
    import shutil

    folder = tmp_path / "mine"
    shutil.copytree(root / "models" / "en", folder)
    first = models.shared_scorer(folder)
    assert models.shared_scorer(str(folder)) is first
    assert models.shared_scorer("en") is not first
    os.utime(folder / "manifest.json", ns=(1, 1))
    assert models.shared_scorer(folder) is not first
