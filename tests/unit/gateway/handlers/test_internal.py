import pytest

from gateway.handlers.internal import number_or_none


@pytest.mark.parametrize(("value", "number"), [("1", 1), ("1000", 1000), ("007", 7)])
def test_a_number_is_read(value: str, number: int) -> None:
    assert number_or_none(value, 1000) == number


@pytest.mark.parametrize("value", ["", "0", "-1", "1001", "1.5", "x", "²", "٣", " 1", "9" * 5000])
def test_what_is_no_number_in_the_range_is_none(value: str) -> None:
    assert number_or_none(value, 1000) is None
