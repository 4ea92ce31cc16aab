"""Measure a model on labelled feedback it was not trained on. Figures only; the card words them.

Grain: one example is a statement or one labelled clause of a response; one mention is one
(theme, polarity) label of an example. Two readings are measured: `as_labelled` gives the tagger
the labelled clause as it stands, `as_scored` lets the program cut it into clauses first, as
`miner.Scorer` does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from miner.errors import DataError
from miner.learn.bundle import Bundle
from miner.learn.corpus import ABSENT, Corpus
from miner.learn.tagging import NEGATIVE, NEUTRAL, POSITIVE, ClauseTagger, Tagged, tag_clauses
from miner.learn.wholes import WHOLE_FIGURES, shares
from miner.text.clauses import Clauser
from miner.types import POLARITIES

DRAWS: Final = 500
"""Bootstrap draws, over whole responses: clauses of one response are not independent."""

CEILING: Final = (0.70, 0.80)
"""How often two people who know the guide give a clause the same themes: a rule of thumb."""

_SEED = 20
_BINS = 10
_MIN_GROUP = 40
_DIGITS = 4

Bools = NDArray[np.bool_]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value in [0, 1] with its 95 % bootstrap interval and what it was counted over."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Precision, recall and F1 of one label; `n` times it stands in the gold labels."""

    precision: float
    recall: float
    f1: float
    n: int


@dataclass(frozen=True, slots=True)
class Metrics:
    """All figures of one model on one split.

    `figures`: by name, see `FIGURES`. `themes`, `tops`, `polarities`: per label. `industries`,
    `registers`: micro-F1 over top themes and sign accuracy of groups of 40 examples or more.
    """

    split: str
    reading: str
    n_examples: int
    n_mentions: int
    figures: Mapping[str, Figure]
    themes: Mapping[str, Counts]
    tops: Mapping[str, Counts]
    polarities: Mapping[str, Counts]
    industries: Mapping[str, Mapping[str, float]]
    registers: Mapping[str, Mapping[str, float]]
    reliability: Mapping[str, Sequence[Mapping[str, float]]]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready data, numbers rounded to 4 digits."""
        rounded: dict[str, Any] = _rounded(asdict(self))
        return rounded


FIGURES: Final = {
    "top_macro_f1": "themes (communication, service, product), macro-F1",
    "theme_macro_f1": "sub-themes, macro-F1",
    "sign_macro_f1": "positive or negative, macro-F1 over mentions of examples that are just one",
    "mention_sign_macro_f1": "the same, with examples that are both (one theme good, one bad)",
    "sign_accuracy": "positive or negative, accuracy over all those mentions",
    "polarity_macro_f1": "negative, neutral, positive, macro-F1 over all mentions",
    "opinion_macro_f1": "opinion or none, macro-F1 over examples",
    "theme_ece": "expected calibration error of theme probabilities",
    "mention_ece": "expected calibration error of the confidence of found mentions",
    "sign_ece": "expected calibration error of the sign",
    **WHOLE_FIGURES,
}
"""Every figure's name and meaning; the errors are better when lower."""


@dataclass(frozen=True, slots=True)
class _Read:
    """Gold and found, one row an example: what every figure is counted from."""

    gold: NDArray[np.int8]
    probability: Doubles
    decided: Bools
    sentiment: Doubles
    polarity: NDArray[np.int8]
    tops: NDArray[np.int64]
    names: tuple[str, ...]


