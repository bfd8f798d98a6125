"""Messages as arrays: words, their feature rows, and the tag of each word."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from redaction.names.features import features_of
from redaction.names.words import PREVIOUS_WORDS, split_words, word_ends
from training.gazetteer import KINDS
from training.messages import Message

TYPES = (
    "PERSON", "STREET", "POSTCODE_CITY", "CUSTOMER_NO", "USERNAME", "PASSWORD", "DATE_OF_BIRTH", "HEALTH", "DEVICE_ID",
    "NATIONAL_ID", "PHONE", "EMAIL", "IBAN", "CARD", "PLATE", "URL", "GEO", "IP", "MAC",
)  # fmt: skip
TAGS = 1 + 2 * len(TYPES)


@dataclass(frozen=True, slots=True)
class Sample:
    """The words of one message after those of the other side's turn, and the text's tags."""

    previous: list[str]
    words: list[str]
    tags: list[int]
    language: str
    channel: str


def sample_of(message: Message) -> Sample:
    """Return the words and tags of `message`."""
    text = message.text
    words = split_words(text)
    ends = word_ends(words)
    tags = [0] * len(words)
    spans = message.spans
    at = 0
    for i, (word, end) in enumerate(zip(words, ends, strict=True)):
        start = end - len(word.lstrip())
        while at < len(spans) and spans[at][1] <= start:
            at += 1
        if at < len(spans) and spans[at][0] < end:
            kind = TYPES.index(spans[at][2])
            begins = i == 0 or ends[i - 1] <= spans[at][0]
            tags[i] = 2 * kind + (1 if begins else 2)
    previous = split_words(message.previous)[-PREVIOUS_WORDS:]
    return Sample(previous, words, tags, message.language, message.channel)


@dataclass
class Vocabulary:
    """Feature string -> row, and for each word seen its rows with and without the gazetteer."""

    rows: dict[str, int]
    gazetteer: dict[str, int]
    cache: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def rows_of(self, word: str) -> tuple[np.ndarray, np.ndarray]:
        """Return the rows of `word`, and those it would have if the gazetteer did not know it."""
        known = self.cache.get(word)
        if known is None:
            known = (self._look_up(word, self.gazetteer), self._look_up(word, {}))
            self.cache[word] = known
        return known

    def _look_up(self, word: str, gazetteer: dict[str, int]) -> np.ndarray:
        found = [self.rows[f] for f in features_of(word, gazetteer, KINDS) if f in self.rows]
        return np.array(found or [0], dtype=np.int64)
