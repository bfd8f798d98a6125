"""A value dictated in pieces, over several turns of a call: each turn is read together with those that it goes on from.

    bot     Wie kann ich helfen?
    caller  meine Nummer ist null eins fünf eins      a telephone number that may go on: the piece
    caller  dreiundzwanzig                             alone nothing, together the same number

A turn that ends in a value, or in figures, may be gone on from. The next turn of the caller is searched alone and
together with it; what of the whole lies in the new turn is masked there. The bot's "mhm" in between changes nothing,
another question begins anew. What was said before has been decided with what was known then: its words are sealed.
Pure; pieces are in memory only, and few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from gateway.recent import Piece
from redaction.clues import asked
from redaction.findings import Finding
from redaction.normalise import fold
from redaction.spoken import spoken_languages

_MOST_CHARACTERS: Final = 300
_END: Final = re.compile(r"[\s.,;:!?…-]*$")
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


def piece_of(text: str, findings: Iterable[Finding], before: str, previous: str) -> Piece:
    """Return what the caller's next turn may go on from: this one, with what it goes on from itself."""
    found = tuple(findings)
    ends = _END.sub("", text)
    if not any(finding.end >= len(ends) for finding in found) and not _ends_in_figures(text):
        return Piece()
    goes_on = bool(before) and (not found or found[0].start == 0 or _ends_in_figures(before))
    whole = f"{before} {text}" if goes_on else text
    return Piece(whole[-_MOST_CHARACTERS:], previous)


def _ends_in_figures(text: str) -> bool:
    last = _LAST_WORD.search(fold(text).lower)
    return last is not None and (any(letter.isdigit() for letter in last[1]) or bool(spoken_languages([last[1]])))
