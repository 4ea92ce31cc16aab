"""Compare this project's models with VADER, TextBlob and word lists, in one table.

    python benchmarks/tagger.py --data FOLDER

FOLDER holds gzipped JSON lines, `<set>.jsonl.gz`: `text`; `polarity` or `polarity_weak` (positive,
neutral, negative); `labels`. No set trains or tunes a model here. What labels mean for our themes
stands in dev_themes.toml, with what is left out. The set "own" is the project's own test split
(corpora/), by authors the training lacks; models are measured there by `miner.learn.evaluate`,
reading as scored. Only sets in the models' language are known here: m_absa_* (German, Spanish,
French, Dutch) stay out.

Columns
  sign        macro-F1 over positive and negative texts; a score of 0 counts as negative
  0=good      the same; a score of 0 counts as positive (VADER and the word list have many)
  3 class     macro-F1 over negative, neutral, positive: a model's polarity of the text, where mixed
              counts by the sign; VADER and TextBlob are neutral within 0.05 of 0, as VADER's
              authors write, the word list where its hits cancel out
  themes      micro-F1 over the themes that the set's labels can name (communication, service,
              product): a text's themes are the union of its mentions
  macro       macro-F1 of the same
  pairs       micro-F1 of a text's (theme, polarity) pairs; own: of whole responses
  both        share of the texts with a positive and a negative opinion in which both were found;
              own: each under its theme
  ECE sign    expected calibration error of the sign, (1 + sentiment) / 2
  ECE themes  the same of a found theme's confidence (its highest in the text); own: of mentions
  docs/s      texts a second, one process, median of three runs over a sample

The peers know no themes. "word list" counts good and bad words, and finds themes by the words of
our taxonomy's labels, definitions and examples; pairs and both of a peer join that keyword list
with its sentiment, sentence by sentence. "n" is the number of rows that a figure is counted over
(own: mentions, texts or responses); a figure with too few rows of a class is left out (--least).
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from _figures import FIGURES, LEAST, Numbers, figures, sizes
from _gold import Mapped, load_mapping, read_gold, spread
from _own import SPLIT, model_figures, own_sizes, peer_figures
from _peers import Model, Tagger, make_peers

from miner.errors import DataError, MinerError
from miner.learn.corpus import load_corpus
from miner.scoring import load
from miner.taxonomy import load_taxonomy

OWN: Final = "own"
SETS: Final = (
    OWN, "airline_tweets", "mcdonalds_yelp", "memd_absa_restaurant_dev", "memd_absa_clothing_dev",
    "twcs_labelled", "uber_play_2024", "amazon_alexa", "app_reviews_4class", "skytrax",
    "uci_sentiment",
)  # fmt: skip
MODELS: Final = ("en", "en-accurate")

_HERE = Path(__file__).resolve().parent
_WIDTHS = (25, 12, 7, 7, 8, 7, 7, 7, 7, 9, 11, 9)


@dataclass
class Result:
    """One set: how many rows each figure is counted over, and the figures of every tagger.

    `details`: of the own split, what `evaluate` measured of each model, with intervals.
    """

    name: str
    n: dict[str, int]
    taggers: dict[str, Numbers] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the sets, run every tagger, print one table."""
    chosen = parse(arguments)
    taggers, left_out = make_taggers(chosen.models, chosen.lexicon)
    print("".join(_cells(("set", "tagger", *FIGURES.values()))))
    results = []
    for result in measure(chosen, taggers, left_out):
        results.append(result)
        for line in rows_of(result):
            print(line, flush=True)
    for line in left_out:
        print(f"Left out: {line}")
    if chosen.json:
        chosen.json.write_text(as_json(results, taggers, left_out, chosen.rows), encoding="utf-8")


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; argparse says what is wrong with them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder with <set>.jsonl.gz; without: own alone")
    parser.add_argument("--sets", nargs="+", choices=SETS, metavar="SET", help=" ".join(SETS))
    parser.add_argument("--models", nargs="+", default=MODELS, metavar="MODEL",
                        help=f"names or folders (default: {' '.join(MODELS)})")  # fmt: skip
    parser.add_argument("--corpora", type=Path, help="folder of the own split (default: shipped)")
    parser.add_argument("--rows", type=_positive, metavar="N",
                        help="rows of each set, evenly spread; own is always whole")  # fmt: skip
    parser.add_argument("--least", type=_positive, default=LEAST, metavar="N",
                        help=f"rows of a class that a figure needs (default: {LEAST})")  # fmt: skip
    parser.add_argument("--lexicon", type=Path, default=_HERE / "words.toml", metavar="FILE",
                        help="words of the word list: TOML as words.toml, or JSON lines with\n"
                        "text and polarity")  # fmt: skip
    parser.add_argument("--speed", type=int, default=500, metavar="N",
                        help="texts to time on, 0: don't (default: 500)")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write all figures there")
    chosen = parser.parse_args(arguments)
    public = [name for name in chosen.sets or () if name != OWN]
    if chosen.data is None and public:
        parser.error(f"{public[0]} is a public set: say where it lies with --data FOLDER.")
    chosen.sets = chosen.sets or (SETS if chosen.data else (OWN,))
    return chosen


