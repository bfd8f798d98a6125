"""Answers to security questions: "Sicherheitsfrage: Ihr erstes Auto?" makes any short answer a secret.

What is asked for may be anything (a film, a dish, a town), so the question alone decides. NIST SP 800-63B, section 3.1.1,
counts such answers among what authenticates a person.
"""

# ruff: noqa: E501 - a pattern is read whole

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.recogniser import STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_SECRET = EntityType.PASSWORD
_QUESTION = re2.compile(
    rb"sicherheits(?:frage|antwort)|geheim(?:frage|antwort)|(?:passwort|kennwort)-?(?:hinweis|hilfe|frage)|merkwort|losungswort|"
    rb"security (?:question|answer)|secret (?:question|answer)|recovery question|\(for recovery\)|memorable|pass ?phrase|password (?:hint|reminder)|"
    rb"(?:beveiligings|veiligheids|controle|geheime? )vraag|(?:beveiligings|veiligheids|controle|geheim )antwoord|wachtwoord-?(?:hint|zin|vraag)|toegangswoord|"
    rb"question (?:de securite|secrete)|reponse secrete|domanda (?:di sicurezza|segreta)|risposta segreta|pregunta (?:de seguridad|secreta)|respuesta secreta|"
    rb"pytani[ea] (?:pomocnicze|bezpieczenstwa|kontrolne|zabezpieczajace)|guvenlik soru\w*|gizli soru\w*|pergunta (?:de seguranca|secreta)|intrebare\w* (?:de securitate|secreta)"
)
_LEAD = re.compile(
    r"(?:(?:ah|ahm|eh|ehm|em|er|erm|uh|uhm|um|hm|ja|yes|yeah|yep|oui|si|tak|also|dus|so|well|oh|it's|its|it is|it was|that's|das ist|das war|es ist|es war|"
    r"dat is|dat was|het is|het was|c'est|c'etait|era|to|jest)[ ,.:-]+)*"
)
_NO_ANSWER = re.compile(
    r"\b(?:weiss|kenn|verges\w+|keine?|nicht|nein|nee|niet|geen|weet|no|not|none|don'?t|dunno|forgot\w*|forget\w*|know|remember|can'?t|pas|sais|oublie|non|so|ricordo|se|"
    r"recuerdo|olvid\w+|nie|wiem|pamietam|zapomnial\w*|bilmiyorum|unuttum|nao|sei|nu|stiu|warum|wieso|why|waarom|welche\w*|which|what|was|wat|welke|hilfe|help|agent|mitarbeiter)\b"
)
_MOST_WORDS, _MOST_CHARACTERS = 7, 60


def _find(scan: Scan) -> Iterator[Hit]:
    if not scan.first or not _QUESTION.search(scan.asked.words.encode()):
        return
    text = scan.lower.rstrip(" .,!\n")
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    answer = text[start:]
    if not answer or len(answer) > _MOST_CHARACTERS or len(answer.split()) > _MOST_WORDS:
        return
    if "?" in answer or not answer[0].isalnum() or _NO_ANSWER.search(answer):
        return
    yield start, start + len(answer), _SECRET, STRONG


RECOGNISER = Recogniser(
    name="secret_answer",
    gate=(),
    find=_find,
    answers=frozenset({_SECRET}),
    examples=(
        Example("⟦PASSWORD|Trabant⟧", previous="Sicherheitsfrage: Welche Marke war Ihr erstes Auto?"),
        Example(
            "it was ⟦PASSWORD|the green caravan⟧.", previous="Your security question: your favourite childhood place?"
        ),
        Example("⟦PASSWORD|tante riet haar schuur⟧", previous="Wat is het antwoord op uw controlevraag?"),
        Example("⟦PASSWORD|Les Hortensias⟧", previous="Question secrète : votre film préféré ?"),
        Example("das weiß ich nicht mehr", previous="Sicherheitsfrage: Welche Marke war Ihr erstes Auto?"),
        Example("welche Sicherheitsfrage?", previous="Bitte beantworten Sie Ihre Sicherheitsfrage."),
        Example("Trabant", previous="Welche Marke war Ihr erstes Auto?"),
    ),
)