def evaluate(
    bundle: Bundle, corpus: Corpus, split: str = "test", *, reading: str = "as_labelled"
) -> Metrics:
    """Return all figures of a model on one split of a corpus.

    Parameters
    ----------
    split : ``test`` (unseen hands and responses) or ``test_industry`` (unseen industries).
    reading : ``as_labelled`` or ``as_scored``, see above.

    Raises
    ------
    DataError
        The split is empty, or the corpus has other themes than the model.

    Examples
    --------
    >>> from miner.learn.bundle import load_bundle
    >>> from miner.learn.corpus import load_corpus
    >>> metrics = evaluate(load_bundle("en"), load_corpus())
    >>> 0.5 < metrics.figures["sign_accuracy"].value < 1.0
    True
    """
    part = corpus.split(split)
    if corpus.themes != bundle.taxonomy.keys or not len(part):
        raise DataError(
            f'The corpus can\'t measure this model: {len(part)} example(s) in split "{split}", '
            f"{len(corpus.themes)} themes for the model's {len(bundle.taxonomy.keys)}.",
            hint="Use the corpus and the taxonomy the model was trained with.",
            slug="evaluate.no-match",
        )
    read = _read(bundle, part, reading)
    sources = [response or key for response, key in zip(part.responses, part.ids, strict=True)]
    return Metrics(
        split=split,
        reading=reading,
        n_examples=len(part),
        n_mentions=int((part.labels != ABSENT).sum()),
        figures=_figures(read, sources) | _whole_figures(bundle, part),
        themes=_label_counts(read.gold >= 0, read.decided, bundle.taxonomy.keys),
        tops=_label_counts(_by_top(read, read.gold >= 0), _by_top(read, read.decided), read.names),
        polarities=_polarity_counts(read),
        industries=_groups(read, part.industries),
        registers=_groups(read, part.registers),
        reliability=_reliability(read),
    )


def measured(bundle: Bundle, corpus: Corpus) -> Bundle:
    """Return the model with its figures on every test split of the corpus in `metrics`."""
    splits = [name for name in ("test", "test_industry") if name in corpus.splits]
    metrics = {
        name: {
            reading: evaluate(bundle, corpus, name, reading=reading).to_dict()
            for reading in ("as_labelled", "as_scored")
        }
        for name in splits
    }
    return replace(bundle, metrics={"splits": metrics, "human_agreement": list(CEILING)})


def _read(bundle: Bundle, part: Corpus, reading: str) -> _Read:
    clauser = Clauser(bundle.language)
    if reading == "as_labelled":
        owner = np.arange(len(part))
        tagged = bundle.tagger.tag(clauser.tokens_many(part.texts), part.texts)
    else:
        batch = clauser.analyse(part.texts)
        owner = batch.document.astype(np.int64)
        tagged = tag_clauses(bundle.tagger, batch, part.texts)
    found = _joined(bundle.tagger, tagged, owner, len(part))
    top_names = [key.split(".")[0] for key in bundle.taxonomy.keys]
    names = tuple(name for name in bundle.taxonomy.top if name in top_names and name != "general")
    tops = np.array([names.index(name) if name in names else -1 for name in top_names])
    return _Read(gold=part.labels, tops=tops, names=names, **found)


def _joined(
    tagger: ClauseTagger, tagged: Tagged, owner: NDArray[np.int64], n: int
) -> dict[str, NDArray[Any]]:
    """Join the clauses of an example: a theme's sentiment is that of its likeliest clause."""
    shape = (n, tagger.n_themes)
    probability, sentiment = np.zeros(shape), np.zeros(shape)
    decided = np.zeros(shape, dtype=np.bool_)
    polarity = np.full(shape, NEUTRAL, dtype=np.int8)
    order = np.argsort(tagged.probability, axis=0, kind="stable")
    for theme in range(tagger.n_themes):
        rows = order[:, theme]  # ascending: the likeliest clause is written last
        probability[owner[rows], theme] = tagged.probability[rows, theme]
        sentiment[owner[rows], theme] = tagged.sentiment[rows, theme]
        polarity[owner[rows], theme] = tagged.polarity[rows, theme]
        decided[owner[tagged.decided[:, theme]], theme] = True
    return {
        "probability": probability,
        "sentiment": sentiment,
        "decided": decided,
        "polarity": polarity,
    }


