"""The benchmark's table says what a hand count of a few invented rows gives."""

from __future__ import annotations

import gzip
import importlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import miner
from miner.learn.corpus import load_corpus
from miner.taxonomy import load_taxonomy, parse_taxonomy

AIRLINE = [
    ("negative", ["Late Flight"], "Terrible, the parcel with my bags was late."),
    ("negative", ["Bad Flight"], "Cramped, and the quality of the seat was poor."),
    ("negative", ["Late Flight"], "We sat on the tarmac till dawn."),
    ("negative", ["Can't Tell", "Late Flight"], "Great, another rude clerk."),
    ("positive", [], "Thanks, a wonderful crew."),
    ("positive", [], "My week is saved."),
    ("neutral", [], "Is there a desk at gate B?"),
    ("negative", ["Bad Flight"], "Worst seat, and the refund never came."),
]
RESTAURANT = [
    (
        None,
        ["Food#Quality:positive", "Service#General:negative"],
        "The bread was great. The waiting was awful.",
    ),
    ("positive", ["Restaurant#General:positive"], "Nice place."),
    ("positive", ["Service#General:positive"], "Friendly and quick service."),
    (
        None,
        ["Food#Prices:negative", "Ambience#General:positive"],
        "Lovely walls and the price is a joke.",
    ),
    ("negative", ["Restaurant#Miscellaneous:negative"], "Horrible parking."),
]
PLAIN = [
    ("positive", ["1"], "This is great."),
    ("negative", ["0"], "This is horrible."),
    ("negative", ["0"], "The zip came off in an hour."),
]
MODULES = ("tagger", "_own", "_figures", "_peers", "_gold")


@pytest.fixture(scope="module")
def bench(root: Path) -> Iterator[SimpleNamespace]:
    """The modules of the benchmark, imported as its script imports them."""
    sys.path.insert(0, str(root / "benchmarks"))
    found: dict[str, ModuleType] = {}
    try:
        for name in MODULES:
            found[name.removeprefix("_")] = importlib.import_module(name)
        yield SimpleNamespace(**found)
    finally:
        sys.path.remove(str(root / "benchmarks"))
        for name in MODULES:
            sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    sets = {
        "airline_tweets": AIRLINE,
        "memd_absa_restaurant_dev": RESTAURANT,
        "uci_sentiment": PLAIN,
    }
    for name, rows in sets.items():
        write_set(folder / f"{name}.jsonl.gz", rows)
    return folder


