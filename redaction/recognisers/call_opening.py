"""Names by which callers open a call: "hier ist Fischer", "ja Klein guten Tag", "hi it's John Smith", "met De Vries".

Speech recognition writes them in small letters, and many surnames are words; the place alone tells what they are. So
only the very beginning of what a caller says counts, and only what goes on as such openings do.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.languages import all_languages, folded_set, ordinary_words
from redaction.recogniser import Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_GREETING = {
    "de": r"(?:(?:ja|hallo|hi|hey|moin|servus|gruess gott|grus+ gott|gruezi(?: mitenand| wohl)?|hoi|sali|(?:schonen |schoenen |einen )*guten (?:tag|morgen|abend)|tag|also|ah|ahm|eh|ehm)[ ,.]+)*",
    "en": r"(?:(?:yeah|yes|hi|hello|hiya|hey|oh|er|erm|um|uh|(?:good )?(?:morning|afternoon|evening)(?: to you)?|there)[ ,.]+)*",
    "fr": r"(?:(?:oui|allo|bonjour|bonsoir|eh|euh)[ ,.]+)*",
    "nl": r"(?:(?:ja|hallo|hoi|he|dag|hee|goe(?:de|ie)?n?(?:dag|morgen|middag|avond)|eh|uh|ehm)[ ,.]+)*",
}
_WORD = r"[a-z]{2}[a-z-]*(?:'[a-z]{2,})?"
_NAME = rf"((?:(?:von|van|de|der|den|zu|zur|el|al|ter|ten|mc|mac|di|da) ){{0,3}}{_WORD}(?: {_WORD})?)"
_SLOTS = {
    "de": (
        rf"hier (?:ist|spricht) (?:noch ?mals? |noch einmal |wieder )?(?:die |der |frau |herr )?{_NAME}()",
        rf"(?:hier|da|do|hie) isch (?:de |d |frau |herr )?{_NAME} (us|vo|i|ich|am|und|wegen)\b",
        rf"{_NAME} (am apparat|mein name|guten (?:tag|morgen|abend)|hier (?:ich|noch|wieder|und|guten|von|aus)\b|hier$)",
    ),
    "en": (
        rf"(?:it's|it is|this is) (?:only |just )?(?:mrs? |ms |miss )?{_NAME}()",
        rf"(?:mrs? |ms |miss )?{_NAME} (here(?: again| from| and i| i|$)|speaking|calling)",
    ),
    "fr": (rf"(?:c'est|ici) {_NAME} (a l'appareil|au telephone|a l'autre bout)",),
    "nl": (rf"(?:u spreekt |je spreekt |spreekt u )?met {_NAME}()", rf"{_NAME} (hier|spreekt u mee)"),
}
_PATTERNS = {
    code: tuple(re2.compile(rf"^{_GREETING[code]}{slot}".encode()) for slot in slots) for code, slots in _SLOTS.items()
}
_GOES_ON = {
    "de": frozenset(("ich", "guten", "hallo", "mein", "am", "aus", "von", "und", "noch", "nochmal", "wir", "wegen", "es", "tag", "grus", "moin")),
    "en": frozenset(("again", "speaking", "calling", "from", "ringing", "i'm", "i've", "i'd")),
    "fr": frozenset(("a", "au", "j'appelle")),
    "nl": frozenset(("ik", "spreekt", "hier", "uit", "van", "nogmaals", "weer", "en", "goedemiddag", "goedemorgen", "nog", "wij", "we")),
}  # fmt: skip
_NO_NAME = frozenset((
    *("kein", "keine", "keiner", "jemand", "niemand", "alles", "immer", "leider", "besetzt", "dunkel", "schluss", "schonen", "schoenen", "wunderschonen", "wunderschoenen", "einen", "die", "das", "recht", "vielen", "herzlichen", "dank", "danke", "bitte", "jetzt", "gerade", "alle", "jetz", "erstmal"),
    *("the", "a", "an", "my", "your", "me", "us", "getting", "urgent", "about", "regarding", "really", "still", "broken", "very", "quite", "just", "not", "ridiculous", "ok", "okay", "fine", "probably", "actually", "all", "so", "concerning", "terrible", "great", "nice", "lovely", "anyone", "someone", "only", "right"),
    *("het", "een", "digitale", "virtuele", "automatische", "assistent", "vriendelijke", "mij", "jou", "wie", "name", "betrekking", "spoed", "alles", "niks", "iemand", "niemand", "groet", "groeten"),
))  # fmt: skip
_NO_ENDINGS = ("ly", "ing", "ung", "heit", "keit", "fall", "problem")
_SCORE, _SHORTEST_THING = 0.92, 6
_PARTICLES = frozenset(("von", "van", "de", "der", "den", "zu", "zur", "el", "al", "ter", "ten", "di", "da"))


@cache
def _stops(code: str) -> frozenset[str]:
    return folded_set(tuple(all_languages()[code].stop)) - _PARTICLES


def _find(scan: Scan) -> Iterator[Hit]:
    if scan.channel != "call" or not scan.first:
        return
    for code in _PATTERNS if scan.language is None else {scan.language} & _PATTERNS.keys():
        for pattern in _PATTERNS[code]:
            match = pattern.search(scan.data)
            if match is not None:
                start, end = match.span(1)
                end = _name_end(scan, code, start, end, closed=match.end() > end)
                if end > start:
                    yield start, end, EntityType.PERSON, _SCORE


def _name_end(scan: Scan, code: str, start: int, end: int, *, closed: bool) -> int:
    """Returns where the name ends, or ``start`` if it is none; ``closed``: what must follow a name does already."""
    goes_on, words = _GOES_ON[code], scan.lower[start:end].split(" ")
    if len(words) > 1 and words[-1] in goes_on:
        end -= len(words.pop()) + 1
        closed = True
    following = scan.lower[end:].lstrip(" ,.").split(" ", 1)[0]
    closed = closed or (len(words) > 1 and following == "here")
    if not closed and following and following not in goes_on:
        return start
    last, stops = words[-1], _NO_NAME | _stops(code)
    spoken_of = last.endswith(_NO_ENDINGS) and len(last) > _SHORTEST_THING  # "raining", but "King"
    is_name = last not in ordinary_words(code) and not spoken_of and stops.isdisjoint([*words[-2:-1], last])
    return end if is_name else start


RECOGNISER = Recogniser(
    name="call_opening",
    gate=(
        r"\b(?:hier|isch|it's|it is|this is|here|speaking|calling|met|spreekt|appareil|telephone|apparat|mein name|guten)\b",
    ),
    find=_find,
    examples=(
        Example("hier ist ⟦PERSON|fischer⟧ ich rufe wegen der rechnung an", channel="call"),
        Example("ja ⟦PERSON|klein⟧ guten tag", channel="call"),
        Example("grüezi da isch ⟦PERSON|res wälchli⟧ us thun", channel="call"),
        Example("da isch de router kaputt", channel="call"),
        Example("hi it's ⟦PERSON|john smith⟧", channel="call"),
        Example("allô oui c'est ⟦PERSON|claude petit⟧ à l'appareil", channel="call"),
        Example("goedemiddag met ⟦PERSON|de vries⟧ spreekt u", channel="call"),
        Example("hier ist kein internet", channel="call"),
        Example("schönen guten tag", channel="call"),
        Example("hi it's urgent", channel="call"),
    ),
)
