"""Dictated numbers: what a caller spells out is called what the clue, the question or its own form says.

Number words per language stand in ``redaction/languages``; how they join is in ``redaction/spoken``.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

from typing import TYPE_CHECKING

import re2
from stdnum import iban, luhn

from redaction.findings import EntityType as T
from redaction.languages import all_languages, folded_map, folded_set
from redaction.national_forms import proof
from redaction.recogniser import CERTAIN, LIKELY, POSSIBLE, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan
    from redaction.dictated import Run

_FEWEST = {
    T.PHONE: 3, T.CUSTOMER_NO: 3, T.DEVICE_ID: 3, T.NATIONAL_ID: 3, T.IBAN: 3, T.CARD: 3, T.PASSWORD: 3, T.PLATE: 2, T.POSTCODE_CITY: 4,
    T.DATE_OF_BIRTH: 4, T.IP: 2, T.MAC: 3, T.GEO: 4,
}  # fmt: skip
_ORDER = (
    T.CUSTOMER_NO,
    T.PHONE,
    T.IBAN,
    T.CARD,
    T.NATIONAL_ID,
    T.DEVICE_ID,
    T.PASSWORD,
    T.PLATE,
    T.DATE_OF_BIRTH,
    T.POSTCODE_CITY,
    T.IP,
    T.MAC,
    T.GEO,
)
_TWENTY, _SHORT = 20, 3
_AMBIGUOUS = frozenset(
    [
        "ein",
        "eine",
        "un",
        "une",
        "uno",
        "una",
        "um",
        "uma",
        "on",
        "bir",
        "sei",
        "due",
        "do",
        "tre",
        "six",
        "a",
        "een",
        "ene",
        "en",
        "one",
        "tree",
        "o",
        "oh",
        "nil",
        "meia",
        "opt",
    ]
)
_DIGITS = sorted({word for data in all_languages().values() for word in folded_map(data.numerals.digits)} - _AMBIGUOUS)
_TEENS = sorted(
    {
        word
        for data in all_languages().values()
        for word, value in folded_map(data.numerals.numbers).items()
        if (value < _TWENTY or value % 10 == 0) and len(word) > _SHORT
    }
)
_HUNDREDS = sorted(
    {word for data in all_languages().values() for word in folded_set(data.numerals.hundred) if len(word) > _SHORT}
)
_INSIDE = r"hundert|honderd|tausend|duizend|[a-z]{3}(?:und|en|n|e)(?:zwanzig|dreiss?ig|vierzig|funfzig|fuenfzig|sechzig|siebzig|achtzig|neunzig|twintig|dertig|veertig|vijftig|zestig|zeventig|tachtig|negentig)|ant[ae](?:un|due|tre|quattro|cinque|sei|sette|otto|nove)"
_GATE = r"\b(?:" + "|".join(sorted({*_DIGITS, *_TEENS, *_HUNDREDS})) + r")\b|" + _INSIDE
_NUMBER_WORD = re2.compile(_GATE.encode())
_NEAR, _FAR, _REACH = 16, 40, 48
_LONG, _DATE = 7, (3, 8)
_FEWEST_OF_AN_ID = 6
_CARD = 16
_CARD_SCORE = 0.92
_ASKED_DATE = 0.92
_ROUTERS = ("192.168.", "10.", "127.", "172.16.", "169.254.")


def _find(scan: Scan) -> Iterator[Hit]:
    last: tuple[int, T] | None = None
    for run in scan.runs:
        if not run.said or (run.numbers < 2 and not (run.letters and run.digits) and run.digits < 4 and not run.dated):  # noqa: PLR2004
            continue
        if not _NUMBER_WORD.search(scan.data[run.start : run.end]):
            continue
        if run.said < run.numbers and ". " in scan.lower[run.start : run.end]:
            continue  # figures, then the number word that begins the next sentence
        kind, score = _kind(scan, run, last)
        if kind is not None:
            last = run.end, kind
            yield run.start, run.end, kind, score


def _kind(scan: Scan, run: Run, last: tuple[int, T] | None) -> tuple[T | None, float]:  # noqa: PLR0911 - one answer for each kind of evidence
    """Returns what a run is, and how sure that is."""
    clue = scan.clue(run.start)
    gap = -clue.end if clue else _REACH
    of_state = T.NATIONAL_ID in scan.asked.types if clue is None or gap > _FAR else clue.type is T.NATIONAL_ID
    formed = _by_form(run, of_state=of_state)
    if formed is not None:
        return formed
    if run.digits <= 5 and scan.measured(run.end):  # noqa: PLR2004
        return None, 0.0
    if clue is not None and gap <= _FAR:
        if clue.type is None:
            return None, 0.0
        if clue.type in _FEWEST and _fits(run, clue.type):
            near = _CARD_SCORE if clue.type is T.CARD else STRONG - 0.05
            return clue.type, near if gap <= _NEAR else LIKELY
    if last is not None and run.start - last[0] <= _REACH and _fits(run, last[1]):
        return last[1], LIKELY
    asked = [kind for kind in _ORDER if kind in scan.asked.types and _fits(run, kind)]
    if asked and not scan.asked.other:
        alone = _ASKED_DATE if run.dated else STRONG - 0.1
        return asked[0], alone if len(asked) == 1 else LIKELY
    if run.dated or run.digits < _LONG:
        return None, 0.0
    if run.text.startswith("0"):
        return T.PHONE, LIKELY + 0.05
    return T.CUSTOMER_NO, POSSIBLE + 0.1


def _by_form(run: Run, *, of_state: bool) -> tuple[T, float] | None:
    """Returns the kind of a run that its form and its check digits give away; `of_state`: it is called a state's."""
    compact = "".join(filter(str.isalnum, run.text))
    if run.letters >= 2 and run.digits >= 10 and iban.is_valid(compact):  # noqa: PLR2004
        return T.IBAN, CERTAIN
    proven = proof(compact) if run.digits >= _FEWEST_OF_AN_ID else 0.0
    if proven >= CERTAIN or (of_state and proven > POSSIBLE):
        return T.NATIONAL_ID, CERTAIN
    dots = run.text.count(".")
    if dots == 3 and not run.letters and "," not in run.text:  # noqa: PLR2004
        return T.IP, STRONG if not run.text.startswith(_ROUTERS) else 0.0
    if run.digits >= 8 and dots + run.text.count(",") == 2 and not run.letters:  # noqa: PLR2004
        return T.GEO, LIKELY
    if run.digits == _CARD and not run.letters and compact[0] in "3456" and luhn.is_valid(compact):
        return T.CARD, STRONG
    return None


