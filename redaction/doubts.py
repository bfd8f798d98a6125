"""Doubts: what speaks against a candidate, whoever proposes it.

A value told as an example, a firm's own number, a measure, a price, a model's number, the name of a
thing: each lowers the odds, so that a strong case still stands and a weak one falls.
"""

# ruff: noqa: E501 - patterns and sets read best in rows

from __future__ import annotations

import re
from functools import cache
from itertools import permutations
from math import exp, log
from typing import TYPE_CHECKING

import re2

from redaction.brands import BRANDS, CALLED_LIKE_PEOPLE
from redaction.edges import title_words
from redaction.findings import EntityType as T
from redaction.languages import all_languages, any_of, fragment, ordinary_words
from redaction.premises import PLACES, SENTENCE_END, mine, of_a_firm
from redaction.recognisers.email import shared_mailbox
from redaction.recognisers.phone import mobile_number, service_number, short_number
from redaction.resolve import Candidate
from redaction.things import about_things, against_thing, near_a_shop

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from redaction.context import Scan

_VALUES = frozenset({T.PHONE, T.IBAN, T.CARD, T.NATIONAL_ID, T.IP, T.MAC, T.DEVICE_ID, T.CUSTOMER_NO, T.PLATE, T.PASSWORD, T.USERNAME, T.DATE_OF_BIRTH, T.EMAIL, T.POSTCODE_CITY})  # fmt: skip
_ZEROS = frozenset({T.PASSWORD, T.IBAN, T.CUSTOMER_NO, T.PHONE})
_WORDS_ASKED = frozenset({T.PASSWORD, T.POSTCODE_CITY, T.USERNAME})
_CODES = frozenset({T.CUSTOMER_NO, T.DEVICE_ID})
_WHICH_MODEL = re.compile(
    r"\b(?:welche[snr]?|what|which|welk|quel|che|que|jaki|hangi) (?:genaue[snr]? |exact )?(?:modell?|modele|modello|modelo|typ)\b|"
    r"\btypen?(?:nummer|bezeichnung|schild)|\btype ?(?:nummer|number)|\bmodell?(?:nummer|bezeichnung| ?number| no\b| nr\b)"
)
_MODEL_BEFORE = re.compile(
    r"\b(?:laserjet|deskjet|officejet|toner|modell?|modele|modello|modelo)(?: (?:le|der|the|is|ist|est))? \Z"
)
_SERIAL = re.compile(r"\b(?:s/?n|s n|serie\w*|serial\w*|imei|nummer\w*|number|numero|numer)\b")
_LABEL = re.compile(r"\b(?:sticker|aufkleber|etikett|label|vertrag|contract|seri\w+)\b")
"""A question for more than the model, or for the number of the one thing."""
_CODE_WINDOW, _SPOKEN_MODEL = 40, 6
_FIGURES = _VALUES - {T.EMAIL, T.USERNAME, T.IP, T.MAC}
_EXAMPLE_WINDOW, _OURS_WINDOW, _OTHER_WINDOW = 40, 72, 22
_EXAMPLE_ODDS, _OURS_ODDS, _SERVICE_ODDS, _OTHER_ODDS, _MEASURE_ODDS = 7.0, 3.5, 7.0, 2.0, 2.0
_BRAND_ODDS, _MODEL_ODDS, _FIRM_ODDS, _WORD_ODDS, _THING_ODDS = 3.0, 2.5, 3.0, 2.0, 1.5
_WORD_WINDOW, _FIRM_WINDOW, _ANSWER = 24, 16, 25
_SHOP_ODDS = 1.5
_ENDING_WINDOW, _GROUP_WINDOW = 28, 32
_RIGHT_BEFORE = 3
"""What stands before a postcode is a street, with words in it that name things elsewhere ("route", "bus")."""
_PRICE_ODDS, _FIRST = 3.0, 12
_SEQUENCE, _COUNTED_ODDS, _COUNTING = 6, 4.0, "012345678901234567890"
_BOTS = frozenset(("bot", "chatbot", "callbot", "voicebot", "sprachassistentin", "sprachassistent"))
"""What stands before the name of a machine."""
_GIVEN_BRANDS = frozenset(("fritz", "jura", "mercedes", "ford", "bosch", "braun", "philips", "renault"))
"""Makers called like people: with another word behind it, it is a person's name unless that is theirs."""
_THEIRS = frozenset(("box", "repeater", "fon", "powerline", "benz", "siemens", "hue", "series", "oral"))
_NOBODY = frozenset(("mustermann", "musterfrau", "doe", "normalverbraucher", "modaal"))
_MARKS = ".,;:!?\"'()/"
_ENDS = (".", ",", ";", "!", "?", ")")
_WORDS = frozenset(
    (
        *(
            "mon",
            "tue",
            "wed",
            "thu",
            "fri",
            "sat",
            "sun",
            "may",
            "june",
            "august",
            "mark",
            "chase",
            "angel",
            "blessing",
        ),
        *(
            "silvester",
            "weihnachten",
            "ostern",
            "mai",
            "mo",
            "di",
            "mi",
            "do",
            "fr",
            "sa",
            "so",
            "oma",
            "opa",
            "mama",
            "papa",
        ),
    ),
)
_DECIMAL = re.compile(r"(?:[0-9]{1,6},[0-9]{1,2}|[0-9]{1,6}\.[0-9]{2} ?(?:euro?|gbp|chf|pounds?))\Z")
_ENDING = re.compile(
    r"(?:ending(?: in| with)?|ends? (?:in|with)|endet auf|endend auf|endung|am ende|eind\w+ (?:op|met)|op het eind|finissant par|finit par|termina\w* (?:en|con|in|em)|koncz\w+ sie na|koncowk\w+) ?(?:the |der |die |de )?\Z"
)
"""The last figures of a number are not the number; those of a card and of a national id are marked all the same."""
_END_ASKED = re.compile(
    r"\b(?:endziffern?|(?:letzten|last|laatste|derniers|ultim[aeio]s?|ostatnie) (?:drei|three|drie|trois|tre|tres|trei|trzy|zwei|two|twee|deux|due|dos|duas|doua|dwie|[23]) (?:[a-z]+ )?(?:ziffern|stellen|digits|figures|numbers|cijfers|chiffres|cifr[ae]s?|cyfry|digitos)|"
    r"(?:trois|deux|tre|tres|[23]) (?:derniers chiffres|ultim[aeio]s? cifr[ae]s?|ultimos digitos)|son (?:uc|iki|[23]) (?:hane|rakam)\w*|"
    r"endet (?:[a-z]+ ){0,3}auf|auf (?:[a-z0-9]+ ){1,3}endet|(?:ending|ends?) (?:in|with)|eindigt (?:[a-z]+ ){0,3}(?:op|met)|(?:op|met) (?:[a-z0-9]+ ){1,3}eindigt|terminant par|termina (?:en|con|in|em)|koncz[ay] sie na)\b"
)
"""A question about the end of a number; what answers it with few figures is that end."""
_SECRETS = frozenset({T.PASSWORD, T.CARD, T.DATE_OF_BIRTH})
"""Of these a few figures are all ("the last three digits on the back of the card"), or half of a short one."""
_FEW_FIGURES = 3
_MODEL_CODE = re.compile(
    r"(?!(?:zh|be|lu|ur|sz|ow|nw|gl|zg|fr|so|bs|bl|sh|ar|ai|sg|gr|ag|tg|ti|vd|vs|ne|ge|ju|fl)[ -]?[0-9])[a-z]{1,3}[ -]?[0-9]{1,4}[a-z]{0,2}\Z"
)
"""Letters, then up to four figures: many a model's number, and no plate but one of a Swiss canton or Liechtenstein."""
_VERSION = re.compile(r"v?[0-9]+(?:\.[0-9]+){1,2}")
"""Two or three figures: an address has four."""
_DOTTED = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){2,}")
_WHOLE_DATE = re.compile(r"[0-3]?[0-9][./-][01]?[0-9][./-](?:19|20)[0-9]{2}\Z")
_MONTHS, _DAYS = 12, 31
_POLISH_PLATE = re.compile(r"[a-z]{2,3} (?:[0-9]{4,5}|[0-9]{3,4}[a-z]{1,2}|[0-9]{2}[a-z]{2,3})\Z")
_SHORT_CODE = re.compile(r"[a-z]{1,3}-?[0-9]{1,2}[a-z]{0,2}\Z")
_INTRODUCED = re.compile(
    r"\b(?:(?:mein|my|mijn|m'n) (?:\w+)?na(?:me|am)(?: (?:ist|is|war|lautet))?|(?:ich )?heisse|mon nom est|je m'appelle|mi chiamo|me llamo|nazywam sie)(?: |: ?)\Z"
)
_CLOSING = re.compile(r"(?: ?(?:&|und|u\.|\+) ?[a-z]+)?[ .,!)x:;-]{0,4}\Z")
"""Nothing more of the message: "lg" before it is no maker but German for kind regards."""
_DEFAULTS = ("192.168.", "127.0.0.", "10.0.0.", "169.254.", "8.8.8.8", "8.8.4.4", "1.1.1.1")
# Python's own engine: anchored, fourteen characters at most, and costs a fifth of RE2 there.
_FIRM = re.compile(
    r"[ .-]*(?:& ?(?:co\b|cie|sohne?|soehne|tochter|sons?\b|daughters?|bros|zoon|zonen|partner|[a-z]+ (?:gmbh|ag\b|kg\b|ltd|llp|plc|b\.?v\b|inc\b))|gmbh|ag\b|kg\b|ohg|ug\b|e\. ?k|e\. ?v|b\.?v\b|n\.?v\b|ltd|limited|plc|llc|inc\b|s\.?a\.?\b|s\.?r\.?l|snc|sp\. ?z|verlag|haus\b|markt\b|shop\b|\w*schule\b|gymnasium|kita\b|klinik|"
    r"electronics?\b|ele[ck]troni[ck]\w*|elektro\w*|electrodomesticos|elettronica|trading\b|audio\b|computing\b|computers?\b|systeme?s?\b|solutions\b|bau\b|bros\b|stores?\b|suppl(?:y|ies)\b|"
    r"motors\b|funk\w*|haustechnik|technik\b|techniek\b|logisti[ck]\w*|versand\b|vertrieb\b|handel\b|verein\b|club\b|group\b|gruppe\b|groep\b|holding\b|inks?\b|optik\b|mobel\w*|moebel\w*|"
    r"hausgerate|hausgeraete|haushaltsgerate|haushaltsgeraete|elektrogerate|kuchenstudio|kuechenstudio|immobilien|umzuge\b|umzuege\b|sanitar|sanitaer|fahrrader|zweirad|apotheke\b|backerei|baeckerei|metzgerei|"
    r"witgoed|bruingoed|keukens\b|meubelen|fietsen\b|rijwielen|makelaar|verhuizingen|appliances|white goods|furniture|carpets\b|kitchens\b|removals\b|plumbing|heating\b|opticians|pharmacy\b|estate agents|solicitors|"
    r"electromenager|(?:et|&) fils\b|freres\b|sarl\b|eurl\b|plomberie|menuiserie|elettrodomestici|(?:e|&) figli\b|arredamenti|ricambi\b|muebles\b|(?:e|&) hijos\b|moveis\b|(?:e|&) filhos\b|"
    r"agd\b|meble\b|i synowie|beyaz esya|ticaret|insaat|mobilya|otomotiv|pazarlama|ve ogullari|"
    r"care\b|service\b|support\b|kundendienst|kundenservice|klantenservice|customer |helpdesk|live-?chat|returns\b|reparatur\w*|repair|servicecenter|app\b|pro\b|plus\b(?! ?[0-9])|"
    r"krankenhaus|hospital\b|school\b|college\b|museum|theater|stadion|arena\b|airport|flughafen|collection|kollektion|edition\b|(?:und|u\.) so[eh]{0,2}n|and sons?\b|en zonen)"
)


