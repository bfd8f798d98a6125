"""Words of a text, as the names model reads them.

A word is a run of letters and digits, or one mark of punctuation (a run of the same mark is one word). Every
character that is not white space lies in exactly one word, so whatever a text holds (lone surrogates, NULs, emoji,
zero-width characters), offsets stay right. A word keeps the white space before it: that is how the network sees which
words are glued together, and why the offsets are a running sum of lengths.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

PREVIOUS_WORDS = 24
"""How many words of the other side's last turn the network reads."""

_ECHO_LENGTH = 4
_SENTENCE_ENDS = frozenset(".!?")
_INVISIBLE = "\u00ad\u200b-\u200f\u2060\ufeff"
_MARKS = f"\u0300-\u036f{_INVISIBLE}"
_SPACED_WORD = re.compile(
    rf"\s*(?:[^\W_]+(?:[{_MARKS}]+[^\W_]*)*|\.+|-+|\*+|_+|=+|!+|\?+|[^\s])",
)
_INVISIBLE_CHARACTER = re.compile(f"[{_INVISIBLE}]")
_NO_DECOMPOSITION = str.maketrans(
    {
        "ß": "ss",
        "ı": "i",
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "’": "'",
        "\u2018": "'",
        "`": "'",
        "´": "'",
        "–": "-",
        "—": "-",
        "‑": "-",
        "„": '"',
        "“": '"',
        "”": '"',
    },
)


def split_words(text: str) -> list[str]:
    """Return the words of `text`, each with the white space before it; joined they are `text` less its last blanks."""
    # Stripped first: from each of many last blanks the pattern would look again for a word behind them.
    return _SPACED_WORD.findall(text.rstrip())


def word_ends(words: list[str]) -> list[int]:
    """Return where each word of `split_words` ends, in code points of the text."""
    return list(accumulate(map(len, words)))


def echoes(previous: list[str], words: list[str]) -> list[int]:
    """Return which of `words` were said in `previous` too, short words and punctuation aside."""
    said = {word.lstrip().lower() for word in previous}
    return [at for at, word in enumerate(words) if len(word) >= _ECHO_LENGTH and word.lstrip().lower() in said]


def last_sentence(words: list[str]) -> int:
    """Return where the last sentence of `words` begins: what the other side asked stands there, as a rule."""
    for at in range(len(words) - 2, -1, -1):
        if words[at] and words[at].lstrip()[0] in _SENTENCE_ENDS:
            return at + 1
    return 0


def fold(word: str) -> str:
    """Return `word` in lower case without accents and invisible characters: `Müller` and `muller` are one word here.

    Full-width digits and letters become plain ones; scripts other than Latin stay as they are.
    """
    lowered = word.lower()
    if lowered.isascii():
        return lowered
    plain = _INVISIBLE_CHARACTER.sub("", lowered).translate(_NO_DECOMPOSITION)
    if plain.isascii():
        return plain
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
