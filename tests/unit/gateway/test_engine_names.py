from __future__ import annotations

import pytest

from gateway.engine.names import FieldNames, is_plain


@pytest.mark.parametrize("name", ["phone", "_id", "$ref", "content-type", "a1", "x" * 64])
def test_a_word_as_programs_name_things_is_plain(name: str) -> None:
    assert is_plain(name)


@pytest.mark.parametrize("name", ["", "Anna Müller", "Müller", "1a", "a@b", "x" * 65, "+49171", "a\n"])
def test_all_else_is_not(name: str) -> None:
    assert not is_plain(name)


def test_names_stay_until_one_of_them_was_given_anew() -> None:
    names = FieldNames(["later"])
    assert [names.stays("a"), names.stays("a")] == ["a", "a"]
    assert [names.given(name) for name in ("a", "a", "later", "b")] == ["a_", "a_2", "later_", "b"]
    assert names.stays("b") == "b_"
