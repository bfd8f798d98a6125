from __future__ import annotations

import copy
import pickle

import pytest

from storage import Identifier, SecretBytes
from tests.unit.storage.builders import Customer, consent, turn


def test_nothing_that_was_said_is_printed() -> None:
    one = Customer("secret")
    named = (Identifier("EMAIL", "secret"),)
    said = turn("secret", match="secret", original="secret", once="secret", identifiers=named)
    write = one.opening(turns=said, consents=consent(name="c"), pseudonyms=b"secret", connection={"address": "secret"})
    for value in (write, one.by_conversation(), one.by_token(), consent(evidence="secret")):
        assert "secret" not in repr(value)
        assert "Gespräch" not in repr(value)


def test_key_material_can_not_be_pickled_or_copied() -> None:
    secret = SecretBytes(b"secret")
    assert "secret" not in f"{secret} {secret!r}"
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(secret)
