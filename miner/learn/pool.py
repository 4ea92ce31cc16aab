"""Build the pool of unlabelled clauses that a teacher gives its opinion of.

Grain: one row per clause or short text. Public feedback is cut as the program cuts it when
scoring; the project's own training examples are varied by program (joined, cut, stripped of
punctuation). Which rows are drawn depends on a hash of the text and a seed alone, so that the same
files give the same pool on any machine.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b, sha256
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from miner.learn.corpus import Corpus, plain_text
from miner.learn.sources import SourceSpec
from miner.text.clauses import Clauser

OWN, VARIANT = "own", "own_variant"

_ROWS_AT_ONCE = 2_000
_LETTERS = 3
_JOINED_WORDS = 25
_JOINS = (" ", ". ", ", ", " - ", "\n")
_PUNCTUATION = re.compile(r"[^\w\s']+")


@dataclass(frozen=True, slots=True)
class PoolSettings:
    """What a pool holds.

    `sets`: rows to draw at most, by name of the public set. `variants`: rows made from own
    examples. `max_words`: longer clauses are left out. `whole_words`: a text of several clauses
    and up to this many words is now and then (one in three) kept whole as well. `seed`: of the
    order in which rows are drawn.
    """

    sets: Mapping[str, int] = field(default_factory=dict)
    variants: int = 0
    max_words: int = 60
    whole_words: int = 40
    seed: int = 20


@dataclass(frozen=True, slots=True)
class Pool:
    """The texts of a pool, own examples first; `hands` holds "" outside the project."""

    texts: tuple[str, ...]
    sources: tuple[str, ...]
    hands: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def sha256(self) -> str:
        """Hash over the texts in order: a teacher's opinions belong to one pool."""
        total = sha256()
        for text in self.texts:
            total.update(text.encode("utf-8", "surrogatepass") + b"\0")
        return total.hexdigest()


def build_pool(
    settings: PoolSettings,
    files: Mapping[str, Path],
    specs: Mapping[str, SourceSpec],
    corpus: Corpus,
    *,
    language: str = "en",
) -> Pool:
    """Return the pool of a recipe; no text of a test split is in it.

    Parameters
    ----------
    settings : how much of what.
    files : gzipped JSON lines of each set in `settings.sets`.
    specs : how the sets are described, see `miner.learn.sources.load_specs`.
    corpus : all splits of the labelled corpus; `train` is varied, the others are kept out.
    language : whose rules cut the clauses.
    """
    train = corpus.split("train")
    taken = {
        plain_text(t) for t, s in zip(corpus.texts, corpus.splits, strict=True) if s != "train"
    }
    rows = list(_new(zip(train.texts, train.hands, strict=True), taken, OWN))
    varied = _ordered(_variants(train, settings.seed), settings.seed, key=lambda one: one[0])
    rows += islice(_new(varied, taken, VARIANT), settings.variants)
    clauser = Clauser(language)
    for name, count in settings.sets.items():
        texts = _texts(files[name], specs[name], settings.seed)
        clauses = ((clause, "") for clause in _clauses(texts, clauser, settings))
        rows += islice(_new(clauses, taken, name), count)
    texts_, hands, sources = zip(*rows, strict=True)
    return Pool(texts_, sources, hands)


def _new(
    rows: Iterable[tuple[str, str]], taken: set[str], source: str
) -> Iterator[tuple[str, str, str]]:
    """Yield (text, hand, source) of texts that say something nobody has said so far."""
    for text, hand in rows:
        plain = plain_text(text)
        if plain not in taken and sum(map(str.isalpha, plain)) >= _LETTERS:
            taken.add(plain)
            yield text, hand, source


def _texts(file: Path, spec: SourceSpec, seed: int) -> Iterator[str]:
    """Yield the texts of a set, drawn in turn from each of its labels, by hash."""
    with gzip.open(file, "rt", encoding="utf-8", newline="\n") as handle:
        rows = [json.loads(line) for line in handle]
    groups: dict[str, list[str]] = {}
    for row in _ordered(rows, seed, key=lambda row: str(row["text"])):
        groups.setdefault(_group(row, spec), []).append(str(row["text"]))
    for turn in zip_longest(*groups.values()):
        yield from (text for text in turn if text is not None)


def _group(row: Mapping[str, Any], spec: SourceSpec) -> str:
    return json.dumps([row.get(name) for name in spec.key if name not in ("aspects", "features")])


def _clauses(texts: Iterable[str], clauser: Clauser, settings: PoolSettings) -> Iterator[str]:
    source = iter(texts)
    while batch := list(islice(source, _ROWS_AT_ONCE)):
        found = clauser.analyse(batch)
        for at, text in enumerate(batch):
            spoken = [text[c.start : c.end].strip() for c in found.of(at) if c.kind == "statement"]
            yield from (one for one in spoken if 0 < len(one.split()) <= settings.max_words)
            if len(spoken) > 1 and len(text.split()) <= settings.whole_words and not _key(text) % 3:
                yield text.strip()


def _variants(train: Corpus, seed: int) -> list[tuple[str, str]]:
    """Return (text, hand): cuts, joins and bare forms of own examples; a join names both hands."""
    short = [at for at, text in enumerate(train.texts) if len(text.split()) < _JOINED_WORDS]
    found = []
    for at, text in enumerate(train.texts):
        words, chance = text.split(), _key(f"{seed}\0{text}")
        half = max(len(words) // 2, 1)
        other = short[chance % len(short)]
        joint = _JOINS[chance % len(_JOINS)]
        joined = f"{text.rstrip('.')}{joint}{train.texts[other]}"
        dropped = [word for step, word in enumerate(words) if (chance >> step % 48) & 3]
        bare = _PUNCTUATION.sub(" ", text).lower().split()
        found += [
            (joined, f"{train.hands[at]}+{train.hands[other]}"),
            *((" ".join(part), train.hands[at]) for part in (dropped, bare)),
        ]
        if len(words) > 5:
            found += [(" ".join(part), train.hands[at]) for part in (words[:half], words[half:])]
    return found


def _ordered(rows: Sequence[Any], seed: int, *, key: Any) -> list[Any]:
    return sorted(rows, key=lambda row: _key(f"{seed}\0{key(row)}"))


def _key(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest())