def make_taggers(models: Sequence[str], lexicon: Path) -> tuple[dict[str, Tagger], list[str]]:
    """Return models and peers by name, and a line for each one that can't be had here."""
    found: dict[str, Tagger] = {}
    left_out = []
    for name in models:
        try:
            short = Path(name).name
            found[name if short in found else short] = Model(load(name))
        except (MinerError, ImportError) as error:
            left_out.append(f"model {name}: {error}")
    peers, missing = make_peers(lexicon, load_taxonomy())
    return found | peers, left_out + missing


def measure(
    chosen: argparse.Namespace, taggers: Mapping[str, Tagger], left_out: list[str]
) -> Iterator[Result]:
    """Yield the result of every set; one without a file is noted in `left_out`."""
    mapping = load_mapping(_HERE / "dev_themes.toml")
    for name in chosen.sets:
        print(f"{name} …", file=sys.stderr)
        if name == OWN:
            yield own_result(chosen.corpora, taggers, left_out, speed=chosen.speed)
            continue
        path = chosen.data / f"{name}.jsonl.gz"
        if not path.is_file():
            left_out.append(f"set {name}: {path} does not exist.")
            continue
        yield public_result(path, mapping.get(name), taggers, chosen)


def own_result(
    corpora: Path | None, taggers: Mapping[str, Tagger], left_out: list[str], *, speed: int
) -> Result:
    """Return the figures on the project's own test split; other themes are noted in `left_out`."""
    taxonomy = load_taxonomy()
    corpus = load_corpus(corpora, taxonomy)
    result = Result(OWN, own_sizes(corpus))
    for name, tagger in taggers.items():
        if not isinstance(tagger, Model):
            result.taggers[name] = peer_figures(tagger, corpus, taxonomy)
            continue
        try:
            result.taggers[name], result.details[name] = model_figures(tagger, corpus)
        except DataError as error:
            left_out.append(f"model {name} on {OWN}: {error}")
    add_speed(result, taggers, corpus.split(SPLIT).texts, speed)
    return result


def public_result(
    path: Path, mapped: Mapped | None, taggers: Mapping[str, Tagger], chosen: argparse.Namespace
) -> Result:
    """Return the figures on one public set that its labels allow."""
    gold = read_gold(path, mapped, rows=chosen.rows)
    result = Result(path.name.removesuffix(".jsonl.gz"), sizes(gold, least=chosen.least))
    for name, tagger in taggers.items():
        found = figures(gold, tagger(gold.texts, pairs=gold.aspects))
        result.taggers[name] = {key: one for key, one in found.items() if key in result.n}
    add_speed(result, taggers, gold.texts, chosen.speed)
    return result


def add_speed(
    result: Result, taggers: Mapping[str, Tagger], texts: Sequence[str], sample: int
) -> None:
    """Add texts a second, median of three, over an evenly spread sample; 0: nothing."""
    if not sample:
        return
    chosen = spread(texts, sample)
    result.n["docs_per_s"] = len(chosen)
    for name, found in result.taggers.items():
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            taggers[name](chosen)
            seconds.append(time.perf_counter() - start)
        found["docs_per_s"] = len(chosen) / statistics.median(seconds)


def rows_of(result: Result) -> Iterator[str]:
    """Yield a set's lines: the sizes, then one a tagger."""
    yield "".join(_cells((result.name, "n", *(_count(result.n.get(key)) for key in FIGURES))))
    for tagger, found in result.taggers.items():
        shown = (
            _count(found.get(key)) if key == "docs_per_s" else _share(found.get(key))
            for key in FIGURES
        )
        yield "".join(_cells(("", tagger[: _WIDTHS[1] - 1], *shown)))


def as_json(
    results: Sequence[Result],
    taggers: Mapping[str, Tagger],
    left_out: Sequence[str],
    rows: int | None,
) -> str:
    """Return everything measured; `models` says by hash which ones."""
    models = {
        name: one.scorer.bundle.sha256 for name, one in taggers.items() if isinstance(one, Model)
    }
    sets = {
        one.name: {"n": one.n, "taggers": one.taggers, "evaluate": one.details} for one in results
    }
    whole = {"rows": rows, "models": models, "sets": sets, "left_out": list(left_out)}
    return json.dumps(_rounded(whole), indent=1, ensure_ascii=False) + "\n"


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"got {number}, expected 1 or more")
    return number


def _cells(values: Sequence[str]) -> Iterator[str]:
    for place, (value, width) in enumerate(zip(values, _WIDTHS, strict=True)):
        yield f"{value:{width}}" if place < 2 else f"{value:>{width}}"


def _count(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}".removeprefix("0")


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(one) for key, one in value.items()}
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
