"""The wire format is read exactly, and nothing that is not it is read at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miner.learn.wire import fields, message, numbers, text


def varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


@given(
    st.lists(
        st.tuples(
            st.integers(1, 500), st.one_of(st.integers(0, 2**64 - 1), st.binary(max_size=300))
        )
    )
)
def test_what_was_written_is_read(given_fields: list[tuple[int, int | bytes]]) -> None:
    data = b"".join(field(*one) for one in given_fields)
    found = [(n, v if isinstance(v, int) else bytes(v)) for n, v in fields(data)]
    assert found == given_fields


def test_fixed_sizes_and_packed_numbers() -> None:
    data = varint(3 << 3 | 5) + b"\x01\x02\x00\x00" + varint(4 << 3 | 1) + b"\x07" + bytes(7)
    assert list(fields(data)) == [(3, 513), (4, 7)]
    assert numbers(memoryview(varint(300) + varint(2))) == [300, 2]
    assert numbers(5) == [5]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"\x80", "ends in the middle of a number"),
        (b"\xff" * 12, "more than ten bytes"),
        (varint(1 << 3 | 2) + varint(9) + b"abc", "field 1 ends beyond the file"),
        (varint(2 << 3 | 5) + b"ab", "field 2 ends beyond the file"),
        (varint(7 << 3 | 3), "field 7 is of the unknown kind 3"),
    ],
)
def test_broken_bytes_are_refused(data: bytes, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        list(fields(data))


def test_a_number_is_no_text_and_no_message() -> None:
    with pytest.raises(ValueError, match="where a text belongs"):
        text(3)
    with pytest.raises(ValueError, match="where a message belongs"):
        message(3)
