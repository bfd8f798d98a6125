"""The word vectors, learnt by several threads at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pytest

from redaction.names import NamesModel
from redaction.names.rows import WordRows

SENTENCE = (
    " ich und der die das nicht mein meine name ist bestellung paket rechnung frau herr straße köln berlin münchen"
    " hamburg anna müller schmidt schneider fischer weber meyer wagner becker schulz hoffmann guten tag danke bitte"
)
WORDS = [f" {word}" for word in SENTENCE.split()]


@pytest.fixture
def _hasty() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_hasty")
def test_threads_that_learn_at_once_learn_the_right_vectors() -> None:
    expected = NamesModel.load()._rows.vectors([], WORDS)
    orders = [WORDS[at:] + WORDS[:at] for at in range(0, len(WORDS), 5)]
    for _ in range(5):
        rows = NamesModel.load()._rows
        with ThreadPoolExecutor(len(orders)) as threads:
            list(threads.map(partial(_learn, rows), orders))
        assert np.array_equal(rows.vectors([], WORDS), expected)


def _learn(rows: WordRows, words: list[str]) -> None:
    for word in words:
        rows.vectors([], [word])