@cache
def _example() -> re2._Regexp:
    languages = all_languages().values()
    announced = "|".join(fragment(part) for data in languages for part in data.examples)
    labelled = "|".join(fragment(part) for data in languages for part in data.samples)
    # Not the end of an address: "@host.example" announces nothing.
    # Nor the beginning of a word: an Italian "p.es." is no part of a Polish "pesel".
    words = rf"(?:{announced})(?:[ :,(=\"']{{1,3}}(?:[a-z-]+ ){{0,2}})?|(?:{labelled})[ :(=\"']{{0,3}}"
    return re2.compile(rf"(?:^|[^.@])(?:{words})[\"'(]?$".encode())


@cache
def _some_example() -> re2._Regexp:
    """Matches wherever ``_example`` does, at the borders of any window too."""
    parts = any_of([part for data in all_languages().values() for part in (*data.examples, *data.samples)])
    return re2.compile(parts.replace(r"\b", "").encode())


@cache
def _ours() -> re2._Regexp:
    return re2.compile(any_of([part for data in all_languages().values() for part in data.ours]).encode())


def doubted(candidates: Sequence[Candidate], scan: Scan) -> Iterator[Candidate]:
    """Yields the candidates, those that something speaks against with a lower score."""
    examples = (
        any(candidate.type in _VALUES for candidate in candidates)
        and _some_example().search(scan.left[-_OURS_WINDOW:].encode() + scan.data) is not None
    )
    for candidate in candidates:
        against = _against(candidate, scan, examples=examples)
        if candidate.type in PLACES and of_a_firm(candidate, candidates, scan):
            against += _SERVICE_ODDS
        if against:
            odds = log(max(candidate.score, 1e-6) / max(1.0 - candidate.score, 1e-3)) - against
            score = 1.0 / (1.0 + exp(-odds))
            yield Candidate(candidate.start, candidate.end, candidate.type, score, candidate.recogniser)
        else:
            yield candidate


