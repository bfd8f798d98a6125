from __future__ import annotations

import pytest

from redaction.findings import EntityType as T
from redaction.operators import Operator, Policy, apply
from redaction.pseudonyms import Pseudonyms


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        (Operator.MASK, "4111 1111 1111 1111", "[CARD]"),
        (Operator.PARTIAL, "4111 1111 1111 1234", "[CARD 1234]"),
        (Operator.PARTIAL, "1234", "[CARD]"),
        (Operator.KEEP, "4111", None),
        (Operator.DROP, "4111", ""),
        (Operator.PSEUDONYM, "4111", "<CARD_1>"),
    ],
)
def test_operator(operator: Operator, value: str, expected: str | None) -> None:
    assert apply(operator, T.CARD, value, Pseudonyms()) == expected


def test_a_pseudonym_without_a_table_is_a_mask() -> None:
    assert apply(Operator.PSEUDONYM, T.CARD, "4111", None) == "[CARD]"


def test_a_policy_has_exceptions() -> None:
    policy = Policy(Operator.PSEUDONYM, {T.DEVICE_ID: Operator.KEEP})
    assert policy.operator(T.DEVICE_ID) is Operator.KEEP
    assert policy.operator(T.PHONE) is Operator.PSEUDONYM
    assert Policy().operator(T.PHONE) is Operator.MASK