def _by_top(read: _Read, themes: Bools) -> Bools:
    columns = [themes[:, read.tops == at].any(axis=1) for at in range(len(read.names))]
    return np.stack(columns, axis=1)


def _figures(read: _Read, sources: Sequence[str]) -> dict[str, Figure]:
    """Return every figure with its interval: whole sources are drawn with replacement."""
    numbers = np.unique(np.array(sources), return_inverse=True)[1]
    draws = np.random.default_rng(_SEED).multinomial(
        numbers.max() + 1, np.full(numbers.max() + 1, 1 / (numbers.max() + 1)), size=DRAWS
    )
    times = np.vstack([np.ones((1, len(numbers))), draws[:, numbers]]).astype(np.float64)
    gold = read.gold >= 0
    signed = (read.gold == NEGATIVE) | (read.gold == POSITIVE)
    clause, theme = np.nonzero(signed)
    good = np.equal(read.gold[clause, theme], POSITIVE)
    given = read.sentiment[clause, theme]
    both = (read.gold == NEGATIVE).any(axis=1) & (read.gold == POSITIVE).any(axis=1)
    plain = ~both[clause]
    some, every = np.nonzero(gold), np.ones_like(gold)
    kinds = range(len(POLARITIES))
    values = {
        "top_macro_f1": _macro(_by_top(read, gold), _by_top(read, read.decided), times),
        "theme_macro_f1": _macro(gold, read.decided, times),
        "sign_macro_f1": _macro(
            _two(good[plain]), _two(np.greater(given, 0)[plain]), times[:, clause[plain]]
        ),
        "mention_sign_macro_f1": _macro(_two(good), _two(np.greater(given, 0)), times[:, clause]),
        "sign_accuracy": _mean((given > 0) == good, times[:, clause]),
        "polarity_macro_f1": _macro(
            _one_hot(read.gold[some], kinds),
            _one_hot(read.polarity[some], kinds),
            times[:, some[0]],
        ),
        "opinion_macro_f1": _macro(_two(_some(gold)), _two(_some(read.decided)), times),
        "theme_ece": _ece(read.probability, gold, every, times),
        "mention_ece": _ece(read.probability, gold, read.decided, times),
        "sign_ece": _ece((1 + read.sentiment) / 2, read.gold == POSITIVE, signed, times),
    }
    sizes = dict.fromkeys(("mention_sign_macro_f1", "sign_accuracy", "sign_ece"), len(good))
    sizes["sign_macro_f1"] = int(plain.sum())
    sizes |= {"polarity_macro_f1": int(gold.sum()), "mention_ece": int(read.decided.sum())}
    return {name: _figure(found, sizes.get(name, len(gold))) for name, found in values.items()}


def _whole_figures(bundle: Bundle, part: Corpus) -> dict[str, Figure]:
    """Return the figures of whole responses and contrasts; each draw draws texts."""
    found = {}
    for name, one in shares(bundle, part).items():
        n = len(one.above)
        drawn = np.random.default_rng(_SEED).multinomial(n, np.full(n, 1 / n), size=DRAWS)
        times = np.vstack([np.ones((1, n)), drawn]).astype(np.float64)
        found[name] = _figure(one.draws(times), n)
    return found


def _reliability(read: _Read) -> dict[str, list[dict[str, float]]]:
    signed = (read.gold == NEGATIVE) | (read.gold == POSITIVE)
    return {
        "themes": _bins(read.probability.ravel(), (read.gold >= 0).ravel()),
        "sign": _bins(((1 + read.sentiment) / 2)[signed], (read.gold == POSITIVE)[signed]),
    }


def _bins(said: Doubles, true: Bools) -> list[dict[str, float]]:
    place = np.minimum((said * _BINS).astype(np.int64), _BINS - 1)
    return [
        {
            "from": at / _BINS,
            "n": int((place == at).sum()),
            "said": round(float(said[place == at].mean()), _DIGITS),
            "true": round(float(true[place == at].mean()), _DIGITS),
        }
        for at in np.unique(place).tolist()
    ]


