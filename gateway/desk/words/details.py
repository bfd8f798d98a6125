"""What goes wrong in detail, such as a hold that names no reference, in the language of the desk's readers.

Details are said in English where they arise, in `storage` and in `gateway.notice`, which know no reader. A test finds
all of them in the source, so that none goes untranslated.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from gateway.desk.words.de_details import DETAILS
from gateway.desk.words.names import name

_PLACE: Final = "{}"
_PROBLEM: Final = re.compile(r"; (?=\d+: )")


def detail(language: str, sentence: str) -> str | None:
    """Return a sentence in a language; None if there are no words for it."""
    if language == "en":
        return sentence
    exact = DETAILS.get(sentence)
    if exact is not None:
        return exact
    for pattern, template in _patterns():
        if found := pattern.fullmatch(sentence):
            return template.format(*(_inner(language, each) for each in found.groups()))
    return None


def problems(language: str, sentence: str) -> str:
    """Return what is wrong with a notice (`line: field: message; ...`) in a language."""
    return "; ".join(_problem(language, each) for each in _PROBLEM.split(sentence))


def _problem(language: str, said: str) -> str:
    line, _, rest = said.partition(": ")
    field, _, message = rest.partition(": ")
    return f"{line}: {field}: {detail(language, message) or message}"


def _inner(language: str, word: str) -> str:
    """Return what stands in a sentence: a state, a hint, or a name of the notice, which has one form in all languages."""
    return detail(language, word) or name(language, "request", word)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the sentences with something in them, those that say the most themselves first."""
    having = sorted((each for each in DETAILS if _PLACE in each), key=len, reverse=True)
    return tuple(
        (re.compile("(.*)".join(map(re.escape, each.split(_PLACE))), re.DOTALL), DETAILS[each]) for each in having
    )