def _against(candidate: Candidate, scan: Scan, *, examples: bool) -> float:
    if candidate.type is not T.GEO and _DECIMAL.match(scan.lower[candidate.start : candidate.end]):
        return _PRICE_ODDS
    if candidate.type is T.PERSON:
        return _against_name(candidate, scan)
    if (candidate.type is T.IP or scan.channel == "call") and _default_address(candidate, scan):
        return _SERVICE_ODDS
    if candidate.type not in _VALUES:
        return 0.0
    against = _against_form(candidate, scan)
    if examples and _example().search(scan.before(candidate.start, _EXAMPLE_WINDOW).encode()):
        against += _EXAMPLE_ODDS
    if candidate.type in _WORDS_ASKED - scan.asked.types and about_things(candidate, scan):
        against += _THING_ODDS
    if candidate.type is T.POSTCODE_CITY and near_a_shop(candidate, scan):
        against += _SHOP_ODDS
    if candidate.type in _FIGURES:
        clue = scan.clue(candidate.start, _OTHER_WINDOW)
        if clue is not None and clue.type is None:
            far = -clue.end > _RIGHT_BEFORE and (candidate.type is T.POSTCODE_CITY or _is_mobile(candidate, scan))
            against += 0.0 if far else _OTHER_ODDS
        against += _MEASURE_ODDS if scan.measured(candidate.end) else 0.0
    return against


