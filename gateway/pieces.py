"""A value dictated in pieces, over several turns of a call: each turn is read together with those that it goes on from.

    bot     Wie kann ich helfen?
    caller  meine Nummer ist null eins fünf eins      a telephone number that may go on: the piece
    caller  dreiundzwanzig                             alone nothing, together the same number

A turn that ends in a value, or in figures, may be gone on from. The next turn of the caller is searched alone and
together with it; what of the whole lies in the new turn is masked there. The bot's "mhm" in between changes nothing,
another question begins anew. What was said before is sealed by then, and never written anew: so the end of a turn
that may be the first piece of a value is masked in what is kept as if the rest had come. Pure; pieces are in memory
only, and few.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from gateway.recent import Piece
from redaction.clues import asked
from redaction.findings import EntityType, Finding
from redaction.languages import all_languages
from redaction.normalise import fold
from redaction.spoken import Word, runs, spoken_languages, vocabulary

_MOST_CHARACTERS: Final = 300
_END: Final = re.compile(r"[\s.,;:!?…-]*$")
_WORD: Final = re.compile(r"[a-z0-9]+")
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}")
_ENOUGH: Final = 3
"""Figures or letters in a row that are dictated, where nothing was asked that they would answer."""
_OFTEN: Final = ("de", "en", "nl")
_LAST_WORD: Final = re.compile(r"([a-z0-9]+)[^a-z0-9]*$")


def gone_on_from(piece: Piece, previous: str) -> str:
    """Return the caller's words that a new turn may go on from, after what the other side said last."""
    if not piece.text or (previous != piece.asked and asked(previous).types):
        return ""
    return piece.text


def within(findings: Iterable[Finding], shift: int) -> list[Finding]:
    """Return what of the findings in a whole lies behind its first `shift` code points, counted from there."""
    return [
        replace(finding, start=max(0, finding.start - shift), end=finding.end - shift)
        for finding in findings
        if finding.end > shift
    ]


def merged(own: Iterable[Finding], whole: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of the whole, and those of the turn alone that none of them touches, in order."""
    first = list(whole)
    others = [one for one in own if all(one.end <= each.start or each.end <= one.start for each in first)]
    return tuple(sorted([*first, *others], key=lambda finding: finding.start))


def open_end(text: str, previous: str, language: str | None) -> tuple[int, int] | None:
    """Return where the end of a turn begins and ends that may be the first piece of a value; None where it is none.

    Three figures or letters in a row, or words that two spoken signs join, as in "lena punkt kraft at"; where the other
    side has asked for a value, one is enough. A year, and what answers a question for a model, are none.
    """
    folded = fold(text)
    words = [(found.start(), found.end(), found[0]) for found in _WORD.finditer(folded.lower)]
    question = asked(previous)
    if not words or (question.other and not question.types):
        return None
    codes = (language,) if language in all_languages() else (*_OFTEN, *spoken_languages([words[-1][2]]))
    begins = [_begins(words, code, wanted=bool(question.types)) for code in dict.fromkeys(filter(None, codes))]
    first = min((begin for begin in begins if begin is not None), default=None)
    return None if first is None else folded.span(first, words[-1][1])


def _begins(words: Sequence[Word], code: str, *, wanted: bool) -> int | None:
    known = vocabulary(code)
    fillers = {word for word, token in known.items() if token.kind in "f+"}
    signs = {word for word, token in known.items() if token.kind == "s"}
    said = list(words)
    while said and said[-1][2] in fillers - signs:
        said.pop()
    found = runs(said, code)
    if found and found[-1].end == said[-1][1]:
        run = found[-1]
        dictated = run.digits + run.letters >= _ENOUGH and (run.numbers + run.letters > 1 or not run.said)
        if wanted or (dictated and not (run.numbers == 1 and _YEAR.fullmatch(run.text))):
            return run.start
    return _signed(said, signs)


def _signed(words: Sequence[Word], signs: Collection[str]) -> int | None:
    """Return where words begin that spoken signs join, the last of them a sign; None for fewer than two signs."""
    at, count = len(words) - 1, 0
    while at > 0 and words[at][2] in signs:
        count += 1
        at -= 2 if words[at - 1][2] not in signs else 1
    return words[at + 1 if at < 0 else at][0] if count > 1 else None


def uncovered(text: str, end: tuple[int, int], findings: Iterable[Finding], kind: EntityType) -> list[Finding]:
    """Return what of the open end of a turn no finding covers, as findings."""
    at, gaps = end[0], list[tuple[int, int]]()
    for finding in sorted(findings, key=lambda finding: finding.start):
        gaps.append((at, min(finding.start, end[1])))
        at = max(at, finding.end)
    gaps.append((at, end[1]))
    return [
        Finding(start, stop, kind, 1.0, "open_end")
        for start, stop in gaps
        if any(letter.isalnum() for letter in text[start:stop])
    ]


def piece_of(text: str, findings: Iterable[Finding], before: str, previous: str, *, opened: bool = False) -> Piece:
    """Return what the caller's next turn may go on from: this one, with what it goes on from itself.

    `opened`: its end may be the first piece of a value.
    """
    found = tuple(findings)
    ends = _END.sub("", text)
    if not opened and not any(finding.end >= len(ends) for finding in found) and not _ends_in_figures(text):
        return Piece()
    goes_on = bool(before) and (not found or found[0].start == 0 or _ends_in_figures(before))
    whole = f"{before} {text}" if goes_on else text
    return Piece(whole[-_MOST_CHARACTERS:], previous)


def _ends_in_figures(text: str) -> bool:
    last = _LAST_WORD.search(fold(text).lower)
    return last is not None and (any(letter.isdigit() for letter in last[1]) or bool(spoken_languages([last[1]])))
