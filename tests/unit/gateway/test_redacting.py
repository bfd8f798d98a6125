from __future__ import annotations

from typing import Any

import pytest

from gateway.notice.channel import Channel
from gateway.redacting import forward_policy, keep_policy
from redaction.findings import EntityType as T
from redaction.operators import Operator


def channel(**said: Any) -> Channel:  # noqa: ANN401 - fields of the notice
    base = {"kind": "chat", "connector": "openai", "upstream": "http://bot:9000"}
    return Channel.model_validate({**base, **said})


OPERATORS = {"PHONE": "partial", "IBAN": "keep", "EMAIL": "drop", "PERSON": "pseudonym"}


def test_without_operators_all_is_masked() -> None:
    for policy in (forward_policy(channel()), keep_policy(channel())):
        assert policy is not None
        assert {policy.operator(kind) for kind in T} == {Operator.MASK}


def test_operators_hold_for_what_is_forwarded() -> None:
    policy = forward_policy(channel(operators=OPERATORS))
    assert policy is not None
    assert {kind: policy.operator(T(kind)).value for kind in OPERATORS} == OPERATORS


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ({}, {"PHONE": "partial", "IBAN": "mask", "EMAIL": "drop", "PERSON": "mask"}),
        ({"IBAN": "partial"}, {"PHONE": "mask", "IBAN": "partial", "EMAIL": "mask", "PERSON": "mask"}),
        ({"PERSON": "drop", "PHONE": "mask"}, {"PHONE": "mask", "IBAN": "mask", "EMAIL": "mask", "PERSON": "drop"}),
    ],
)
def test_what_is_kept_has_operators_of_its_own(kept: dict[str, str], expected: dict[str, str]) -> None:
    policy = keep_policy(channel(operators=OPERATORS, keep_operators=kept))
    assert {kind: policy.operator(T(kind)).value for kind in OPERATORS} == expected


@pytest.mark.parametrize("operator", ["keep", "pseudonym"])
def test_nothing_is_kept_readable_or_so_that_it_could_be_put_back(operator: str) -> None:
    with pytest.raises(ValueError, match="keep_operators"):
        channel(keep_operators={"IBAN": operator})