def _against_form(candidate: Candidate, scan: Scan) -> float:
    """Returns what the value itself says: it counts up, is all zeros, a firm's mailbox, number or router."""
    against, text = 0.0, scan.lower[candidate.start : candidate.end]
    if candidate.type is not T.PASSWORD and _counted(text):
        against += 0.0 if candidate.type is T.NATIONAL_ID and _named(candidate, scan) else _COUNTED_ODDS
    if candidate.type is T.CUSTOMER_NO and _WHOLE_DATE.match(text) and not _named(candidate, scan):
        against += _COUNTED_ODDS
    if candidate.type in _CODES and _is_a_model(candidate, scan):
        against += _MODEL_ODDS
    if candidate.type in _ZEROS and _only_zeros(text):
        against += _COUNTED_ODDS
    if (candidate.type is T.PLATE and _MODEL_CODE.match(text) and not _is_polish_plate(text, scan)) or (
        candidate.type is T.CUSTOMER_NO and _SHORT_CODE.match(text)
    ):
        against += 0.0 if _named(candidate, scan) else _MODEL_ODDS
    if candidate.type in _FIGURES and (
        _ENDING.search(scan.before(candidate.start, _ENDING_WINDOW)) or _asked_for_its_end(candidate, scan)
    ):
        digits = scan.spoken_digits(candidate.start, candidate.end)
        against += _SERVICE_ODDS if 0 < len(digits) <= _FEW_FIGURES else 0.0
    if (candidate.type is T.IP and _VERSION.fullmatch(text)) or (
        candidate.type is T.DATE_OF_BIRTH and not _dated(text) and not _named(candidate, scan)
    ):
        against += _COUNTED_ODDS
    if candidate.type is T.EMAIL and T.EMAIL not in scan.asked.types and shared_mailbox(text):
        against += _OURS_ODDS
    if candidate.type is T.PHONE:
        against += _against_phone(candidate, scan)
    return against


