"""The behaviour suite: its form, its runner, and that nothing gets worse than the card says."""

import json
from collections import Counter
from pathlib import Path

import pytest

import miner
from miner.errors import DataError
from miner.learn.corpus import load_corpus, plain_text
from miner.scoring import Scorer
from miner.workflow.behaviour import STRETCH, Case, check, load_cases, rates

SLACK = 1
"""Cases of one capability that may flip when only the machine differs (another BLAS)."""


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return miner.load()


@pytest.fixture(scope="module")
def cases() -> tuple[Case, ...]:
    return load_cases()


def test_the_suite_is_as_large_as_promised(cases: tuple[Case, ...]) -> None:
    per = Counter(case.capability for case in cases)
    assert len(cases) >= 450
    assert len(per) >= 16
    assert min(per.values()) >= 25
    assert len({case.id for case in cases}) == len(cases)
    assert {"inv", "dir", "mft"} == {case.kind for case in cases}
    aside = sum(case.aside for case in cases)
    assert 0.3 <= aside / len(cases) <= 0.36


def test_no_case_stands_in_the_training_corpus(cases: tuple[Case, ...]) -> None:
    train = {plain_text(text) for text in load_corpus().split("train").texts}
    shared = [
        text
        for case in cases
        for text in case.texts
        if len(text.split()) >= 6 and plain_text(text) in train
    ]
    assert shared == []


def test_rates_are_those_of_the_card(root: Path, scorer: Scorer, cases: tuple[Case, ...]) -> None:
    metrics = json.loads((root / "models" / "en" / "metrics.json").read_text("utf-8"))
    promised = metrics["behaviour"]["capabilities"]
    found = rates(check(scorer, cases))["capabilities"]
    assert set(found) == set(promised)
    worse = {
        name: (one["passed"], promised[name]["passed"])
        for name, one in found.items()
        if one["passed"] < promised[name]["passed"] - SLACK
    }
    assert worse == {}


@pytest.mark.parametrize(
    ("expect", "why"),
    [
        ({"polarity": "positive"}, ""),
        ({"polarity": "negative"}, "polarity positive, expected negative"),
        ({"mentions": [["service", "positive"]]}, ""),
        ({"mentions": [["service.attitude", None]]}, ""),
        ({"mentions": [["product.price", "negative"]]}, "no product.price negative"),
        ({"not": ["communication"]}, ""),
        ({"not": ["service"]}, "service found"),
        ({"none": True}, "expected no mention"),
        ({"signals": ["legal_threat"]}, "no signal legal_threat"),
        ({"not_signals": ["legal_threat"]}, ""),
    ],
)
def test_an_expectation_is_held_to(scorer: Scorer, expect: dict[str, object], why: str) -> None:
    case = Case("x", "any", "mft", ("The staff were lovely.",), expect)
    verdict = check(scorer, [case])[0]
    assert verdict.passed == (not why)
    assert why in verdict.why


def test_pairs_are_compared(scorer: Scorer) -> None:
    good, bad = "The staff were lovely.", "The staff were horrible."
    for texts, direction, passed in (
        ((good, bad), "down", True),
        ((bad, good), "down", False),
        ((bad, good), "up", True),
        ((good, good), "not_up", True),
        ((bad, good), "not_up", False),
    ):
        case = Case("x", "any", "dir", texts, {"sentiment": direction})
        assert check(scorer, [case])[0].passed == passed, (texts, direction)
    same = Case("x", "any", "inv", (good, "the staff were lovely."))
    other = Case("y", "any", "inv", (good, bad))
    assert [one.passed for one in check(scorer, [same, other])] == [True, False]


def test_rates_count_the_stretch_apart(scorer: Scorer) -> None:
    texts = ("The staff were lovely.",)
    good = Case("a", "negation", "mft", texts, {"polarity": "positive"})
    aside = Case("b", "negation", "mft", texts, {"polarity": "negative"}, aside=True)
    stretch = Case("c", STRETCH[0], "mft", texts, {"polarity": "negative"})
    found = rates(check(scorer, [good, aside, stretch]))
    assert found["overall"] == {"rate": 0.5, "passed": 1, "n": 2}
    assert found["open"]["n"] == found["aside"]["n"] == 1
    assert found["capabilities"][STRETCH[0]]["passed"] == 0


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "a"}', "'text'"),
        ('{"id": "a", "capability": "b", "kind": "what", "text": "c"}', 'kind is "what"'),
        ('{"id": "a", "capability": "b", "kind": "inv", "text": "c"}', "too few texts"),
        (
            '{"id": "a", "capability": "b", "kind": "dir", "texts": ["c", "d"], "expect": {}}',
            "expect.sentiment must be one of up, down",
        ),
    ],
)
def test_broken_cases_are_named(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "a.jsonl").write_text(line + "\n")
    with pytest.raises(DataError, match=rf"a.jsonl, line 1: .*{message}"):
        load_cases(tmp_path)
    with pytest.raises(DataError, match="holds no behaviour cases"):
        load_cases(tmp_path / "none")
