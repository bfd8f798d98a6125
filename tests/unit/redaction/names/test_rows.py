"""The word vectors, learnt by several threads at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from redaction.names import NamesModel

WORDS = [
    f" {word}"
    for word in (
        "ich und der die das nicht mein meine name ist bestellung paket rechnung frau herr straße köln berlin münchen "
        "hamburg anna müller schmidt schneider fischer weber meyer wagner becker schulz hoffmann guten tag danke bitte "
        "telefon nummer adresse kunde hilfe problem gerät waschmaschine kühlschrank fernseher garantie lieferung termin"
    ).split()
]


@pytest.fixture
def _hasty() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_hasty")
def test_threads_that_learn_at_once_learn_the_right_vectors() -> None:
    expected = NamesModel.load()._rows.vectors([], WORDS)
    for _ in range(5):
        rows = NamesModel.load()._rows
        orders = [WORDS[at:] + WORDS[:at] for at in range(0, len(WORDS), 7)]
        with ThreadPoolExecutor(len(orders)) as threads:
            list(threads.map(lambda words: [rows.vectors([], [word]) for word in words], orders))
        assert np.array_equal(rows.vectors([], WORDS), expected)