def _asked_for_its_end(candidate: Candidate, scan: Scan) -> bool:
    """Tells whether the last turn asked how a number ends, of which those figures are no secret."""
    secret = candidate.type in _SECRETS or not _SECRETS.isdisjoint(scan.asked.types)
    return not secret and _END_ASKED.search(scan.asked.words) is not None


def _is_a_model(candidate: Candidate, scan: Scan) -> bool:
    """Tells whether a dictated code is a thing's name: its model was asked for, or stands before it."""
    before = scan.before(candidate.start, _CODE_WINDOW)
    text = scan.lower[candidate.start : candidate.end]
    if scan.channel != "call" or _named(candidate, scan) or _SERIAL.search(before + text):
        return False
    asked = _WHICH_MODEL.search(scan.asked.words) is not None and not _LABEL.search(scan.asked.words)
    announced = _MODEL_BEFORE.search(before) is not None and len(text.split(" ")) <= _SPOKEN_MODEL
    return asked or announced


def _dated(text: str) -> bool:
    """Tells whether figures with full stops can be a date; anything else may be one."""
    figures = [int(each) for each in text.split(".")] if _DOTTED.fullmatch(text) else []
    return not figures or any(1 <= month <= _MONTHS and 1 <= day <= _DAYS for month, day in permutations(figures, 2))


def _is_polish_plate(text: str, scan: Scan) -> bool:
    """Tells whether a plate has the form of a Polish one, where Polish is spoken: as many a model's number has."""
    return scan.language == "pl" and _POLISH_PLATE.match(text) is not None


def _named(candidate: Candidate, scan: Scan) -> bool:
    """Tells whether a clue right before the value calls it what it is taken for, or the question asked for it."""
    clue = scan.clue(candidate.start, _OTHER_WINDOW)
    return clue.type is candidate.type if clue is not None else candidate.type in scan.asked.types


def _counted(text: str) -> bool:
    """Tells whether a number only counts up, as invented ones do."""
    if len(text) < _SEQUENCE:
        return False
    digits = "".join(filter(str.isdigit, text))
    return len(digits) >= _SEQUENCE and digits in _COUNTING