def _figure(draws: Doubles, n: int) -> Figure:
    """Return the figure of all rows (the first draw) with the spread of the other draws."""
    low, high = np.nanpercentile(draws[1:], [2.5, 97.5])
    return Figure(float(draws[0]), float(low), float(high), n)


def _macro(gold: Bools, found: Bools, times: Doubles) -> Doubles:
    """Return macro-F1 per draw; `times` says how often each row was drawn, shape (draws, n)."""
    hits = times @ (gold & found)
    total = times @ gold.astype(np.float64) + times @ found.astype(np.float64)
    return np.asarray((2 * hits / np.maximum(total, 1e-9)).mean(axis=1))


def _mean(right: Bools, times: Doubles) -> Doubles:
    return np.asarray((times @ right) / np.maximum(times.sum(axis=1), 1e-9))


def _ece(probability: Doubles, gold: Bools, where: Bools, times: Doubles) -> Doubles:
    """Return the expected calibration error per draw, ten bins of equal width [1]_.

    References
    ----------
    .. [1] Guo, Pleiss, Sun, Weinberger (2017), On Calibration of Modern Neural Networks, ICML.
    """
    rows, columns = np.nonzero(where)
    value, truth = probability[rows, columns], gold[rows, columns].astype(np.float64)
    bins = np.minimum((value * _BINS).astype(np.int64), _BINS - 1)
    cells = np.zeros((len(probability), _BINS))
    np.add.at(cells, (rows, bins), value - truth)
    count = np.bincount(rows, minlength=len(probability))
    return np.asarray(np.abs(times @ cells).sum(axis=1) / np.maximum(times @ count, 1e-9))


def _some(themes: Bools) -> Bools:
    return np.asarray(themes.any(axis=1), dtype=np.bool_)


def _two(yes: Bools) -> Bools:
    return np.stack([yes, ~yes], axis=1)


def _one_hot(codes: NDArray[np.int8], kinds: Sequence[int]) -> Bools:
    return np.stack([codes == kind for kind in kinds], axis=1)


def _label_counts(gold: Bools, found: Bools, names: Sequence[str]) -> dict[str, Counts]:
    counts = {}
    for at, name in enumerate(names):
        hits = int((gold[:, at] & found[:, at]).sum())
        n, given = int(gold[:, at].sum()), int(found[:, at].sum())
        f1 = 2 * hits / (n + given) if n + given else 0.0
        counts[name] = Counts(hits / given if given else 0.0, hits / n if n else 0.0, f1, n)
    return counts


def _polarity_counts(read: _Read) -> dict[str, Counts]:
    at = np.nonzero(read.gold >= 0)
    kinds = range(len(POLARITIES))
    return _label_counts(
        _one_hot(read.gold[at], kinds), _one_hot(read.polarity[at], kinds), POLARITIES
    )


def _groups(read: _Read, names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the figures of each group that is large enough to say something about."""
    column = np.array(names)
    found = {}
    for name in sorted(set(names)):
        rows = column == name
        if rows.sum() < _MIN_GROUP:
            continue
        gold, given = (_by_top(read, one)[rows] for one in (read.gold >= 0, read.decided))
        signed = (read.gold[rows] == NEGATIVE) | (read.gold[rows] == POSITIVE)
        right = (read.sentiment[rows] > 0) == (read.gold[rows] == POSITIVE)
        found[name] = {
            "n": int(rows.sum()),
            "top_micro_f1": 2 * int((gold & given).sum()) / max(int(gold.sum() + given.sum()), 1),
            "sign_accuracy": float(right[signed].mean()) if signed.any() else float("nan"),
        }
    return found


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(one) for key, one in value.items()}
    return round(value, _DIGITS) if isinstance(value, float) else value
