"""Decisions put into words, one clause at a time, with figures chosen for it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from miner.learn.decisions import decide, standing
from miner.learn.reasons import clause_reason, numbers, theme_reason
from miner.learn.tagger import Tagger
from miner.learn.tagging import Tagged
from miner.learn.weights import Rules

LABELS = ["Tone", "Speed", "Price"]
RULES = Rules(themes=(0.6, 0.2, 0.4), opinion=0.5, fallback=0.7, rival=0.5, neutral=0.3)


def clause(*probability: float, opinion: float = 0.9) -> Tagged:
    """A clause tagged with these probabilities, decided by `RULES`."""
    chances = np.array([probability], dtype=np.float32)
    certain = np.array([opinion], dtype=np.float32)
    nothing = np.zeros_like(chances)
    return Tagged(
        probability=chances,
        decided=decide(chances, certain, RULES),
        sentiment=nothing,
        polarity=nothing.astype(np.int8),
        opinion=certain,
        clause_sentiment=nothing[:, 0],
    )


@pytest.mark.parametrize(
    ("tagged", "theme", "slug", "sentence"),
    [
        (clause(0.9, 0.5, 0.1), 0, "theme.reached", "0.90 reaches its threshold 0.60."),
        (clause(0.9, 0.5, 0.1), 1, "theme.reached", "0.50 reaches its threshold 0.20."),
        (clause(0.9, 0.5, 0.1), 2, "theme.below-threshold", "0.10 is below its threshold 0.40."),
        (clause(0.9, 0.3, 0.1), 1, "theme.overshadowed",
         "0.30 reaches its threshold 0.20, but Tone is far likelier: beside it 0.45 is needed."),
        (clause(0.1, 0.15, 0.1), 1, "theme.nearest",
         "No theme passed by itself; this one came nearest: 0.75 of its threshold, 0.70 is "
         "enough."),
        # the likeliest stays below its own threshold, and the one it overshadows is the nearest
        (clause(0.55, 0.22, 0.1), 1, "theme.nearest",
         "No theme passed by itself; this one came nearest: 1.10 of its threshold, 0.70 is "
         "enough."),
        (clause(0.55, 0.22, 0.1), 0, "theme.below-threshold", "0.55 is below its threshold 0.60."),
        (clause(0.9, 0.1, 0.1, opinion=0.3), 0, "theme.no-opinion",
         "It would be mentioned, but the clause holds no opinion: 0.30 is below its threshold "
         "0.50."),
        (clause(0.9, 0.1, 0.1, opinion=0.3), 1, "theme.below-threshold",
         "0.10 is below its threshold 0.20."),
        (clause(0.5999, 0.01, 0.01), 0, "theme.nearest",
         "No theme passed by itself; this one came nearest: 0.9998 of its threshold, 0.70 is "
         "enough."),
        (clause(0.9, 0.1999, 0.1), 1, "theme.below-threshold",
         "0.1999 is below its threshold 0.2000."),
    ],
)  # fmt: skip
def test_a_theme(tagged: Tagged, theme: int, slug: str, sentence: str) -> None:
    assert theme_reason(tagged, RULES, theme, LABELS) == (slug, sentence)
    assert tagged.decided[0, theme] == (slug in ("theme.reached", "theme.nearest"))


@pytest.mark.parametrize(
    ("tagged", "slug", "sentence"),
    [
        (clause(0.9, 0.1, 0.1), "clause.mentions", "Mentions Tone."),
        (clause(0.9, 0.5, 0.1), "clause.mentions", "Mentions Tone and Speed."),
        (clause(0.9, 0.9, 0.9), "clause.mentions", "Mentions Tone, Speed and Price."),
        (clause(0.1, 0.1, 0.1), "clause.no-theme",
         "No mention: it holds an opinion, but no theme comes near enough."),
        (clause(0.9, 0.9, 0.9, opinion=0.4999), "clause.no-opinion",
         "No mention: it holds no opinion (0.4999 is below its threshold 0.5000)."),
    ],
)  # fmt: skip
def test_a_clause(tagged: Tagged, slug: str, sentence: str) -> None:
    assert clause_reason(tagged, RULES, LABELS) == (slug, sentence)


def test_where_texts_have_one_theme() -> None:
    rules = replace(RULES, single=True)
    found = replace(clause(0.9, 0.8, 0.1), decided=np.array([[True, False, False]]))
    assert theme_reason(found, rules, 0, LABELS)[0] == "theme.likeliest"
    assert theme_reason(found, rules, 1, LABELS)[0] == "theme.less-likely"
    assert clause_reason(found, rules, LABELS) == ("clause.mentions", "Mentions Tone.")
    other = replace(found, decided=np.zeros((1, 3), dtype=np.bool_))
    assert clause_reason(other, rules, LABELS)[0] == "clause.other-theme"


def test_figures_that_stay_alike_are_shown_as_they_are() -> None:
    assert numbers(0.5, 0.5) == ("0.5000", "0.5000")


def test_standing_is_what_decisions_are_made_from() -> None:
    ratio, overshadowed = standing(np.array([[0.9, 0.44, 0.46]], dtype=np.float32), RULES)
    assert ratio[0].tolist() == pytest.approx([1.5, 2.2, 1.15])
    assert overshadowed[0].tolist() == [False, True, False]


def test_sign_shares_are_nothing_without_words() -> None:
    from miner.learn.bundle import load_bundle

    tagger: Tagger = load_bundle("en").tagger
    clause_of, share = tagger.sign_shares([(), ("late",), ()])
    assert clause_of.tolist() == [1]
    assert share.shape == (1, tagger.n_themes)
    assert tagger.sign_shares([()])[1].shape == (0, tagger.n_themes)
