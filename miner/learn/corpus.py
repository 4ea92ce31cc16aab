"""The labelled feedback a tagger learns from: read, checked, turned into columns.

One row of a `Corpus` is one example: a statement, or one clause of a whole response. The files are
JSON lines, `statements/<hand>.jsonl` and `responses/<name>.jsonl` in the corpora folder; the
annotation guide beside them says what the labels mean.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from miner.errors import DataError, UsageError
from miner.resources import folder
from miner.taxonomy import Taxonomy, load_taxonomy
from miner.types import POLARITIES, SIGNALS

SPLITS: Final = ("train", "test", "test_industry")
"""`test`: whole hands and whole responses; `test_industry`: industries nobody trains on."""

ABSENT: Final = -1
"""Label code of a theme that is not mentioned; others are positions in `miner.types.POLARITIES`."""

_FOLDERS: Final = ("statements", "responses")
_FIELDS: Final = ("id", "hand", "split", "text", "industry", "register")
_SHOWN_PROBLEMS = 20
_NEAR = 0.8
_NEAR_WORDS = 6
# Rows compared with all others at a time: their products are many, of 50,000 texts 20 GB in all.
_ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Corpus:
    """Labelled examples as columns, in the order of the files.

    `labels`: shape (n, n_themes), int8, a position in `POLARITIES` or `ABSENT`, columns in the
    order of `themes`. `responses`: id of the whole response an example is a clause of, "" for a
    statement. `kinds`: what a statement was written to show, "" where nothing special. `signals`:
    (kind, the words that show it) pairs, None where nobody has looked for signals. `wholes`: the
    text of every whole response, by its id.
    """

    themes: tuple[str, ...]
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    labels: NDArray[np.int8]
    splits: tuple[str, ...]
    hands: tuple[str, ...]
    industries: tuple[str, ...]
    registers: tuple[str, ...]
    kinds: tuple[str, ...]
    responses: tuple[str, ...]
    signals: tuple[tuple[tuple[str, str], ...] | None, ...]
    wholes: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Corpus:
        """Return the examples at these positions (or where the mask is true)."""
        at = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        columns = {
            name: tuple(getattr(self, name)[i] for i in at)
            for name in self.__dataclass_fields__
            if name not in ("themes", "labels", "wholes")
        }
        kept = {key: self.wholes[key] for key in columns["responses"] if key in self.wholes}
        return Corpus(themes=self.themes, labels=self.labels[at], wholes=kept, **columns)

    def split(self, name: str) -> Corpus:
        """Return the examples of one split; UsageError when there is no such split."""
        if name not in SPLITS:
            raise UsageError(
                f'No split "{name}".',
                hint=f"Choose one of {', '.join(SPLITS)}.",
                slug="corpus.split",
            )
        return self.take(np.array([split == name for split in self.splits], dtype=np.bool_))


def load_corpus(path: str | Path | None = None, taxonomy: Taxonomy | None = None) -> Corpus:
    """Read and check every example of a corpora folder; None means the shipped one.

    Raises
    ------
    DataError
        No examples, or broken ones: unknown theme or polarity, a span that is not in its text,
        a text that stands twice … The message lists them (all are in ``.facts["problems"]``).

    Examples
    --------
    >>> corpus = load_corpus()
    >>> corpus.labels.shape == (len(corpus), len(corpus.themes))
    True
    """
    tree = taxonomy if taxonomy is not None else load_taxonomy()
    root = Path(path) if path is not None else folder("corpora")
    reader = _Reader(tree)
    for file in _files(root):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            reader.add(f"{file.parent.name}/{file.name}, line {number}", line)
    if not reader.rows and not reader.problems:
        raise DataError(
            f"{root} holds no labelled feedback.",
            hint="Put JSON lines into its folders statements/ and responses/ (see GUIDE.md there).",
            slug="corpus.empty",
            path=str(root),
        )
    if reader.problems:
        raise _broken(root, reader.problems)
    return _columns(tree.keys, reader.rows)


def corpus_sha256(path: str | Path | None = None) -> str:
    """Return one hash over the names and contents of all files of a corpora folder."""
    root = Path(path) if path is not None else folder("corpora")
    total = hashlib.sha256()
    for file in _files(root):
        total.update(f"{file.parent.name}/{file.name}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def plain_text(text: str) -> str:
    """Return the words of a text alone: what makes two texts the same one.

    Examples
    --------
    >>> plain_text("Never  again!!")
    'never again'
    """
    return " ".join(re.findall(r"\w+", text.casefold()))


def near_duplicates(one: Corpus, other: Corpus) -> list[tuple[str, str]]:
    """Return the ids of example pairs that say nearly the same, to keep splits apart.

    Notes
    -----
    Near: cosine of at least 0.8 between the sets of character 5-grams; examples under six words
    are left out ("Kind regards" may stand anywhere).
    """
    a, b = (_long(corpus) for corpus in (one, other))
    left, right = _shingles([t for _, t in a]), _shingles([t for _, t in b])
    turned, found = right.T.tocsr(), []
    for first in range(0, len(a), _ROWS_AT_ONCE):
        close = (left[first : first + _ROWS_AT_ONCE] @ turned).tocoo()
        at = np.flatnonzero(close.data >= _NEAR)
        rows, columns = (places[at].tolist() for places in close.coords)
        found += [(a[first + i][0], b[j][0]) for i, j in zip(rows, columns, strict=True)]
    return sorted(found)


@dataclass(frozen=True, slots=True)
class _Row:
    """One example before it becomes columns; `suffix` numbers the clauses of a response."""

    head: Mapping[str, Any]
    suffix: str
    text: str
    labels: dict[str, str]
    signals: tuple[tuple[str, str], ...] | None


class _Reader:
    """Collects examples and, beside them, everything that is wrong."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy
        self.rows: list[_Row] = []
        self.problems: list[str] = []
        self._first: dict[tuple[str, str], str] = {}

    def add(self, where: str, line: str) -> None:
        try:
            entry = json.loads(line)
        except json.JSONDecodeError as error:
            self.problems.append(f"{where}: not JSON ({error})")
            return
        broken = [f"{where}: {problem}" for problem in self._head(where, entry)]
        self.problems += broken
        if not broken:
            self.rows += self._parts(where, entry)

    def _head(self, where: str, entry: Any) -> Iterator[str]:
        if not isinstance(entry, dict):
            yield "not a JSON object"
            return
        missing = [name for name in _FIELDS if not str(entry.get(name) or "").strip()]
        if missing:
            yield f"missing or empty: {', '.join(missing)}"
            return
        if entry["split"] not in SPLITS:
            yield f'split is "{entry["split"]}", expected one of {", ".join(SPLITS)}'
        if ("labels" in entry) == ("clauses" in entry):
            yield 'needs either "labels" (a statement) or "clauses" (a response)'
        for name, key in (("id", entry["id"]), ("text", plain_text(entry["text"]))):
            first = self._first.setdefault((name, key), where)
            if first != where:
                yield f"its {name} stands twice, first in {first}"

    def _parts(self, where: str, entry: Mapping[str, Any]) -> list[_Row]:
        if "labels" in entry:
            labels = self._labels(where, entry["labels"])
            return [_Row(entry, "", entry["text"], labels, self._signals(where, entry, "text"))]
        rows, at = [], 0
        for number, part in enumerate(entry["clauses"], start=1):
            span = str(part.get("span") or "")
            found = entry["text"].find(span, at) if span else -1
            if found < 0:
                self.problems.append(f"{where}: clause {number} is not in the text after the last")
                return []
            at = found + len(span)
            here = f"{where}, clause {number}"
            labels = self._labels(here, part.get("labels", []))
            rows.append(_Row(entry, f".{number}", span, labels, self._signals(here, part, "span")))
        return rows

    def _labels(self, where: str, pairs: list[list[str]]) -> dict[str, str]:
        labels: dict[str, str] = {}
        for theme, polarity in pairs:
            try:
                key = self.taxonomy.resolve(theme).key
            except UsageError as error:
                self.problems.append(f"{where}: {error}")
                continue
            if polarity not in POLARITIES:
                self.problems.append(
                    f'{where}: polarity is "{polarity}", expected one of {", ".join(POLARITIES)}'
                )
            elif key in labels:
                self.problems.append(f"{where}: {key} is labelled twice")
            else:
                labels[key] = polarity
        return labels

    def _signals(
        self, where: str, entry: Mapping[str, Any], text: str
    ) -> tuple[tuple[str, str], ...] | None:
        if "signals" not in entry:
            return None
        pairs = tuple((str(kind), str(words)) for kind, words in entry["signals"])
        for kind, words in pairs:
            if kind not in SIGNALS:
                self.problems.append(
                    f'{where}: signal is "{kind}", expected one of {", ".join(SIGNALS)}'
                )
            elif not words or words not in entry[text]:
                self.problems.append(f'{where}: the words of "{kind}" are not in the text')
        return pairs


