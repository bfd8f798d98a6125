"""What says something of a person's health, faith, sexual orientation, union or party (Article 9(1) GDPR).

An illness alone is a subject; said of somebody it is personal: "mein Vater hat Demenz", but not
"Hilfsmittel bei Demenz".
The words are the languages' (`Language.health`); who is spoken of must stand before them in the same sentence.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final

import re2

from redaction.findings import EntityType
from redaction.languages import all_languages, any_of
from redaction.recogniser import POSSIBLE, STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_HEALTH: Final = EntityType.HEALTH
_SCORE: Final = STRONG + 0.07
_WINDOW: Final = 60
_SENTENCE_END: Final = re.compile(
    r"[.!?;]+ |\n|\b(?:such(?:e|en|st|t)?|gibt ?'?s|gibt es|verkauf\w*|fuhr(?:en sie|t ihr)|fuehr(?:en sie|t ihr)|habt ihr|haben sie|do you (?:sell|stock|have|carry|do)|"
    r"looking for|zoek|zoeken|verkop\w*|verkoopt|hebben jullie|heeft u|cherche|vendez|avez-vous|cerco|vendete|avete|busco|venden|tienen|szukam|macie|"
    r"sprzedaj\w*|ariyorum|satiyor\w*|var mi|caut|vindeti|aveti|procuro|vendem)\b"
)
"""Who asks for goods speaks of nobody yet: "ich suche eine Rampe für einen Rollstuhl"."""
_MEDICINES: Final = (
    r"levothyrox\w*|l-thyrox\w*|euthyrox\w*|thyrax|ramipril\w*|enalapril\w*|lisinopril\w*|candesartan\w*|valsartan\w*|losartan\w*|bisoprolol\w*|metoprolol\w*|amlodipin\w*|"
    r"torasemid\w*|furosemid\w*|spironolacton\w*|simvastatin\w*|atorvastatin\w*|rosuvastatin\w*|metformin\w*|insulin\w*|ozempic|wegovy|mounjaro|januvia|jardiance|"
    r"marcumar|falithrom|coumadin|xarelto|eliquis|pradaxa|clopidogrel\w*|pantoprazol\w*|omeprazol\w*|salbutamol\w*|ventolin\w*|symbicort|seretide|foster spray|spiriva|montelukast|"
    r"prednison\w*|prednisolon\w*|hydrocortison\w*|methotrexat\w*|mtx|humira|enbrel|cosentyx|tamoxifen\w*|letrozol\w*|sertralin\w*|citalopram\w*|escitalopram\w*|fluoxetin\w*|"
    r"venlafaxin\w*|duloxetin\w*|mirtazapin\w*|bupropion|quetiapin\w*|olanzapin\w*|risperidon\w*|aripiprazol\w*|lithium ?carbonat\w*|quilonum|methylphenidat\w*|ritalin\w*|concerta|"
    r"elvanse|medikinet|lamotrigin\w*|levetiracetam\w*|keppra|carbamazepin\w*|valproat\w*|depakine|gabapentin\w*|pregabalin\w*|lyrica|tilidin\w*|tramadol\w*|oxycodon\w*|"
    r"morphin\w*|fentanyl\w*|methadon\w*|buprenorphin\w*|subutex|levodopa|madopar|donepezil\w*|memantin\w*|sumatriptan\w*|allopurinol\w*|truvada|biktarvy"
)
"""Medicines on prescription, by their international names (WHO) or a brand: who takes one says what they have."""
_ASKED: Final = re2.compile(
    rb"\b(?:medikament\w*|arznei\w*|rezept\w*|vorerkrankung\w*|erkrankung\w*|krankheit\w*|diagnose|beschwerden|allergi\w*|medicijn\w*|medicatie|recept(?:en|y|e|a)?|aandoening\w*|ziekte\w*|klachten|"
    rb"medicines?|medications?|prescriptions?|medical|illness\w*|conditions?|diagnosis|symptoms|medicaments?|ordonnance|traitement|maladie\w*|pathologie\w*|symptomes|"
    rb"medicin\w*|farmac\w*|ricetta|terapia|patologi\w*|malattie?|sintomi|medicament\w*|receta|enfermedad\w*|diagnostico|sintomas|lek(?:i|ow|u|arstw\w*)?|chorob\w*|schorzeni\w*|"
    rb"rozpoznanie|objawy|ilac\w*|recete\w*|hastalig?\w*|rahatsizlig?\w*|teshis|receita|doenca\w*|reteta|afectiun\w*|boala|boli)\b"
)
"""Who is asked what they take or have speaks of themselves, or of whom they speak for."""
_COMPOUND: Final = re.compile(r"-[a-z]")
"""A thing is named after it: "Diabetes-Waage"."""
_BEGINNINGS: Final = [
    any_of([re.sub(r"\\w[*+](?=\||$)", "", part) for part in parts])
    for parts in (*(data.health for data in all_languages().values()), (_MEDICINES,))
]
"""How the words of each language begin: the gate is built sooner of these than of the words with all their endings."""


@cache
def _of(code: str | None) -> tuple[re2._Regexp, re2._Regexp]:
    """Returns what matches the words of a language, and those for people; of all languages where it is not known."""
    spoken = all_languages().values() if code is None else (all_languages()[code],)
    terms = [_MEDICINES, *(part for data in spoken for part in data.health)]
    people = [part for data in spoken for part in data.people]
    return (
        re2.compile(any_of(terms).encode()),
        re2.compile(rf"(?:^|[^a-z'])(?:{'|'.join(people)})(?:[^a-z]|$)".encode()),
    )


def _find(scan: Scan) -> Iterator[Hit]:
    terms, people = _of(scan.language)
    asked = _ASKED.search(scan.asked.words.encode()) is not None
    for match in terms.finditer(scan.data):
        start, end = match.span()
        if scan.bordered(start, end) and not _COMPOUND.match(scan.lower, end):
            sentence = _SENTENCE_END.split(scan.before(start, _WINDOW))[-1]
            yield start, end, _HEALTH, _SCORE if asked or people.search(sentence.encode()) else POSSIBLE


RECOGNISER = Recogniser(
    name="health",
    gate=tuple(_BEGINNINGS),
    find=_find,
    examples=(
        Example("mein Vater hat ⟦HEALTH|Demenz⟧ und findet die Taste nicht"),
        Example("i'm registered with you, my wife has ⟦HEALTH|epilepsy⟧"),
        Example("mijn zoon is ⟦HEALTH|allergisch⟧ voor noten"),
        Example("Welche Hilfsmittel bei Demenz habt ihr?"),
        Example("die ⟦HEALTH|ramipril⟧ bitte", previous="Welches Medikament brauchen Sie?", channel="call"),
        Example("ich nehme seit Jahren ⟦HEALTH|Metformin⟧"),
        Example("Metformin 1000 lieferbar?"),
        Example("i'm his son, do you sell straps for a wheelchair"),
        Example("ich suche ein Telefon für meine Mutter, sie hat ⟦HEALTH|Demenz⟧"),
    ),
)
