"""Cut feedback into clauses, one statement each, with offsets into the original text.

The clauses of a text tile it. Greetings, signatures and quoted replies are clauses of their own
kind and are never scored.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, get_args

import numpy as np
import numpy.typing as npt

from miner.text.arrays import (
    Ints,
    Longs,
    Mask,
    counts_before,
    edges,
    ended,
    following,
    is_any,
    places,
    run_starts,
)
from miner.text.boundaries import Splitter
from miner.text.furniture import FurnitureFinder
from miner.text.language_data import LanguageData, load_language
from miner.text.layout import Layout, lay_out
from miner.text.prepare import Prepared, prepare
from miner.text.spans import Span, token_spans
from miner.text.tokens import TokenTable
from miner.text.words import TokenRows
from miner.types import Clause, ClauseKind

KINDS: Final[tuple[ClauseKind, ...]] = get_args(ClauseKind)
"""Clause kinds in the order of the codes in `ClauseBatch.kind`."""

MAX_CHARACTERS: Final = 20_000
"""Characters of one text that are analysed; the rest is one clause of kind ``quote``."""

_BLOCK: Final = 200_000  # characters analysed in one go: bounds memory, changes no result
_MONEY: Final = "<money>"
_QUOTE_CODE: Final = KINDS.index("quote")

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ClauseBatch:
    """The clauses of a batch of texts: one row per clause, in text order.

    `document`: index of the text in the batch. `start`, `end`: half-open offsets into that
    original text. `kind`: code into `KINDS`. `tokens`: the words the tagger sees of each clause, a
    sequence of tuples; empty for furniture and for a clause without text. `truncated`: shape
    (n_texts,), True where only the first `MAX_CHARACTERS` were analysed. `token_start`,
    `token_end`: shape (n_tokens,), clauses joined, half-open offsets of each token into its
    original text. An empty text has no
    clause.
    """

    document: Ints
    start: Ints
    end: Ints
    kind: Bytes
    tokens: TokenRows
    truncated: Mask
    token_start: Ints
    token_end: Ints

    def __len__(self) -> int:
        return len(self.document)

    def written(self, texts: Sequence[str]) -> list[str]:
        """Return every clause as it stands in the texts that were analysed.

        Examples
        --------
        >>> texts = ["Love the shampoo but the delivery took three weeks."]
        >>> Clauser("en").analyse(texts).written(texts)
        ['Love the shampoo ', 'but the delivery took three weeks.']
        """
        places = zip(self.document.tolist(), self.start.tolist(), self.end.tolist(), strict=True)
        return [texts[document][start:end] for document, start, end in places]

    def span(self, clause: Longs, first: Longs, last: Longs) -> tuple[Ints, Ints]:
        """Return start and end of runs of tokens, as offsets into their original texts.

        Parameters
        ----------
        clause, first, last : shape (n,), the clause of each run, its first and its last token
            counted from 0 in that clause.

        Examples
        --------
        >>> batch = Clauser("en").analyse(["Never again!"])
        >>> start, end = batch.span(np.array([0]), np.array([0]), np.array([1]))
        >>> int(start[0]), int(end[0])
        (0, 11)
        """
        base = self.tokens.bounds[clause]
        return self.token_start[base + first], self.token_end[base + last]

    def of(self, document: int) -> tuple[Clause, ...]:
        """Return the clauses of one text of the batch."""
        low, high = np.searchsorted(self.document, (document, document + 1)).tolist()
        return tuple(
            Clause(int(self.start[row]), int(self.end[row]), KINDS[self.kind[row]])
            for row in range(low, high)
        )


@dataclass(frozen=True, slots=True)
class Located:
    """The clauses of one text, and where their tokens stand.

    `spans`: shaped like ``clauses.tokens``; half-open offsets into the original text, in order.
    """

    clauses: ClauseBatch
    spans: tuple[tuple[Span, ...], ...]


class Clauser:
    """Cuts texts of one language into clauses. Thread-safe and picklable.

    Parameters
    ----------
    language : code such as ``en``; a language without data gets punctuation rules only.

    Examples
    --------
    >>> text = "Love the shampoo but the delivery took three weeks."
    >>> [text[c.start:c.end] for c in Clauser("en").clauses(text)]
    ['Love the shampoo ', 'but the delivery took three weeks.']
    """

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self._lock = threading.Lock()
        self._data: LanguageData = load_language(language)
        self._table = TokenTable(self._data, code=language)
        self._splitter = Splitter(self._data)
        self._furniture = FurnitureFinder(self._data)

    def __reduce__(self) -> tuple[type[Clauser], tuple[str]]:
        return type(self), (self.language,)

    def analyse(self, texts: Sequence[str]) -> ClauseBatch:
        """Return the clauses of every text, with the tokens of each statement.

        What one text gives never depends on the others. Cost is linear in the characters.
        """
        parts = []
        for first, block in _blocks(texts):
            with self._lock:
                parts.append(self._analyse(block, first))
        return _concatenate(parts)

    def clauses(self, text: str) -> tuple[Clause, ...]:
        """Return the clauses of one text: they tile it; an empty text has none."""
        return self.analyse([text]).of(0)

    def locate(self, text: str) -> Located:
        """Return the clauses of one text as `analyse` does, and where their tokens stand.

        Examples
        --------
        >>> text = "Paid £ 8.50"
        >>> [text[start:end] for start, end in Clauser("en").locate(text).spans[0]]
        ['Paid', '£ 8.50']
        """
        cut = _cut(text)
        with self._lock:
            prepared, layout, rows = self._cut_up([text[:cut]])
        clauses = _tile(rows, [text], [cut], (prepared, layout), 0)
        spans = token_spans(layout, prepared.offsets)
        bounds = pairwise([*rows.first.tolist(), len(layout.first)])
        # one text: its rows come first and in order, then what was cut off
        found = [
            spans.within(slice(*bound), int(clauses.start[row]), int(clauses.end[row]))
            if clauses.kind[row] == 0
            else ()
            for row, bound in enumerate(bounds)
        ]
        return Located(clauses, (*found, *((),) * (len(clauses) - len(found))))

    def tokens(self, text: str) -> tuple[str, ...]:
        """Return the tokens of a whole text taken as one statement.

        Examples
        --------
        >>> Clauser("en").tokens("Soooo slow!!! Paid £8.50")
        ('soo', 'slow', '!!!', 'paid', '<money>')
        """
        return self.tokens_many([text])[0]

    def tokens_many(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        """Return `tokens` of every text, in order."""
        found: list[tuple[str, ...]] = []
        for _, block in _blocks(texts):
            with self._lock:
                found += self._whole(block)
        return found

    def cutter(self, words: Collection[str]) -> Callable[[str], tuple[str, ...]]:
        """Return `tokens` for single words, those given looked up at once.

        Examples
        --------
        >>> Clauser("en").cutter(["won't"])("won't")
        ('wo', "n't")
        """
        known: dict[str, tuple[str, ...]] = {
            word: (word,) for word in self._table.sure_tokens(words)
        }
        rest = sorted(set(words).difference(known))
        known.update(zip(rest, self.tokens_many(rest), strict=True))
        return lambda word: known[word] if word in known else self.tokens(word)

    def _whole(self, texts: Sequence[str]) -> list[tuple[str, ...]]:
        layout = lay_out(prepare([text[: _cut(text)] for text in texts]), self._table)
        return list(self._token_rows(layout, layout.text_rows))

    def _analyse(self, texts: Sequence[str], first: int) -> ClauseBatch:
        cuts = [_cut(text) for text in texts]
        prepared, layout, rows = self._cut_up(
            [text[:cut] for text, cut in zip(texts, cuts, strict=True)]
        )
        return _tile(rows, texts, cuts, (prepared, layout), first)

    def _cut_up(self, texts: Sequence[str]) -> tuple[Prepared, Layout, _Rows]:
        prepared = prepare(texts)
        layout = lay_out(prepared, self._table)
        kinds, forced = self._furniture_of(prepared, layout)
        starts = self._splitter.starts(layout.stream(prepared, forced, self._table.words))
        if is_any(kinds):
            starts &= (kinds == 0) | forced | layout.first
        rows = places(starts)
        tokens = self._token_rows(layout, ended(rows, len(layout.first)))
        found = _Rows(layout.document[rows], layout.local[rows], kinds[rows], tokens, rows)
        return prepared, layout, found

    def _furniture_of(self, prepared: Prepared, layout: Layout) -> tuple[Bytes, Mask]:
        """Return the kind code of each token and where furniture begins or ends."""
        kinds = np.zeros(len(layout.first), dtype=np.uint8)
        forced = np.zeros(len(layout.first) + 1, dtype=bool)
        for document in layout.furniture_candidates(prepared).tolist():
            base = prepared.starts[document]
            for span in self._furniture.find(prepared.piece(document)):
                low, high = np.searchsorted(
                    layout.columns.start, (base + span.start, base + span.end)
                )
                kinds[low:high] = KINDS.index(span.kind)
                forced[[low, high]] = True
        return kinds, forced[:-1]

    def _token_rows(self, layout: Layout, bounds: Longs) -> TokenRows:
        """Return the tokens between consecutive bounds, money put together."""
        amounts, swallowed = layout.money
        word = layout.columns.word
        if is_any(amounts):
            word = np.where(amounts, np.int32(self._table.words.id(_MONEY)), word)[~swallowed]
            bounds = counts_before(~swallowed)[bounds]
        return TokenRows(self._table.words, word, bounds)


@dataclass(frozen=True, slots=True)
class _Rows:
    """Clauses before tiling: document, start within the block's normalised texts, first token."""

    document: Longs
    local: Longs
    kind: Bytes
    tokens: TokenRows
    first: Longs


