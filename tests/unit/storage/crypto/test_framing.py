from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storage.crypto.framing import framed

FIELDS = st.lists(st.binary(max_size=6), max_size=5)


@given(FIELDS, FIELDS)
def test_other_fields_give_other_bytes(one: list[bytes], other: list[bytes]) -> None:
    assert (framed(*one) == framed(*other)) == (one == other)


def test_form() -> None:
    assert framed(b"ab", b"", b"c") == b"\0\0\0\x02ab\0\0\0\0\0\0\0\x01c"
