"""Read the protocol-buffers wire format, field by field, trusting nothing.

It is all that is needed to look into an ONNX file without a library that would act on it.

References
----------
Protocol Buffers Documentation, Encoding, https://protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

Value: TypeAlias = int | memoryview
"""A number (varint or fixed size) or the bytes of a string, message or packed list."""

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_FIXED: Final = {_EIGHT: 8, _FOUR: 4}
_MAX_VARINT: Final = 10


def fields(message: bytes | memoryview) -> Iterator[tuple[int, Value]]:
    """Yield (field number, value) in the order they are written.

    Raises
    ------
    ValueError
        The bytes are no message: they end early or hold a kind of field that is not in use.

    Examples
    --------
    >>> [(number, value) for number, value in fields(bytes([0x08, 0x96, 0x01]))]
    [(1, 150)]
    """
    data = memoryview(message)
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == _BYTES:
            size, at = _varint(data, at)
        elif kind in _FIXED:
            size = _FIXED[kind]
        else:
            raise ValueError(f"field {number} is of the unknown kind {kind}")
        if at + size > len(data):
            raise ValueError(f"field {number} ends beyond the file")
        part = data[at : at + size]
        yield number, part if kind == _BYTES else int.from_bytes(part, "little")
        at += size


def numbers(value: Value) -> list[int]:
    """Return one occurrence of a repeated whole number, which may be packed."""
    if isinstance(value, int):
        return [value]
    found, at = [], 0
    while at < len(value):
        number, at = _varint(value, at)
        found.append(number)
    return found


def text(value: Value) -> str:
    """Return a string field.

    Raises
    ------
    ValueError
        It is a number, or not in UTF-8.
    """
    if isinstance(value, int):
        raise ValueError("a number stands where a text belongs")
    return bytes(value).decode()


def message(value: Value) -> memoryview:
    """Return the bytes of a field that holds a message.

    Raises
    ------
    ValueError
        It is a number.
    """
    if isinstance(value, int):
        raise ValueError("a number stands where a message belongs")
    return value


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place in range(_MAX_VARINT):
        if at >= len(data):
            raise ValueError("it ends in the middle of a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at
    raise ValueError("it holds a number of more than ten bytes")
