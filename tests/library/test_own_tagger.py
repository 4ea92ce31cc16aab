"""`Scorer.from_tagger`: a tagger of one's own is looked over, then serves like any other."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import miner
from miner.errors import UsageError
from miner.taxonomy import Taxonomy, load_taxonomy, parse_taxonomy

TEXT = "Plenty of parking, but the queues are endless."


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return parse_taxonomy(
        {
            "language": "en",
            "top": {"shop": "Shop"},
            "theme": [
                {"key": "shop.parking", "label": "Parking", "definition": "Room for the car."},
                {"key": "shop.queue", "label": "Queues", "definition": "Waiting to pay."},
            ],
        }
    )


class KeywordTagger:
    """Knows two themes by their words."""

    n_themes = 2
    about = ({"parking"}, {"queues"})
    bad = frozenset({"endless"})

    def tag(
        self, tokens: Sequence[tuple[str, ...]], texts: Sequence[str] | None = None
    ) -> miner.Tagged:
        assert texts is not None
        assert len(texts) == len(tokens)
        found = np.array(
            [[bool(words & set(clause)) for words in self.about] for clause in tokens], dtype=bool
        ).reshape(-1, 2)
        sign = np.array([-1.0 if self.bad & set(clause) else 1.0 for clause in tokens])
        sentiment = np.where(found, sign[:, None], 0.0)
        said = found.any(axis=1)
        return miner.Tagged(
            probability=found.astype(np.float32),
            decided=found,
            sentiment=sentiment.astype(np.float32),
            polarity=(sentiment + 1).astype(np.int8),
            opinion=said.astype(np.float32),
            clause_sentiment=(sign * said).astype(np.float32),
        )

    def evidence_many(
        self, tokens: Any, themes: Any, *, polarity: Any = None, top: int = 3
    ) -> list[tuple[str, ...]]:
        return [
            tuple(word for word in words if word in self.about[theme])[:top]
            for words, theme in zip(tokens, themes, strict=True)
        ]


def found(scorer: miner.Scorer) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(one.theme, one.polarity, one.evidence) for one in scorer.score(TEXT).mentions]


EXPECTED = [
    ("shop.parking", "positive", ("parking",)),
    ("shop.queue", "negative", ("queues",)),
]


def test_it_serves_like_any_other(taxonomy: Taxonomy) -> None:
    scorer = miner.Scorer.from_tagger(KeywordTagger(), taxonomy=taxonomy)
    assert isinstance(KeywordTagger(), miner.ClauseTagger)
    assert found(scorer) == EXPECTED
    assert scorer.language == "en"
    assert scorer.taxonomy is taxonomy
    assert [one.polarity for one in scorer.score_many([TEXT, None, ""])] == [
        "mixed", "neutral", "neutral",
    ]  # fmt: skip
    assert list(scorer.mentions([TEXT])["theme"]) == ["shop.parking", "shop.queue"]
    assert "complaint" in {one.kind for one in scorer.score(TEXT).signals}
    for twin in (pickle.loads(pickle.dumps(scorer)), copy.deepcopy(scorer)):
        assert found(twin) == EXPECTED


def test_the_language_is_the_taxonomys_unless_said(taxonomy: Taxonomy) -> None:
    other = miner.Scorer.from_tagger(KeywordTagger(), taxonomy=taxonomy, language="de")
    assert other.language == "de"
    swedish = replace(taxonomy, language="sv")
    assert miner.Scorer.from_tagger(KeywordTagger(), taxonomy=swedish).language == "sv"


def test_what_needs_a_model_folder_says_so(taxonomy: Taxonomy) -> None:
    scorer = miner.Scorer.from_tagger(KeywordTagger(), taxonomy=taxonomy)
    with pytest.raises(UsageError, match=r"no model folder, which explanations.*miner\.load\(\)"):
        scorer.explain(TEXT)


def test_what_is_no_tagger_is_refused(taxonomy: Taxonomy) -> None:
    with pytest.raises(
        UsageError, match=r"int is no tagger: it lacks n_themes, tag, evidence_many"
    ):
        miner.Scorer.from_tagger(3, taxonomy=taxonomy)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"n_themes: got 2, expected 18 as in the taxonomy"):
        miner.Scorer.from_tagger(KeywordTagger(), taxonomy=load_taxonomy())


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"probability": np.zeros((2, 3))}, r"probability: got shape \(2, 3\), expected \(2, 2\)"),
    ({"probability": np.full((2, 2), 1.5)}, r"probability: got .*1\.5.*, expected values 0 to 1"),
    ({"probability": np.full((2, 2), np.nan)}, r"probability: got .*nan.*, expected values 0 to 1"),
    ({"decided": np.zeros((2, 2))}, r"decided: got float64, expected bool"),
    ({"decided": np.ones((2, 2), dtype=bool)}, r"a mention in a clause without words"),
    ({"sentiment": np.full((2, 2), -2)}, r"sentiment: got .*, expected values -1 to 1"),
    ({"polarity": np.full((2, 2), 3)}, r"polarity: got .*3.*, expected values 0 to 2"),
    ({"opinion": [0.0, 0.0]}, r"opinion: got shape None, expected \(2,\)"),
    ({"clause_sentiment": np.zeros((2, 1))}, r"clause_sentiment: got shape \(2, 1\)"),
]


class Moody(KeywordTagger):
    """Takes every clause but the first of a text for bad."""

    def tag_texts(self, tokens: Any, document: Any, texts: Any = None) -> miner.Tagged:
        plain = self.tag(tokens, texts)
        later = np.r_[False, document[1:] == document[:-1]]
        polarity = np.where(later[:, None], 0, plain.polarity)
        return replace(plain, polarity=polarity)


def test_a_tagger_may_ask_which_clauses_are_of_one_text(taxonomy: Taxonomy) -> None:
    assert isinstance(Moody(), miner.TextTagger)
    assert not isinstance(KeywordTagger(), miner.TextTagger)
    scorer = miner.Scorer.from_tagger(Moody(), taxonomy=taxonomy)
    texts = ["Great parking. Great parking too.", "Great parking."]
    found = [[one.polarity for one in scored.mentions] for scored in scorer.score_many(texts)]
    assert found == [["positive", "negative"], ["positive"]]

    class Wrong(Moody):
        def tag_texts(self, *_: Any) -> Any:
            return None

    with pytest.raises(UsageError, match=r"tag_texts: got NoneType, expected a miner\.Tagged"):
        miner.Scorer.from_tagger(Wrong(), taxonomy=taxonomy)


@pytest.mark.parametrize(("wrong", "words"), WRONG)
def test_wrong_arrays_are_refused(wrong: dict[str, Any], words: str, taxonomy: Taxonomy) -> None:
    class Wrong(KeywordTagger):
        def tag(self, tokens: Any, texts: Any = None) -> miner.Tagged:
            return replace(super().tag(tokens, texts), **wrong)

    with pytest.raises(UsageError, match=rf"{words}.*See miner\.ClauseTagger and miner\.Tagged"):
        miner.Scorer.from_tagger(Wrong(), taxonomy=taxonomy)


def test_wrong_answers_are_refused(taxonomy: Taxonomy) -> None:
    class NoTagged(KeywordTagger):
        def tag(self, tokens: Any, texts: Any = None) -> Any:
            return tokens

    class NoTuples(KeywordTagger):
        def evidence_many(self, *_: Any, **__: Any) -> Any:
            return ["words"]

    with pytest.raises(UsageError, match=r"tag: got tuple, expected a miner\.Tagged"):
        miner.Scorer.from_tagger(NoTagged(), taxonomy=taxonomy)
    with pytest.raises(UsageError, match=r"evidence_many: got \['words'\], expected one tuple"):
        miner.Scorer.from_tagger(NoTuples(), taxonomy=taxonomy)