def _default_address(candidate: Candidate, scan: Scan) -> bool:
    """Tells whether an address, written or dictated, is one that every router or name server has."""
    if scan.lower.startswith(_DEFAULTS, candidate.start):
        return True
    return any(
        run.text.startswith(_DEFAULTS) and run.start < candidate.end and candidate.start < run.end for run in scan.runs
    )


def _only_zeros(text: str) -> bool:
    """Tells whether a number is the one that stands for none: a factory's PIN, the form of a sort code."""
    return set(filter(str.isalnum, text)) == {"0"}


def _against_phone(candidate: Candidate, scan: Scan) -> float:
    text = scan.lower[candidate.start : candidate.end]
    digits = "00" * text.startswith("+") + scan.spoken_digits(candidate.start, candidate.end)
    if short_number(digits, scan.language):
        return 0.0 if _is_a_group(candidate, scan) else _SERVICE_ODDS
    if service_number(digits, scan.language, text):
        return _SERVICE_ODDS
    return 0.0 if mobile_number(digits, scan.language) or not _is_ours(candidate, scan) else _OURS_ODDS


def _is_a_group(candidate: Candidate, scan: Scan) -> bool:
    """Tells whether a short number may be one group of a person's, told in several: figures before, or a turn alone."""
    before = scan.before(candidate.start, _GROUP_WINDOW)
    told = any(candidate.start - _GROUP_WINDOW < run.end <= candidate.start for run in scan.runs)
    alone = scan.channel == "call" and not before.strip()
    return T.PHONE in scan.asked.types or told or alone or any(map(str.isdigit, before))


def _is_mobile(candidate: Candidate, scan: Scan) -> bool:
    return mobile_number(scan.spoken_digits(candidate.start, candidate.end), scan.language)


def _is_ours(candidate: Candidate, scan: Scan) -> bool:
    """Tells whether a firm gives the number as its own: in one sentence, in which nobody speaks of themselves."""
    before = scan.before(candidate.start, _OURS_WINDOW)
    ends = [match.end() for match in _ours().finditer(before.encode())]
    if not ends:
        return False
    between = before[ends[-1] :]
    return not SENTENCE_END.search(between) and mine(scan.language).search(between.encode()) is None


def _against_name(candidate: Candidate, scan: Scan) -> float:
    words = [word.strip(_MARKS) for word in scan.lower[candidate.start : candidate.end].replace("-", " ").split()]
    beside = scan.before(candidate.start, _WORD_WINDOW).rstrip().rsplit(" ", 1)[-1]
    before = beside.strip(_MARKS)
    against = 0.0
    named = (
        before in title_words()
        or (T.PERSON in scan.asked.types and candidate.start < _FIRST)
        or _INTRODUCED.search(scan.before(candidate.start, _WORD_WINDOW)) is not None
    )
    named_like_one = len(words) > 1 and words[0] in _GIVEN_BRANDS and words[1] not in _THEIRS
    like_people = " ".join(words[:3]) in CALLED_LIKE_PEOPLE or " ".join(words[:2]) in CALLED_LIKE_PEOPLE
    if words and (like_people or (words[0] in BRANDS and not named_like_one)) and not named:
        against += _BRAND_ODDS
    if before in BRANDS and not (before == "lg" and _CLOSING.match(scan.lower, candidate.end)):
        against += _MODEL_ODDS
    if before in _BOTS:
        against += _FIRM_ODDS
    if words and words[-1] in _NOBODY:
        against += _EXAMPLE_ODDS
    if _FIRM.match(scan.lower, candidate.end, candidate.end + _FIRM_WINDOW):
        against += _FIRM_ODDS
    if before not in title_words() and all(
        word in _WORDS or word in ordinary_words(scan.language) or (len(word) == 1 == len(words))
        for word in words
        if word
    ):
        against += _WORD_ODDS
    return against + against_thing(candidate, scan, beside)
