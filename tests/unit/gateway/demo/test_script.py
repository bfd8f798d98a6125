from __future__ import annotations

import phonenumbers
import pytest
from stdnum import iban

from gateway.demo.script import MUST_FIND, PLANTED, TURNS, Planted, typed_values


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.entity)
def test_every_planted_value_is_typed(planted: Planted) -> None:
    assert any(planted.value in turn for turn in TURNS)
    assert planted.compact is None or planted.compact == planted.value.replace(" ", "").replace("-", "")


def test_the_values_are_what_they_claim_to_be() -> None:
    by_entity = {planted.entity: planted.value for planted in PLANTED}
    assert iban.is_valid(by_entity["IBAN"])
    number = phonenumbers.parse(by_entity["PHONE"], "DE")
    assert phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE
    assert {"PERSON", "EMAIL", "PHONE", "IBAN", "DEVICE_ID"} == MUST_FIND


def test_the_search_covers_both_ways_of_writing() -> None:
    assert {"DE44 5001 0517 5407 3249 31", "DE44500105175407324931"} <= set(typed_values())
