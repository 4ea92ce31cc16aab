"""The speed benchmark's arithmetic, tables and command; nothing here is timed."""

from __future__ import annotations

import gzip
import importlib
import importlib.util
import itertools
import json
import platform
import random
import sys
from collections.abc import Callable, Iterator
from operator import attrgetter
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

MODULES = ("texts", "timing", "hostile", "profile", "peers", "memory")
THINGS = ("parcel", "app", "waiter", "room", "invoice", "router", "blender", "helpline")
VERDICTS = ("came late", "was lovely", "broke twice", "never answers", "is easy to use")


@pytest.fixture(scope="module")
def bench(root: Path) -> Iterator[SimpleNamespace]:
    """The modules of the benchmark, imported as `python -m` imports them."""
    sys.path.insert(0, str(root))
    try:
        found: dict[str, ModuleType] = {
            name: importlib.import_module(f"benchmarks._speed_{name}") for name in MODULES
        }
        found["speed"] = importlib.import_module("benchmarks.speed")
        found["tables"] = importlib.import_module("benchmarks._tables")
        yield SimpleNamespace(**found)
    finally:
        sys.path.remove(str(root))


@pytest.fixture(scope="module")
def reviews(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three hundred invented reviews, every fourth a long one."""
    chance = random.Random(4)
    path = tmp_path_factory.mktemp("speed") / "reviews.jsonl.gz"
    with gzip.open(path, "wt", encoding="utf-8") as lines:
        for number in range(300):
            said = [
                f"The {chance.choice(THINGS)} {chance.choice(VERDICTS)}."
                for _ in range(12 if number % 4 == 0 else 2)
            ]
            lines.write(json.dumps({"text": f"{' '.join(said)} Order {number}."}) + "\n")
    return path


@pytest.fixture
def run(
    bench: SimpleNamespace, reviews: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[..., SimpleNamespace]:
    """Run the command; return what it printed, its JSON and its page."""

    def call(*options: str, page: str | None = None) -> SimpleNamespace:
        found, written = tmp_path / "figures.json", tmp_path / "speed.md"
        if page is not None:
            written.write_text(page, encoding="utf-8")
        bench.speed.main(
            [str(reviews), "--rounds", "1", "--json", str(found), "--markdown", str(written),
             *options]
        )  # fmt: skip
        return SimpleNamespace(
            out=capsys.readouterr().out,
            figures=json.loads(found.read_text(encoding="utf-8")),
            page=written.read_text(encoding="utf-8"),
        )

    return call


class TestArithmetic:
    @pytest.mark.parametrize("power", [0.5, 1.0, 1.07, 2.0])
    def test_the_exponent_of_made_up_timings_is_found(
        self, bench: SimpleNamespace, power: float
    ) -> None:
        sizes = [1_000, 2_000, 4_000, 8_000]
        assert bench.timing.exponent(sizes, [3e-5 * n**power for n in sizes]) == pytest.approx(
            power
        )

    def test_the_exponent_is_that_of_least_squares(self, bench: SimpleNamespace) -> None:
        # logs to base 2: (0, 0), (1, 2), (2, 1): slope = sum((x - 1)(y - 1)) / sum((x - 1)^2)
        assert bench.timing.exponent([1, 2, 4], [1, 4, 2]) == pytest.approx(0.5)

    def test_ratios_are_taken_within_rounds(self, bench: SimpleNamespace) -> None:
        spread = bench.timing.ratios([1, 20, 300], [2, 10, 100])
        assert (spread.median, spread.low, spread.high) == (2, 0.5, 3)
        assert spread.shown() == "2.00 (0.50 to 3.00)"
        assert bench.timing.Spread.of([7]).shown("{:.0f}") == "7"

    def test_percentiles_are_values_that_occurred(self, bench: SimpleNamespace) -> None:
        values = list(range(100, 0, -1))
        assert bench.timing.percentile(values, 0.5) == 50
        assert bench.timing.percentile(values, 0.99) == 99
        assert bench.timing.percentile([4], 0.5) == 4

    def test_everyone_reads_everything_and_turns_change(self, bench: SimpleNamespace) -> None:
        order: list[str] = []
        read: dict[str, list[str]] = {"a": [], "b": []}

        def reader(name: str) -> Callable[[list[str]], None]:
            def one(block: list[str]) -> None:
                order.append(name)
                read[name] += block

            return one

        texts = [str(number) for number in range(2 * bench.timing.BLOCK + 1)]
        taken = bench.timing.in_turns({name: reader(name) for name in read}, texts)
        assert read == {"a": texts, "b": texts}
        assert order == ["a", "b", "b", "a", "a", "b"]
        assert set(taken) == {"a", "b"}
        assert all(seconds >= 0 for seconds in taken.values())

    def test_rounds_share_no_text(self, bench: SimpleNamespace) -> None:
        parts = bench.timing.rounds_of([str(number) for number in range(11)], 3)
        assert [len(part) for part in parts] == [3, 3, 3]
        assert len(set(itertools.chain(*parts))) == 9
        assert [len(part) for part in bench.timing.rounds_of(["a", "b"], 3)] == [1, 1, 1]


class TestTables:
    def test_a_check_keeps_its_bounds(self, bench: SimpleNamespace) -> None:
        check = bench.tables.Check
        assert check("growth", 1.0, low=0.95, high=1.05).holds
        assert not check("growth", 1.06, low=0.95, high=1.05).holds
        assert not check("fast", 1.1, low=1.2).holds
        assert check("slow", 5, high=5).holds
        assert check("fast", 1.1, low=1.2, unit="x").row() == (
            "fast", "at least 1.2 x", "1.1 x", "**no**",
        )  # fmt: skip
        assert check("growth", 1, low=0.95, high=1.05).row()[1] == "0.95 to 1.05"
        assert check("slow", 3, high=5, unit="ms").row()[1:] == ("at most 5 ms", "3 ms", "yes")

    def test_a_row_must_fit_its_head(self, bench: SimpleNamespace) -> None:
        with pytest.raises(ValueError, match="Two: got 1 cells, expected 2"):
            bench.tables.Table("Two", ("", "docs/s"), (("VADER",),))

    def test_a_page_keeps_its_prose(self, bench: SimpleNamespace) -> None:
        table = bench.tables.Table("Now", ("", "ms"), (("a|b", "2"),), "Two rounds.")
        section = bench.tables.Section("latency", (table,))
        page = "# Speed\n\n<!-- table:latency -->\nold \\1\n<!-- end -->\n\nThe end.\n"
        found = bench.tables.into_page(page, [section])
        assert found == (
            "# Speed\n\n<!-- table:latency -->\n**Now**\n\n|  | ms |\n| --- | ---: |\n"
            "| a\\|b | 2 |\n\nTwo rounds.\n<!-- end -->\n\nThe end.\n"
        )
        assert bench.tables.into_page(found, [section]) == found
        assert bench.tables.into_page("# Speed\n", [section]).startswith("# Speed\n\n<!-- table")


class TestTexts:
    def test_files_of_either_kind_are_read(self, bench: SimpleNamespace, tmp_path: Path) -> None:
        plain, lines = tmp_path / "a.txt", tmp_path / "b.jsonl"
        plain.write_text("Slow.\n\nGood food.\n", encoding="utf-8")
        lines.write_text('{"text": "Late again."}\n{"text": " "}\n', encoding="utf-8")
        texts = bench.texts.read_texts([plain, lines])
        assert sorted(texts.warm + texts.measured) == ["Good food.", "Late again.", "Slow."]
        assert len(texts.warm) == 1

    def test_kinds_go_by_words(self, bench: SimpleNamespace, reviews: Path) -> None:
        texts = bench.texts.read_texts([reviews])
        assert len(texts.warm) == 30
        assert len(texts.short) + len(texts.long) == 270
        assert min(map(bench.texts.words, texts.long)) >= bench.texts.LONG
        assert max(map(bench.texts.words, texts.short)) < bench.texts.LONG
        assert bench.texts.read_texts([reviews]) == texts

    def test_mixed_texts_keep_bringing_new_words(self, bench: SimpleNamespace) -> None:
        given = ["the parcel came far too late again"] * 3
        supply = bench.texts.mixed(given, seed=1)
        known = set(given[0].split())
        sizes = []
        for _ in range(4):
            for text in itertools.islice(supply, 300):
                assert bench.texts.words(text) == 7
                known |= set(text.split())
            sizes.append(len(known))
        assert all(later > 50 + before for before, later in itertools.pairwise(sizes))

    @pytest.mark.parametrize("size", [1, 199, 20_000])
    def test_hostile_texts_have_the_size_asked_for(self, bench: SimpleNamespace, size: int) -> None:
        for name, make in bench.hostile.TEXTS.items():
            text = make(size, random.Random(3))
            assert size - 1 <= len(text) <= size, name
            assert make(size, random.Random(3)) == text, name

    def test_ordinary_text_is_joined(self, bench: SimpleNamespace) -> None:
        assert bench.texts.joined(("ab", "cd"), 8) == "ab cd ab"
        assert bench.texts.joined(("ab", "cd"), 4, start=3) == "cd a"


class TestCommand:
    def test_throughput_latency_and_growth(self, run: Callable[..., SimpleNamespace]) -> None:
        done = run("--only", "throughput,latency,growth", "--base", "10")
        assert list(done.figures) == ["machine", "throughput", "latency", "growth"]
        kinds = ("short reviews", "long responses", "all texts")
        seconds: dict[str, list[float]] = {}
        for kind in kinds:
            found = done.figures["throughput"]["figures"][kind]
            assert list(found)[:1] == ["miner score_many"]
            assert {"VADER", "TextBlob", "spaCy tokenizer", "spaCy tokenizer + sentencizer",
                    "TF-IDF + logistic regression"} < set(found)  # fmt: skip
            for reading in ("first", "again"):
                figures = [one[reading] for one in found.values()]
                assert all(one["docs_per_s"] > 0 < one["words_per_s"] for one in figures)
                mine = found["miner score_many"][reading]
                assert mine["miner_is_times_as_fast"] == [1, 1, 1]
                seconds.setdefault(reading, []).append(mine["seconds"][0])
        for short, long, both in seconds.values():
            assert both == pytest.approx(short + long)
        assert done.figures["growth"]["figures"]["texts"]["sizes"] == [10, 20, 40, 80]
        assert len(done.figures["throughput"]["checks"]) == 8
        assert "all texts, read before: docs/s of VADER's" in done.out
        assert "# Short reviews, one process" in done.out
        assert "# What is promised" in done.out

    @pytest.mark.slow
    def test_profile_and_some_hostile_texts(
        self, run: Callable[..., SimpleNamespace], monkeypatch: pytest.MonkeyPatch,
        bench: SimpleNamespace,
    ) -> None:  # fmt: skip
        monkeypatch.setattr(bench.hostile, "SHAPES", {"2 x 90": (2, 90), "1 x 900": (1, 900)})
        page = (
            "<!-- table:machine --><!-- end -->\n\n<!-- table:profile -->\n<!-- end -->\n\nProse.\n"
        )
        done = run("--only", "profile,hostile", "--hostile", "money", page=page)
        shares = done.figures["profile"]["figures"]["long responses"]
        assert sum(shares.values()) == pytest.approx(1)
        nameless = {stage: share for stage, share in shares.items() if stage.startswith("miner.")}
        assert sum(nameless.values()) < 0.3, f"name their stage: {nameless}"
        assert list(done.figures["hostile"]["figures"]) == ["money", "money in words"]
        assert done.page.startswith("<!-- table:machine -->\n")
        assert f"cores, Python {platform.python_version()}, " in done.page
        assert "\n\n<!-- table:profile -->\n**Where the time goes" in done.page
        assert "Prose.\n\n<!-- table:hostile -->" in done.page
        assert "| 2 x 90 | 1 x 900 | worst |" in done.page

    def test_a_section_that_is_none_is_refused(
        self, bench: SimpleNamespace, reviews: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit, match="2"):
            bench.speed.main([str(reviews), "--only", "latency,speed"])
        assert "no section 'speed'. There are: throughput, memory" in capsys.readouterr().err
        with pytest.raises(SystemExit, match="2"):
            bench.speed.main(["nowhere.jsonl"])
        assert "nowhere.jsonl is no file" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
class TestMemory:
    def test_a_peak_is_at_least_what_is_held(self, bench: SimpleNamespace, reviews: Path) -> None:
        job = {"peer": "VADER", "files": [str(reviews)], "limit": None}
        found = bench.memory.peak_of(job)
        assert found["texts"] == 270
        assert found["peak"] >= found["loaded"] > 1

    def test_a_long_run_is_looked_at_four_times(
        self, bench: SimpleNamespace, reviews: Path
    ) -> None:
        job = {"million": 400, "files": [str(reviews)], "limit": None}
        found = bench.memory.long_run(job)
        assert [texts for texts, _ in found["resident"]] == [100, 200, 300, 400]
        assert found["growth"] >= 0
        assert found["first"] == 100


def test_a_stage_is_that_of_the_innermost_frame_or_of_the_step(bench: SimpleNamespace) -> None:
    where = bench.profile.where
    assert where(None) == ("the benchmark itself", ("", ""))

    def stack(*places: tuple[str, str]) -> SimpleNamespace | None:
        frame = None
        for module, name in places:
            frame = SimpleNamespace(
                f_globals={"__name__": module},
                f_code=SimpleNamespace(co_qualname=name),
                f_back=frame,
            )
        return frame

    inside = stack(
        ("miner.scoring", "Scorer.score_batch"), ("miner.text.tokens", "cut"), ("re", "sub")
    )
    assert where(inside) == ("tokenise", ("miner.text.tokens", "cut"))
    step = ("miner.learn.batches", "BatchScorer.evidence")
    asked = stack(step, ("miner.learn.features", "rows"), ("miner.text.arrays", "places"))
    assert where(asked)[0] == "evidence: the words behind a mention"
    newer = where(stack(("miner.newer", "run.<locals>.<listcomp>")))
    assert newer == ("miner.newer", ("miner.newer", "run"))


def test_stages_name_what_there_is(bench: SimpleNamespace) -> None:
    for module in bench.profile.STAGES:
        assert importlib.util.find_spec(module), module
    for module, name in bench.profile.ASKED:
        assert attrgetter(name)(importlib.import_module(module)), name