def write_set(path: Path, rows: list[tuple[str | None, list[str], str]]) -> None:
    names = ("polarity", "labels", "text")
    lines = [json.dumps(dict(zip(names, row, strict=True))) for row in rows]
    with gzip.open(path, "wt", encoding="utf-8") as handle:
        handle.write("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A test split of five statements, one of them of two minds, and one response."""
    folder = tmp_path_factory.mktemp("corpora")
    head = {"hand": "q", "split": "test", "industry": "shops", "register": "note"}
    statements: list[tuple[str, list[list[str]]]] = [
        ("The parcel came two weeks late.", [["service.delivery", "negative"]]),
        ("Lovely soft cloth, well made.", [["product.quality", "positive"]]),
        ("The invoice lists hours that were not worked.", [["service.billing", "negative"]]),
        ("It was a Tuesday.", []),
        (
            "The receptionist was rude but the room was spotless.",
            [["service.attitude", "negative"], ["product.environment", "positive"]],
        ),
    ]
    response = {
        "id": "r-1",
        "text": "The app crashes all day. The driver was very friendly.",
        "clauses": [
            {"span": "The app crashes all day.", "labels": [["product.performance", "negative"]]},
            {
                "span": "The driver was very friendly.",
                "labels": [["service.attitude", "positive"]],
            },
        ],
    }
    rows = [{"id": f"s-{n}", "text": t, "labels": y} for n, (t, y) in enumerate(statements)]
    for name, entries in (("statements", rows), ("responses", [response])):
        (folder / name).mkdir()
        lines = "\n".join(json.dumps(head | one) for one in entries) + "\n"
        (folder / name / "q.jsonl").write_text(lines, encoding="utf-8")
    return folder


@pytest.fixture
def run(
    bench: SimpleNamespace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[str, dict[str, Any]]]:
    """Run the command; return the table and the JSON."""

    def call(*arguments: object) -> tuple[str, dict[str, Any]]:
        file = tmp_path / "figures.json"
        options = ("--least", 1, "--speed", 0, "--json", file)
        bench.tagger.main([str(one) for one in (*arguments, *options)])
        return capsys.readouterr().out, json.loads(file.read_text(encoding="utf-8"))

    return call


def near(expected: Mapping[str, float]) -> Any:
    return pytest.approx(dict(expected), abs=1e-4)


def test_sign_classes_and_themes_are_a_hand_count(run: Any, data: Path) -> None:
    table, found = run("--data", data, "--sets", "airline_tweets", "--models", "no-such-model")
    # Sums of words: -1, -1, 0, 0, 2, 0, 0, -3. Themes of the four rows that have a clear one:
    # service, product, none, service for service, product, service, product.
    assert found["sets"]["airline_tweets"]["taggers"]["word list"] == near(
        {
            "sign_macro_f1": (10 / 11 + 2 / 3) / 2,
            "sign_macro_f1_zero_positive": (6 / 8 + 4 / 6) / 2,
            "polarity_macro_f1": (6 / 8 + 2 / 5 + 2 / 3) / 3,
            "theme_micro_f1": 4 / 7,
            "theme_macro_f1": (1 / 2 + 2 / 3) / 2,
        }
    )
    sizes = found["sets"]["airline_tweets"]["n"]
    assert (sizes["sign_macro_f1"], sizes["polarity_macro_f1"], sizes["theme_micro_f1"]) == (
        7,
        8,
        4,
    )
    line = next(one for one in table.splitlines() if "word list" in one)
    assert line.split() == ["word", "list", ".788", ".708", ".606", ".571", ".583", *"–––––"]
    assert 'Left out: model no-such-model: No model "no-such-model"' in table


def test_pairs_and_both_are_read_sentence_by_sentence(run: Any, data: Path) -> None:
    name = "memd_absa_restaurant_dev"
    _, found = run("--data", data, "--sets", name, "--models", "no-such-model")
    # Gold: product +, service - | no theme | service + | product -, product + | unclear.
    # Found: product +, service - | service + | product neutral.
    words = found["sets"][name]["taggers"]["word list"]
    assert words["pair_micro_f1"] == pytest.approx(6 / 9, abs=1e-4)
    assert words["contrast"] == 0.5
    sizes = found["sets"][name]["n"]
    assert (sizes["pair_micro_f1"], sizes["contrast"], sizes["sign_macro_f1"]) == (3, 2, 3)
    assert "polarity_macro_f1" not in sizes


def test_vader_is_told_both_ways_about_a_score_of_0(run: Any, data: Path) -> None:
    pytest.importorskip("vaderSentiment")
    _, found = run("--data", data, "--sets", "uci_sentiment", "--models", "no-such-model")
    assert found["sets"]["uci_sentiment"]["taggers"]["VADER"] == near(
        {"sign_macro_f1": 1.0, "sign_macro_f1_zero_positive": 2 / 3}
    )


def test_calibration_is_a_hand_count(bench: SimpleNamespace) -> None:
    gold = bench.gold.Gold(
        texts=("one", "two", "three"),
        polarity=np.array([1, 1, -1], dtype=np.int8),
        covers=("service", "product"),
        themes=(frozenset({"service"}), frozenset({"service"}), None),
        pairs=(None, None, None),
        both=np.zeros(3, dtype=np.bool_),
    )
    reading = bench.peers.Reading(
        scores=np.array([0.8, -0.5, 0.5]),
        classes=np.array([1.0, -1.0, 1.0]),
        calibrated=True,
        themes=({"service": 0.7, "general": 0.1}, {"product": 0.6}, {"product": 0.9}),
    )
    found = bench.figures.figures(gold, reading)
    # Said .9, .25 and .75 of being positive; true 1, 1, 0: three bins.
    assert found["sign_ece"] == pytest.approx((0.1 + 0.75 + 0.75) / 3)
    # Only themes that the labels can name, of rows that have some.
    assert found["theme_ece"] == pytest.approx((0.3 + 0.6) / 2)


def test_pairs_of_themes_that_labels_cannot_name_do_not_count(bench: SimpleNamespace) -> None:
    gold = bench.gold.Gold(
        texts=("one", "two"),
        polarity=np.array([1, -1], dtype=np.int8),
        covers=("product",),
        themes=(frozenset({"product"}), None),
        pairs=(frozenset({("product", 1)}), None),
        both=np.zeros(2, dtype=np.bool_),
    )
    reading = bench.peers.Reading(
        scores=np.array([0.8, -0.5]),
        classes=np.array([1.0, -1.0]),
        pairs=({("product", 1), ("general", 1), ("product", -1)}, {("product", -1)}),
        both=np.array([True, False]),
    )
    assert bench.figures.figures(gold, reading)["pair_micro_f1"] == pytest.approx(2 / 3)


def test_a_model_is_read_as_score_says(bench: SimpleNamespace) -> None:
    texts = [
        "The parcel came two weeks late.",
        "Great food, but nobody answered my e-mails.",
        "",
        "Rude clerk. Lovely warm soup, and a bright clean room.",
    ]
    scorer = miner.load("en")
    reading = bench.peers.Model(scorer)(texts, pairs=True)
    scored = list(scorer.score_many(texts))
    assert reading.scores == pytest.approx([one.sentiment for one in scored], abs=1e-4)
    assert [set(one) for one in reading.themes] == [
        {mention.theme.split(".")[0] for mention in one.mentions} for one in scored
    ]
    codes = {"negative": -1, "neutral": 0, "positive": 1}
    assert list(reading.pairs) == [
        {(m.theme.split(".")[0], codes[m.polarity]) for m in one.mentions} for one in scored
    ]
    assert reading.both.tolist() == [one.polarity == "mixed" for one in scored]
    assert reading.both.any()


def test_on_the_own_split_both_ways_of_counting_agree(
    bench: SimpleNamespace, corpora: Path
) -> None:
    corpus, model = load_corpus(corpora), bench.peers.Model(miner.load("en"))
    found, details = bench.own.model_figures(model, corpus)
    as_peer = bench.own.peer_figures(model, corpus, load_taxonomy())
    for name in ("theme_micro_f1", "theme_macro_f1", "pair_micro_f1", "contrast"):
        assert found[name] == pytest.approx(as_peer[name]), name
    assert found["theme_macro_f1"] > 0
    sizes = bench.own.own_sizes(corpus)
    assert sizes["sign_macro_f1"] == details["sign_macro_f1"]["n"] == 5
    assert sizes["sign_ece"] == details["sign_ece"]["n"] == 7
    assert sizes["contrast"] == details["contrast_both_right"]["n"] == 1


def test_word_list_on_the_own_split_is_a_hand_count(run: Any, corpora: Path) -> None:
    _, found = run("--sets", "own", "--corpora", corpora, "--models", "no-such-model")
    words = found["sets"]["own"]["taggers"]["word list"]
    # Sums: parcel 0, cloth 0, invoice 0, (rude -1, of two minds), crashes -1, friendly +1.
    assert words["sign_macro_f1"] == pytest.approx((6 / 7 + 2 / 3) / 2, abs=1e-4)
    assert words["sign_macro_f1_zero_positive"] == pytest.approx((1 / 2 + 2 / 3) / 2, abs=1e-4)
    assert words["pair_micro_f1"] == 1.0
    assert words["contrast"] == 0.0


def test_the_table_fits_120_columns_and_comes_again(run: Any, data: Path, corpora: Path) -> None:
    arguments = ("--data", data, "--corpora", corpora, "--models", "en")
    first, figures = run(*arguments)
    assert max(map(len, first.splitlines()[:20])) <= 120
    assert run(*arguments) == (first, figures)
    assert list(figures["sets"]) == [
        "own",
        "airline_tweets",
        "memd_absa_restaurant_dev",
        "uci_sentiment",
    ]
    assert set(figures["models"]) == {"en"}
    assert "Left out: set skytrax: " in first
    assert "sign_ece" in figures["sets"]["uci_sentiment"]["taggers"]["en"]


def test_rows_are_spread_over_the_file(bench: SimpleNamespace, data: Path) -> None:
    gold = bench.gold.read_gold(data / "airline_tweets.jsonl.gz", None, rows=4)
    assert gold.texts == tuple(text for _, _, text in AIRLINE[::2])
    assert gold.themes == (None,) * 4


def test_an_unknown_label_stops_the_run(run: Any, tmp_path: Path) -> None:
    write_set(tmp_path / "airline_tweets.jsonl.gz", [("negative", ["Lost Hat"], "My hat is gone.")])
    with pytest.raises(
        SystemExit, match=r'label "Lost Hat" is not in dev_themes\.toml\. Put it under'
    ):
        run("--data", tmp_path, "--sets", "airline_tweets", "--models", "no-such-model")


def test_speed_is_timed_on_a_sample(bench: SimpleNamespace) -> None:
    seen = []

    def tagger(texts: list[str], *, pairs: bool = False) -> None:
        seen.append(list(texts))

    result = bench.tagger.Result("set", {}, {"stub": {}})
    bench.tagger.add_speed(result, {"stub": tagger}, ["a", "b", "c", "d"], 2)
    assert seen == [["a", "c"]] * 3
    assert result.n["docs_per_s"] == 2
    assert result.taggers["stub"]["docs_per_s"] > 0


def test_labels_map_to_themes_that_there_are(bench: SimpleNamespace, root: Path) -> None:
    mapping = bench.gold.load_mapping(root / "benchmarks" / "dev_themes.toml")
    taxonomy = load_taxonomy()
    assert set(mapping) < set(bench.tagger.SETS)
    for name, one in mapping.items():
        assert set(one.covers) == set(one.themes) <= set(taxonomy.top), name


def test_keywords_are_the_taxonomys_own_words(bench: SimpleNamespace) -> None:
    theme = {"definition": "How it is."}
    tree = parse_taxonomy(
        {
            "top": {"care": "Care", "goods": "Goods"},
            "theme": [
                theme | {"key": "care.pace", "label": "Pace", "examples": ["They mend shoes."]},
                theme | {"key": "goods.make", "label": "Make", "examples": ["Shoes of real hide."],
                         "counter_examples": ["A slow cobbler. (care.pace)"]},
            ],
        }
    )  # fmt: skip
    assert bench.peers.keyword_list(tree) == {
        "pace": "care", "mend": "care", "real": "goods", "hide": "goods",
    }  # fmt: skip


def test_help_names_every_column(
    bench: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        bench.tagger.main(["-h"])
    text = capsys.readouterr().out
    for head in bench.figures.FIGURES.values():
        assert f"\n  {head} " in text, head


def test_a_public_set_needs_the_data_folder(
    bench: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        bench.tagger.main(["--sets", "skytrax"])
    assert "say where it lies with --data FOLDER" in capsys.readouterr().err
