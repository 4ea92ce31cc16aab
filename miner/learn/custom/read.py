"""Read a labelled sheet: texts with their labels, and an account of every row.

Grain: one example is one text. Trouble in a row is a `RowProblem`, collected; a row whose labels
can't be trusted is set aside, because a missing label would teach that it does not apply.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from miner.errors import DataError, InternalError
from miner.learn.corpus import ABSENT, plain_text
from miner.learn.custom.layout import (
    Choices,
    Layout,
    Sheet,
    find_layout,
    pieces_of,
    split_sign,
)
from miner.learn.custom.tree import LabelKeys, make_tree, match_tree, one_spelling
from miner.learn.custom.words import PRESENT, flag, is_empty, polarity_code, says_nothing
from miner.taxonomy import Taxonomy
from miner.types import RowProblem

Labels = dict[str, int]
"""Label as written -> code: a position in `miner.types.POLARITIES`, or `PRESENT`."""


@dataclass(frozen=True, slots=True)
class Account:
    """The account of every row read: received = examples + merged + rejected.

    `merged`: further rows of a text that stands above already.
    """

    received: int
    examples: int
    merged: int
    rejected: int

    def __post_init__(self) -> None:
        if self.received != self.examples + self.merged + self.rejected:
            raise InternalError(
                f"The account of the labelled rows does not balance: {asdict(self)}.",
                hint="Please report this with the input that caused it.",
                slug="labels.unbalanced",
            )


@dataclass(frozen=True)
class Labelled:
    """Labelled texts as columns, in the order of the rows.

    `labels`: shape (n, n_themes), int8: `ABSENT`, a position in `miner.types.POLARITIES`, or
    `PRESENT`; columns in the order of `tree`. `groups`: a text's group, its own where none is
    named. `rows`: the row of the sheet a text stands in first. `problems`: what was set aside, or
    kept with a remark (`fatal` False). `choices`: what was said by hand, `own_tree` whether the
    tree was made from the labels.
    """

    tree: Taxonomy
    layout: Layout
    account: Account
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    groups: tuple[str, ...]
    rows: tuple[int, ...]
    labels: NDArray[np.int8]
    problems: tuple[RowProblem, ...]
    choices: Choices
    own_tree: bool

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def given(self) -> NDArray[np.bool_]:
        """Which labels each text has, shape (n, n_themes)."""
        return np.asarray(self.labels != ABSENT, dtype=np.bool_)

    def counts(self) -> dict[str, int]:
        """Return how many texts have each label."""
        return dict(zip(self.tree.keys, self.given.sum(axis=0).tolist(), strict=True))


def read_labels(
    sheet: Sheet, choices: Choices, *, tree: Taxonomy | None = None, language: str = "en"
) -> Labelled:
    """Return the labelled texts of a sheet.

    Parameters
    ----------
    tree : the themes the labels must belong to; None makes a flat tree from the labels.
    language : of the texts, kept in a tree that is made.

    Raises
    ------
    UsageError
        A column named by hand is not there.
    DataError
        No column looks like labels, or no row could be used.

    Examples
    --------
    >>> rows = (("Slow and dear.", "speed; price"), ("Kind staff.", "staff"), ("", "staff"))
    >>> sheet = Sheet("x.csv", ("text", "topics"), rows, (2, 3, 4))
    >>> labelled = read_labels(sheet, Choices(text="text"))
    >>> labelled.tree.keys, labelled.account.rejected
    (('own.price', 'own.speed', 'own.staff'), 1)
    """
    layout = find_layout(sheet, choices)
    reader = _Reader(sheet, layout, choices)
    rows = [row for row in map(reader.row, range(len(sheet.rows))) if row is not None]
    rows = reader.merged(rows, one_spelling(_written(rows), tree))
    written = _written(rows)
    if not written:
        raise _nothing(sheet, reader.problems)
    found = (
        make_tree(written, source=sheet.name, language=language)
        if tree is None
        else match_tree(written, tree)
    )
    rows = [row for row in rows if reader.is_known(row, found)]
    if not rows:
        raise _nothing(sheet, reader.problems)
    received = len(sheet.rows) + len(sheet.unreadable)
    return Labelled(
        tree=found.tree,
        layout=layout,
        account=Account(
            received=received,
            examples=len(rows),
            merged=sum(len(row.numbers) - 1 for row in rows),
            rejected=received - sum(len(row.numbers) for row in rows),
        ),
        ids=tuple(row.id for row in rows),
        texts=tuple(row.text for row in rows),
        groups=tuple(row.group for row in rows),
        rows=tuple(row.numbers[0] for row in rows),
        labels=_matrix(rows, found),
        problems=tuple(sorted((*sheet.unreadable, *reader.problems), key=_row_of)),
        choices=choices,
        own_tree=tree is None,
    )


@dataclass(frozen=True, slots=True)
class _Row:
    """One text with its labels; `numbers`: the rows of the sheet it stands in."""

    numbers: tuple[int, ...]
    id: str
    group: str
    text: str
    labels: Labels


@dataclass
class _Reader:
    """Turns the rows of one sheet into texts with labels and collects what is wrong with them."""

    sheet: Sheet
    layout: Layout
    choices: Choices
    problems: list[RowProblem] = field(default_factory=list)

    def row(self, at: int) -> _Row | None:
        """Return one row, None where it has to be set aside."""
        cells, number = self.sheet.rows[at], self.sheet.numbers[at]
        text = cells[self.layout.text].strip()
        if not text:
            self.note(number, "row.empty-text", "the text is empty", column=self.layout.text)
            return None
        labels = self._labels(cells, number)
        if labels is None:
            return None
        key = self._side(cells, self.layout.id) or f"{self.sheet.name}:{number}"
        group = self._side(cells, self.layout.group)
        return _Row((number,), key, group, text, labels)

    def merged(self, rows: list[_Row], spelling: Mapping[str, str]) -> list[_Row]:
        """Put the rows of one text together; set aside a text whose rows contradict each other.

        `spelling`: the one to be taken of each label as written.
        """
        texts: dict[str, list[_Row]] = {}
        for row in rows:
            row = replace(row, labels=_respelt(row.labels, spelling))
            texts.setdefault(plain_text(row.text) or row.text, []).append(row)
        found = (self._joined(same) for same in texts.values())
        return [row for row in found if row is not None]

    def is_known(self, row: _Row, found: LabelKeys) -> bool:
        """Whether every label of a text has a theme; notes the first one that has none."""
        strange = next((label for label in row.labels if label not in found.keys), None)
        if strange is None:
            return True
        near = f' Nearest: "{found.unknown[strange]}".' if found.unknown[strange] else ""
        for number in row.numbers:
            self.note(
                number, "row.unknown-label", f'the taxonomy has no theme "{strange}".{near}',
                value=strange, column=self.layout.labels[0],
            )  # fmt: skip
        return False

    def note(
        self, number: int, reason: str, what: str, *, value: str = "", column: int | None = None,
        fatal: bool = True,
    ) -> None:  # fmt: skip
        """Add a problem."""
        name = "" if column is None else self.sheet.header[column]
        place = f', column "{name}"' if name else ""
        message = f"{self.sheet.name}, row {number}{place}: {what}"
        message += "" if message.endswith(".") else "."
        self.problems.append(
            RowProblem(self.sheet.name, number, name, value[:200], reason, message, fatal)
        )

    def _side(self, cells: Sequence[str], at: int | None) -> str:
        return "" if at is None or is_empty(cells[at]) else cells[at].strip()

    def _labels(self, cells: Sequence[str], number: int) -> Labels | None:
        if self.layout.form == "wide":
            return self._wide(cells, number)
        written = [cells[at] for at in self.layout.labels]
        if all(map(is_empty, written)) and not self.choices.empty_is_none:
            self.note(
                number, "row.no-label",
                "no label; left out, because nobody may have looked (--empty none counts it)",
                column=self.layout.labels[0],
            )  # fmt: skip
            return None
        pieces = [one for cell in written for one in pieces_of(cell, self.layout.separator)]
        return self._with_polarity([(piece, PRESENT) for piece in pieces], cells, number)

    def _with_polarity(
        self, found: list[tuple[str, int]], cells: Sequence[str], number: int
    ) -> Labels | None:
        """Give the labels the polarity of its own column, else the one they carry."""
        at = self.layout.polarity
        if at is None or not found or is_empty(cells[at]):
            return self._signed(found)
        code = polarity_code(cells[at])
        if code is None:
            self.note(
                number, "row.unknown-polarity",
                f'got "{cells[at][:40]}", expected negative, neutral or positive',
                value=cells[at], column=at,
            )  # fmt: skip
            return None
        return dict.fromkeys((label for label, _ in found), code)

    def _wide(self, cells: Sequence[str], number: int) -> Labels | None:
        found: list[tuple[str, int]] = []
        for at in self.layout.labels:
            cell = cells[at]
            if flag(cell) is False or is_empty(cell) or says_nothing(cell):
                continue
            code = PRESENT if flag(cell) else polarity_code(cell)
            if code is None:
                self.note(
                    number, "row.not-a-flag", f'got "{cell[:40]}", expected 1 or 0',
                    value=cell, column=at,
                )  # fmt: skip
                return None
            found.append((self.sheet.header[at], code))
        return self._with_polarity(found, cells, number)

    def _signed(self, found: Iterable[tuple[str, int]]) -> Labels:
        """Take the polarity from the end of each label; good and bad at once is just there."""
        labels: Labels = {}
        for label, code in found:
            name, sign = split_sign(label) if self.layout.signs else (label.strip(), None)
            code = sign if sign is not None else code
            labels[name] = code if labels.get(name, code) == code else PRESENT
        return labels

    def _joined(self, same: list[_Row]) -> _Row | None:
        numbers = tuple(number for row in same for number in row.numbers)
        groups = {row.group for row in same if row.group}
        first = replace(same[0], numbers=numbers, group=min(groups, default=""))
        if self.layout.form == "long":
            return replace(first, labels=self._together(same))
        if all(row.labels == first.labels for row in same):
            return first
        for row in same:
            others = ", ".join(str(n) for n in numbers if n != row.numbers[0])
            self.note(
                row.numbers[0], "row.contradicts",
                f"the same text has other labels in row {others}",
                value=", ".join(sorted(row.labels)), column=self.layout.labels[0],
            )  # fmt: skip
        return None

    def _together(self, same: list[_Row]) -> Labels:
        """Return the labels of all rows of a text; two polarities of one label leave it open."""
        labels: Labels = {}
        for row in same:
            for label, code in row.labels.items():
                if labels.setdefault(label, code) != code:
                    labels[label] = PRESENT
                    self.note(
                        row.numbers[0], "row.polarity-contradicts",
                        f'"{label}" has another polarity in row {same[0].numbers[0]} or after; '
                        "kept without one", value=label, fatal=False,
                    )  # fmt: skip
        return labels


def _written(rows: Iterable[_Row]) -> list[str]:
    """Return the labels of rows as written, each once, in a fixed order."""
    return sorted(
        {label for row in rows for label in row.labels}, key=lambda one: (one.casefold(), one)
    )


def _respelt(labels: Labels, spelling: Mapping[str, str]) -> Labels:
    """Return labels in one spelling; what one text has with two polarities is left open."""
    found: Labels = {}
    for label, code in labels.items():
        name = spelling[label]
        found[name] = code if found.get(name, code) == code else PRESENT
    return found


def _row_of(problem: RowProblem) -> int:
    return problem.row


def _matrix(rows: Sequence[_Row], found: LabelKeys) -> NDArray[np.int8]:
    """Return the codes of the labels, shape (n, n_themes)."""
    place = {key: at for at, key in enumerate(found.tree.keys)}
    labels = np.full((len(rows), len(place)), ABSENT, dtype=np.int8)
    for at, row in enumerate(rows):
        for label, code in row.labels.items():
            theme = place[found.keys[label]]
            labels[at, theme] = code if labels[at, theme] in (ABSENT, code) else PRESENT
    return labels


def _nothing(sheet: Sheet, problems: Sequence[RowProblem]) -> DataError:
    counts = Counter(one.reason for one in problems)
    why = ", ".join(f"{count:,} x {reason}" for reason, count in counts.most_common(3))
    why = why or "no label in them"
    first = f" First: {problems[0].message}" if problems else ""
    strange = set(counts) == {"row.unknown-label"}
    hint = "Name the columns by hand: --text-column, --label-column, --polarity-column."
    return DataError(
        f"{sheet.name}: none of its {len(sheet.rows):,} rows could be used ({why}).{first}",
        hint=f"Add the labels to the taxonomy, as aliases or themes. {hint}" if strange else hint,
        slug="labels.none-usable",
        path=sheet.name,
        problems=[one.message for one in problems],
    )


def shown(problems: Sequence[RowProblem]) -> Iterator[tuple[str, int, str]]:
    """Yield (reason, how often, first message) of each kind of problem, most frequent first."""
    counts = Counter(one.reason for one in problems)
    for reason, count in counts.most_common():
        yield reason, count, next(one.message for one in problems if one.reason == reason)
