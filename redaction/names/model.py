"""NamesModel: from a text to candidates.

The weights lie in `weights.npz` beside this file (numpy arrays, no pickles): feature names, the embedding table in
eight bits with one scale per row, the layers in half precision, the gazetteer. Their SHA-256 stands in `digest.py`.
Missing or changed weights are an error when the model is made, so a process never starts with them.
"""

from __future__ import annotations

import hashlib
import io
import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from redaction.errors import RedactionError
from redaction.findings import EntityType
from redaction.names.decode import decode
from redaction.names.digest import WEIGHTS_SHA256
from redaction.names.features import FeatureRows
from redaction.names.network import (
    LEFT_CONTEXT_WORDS,
    RIGHT_CONTEXT_WORDS,
    SUMMARY_REACH,
    TAPS,
    Floats,
    Weights,
    asked_for,
    halved,
    tag_scores,
)
from redaction.names.rows import WordRows
from redaction.names.words import PREVIOUS_WORDS, echoes, last_sentence, split_words, word_ends

WEIGHTS_FILE = Path(__file__).with_name("weights.npz")
_PREVIOUS_CHARACTERS = 1_000
_WINDOW_WORDS = 1_024


class Candidate(NamedTuple):
    """A span that the model takes for personal data.

    Attributes:
        start: first code point of the text.
        end: code point after the last one.
        type: the likeliest kind.
        probability: of being personal at all, of the surest word in the span; calibrated on held-out messages.
    """

    start: int
    end: int
    type: EntityType
    probability: float


