"""Which words count as negated."""

import numpy as np
import pytest

from miner.learn.features import FeatureSettings
from miner.learn.negation import MARK, Heights, Negation
from miner.learn.recipe import load_recipe
from miner.learn.train import features_of

NEGATIONS = ("never", "nor", "not", "without")


HEIGHTS = Heights(
    can=("could",), ever=("never",), between=("be", "been", "have"), more=("more",), so=("so",),
    worse=("ruder",), unless=("much",),
)  # fmt: skip


def negated(text: str, *, cancels: bool = True, heightens: bool = False, reach: int = 4) -> str:
    """The negated words of clauses, which a bar divides."""
    clauses = [one.split() for one in text.split("|")]
    words = [word for clause in clauses for word in clause]
    clause = np.repeat(np.arange(len(clauses)), list(map(len, clauses)))
    told = FeatureSettings(
        reach=reach, cancels=cancels, negations=NEGATIONS, joints=("and", "but", "nor"),
        heightens=heightens, heights=HEIGHTS,
    )  # fmt: skip
    negation = Negation(told)
    found = negation.of(clause, negation.roles(words))
    if found is None:
        return ""
    return " ".join(word for word, so in zip(words, found.tolist(), strict=True) if so)


@pytest.mark.parametrize(
    ("text", "once", "cancelled"),
    [
        ("he was helpful", "", ""),
        ("not a day without trouble again", "a day trouble again", "a day without"),
        ("no soap , not a towel", "a towel", "a towel"),
        ("not one soap and not a towel", "one soap and a towel", "one soap and a towel"),
        ("not clean nor safe", "clean safe", "clean safe"),
        ("nor leave without paying", "leave paying", "leave without"),
        ("not warm | without trouble", "warm trouble", "warm trouble"),
        ("not , without trouble", "trouble", "trouble"),
        (
            "not in all these years once without it",
            "in all these years it",
            "in all these years it",
        ),
        ("never not without care", "care", "not care"),  # three of them negate again
        ("without", "", ""),
    ],
)
def test_a_negation_behind_another_takes_it_back(text: str, once: str, cancelled: str) -> None:
    assert negated(text, cancels=False) == once
    assert negated(text) == cancelled


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("it could not be more rude", "be more"),
        ("it could not have been ruder to us", "have been"),
        ("it could not be nicer", "be nicer"),
        ("it would not be more rude", "be more rude"),
        ("never been so rude", "been so"),
        ("it could not be so rude", "be so rude"),
        ("never so much as rude", "so much as rude"),
        ("never so | much rude", "so"),  # what stands behind it is of another clause
        ("never been | so rude", "been"),
        ("never , so rude", ""),
        ("never rude so rude", "rude so rude"),
        ("never been more | not rude", "been more rude"),
        ("never been more not rude", "been more rude"),
    ],
)
def test_a_denial_that_heightens_denies_nothing_behind_its_height(text: str, expected: str) -> None:
    assert negated(text, heightens=True) == expected


def test_marks_are_marks_whatever_the_lists_say() -> None:
    told = FeatureSettings(reach=4, cancels=True, negations=("!",), joints=("&",))
    assert Negation(told).roles(["!", "&"]).tolist() == [MARK, MARK]


def test_a_recipe_takes_the_words_of_its_language() -> None:
    """English joins by links and by words of contrast; the recipe "own" asks for none."""
    told = features_of(load_recipe("en"))
    assert {"not", "n't", "without"} <= set(told.negations)
    assert {"and", "but", "although", "nor"} <= set(told.joints)
    kinds = Heights(*told.heights)
    assert ("could" in kinds.can, "never" in kinds.ever, "ruder" in kinds.worse) == (True,) * 3
    own = features_of(load_recipe("own"))
    assert (own.joints, own.heights) == ((), ())
