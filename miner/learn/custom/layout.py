"""Find out how a labelled sheet is laid out: which columns hold what, and in what form.

Nothing here reads a row for good; `miner.learn.custom.read` does. What was found is reported with
its reason, and every part of it can be said by hand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from miner.errors import DataError, UsageError, nearest
from miner.learn.corpus import plain_text
from miner.learn.custom.tree import same_label
from miner.learn.custom.words import flag, is_column, is_empty, polarity_code, says_nothing
from miner.types import RowProblem

Form = Literal["one", "long", "many", "wide"]
FORMS: Final[tuple[Form, ...]] = get_args(Form)
"""`one`: a label a row; `long`: the same, rows of one text belong together; `many`: several labels
in a cell; `wide`: a column for each label."""

_SPLITTERS: Final = (";", "|", "\n", ",")
_SUFFIX: Final = re.compile(r"(?P<label>.*\w\W*?)\s*[:=_#/ (-]\s*(?P<polarity>[\w+-]+?)\)?\s*\Z")
_REPEATED: Final = 0.05
_MOST_LABELS: Final = 200
_LONGEST_LABEL: Final = 60
_FEW: Final = 0.5


@dataclass(frozen=True, slots=True)
class Sheet:
    """A labelled sheet as read: `rows` have as many cells as `header`; `numbers` say which row.

    `name`: of the file; `sha256`: its hash, "" where it is no file. `unreadable`: rows whose cells
    can't be told apart; they are not in `rows`.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    sha256: str = ""
    unreadable: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Choices:
    """What was said by hand; None and () leave it to be found out.

    `text`, `polarity`, `group`, `id`: names of columns. `labels`: the label column, or several.
    `form`: one of `FORMS`. `separator`: between the labels of a cell, "" where there is none.
    `signs`: False takes ``delivery:negative`` for a label like any other, and no polarity at all.
    `text_said`: False where the text column was found out elsewhere, not said by hand.
    `empty_is_none`: an empty label cell means that no label applies; else that nobody looked.
    """

    text: str | None = None
    labels: tuple[str, ...] = ()
    polarity: str | None = None
    group: str | None = None
    id: str | None = None
    form: str | None = None
    separator: str | None = None
    signs: bool = True
    empty_is_none: bool = False
    text_said: bool = True


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns hold what, as positions in the header; None where there is no such column.

    `separator`: between labels of a cell, "" for none. `signs`: labels carry their polarity, as in
    ``delivery:negative``. `reasons`: a sentence on each decision.
    """

    form: Form
    text: int
    labels: tuple[int, ...]
    polarity: int | None
    group: int | None
    id: int | None
    separator: str
    signs: bool
    reasons: tuple[str, ...]


def find_layout(sheet: Sheet, choices: Choices) -> Layout:
    """Return the layout of a sheet.

    Raises
    ------
    UsageError
        A column named by hand is not there, or the form is none of `FORMS`.
    DataError
        No column looks like labels.

    Examples
    --------
    >>> sheet = Sheet("x.csv", ("text", "topics"), (("Slow and dear.", "speed; price"),), (2,))
    >>> layout = find_layout(sheet, Choices(text="text"))
    >>> layout.form, layout.separator
    ('many', ';')
    """
    if choices.form is not None and choices.form not in FORMS:
        raise UsageError(
            f'No layout "{choices.form}".',
            hint=f"Choose one of {', '.join(FORMS)}.",
            slug="labels.layout",
        )
    text = position(sheet, choices.text or "text")
    group = _side(sheet, choices.group, "group", {text})
    key = _side(sheet, choices.id, "id", {text, group})
    polarity = _polarity(sheet, choices.polarity, {text, group, key})
    labels, why = _labels(sheet, choices, {text, group, key, polarity})
    polarity = polarity if choices.signs else None
    return _described(sheet, choices, Columns(text, labels, polarity, group, key), why)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a layout, before its form is known."""

    text: int
    labels: tuple[int, ...]
    polarity: int | None
    group: int | None
    id: int | None