class NamesModel:
    """Finds names, addresses, numbers and statements by the words around them, written or spoken.

    Thread-safe for one event loop per process; keeps vectors of shipped vocabulary words, never a text.
    """

    __slots__ = ("_echo", "_rows", "_said", "_situations", "_types", "_weights")

    def __init__(self, content: bytes) -> None:
        """Read the weights from the bytes of a weights file; `load` is the way that checks them first."""
        arrays = np.load(io.BytesIO(content), allow_pickle=False)
        about = json.loads(arrays["about"].tobytes())
        names = arrays["features"].tobytes().decode().split("\n")
        words = arrays["gazetteer_words"].tobytes().decode().split("\n")
        gazetteer = dict(zip(words, arrays["gazetteer_bits"].tolist(), strict=True))
        self._types = [EntityType(name) for name in about["types"]]
        channels = dict(zip(about["channels"], arrays["channels"].astype(np.float32), strict=True))
        languages = dict(zip(about["languages"], arrays["languages"].astype(np.float32), strict=True))
        self._rows = WordRows(
            features=FeatureRows(names, gazetteer, tuple(about["kinds"])),
            table=arrays["rows"],
            scales=arrays["row_scales"].astype(np.float32),
            separator=arrays["separator"].astype(np.float32),
        )
        self._situations: dict[tuple[str, str], Floats] = {
            (channel, language): of_channel + of_language
            for channel, of_channel in channels.items()
            for language, of_language in languages.items()
        }
        self._said = arrays["said"].astype(np.float32)
        self._echo = arrays["echo"].astype(np.float32)
        self._weights = _weights(arrays)

    @classmethod
    def load(cls) -> NamesModel:
        """Return the model with the weights of this package.

        Raises:
            RedactionError: the weights are missing or are not those this version was released with.
        """
        return cls(read_weights(WEIGHTS_FILE, WEIGHTS_SHA256))

    def build(self) -> None:
        """Compute the vectors of frequent words now, which is otherwise done as texts need them."""
        self._rows.build()

    def tag(
        self,
        text: str,
        *,
        previous: str = "",
        language: str | None = None,
        channel: str = "chat",
        caution: float = 0.0,
    ) -> list[Candidate]:
        """Return the candidates in `text`, in order and without overlap.

        Args:
            text: any text; time and memory grow linearly with it.
            previous: the other side's last turn; its last words are read.
            language: ISO 639-1 code, if known.
            channel: `chat`, `call` or `mail`; another word counts as unknown.
            caution: odds of 'nothing' are lowered by e to the power of this; 0 is balanced, 1 covers more, -1 less.
        """
        words = split_words(text)
        if words and words[-1].isspace():
            words.pop()
        if not words:
            return []
        before = split_words(previous[-_PREVIOUS_CHARACTERS:])[-PREVIOUS_WORDS:] if previous else []
        spans = decode(self._scores(words, before, language, channel), words, caution)
        ends = word_ends(words) if spans else []
        return [
            Candidate(ends[first] - len(words[first].lstrip()), ends[last], self._types[kind], probability)
            for first, last, kind, probability in spans
        ]

    def _scores(self, words: list[str], previous: list[str], language: str | None, channel: str) -> Floats:
        situation = self._situation(channel, language)
        if len(words) > _WINDOW_WORDS:
            return self._scores_in_windows(words, previous, situation)
        rows = self._word_rows(previous, words, previous, situation)
        before = len(rows) - len(words)
        return tag_scores(rows, before, self._weights)

    def _word_rows(self, previous: list[str], words: list[str], said: list[str], situation: Floats) -> Floats:
        rows = self._rows.vectors(previous, words)
        rows += situation
        before = len(rows) - len(words)
        if before:
            rows[:before] += self._said[0]
            rows[last_sentence(previous) : before] += self._said[1]
        repeated = echoes(said, words) if said else []
        if repeated:
            rows[[before + at for at in repeated]] += self._echo
        return rows

    def _situation(self, channel: str, language: str | None) -> Floats:
        language = language or ""
        found = self._situations.get((channel, language))
        if found is None:
            known = self._situations.keys()
            found = self._situations[
                channel if (channel, "") in known else "", language if ("", language) in known else ""
            ]
        return found

    def _scores_in_windows(self, words: list[str], previous: list[str], situation: Floats) -> Floats:
        """Score a long text piece by piece; the pieces overlap by what the network can see."""
        rows = self._word_rows(previous, words[:SUMMARY_REACH], previous, situation)
        asked = asked_for(rows, len(rows) - SUMMARY_REACH, self._weights)
        found = []
        for first in range(0, len(words), _WINDOW_WORDS):
            start = max(0, first - LEFT_CONTEXT_WORDS)
            seen = words[start : first + _WINDOW_WORDS + RIGHT_CONTEXT_WORDS]
            rows = self._word_rows([] if first else previous, seen, previous, situation)
            scores = tag_scores(rows, len(rows) - len(seen), self._weights, asked)
            found.append(scores[first - start :][:_WINDOW_WORDS])
        return np.concatenate(found)


@cache
def package_model() -> NamesModel:
    """Return the one model of this process with the weights of this package: it is the largest thing in it.

    Raises:
        RedactionError: the weights are missing or are not those this version was released with.
    """
    return NamesModel.load()


def read_weights(path: Path, sha256: str) -> bytes:
    """Return the bytes of `path` if their SHA-256 is `sha256`.

    Raises:
        RedactionError: they are missing or changed.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RedactionError("the weights of the names model are missing: install Sordino again") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise RedactionError("the weights of the names model are not those of this version: install Sordino again")
    return content


def _weights(arrays: np.lib.npyio.NpzFile) -> Weights:
    def layer(number: int) -> Floats:
        return halved(np.vstack((_dense(arrays, f"layer{number}"), _dense(arrays, f"layer{number}_bias"))))

    return Weights(
        layers=tuple(layer(number) for number in range(len(TAPS))),
        question=(_dense(arrays, "question"), _dense(arrays, "question_bias")),
        scores=np.vstack([_dense(arrays, name) for name in ("out_hidden", "out_rows", "out_bias")]),
    )


def _dense(arrays: np.lib.npyio.NpzFile, name: str) -> Floats:
    return np.ascontiguousarray(arrays[name], dtype=np.float32)
