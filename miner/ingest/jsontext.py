"""Records of JSON (a list of objects, bare or inside one object) and of JSON Lines.

Both are read as a stream: a JSON list is decoded element by element from a growing buffer, so
that memory is bounded by the largest element, not by the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TextIO

from miner.errors import DataError
from miner.ingest.records import Record, cell_text, problem, remark
from miner.ingest.textscan import TextFile

_BLOCK = 1 << 18  # characters read at once: small in memory, large next to the cost of a read
_SPACE = " \t\r\n\ufeff"
_DECODER = json.JSONDecoder()
Item = tuple[int, dict[str, str] | str]
"""Row number (line, or element from 1) and the flat object, or what is wrong instead of one."""


def json_items(text: TextFile) -> Iterator[Item]:
    """Yield the elements of the first list of objects.

    Raises
    ------
    DataError
        The file holds no list of objects, or is damaged before its end.
    """
    with text.open() as file:
        stream = _Stream(file, text.place.name)
        if stream.peek() == "[" or (stream.peek() == "{" and _seek_list(stream)):
            yield from _elements(stream)
        else:
            raise _no_list(text.place.name)


def jsonl_items(text: TextFile) -> Iterator[Item]:
    """Yield one item a line that is not blank; a broken line is an item with its trouble."""
    with text.open() as file:
        for number, line in enumerate(file, 1):
            if not line.strip(_SPACE):
                continue
            try:
                value = json.loads(line.strip(_SPACE))
            except ValueError as error:
                yield number, f"this line is not JSON ({error}). Mend the line."
                continue
            yield number, _flat_object(value)


def keys(items: Iterable[Item], sample: int) -> tuple[str, ...]:
    """Return the keys of the first objects in the order they turn up: the header."""
    found: dict[str, None] = {}
    for _, item in islice(items, sample):
        if not isinstance(item, str):
            found.update(dict.fromkeys(item))
    return tuple(found)


def records(items: Iterable[Item], header: Sequence[str], source: str) -> Iterator[Record]:
    """Yield items as records under this header; a key outside it is remarked on once."""
    known = set(header)
    for row, item in items:
        if isinstance(item, str):
            yield Record(row, (), problem(source, row, "row.not-json", item))
            continue
        cells = [item.get(name, "") for name in header]
        late = [] if known.issuperset(item) else [name for name in item if name not in known]
        if not late:
            yield Record(row, cells)
            continue
        known.update(late)
        message = "this key first turns up here, behind the sample; it is not read."
        yield Record(
            row,
            cells,
            remark(source, row, "row.late-key", message, column=late[0], value=item[late[0]]),
        )


def flatten(value: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return one level of text cells; nested objects get dotted names.

    Examples
    --------
    >>> flatten({"id": 7, "user": {"plan": "pro"}})
    {'id': '7', 'user.plan': 'pro'}
    """
    cells: dict[str, str] = {}
    for name, cell in value.items():
        if isinstance(cell, dict):
            cells.update(flatten(cell, f"{prefix}{name}."))
        else:
            cells[f"{prefix}{name}"] = cell_text(cell)
    return cells


def _flat_object(value: Any) -> dict[str, str] | str:
    if isinstance(value, dict):
        return flatten(value)
    return f"got {json.dumps(value)[:80]}, expected an object with named values."


def _elements(stream: _Stream) -> Iterator[Item]:
    stream.expect("[")
    number = 0
    while stream.peek() != "]":
        number += 1
        try:
            value = stream.value()
        except EOFError:
            yield number, "the file ends inside this element. Export it again."
            return
        except ValueError as error:
            raise _damaged(stream.name, number, error) from error
        yield number, _flat_object(value)
        if stream.peek() == ",":
            stream.expect(",")
        elif stream.peek() == "":
            yield number + 1, "the file ends here, the list is not closed. Export it again."
            return
        elif stream.peek() != "]":
            raise _damaged(stream.name, number, "a comma is missing behind it")


def _seek_list(stream: _Stream) -> bool:
    """Move to the first value of the outer object that is a list of objects."""
    stream.expect("{")
    try:
        while stream.peek() == '"':
            stream.value()
            stream.expect(":")
            if stream.at_list_of_objects():
                return True
            stream.value()
            if stream.peek() == ",":
                stream.expect(",")
    except (EOFError, ValueError):
        return False
    return False


class _Stream:
    """A JSON text read piece by piece; `peek` gives "" at the end of the file."""

    def __init__(self, file: TextIO, name: str) -> None:
        self._file = file
        self._buffer = ""
        self._at = 0
        self._ended = False
        self.name = name

    def peek(self) -> str:
        """Return the next character that is not blank without moving past it."""
        while True:
            while self._at < len(self._buffer):
                if self._buffer[self._at] not in _SPACE:
                    return self._buffer[self._at]
                self._at += 1
            if not self._more():
                return ""

    def expect(self, mark: str) -> None:
        """Move past this character, or raise ValueError."""
        if self.peek() != mark:
            raise ValueError(f"expected {mark!r}, got {self.peek()!r}")
        self._at += 1

    def value(self) -> Any:
        """Return the next JSON value; EOFError where the file ends inside it."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
            except ValueError:
                if self._more():
                    continue
                if self._damaged_before_end():
                    raise
                raise EOFError from None
            # A number at the very end of the buffer may go on in the next piece.
            if end == len(self._buffer) and self._more():
                continue
            self._at = end
            return value

    def at_list_of_objects(self) -> bool:
        """Whether a list whose first element is an object comes next."""
        if self.peek() != "[":
            return False
        start = self._at
        self._at += 1
        first = self.peek()
        self._at = start
        return first == "{"

    def _more(self) -> bool:
        """Drop what was read, then read as much again as is in hand, at least a block."""
        if self._ended:
            return False
        rest = self._buffer[self._at :]
        piece = self._file.read(max(_BLOCK, len(rest)))
        self._buffer, self._at = rest + piece, 0
        self._ended = not piece
        return bool(piece)

    def _damaged_before_end(self) -> bool:
        """Whether the value in hand is wrong in its middle, rather than cut off."""
        try:
            _DECODER.raw_decode(self._buffer, self._at)
        except json.JSONDecodeError as error:
            cut = "Unterminated string" in error.msg or error.pos >= len(self._buffer.rstrip()) - 1
            return not cut
        return False


def _no_list(name: str) -> DataError:
    return DataError(
        f'{name} holds no list of objects, expected [{{"text": …}}, …] or {{"data": [{{…}}]}}.',
        hint="Export a list of objects, or one object a line as .jsonl.",
        slug="ingest.json-no-list",
        path=name,
    )


def _damaged(name: str, number: int, why: object) -> DataError:
    return DataError(
        f"{name}, element {number}: the JSON is damaged here ({why}).",
        hint="Export it again, or mend that element.",
        slug="ingest.damaged-json",
        path=name,
        element=number,
    )