def _described(sheet: Sheet, choices: Choices, columns: Columns, why: str) -> Layout:
    reasons = [f'Text: column "{sheet.header[columns.text]}".', why]
    wide = choices.form == "wide" or (choices.form is None and _is_wide(sheet, columns.labels))
    separator = "" if wide else _separator(sheet, columns.labels, choices)
    found = [sheet.header[at] for at in columns.labels] if wide else []
    signs = columns.polarity is None and choices.signs
    signs = signs and _carries_signs(found or _pieces(sheet, columns.labels, separator))
    form, because = _form(sheet, choices, columns, separator=separator, wide=wide)
    reasons.append(because)
    if columns.polarity is not None:
        reasons.append(f'Polarity: column "{sheet.header[columns.polarity]}".')
    if signs:
        reasons.append("Polarity: at the end of each label, as in delivery:negative.")
    for name, at in (("Group", columns.group), ("Id", columns.id)):
        if at is not None:
            reasons.append(f'{name}: column "{sheet.header[at]}".')
    return Layout(
        form, columns.text, columns.labels, columns.polarity, columns.group, columns.id,
        separator, signs, tuple(reasons),
    )  # fmt: skip


def position(sheet: Sheet, name: str) -> int:
    """Return the position of a column named by hand; UsageError names the nearest one."""
    if name in sheet.header:
        return sheet.header.index(name)
    loose = [at for at, one in enumerate(sheet.header) if one.casefold() == name.casefold()]
    if len(loose) == 1:
        return loose[0]
    raise UsageError(
        f'{sheet.name} has no column "{name}".',
        hint=f"{nearest(name, sheet.header)}Columns: {', '.join(sheet.header)}.",
        slug="labels.no-column",
        column=name,
    )


def split_sign(label: str) -> tuple[str, int | None]:
    """Return a label without the polarity at its end, and that polarity's code, None without.

    Examples
    --------
    >>> split_sign("delivery:negative"), split_sign("in_store_service")
    (('delivery', 0), ('in_store_service', None))
    """
    match = _SUFFIX.match(label)
    code = None
    if match and not match["polarity"].isdigit():  # topic_1 is a label
        code = polarity_code(match["polarity"])
    if match is None or code is None:
        return label.strip(), None
    return match["label"].strip(), code


def column_cells(sheet: Sheet, at: int) -> list[str]:
    """Return the filled cells of a column."""
    return [row[at].strip() for row in sheet.rows if not is_empty(row[at])]


def _side(sheet: Sheet, named: str | None, kind: str, taken: set[int | None]) -> int | None:
    """Return the column of a kind: as named, else the first one that goes by such a name.

    A column that holds the same group in every row tells nothing apart.
    """
    if named is not None:
        return position(sheet, named)
    free = (at for at in range(len(sheet.header)) if at not in taken)
    found = (at for at in free if is_column(sheet.header[at], kind) and column_cells(sheet, at))
    return next((at for at in found if kind != "group" or not _is_constant(sheet, at)), None)


def _is_constant(sheet: Sheet, at: int) -> bool:
    return len({row[at].strip() for row in sheet.rows}) == 1


def _polarity(sheet: Sheet, named: str | None, taken: set[int | None]) -> int | None:
    if named is not None:
        return position(sheet, named)
    at = _side(sheet, None, "polarity", taken)
    if at is None:
        return None
    cells = column_cells(sheet, at)
    known = sum(polarity_code(cell) is not None for cell in cells)
    return at if known > _FEW * len(cells) else None


def _labels(sheet: Sheet, choices: Choices, taken: set[int | None]) -> tuple[tuple[int, ...], str]:
    """Return the label columns: said by hand, by name, the 0/1 columns, or the only one fit."""
    if choices.labels:
        return tuple(position(sheet, name) for name in choices.labels), _say(
            "Labels", [*choices.labels], "said by hand"
        )
    free = [
        at
        for at, name in enumerate(sheet.header)
        if at not in taken and not is_column(name, "other") and column_cells(sheet, at)
    ]
    for found, why in (
        ([at for at in free if is_column(sheet.header[at], "label")], "by name"),
        (_flags(sheet, free), "each holds yes or no"),
        ([at for at in free if _is_label_like(sheet, at)], "few short values"),
    ):
        if found and (why != "few short values" or len(found) == 1):
            names = [sheet.header[at] for at in found]
            return tuple(found), _say("Labels", names, why)
    raise DataError(
        f"{sheet.name}: no column looks like labels. Columns: {', '.join(sheet.header)}.",
        hint='Say which one it is: --label-column "…" (may be repeated).',
        slug="labels.no-label-column",
        path=sheet.name,
        columns=list(sheet.header),
    )