def _files(root: Path) -> list[Path]:
    return [file for part in _FOLDERS for file in sorted((root / part).glob("*.jsonl"))]


def _broken(root: Path, problems: list[str]) -> DataError:
    shown = "\n  ".join(problems[:_SHOWN_PROBLEMS])
    more = len(problems) - _SHOWN_PROBLEMS
    rest = f"\n  … and {more} more" if more > 0 else ""
    return DataError(
        f"{root}: {len(problems)} broken example(s):\n  {shown}{rest}\n",
        hint="Mend these lines; GUIDE.md in the corpora folder shows the form.",
        slug="corpus.broken",
        path=str(root),
        problems=problems,
    )


def _columns(themes: tuple[str, ...], rows: list[_Row]) -> Corpus:
    place = {theme: at for at, theme in enumerate(themes)}
    labels = np.full((len(rows), len(themes)), ABSENT, dtype=np.int8)
    for at, row in enumerate(rows):
        for theme, polarity in row.labels.items():
            labels[at, place[theme]] = POLARITIES.index(polarity)
    return Corpus(
        themes=themes,
        ids=tuple(row.head["id"] + row.suffix for row in rows),
        texts=tuple(row.text for row in rows),
        labels=labels,
        splits=tuple(row.head["split"] for row in rows),
        hands=tuple(row.head["hand"] for row in rows),
        industries=tuple(row.head["industry"] for row in rows),
        registers=tuple(row.head["register"] for row in rows),
        kinds=tuple(str(row.head.get("kind", "")) for row in rows),
        responses=tuple(row.head["id"] if row.suffix else "" for row in rows),
        signals=tuple(row.signals for row in rows),
        wholes={row.head["id"]: row.head["text"] for row in rows if row.suffix},
    )


def _long(corpus: Corpus) -> list[tuple[str, str]]:
    plain = ((key, plain_text(text)) for key, text in zip(corpus.ids, corpus.texts, strict=True))
    return [(key, text) for key, text in plain if len(text.split()) >= _NEAR_WORDS]


def _shingles(texts: list[str]) -> csr_array:
    """Return rows of length 1 over hashed character 5-grams, shape (n, 2**20)."""
    sets = [
        sorted({crc32(text[i : i + 5].encode()) & 0xFFFFF for i in range(max(len(text) - 4, 1))})
        for text in texts
    ]
    lengths = np.array([len(one) for one in sets], dtype=np.int64)
    starts = np.concatenate(([0], np.cumsum(lengths)))
    columns = np.array([column for one in sets for column in one], dtype=np.int64)
    data = np.repeat(1.0 / np.sqrt(np.maximum(lengths, 1)), lengths)
    return csr_array((data, columns, starts), shape=(len(texts), 1 << 20))
