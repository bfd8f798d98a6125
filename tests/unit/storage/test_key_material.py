from __future__ import annotations

import copy
import pickle

import pytest

from storage import SecretBytes


def test_key_material_can_not_be_pickled_or_copied() -> None:
    secret = SecretBytes(b"secret")
    assert "secret" not in f"{secret} {secret!r}"
    for copied in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copied(secret)
