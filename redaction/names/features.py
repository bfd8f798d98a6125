"""What the network is told about a word: strings such as `w=muller`, `s3=ler`, `case=title`, `gaz=surname`.

Each string names a row of the embedding table; the rows of a word are summed. The same functions serve training and
inference, so both always see the same features. A string without a row is dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from redaction.names.words import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_WORD = 40
_LONGEST_KEY = 16
_SMALL_NUMBER_DIGITS = 2
_PREFIXES = (2, 3, 4, 5)
_SUFFIXES = (2, 3, 4, 5, 6)
_DIGITS_TO_ZERO = str.maketrans("123456789", "000000000")


def features_of(spaced_word: str, gazetteer: Mapping[str, int], kinds: tuple[str, ...]) -> list[str]:
    """Return the features of one word.

    Args:
        spaced_word: a word of `split_words`, with the white space before it.
        gazetteer: folded word to a bit set; bit `i` stands for `kinds[i]`.
        kinds: names of the gazetteer's bits.
    """
    word = spaced_word.lstrip()
    space = spaced_word[: len(spaced_word) - len(word)]
    word = word[:_LONGEST_WORD]
    key = fold(word)
    found = ["space=none" if not space else "space=line" if "\n" in space else "space=blank"]
    if any(map(str.isdigit, key)):
        found += _number_features(key)
    elif key.isalpha():
        found += _letter_features(word, key)
    else:
        found.append("w=" + key[:_LONGEST_KEY])
        found.append("class=mark")
    bits = gazetteer.get(key, 0)
    if bits:
        found += [f"gaz={kind}" for i, kind in enumerate(kinds) if bits >> i & 1]
    elif key.isalpha():
        found.append("gaz=none")
    return found


def _letter_features(word: str, key: str) -> list[str]:
    length = len(key)
    found = ["w=" + key[:_LONGEST_KEY], f"length={min(length, 12)}", "case=" + _case(word)]
    if length == 1:
        found.append("class=letter")
        return found
    found += [f"p{n}={key[:n]}" for n in _PREFIXES if n < length]
    found += [f"s{n}={key[-n:]}" for n in _SUFFIXES if n < length]
    if not word.isascii():
        found.append("class=accented")
    return found


def _case(word: str) -> str:
    if word.islower():
        return "lower"
    if word.isupper():
        return "upper" if len(word) > 1 else "single"
    if word[0].isupper() and word[1:].islower():
        return "title"
    return "mixed"


def _number_features(key: str) -> list[str]:
    shape = "".join("0" if c.isdigit() else "a" if c.isalpha() else c for c in key[:_LONGEST_KEY])
    runs = "".join(c for i, c in enumerate(shape) if not i or c != shape[i - 1])
    found = ["n=" + shape, "runs=" + runs[:8], f"digits={shape.count('0')}", f"length={min(len(key), 24)}"]
    if len(key) <= _SMALL_NUMBER_DIGITS:
        found.append("w=" + key)
    found += ["d1=" + key[:1], "d2=" + key[:2], "d3=" + key[:3], "e1=" + key[-1:]]
    if "a" in runs:
        letters = "".join(c for c in key if c.isalpha())[:_LONGEST_KEY]
        found += ["l=" + letters, "class=mixed"]
    else:
        found.append("class=number")
    return found
