from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storage.crypto.framing import framed, framed_ids

FIELDS = st.lists(st.binary(max_size=6), max_size=5)


@given(FIELDS, FIELDS)
def test_other_fields_give_other_bytes(one: list[bytes], other: list[bytes]) -> None:
    assert (framed(*one) == framed(*other)) == (one == other)


@given(st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=3))
def test_ids_are_framed_alike(ids: list[bytes]) -> None:
    assert framed_ids(*ids) == framed(*ids)


def test_form() -> None:
    assert framed(b"ab", b"", b"c") == b"\0\0\0\x02ab\0\0\0\0\0\0\0\x01c"