def _blocks(texts: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    first, size = 0, 0
    for index, text in enumerate(texts):
        if size > _BLOCK:
            yield first, texts[first:index]
            first, size = index, 0
        size += min(len(text), MAX_CHARACTERS)
    yield first, texts[first:]


def _cut(text: str) -> int:
    """Return how much of a text is analysed: up to the last space within the limit."""
    if len(text) <= MAX_CHARACTERS:
        return len(text)
    space = text.rfind(" ", MAX_CHARACTERS - 200, MAX_CHARACTERS)
    return space + 1 if space > 0 else MAX_CHARACTERS


def _tile(
    rows: _Rows, texts: Sequence[str], cuts: list[int], laid: tuple[Prepared, Layout], first: int
) -> ClauseBatch:
    """Turn token starts into clauses that tile the original texts."""
    prepared, layout = laid
    lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    head = np.asarray(cuts, dtype=np.int64)
    start = _original_starts(rows, prepared)
    start[run_starts(rows.document)] = 0
    document, kind = rows.document, rows.kind
    row_of = np.arange(len(start))
    clipped = lengths > head
    opened = np.zeros(len(texts), dtype=np.bool_)
    opened[document] = True
    bare, rest = places((head > 0) & ~opened), places(clipped)
    if len(bare) or len(rest):  # texts without a token, and what was cut off
        document = np.concatenate((document, bare, rest))
        start = np.concatenate((start, np.zeros(len(bare), dtype=np.int64), head[rest]))
        quotes = np.full(len(rest), _QUOTE_CODE, dtype=np.uint8)
        kind = np.concatenate((kind, np.zeros(len(bare), dtype=np.uint8), quotes))
        order = np.lexsort((start, document))
        row_of = np.empty(len(order), dtype=np.int64)
        row_of[order] = np.arange(len(order))
        document, start, kind = document[order], start[order], kind[order]
    end = ended(start[1:], 0)[: len(start)]
    last = following(run_starts(document))
    last[-1:] = True
    end[last] = lengths[document[last]]
    spans = token_spans(layout, prepared.offsets)
    sizes = ended(rows.first[1:], len(layout.first))[: len(rows.first)] - rows.first
    clause = row_of[: len(rows.first)].repeat(sizes)
    shown, word = spans.kept, rows.tokens.word
    if is_any(kind):
        read = kind[clause] == 0
        shown, word = shown & read, word[read[spans.kept]]
    clause = clause[shown]
    return ClauseBatch(
        (document + first).astype(np.int32),
        start.astype(np.int32),
        end.astype(np.int32),
        kind,
        TokenRows(rows.tokens.vocabulary, word, edges(np.bincount(clause, minlength=len(start)))),
        clipped,
        np.maximum(spans.start[shown], start[clause]).astype(np.int32),
        np.minimum(spans.end[shown], end[clause]).astype(np.int32),
    )


def _original_starts(rows: _Rows, prepared: Prepared) -> Longs:
    start = rows.local.astype(np.int64)
    for document, offsets in enumerate(prepared.offsets):
        if offsets is not None:
            low, high = np.searchsorted(rows.document, (document, document + 1))
            start[low:high] = offsets[start[low:high]]
    return start


def _concatenate(parts: list[ClauseBatch]) -> ClauseBatch:
    if len(parts) == 1:
        return parts[0]
    return ClauseBatch(
        np.concatenate([part.document for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
        np.concatenate([part.kind for part in parts]),
        TokenRows.joined([part.tokens for part in parts]),
        np.concatenate([part.truncated for part in parts]),
        np.concatenate([part.token_start for part in parts]),
        np.concatenate([part.token_end for part in parts]),
    )