def _say(what: str, names: Sequence[str], why: str) -> str:
    shown = ", ".join(f'"{name}"' for name in names[:6])
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return f"{what}: column{'s' if len(names) > 1 else ''} {shown}{more} ({why})."


def _flags(sheet: Sheet, free: list[int]) -> list[int]:
    """Return the columns of a wide sheet: two or more that hold yes, no or a polarity."""
    found = [at for at in free if _is_flags(sheet, at)]
    return found if len(found) > 1 else []


def _is_flags(sheet: Sheet, at: int) -> bool:
    cells = column_cells(sheet, at)
    return all(flag(cell) is not None or polarity_code(cell) is not None for cell in cells)


def _is_wide(sheet: Sheet, labels: Sequence[int]) -> bool:
    return len(labels) > 1 and all(_is_flags(sheet, at) for at in labels)


def _is_label_like(sheet: Sheet, at: int) -> bool:
    cells = column_cells(sheet, at)
    different = set(cells)
    return (
        len(different) <= min(_MOST_LABELS, max(_FEW * len(cells), 2))
        and max(map(len, different)) <= _LONGEST_LABEL
        and not all(cell.replace(".", "", 1).isdigit() for cell in different)
    )


def _separator(sheet: Sheet, labels: Sequence[int], choices: Choices) -> str:
    """Return what stands between the labels of a cell.

    A comma counts only where most of its pieces turn up in other cells too: "Food, drink" may be
    one label.
    """
    if choices.separator is not None:
        return choices.separator
    if choices.form in ("one", "long"):
        return ""
    cells = Counter(cell for at in labels for cell in column_cells(sheet, at))
    for mark in _SPLITTERS:
        split = [cell for cell in cells if mark in cell]
        if split and (mark != "," or _recur(split, cells)):
            return mark
    return ""


def _recur(split: list[str], cells: Counter[str]) -> bool:
    pieces = Counter(piece.strip() for cell in cells for piece in cell.split(","))
    inside = [piece.strip() for cell in split for piece in cell.split(",")]
    return sum(pieces[piece] > 1 for piece in inside) > _FEW * len(inside)


def pieces_of(cell: str, separator: str) -> list[str]:
    """Return the labels of a cell, in order, none twice, without those that say nothing.

    Examples
    --------
    >>> pieces_of("speed; price; speed", ";")
    ['speed', 'price']
    """
    parts = cell.split(separator) if separator else [cell]
    clean = (part.strip() for part in parts)
    return list(dict.fromkeys(p for p in clean if not is_empty(p) and not says_nothing(p)))


def _pieces(sheet: Sheet, labels: Sequence[int], separator: str) -> list[str]:
    cells = (cell for at in labels for cell in column_cells(sheet, at))
    return [piece for cell in cells for piece in pieces_of(cell, separator)]


def _carries_signs(labels: Sequence[str]) -> bool:
    """Whether most labels end in a polarity, and at least one is more than that."""
    found = [split_sign(label)[1] is not None for label in labels]
    return bool(found) and sum(found) > _FEW * len(found)


def _form(
    sheet: Sheet, choices: Choices, columns: Columns, *, separator: str, wide: bool
) -> tuple[Form, str]:
    given = next((form for form in FORMS if form == choices.form), None)
    if given is not None:
        return given, f"Layout: {_FORM_WORDS[given]} (said by hand)."
    if wide:
        form: Form = "wide"
    elif separator or len(columns.labels) > 1:
        form = "many"
    else:
        form = "long" if _is_long(sheet, columns) else "one"
    mark = f' split at "{separator}"'.replace("\n", "line ends") if separator else ""
    return form, f"Layout: {_FORM_WORDS[form]}{mark}."


_FORM_WORDS: Final[dict[Form, str]] = {
    "one": "one label a row",
    "long": "one label a row, rows of the same text put together",
    "many": "several labels a row",
    "wide": "one column a label",
}


def _is_long(sheet: Sheet, columns: Columns) -> bool:
    """Whether texts come back with other labels often enough to be meant."""
    labels: dict[str, set[str]] = {}
    for row in sheet.rows:
        key = row[columns.id] if columns.id is not None else plain_text(row[columns.text])
        sign = polarity_code(row[columns.polarity]) if columns.polarity is not None else None
        labels.setdefault(key, set()).add(f"{same_label(row[columns.labels[0]])}\0{sign}")
    several = sum(len(found) > 1 for found in labels.values())
    return several > _REPEATED * max(len(labels), 1)