def _fits(run: Run, kind: T) -> bool:
    """Tells whether a run can be, or be a part of, a value of ``kind``."""
    if kind is T.DATE_OF_BIRTH:
        return run.dated or _DATE[0] <= run.digits <= _DATE[1]
    if run.dated:
        return False
    if kind is T.PLATE:
        return run.digits + run.letters >= 3 and run.digits <= 6  # noqa: PLR2004
    if kind is T.IP:
        return "." in run.text
    if kind is T.POSTCODE_CITY:
        return 3 < run.digits + run.letters <= 7  # noqa: PLR2004
    return run.digits >= _FEWEST[kind] or (run.digits >= 2 and run.letters >= 1)  # noqa: PLR2004


RECOGNISER = Recogniser(
    name="spoken_number",
    gate=(_GATE,),
    find=_find,
    examples=(
        Example(
            "il codice fiscale è ⟦NATIONAL_ID|ancona bologna como domodossola empoli firenze ottanta ancona zero uno bologna due zero tre como⟧",
            channel="call",
        ),
        Example(
            "meine nummer ist ⟦PHONE|null eins sieben zwo achtundzwanzig neunzig elf⟧ danke",
            "Unter welcher Rufnummer erreichen wir Sie?",
            "call",
        ),
        Example("kundennummer ⟦CUSTOMER_NO|vier vier null äh neun sieben eins⟧", channel="call"),
        Example("it's ⟦PHONE|oh seven double four six, three double one, nine nine two⟧", channel="call"),
        Example("⟦POSTCODE_CITY|sieben sieben fünf null neun⟧", "Ihre Postleitzahl bitte?", "call"),
        Example("dat is ⟦CUSTOMER_NO|drie drie zeven nul twee⟧", "Wat is uw klantnummer?", "call"),
        Example("das kostet vierzehn Euro neunundneunzig", channel="call"),
        Example("Artikelnummer acht sieben eins drei vier", channel="call"),
    ),
)
