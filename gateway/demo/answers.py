"""What the demo bot says: rules of a small electronics shop, in German and English, without state.

The bot repeats what it understood, in the very form in which it saw it, so that one can watch what the
gateway does: with `forward: redacted` it says "[DEVICE_ID]", with `forward: pseudonyms` it says
"<DEVICE_ID_1>" and the customer reads the serial number all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the chat protocol: the role and its text."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of one of the tools that the client offered."""

    name: str
    arguments: dict[str, str]


_GERMAN_WORDS = (
    r"ich|sie|mein|meine|ist|und|der|die|das|wie|bitte|nicht|haben|guten|danke|wann|wo|ein|eine|am|an|unter|mich"
)
_ENGLISH_WORDS = r"i|you|my|is|and|the|how|please|not|have|good|thanks|when|where|a|hello|what|are|to"
_LANGUAGE_WORDS = {
    "de": re.compile(rf"\b(?:{_GERMAN_WORDS})\b", re.IGNORECASE),
    "en": re.compile(rf"\b(?:{_ENGLISH_WORDS})\b", re.IGNORECASE),
}

# In this order, each taking its text away from those after it: an account number holds digits like a telephone number.
_VALUES = {
    "IBAN": re.compile(r"\b([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?)\b"),
    "EMAIL": re.compile(r"([\w.+-]+@[\w-]+(?:\.[\w-]+)+)"),
    "DEVICE_ID": re.compile(
        r"(?i:seriennummer|serial number|imei)\W+(?:(?i:ist|lautet|is)\W+)?([A-Z0-9][A-Z0-9-]{5,})",
    ),
    "CUSTOMER_NO": re.compile(
        r"(?i:bestellung|bestellnummer|auftrag|auftragsnummer|order|ticket)\W+"
        r"(?:(?i:ist|lautet|is|nr|no|number)\W+)*([A-Z0-9-]*\d[A-Z0-9-]{3,})",
    ),
    "PHONE": re.compile(r"((?:\+|\b0)\d[\d /-]{6,16}\d)"),
    "PERSON": re.compile(r"(?i:mein name ist|ich heiße|my name is)\s+([A-ZÄÖÜ][\w-]+(?:\s[A-ZÄÖÜ][\w-]+)?)"),
}
_PLACEHOLDER = re.compile(r"[<\[]([A-Z]+(?:_[A-Z]+)*)(?:_\d+)?[>\]]")

_INTENTS = {
    "state": r"\b(?:status|stand|wo bleibt|wo ist|wann kommt|fertig|state|where is|track|ready)\b",
    "repair": r"reparatur|reparier|defekt|kaputt|\brepair|\bbroken\b|lädt|\bcharge",
    "hours": r"öffnungszeit|geöffnet|\boffen\b|\bopen\b|opening hours|samstag|\bsaturday",
    "returns": r"rückgabe|zurückgeben|zurückschicken|widerruf|\breturn",
    "warranty": r"garantie|gewährleistung|\bwarranty|\bguarantee",
    "human": r"mitarbeiter|\bmensch|\bagent\b|\bhuman\b|real person",
    "greeting": r"\b(?:guten tag|guten morgen|guten abend|hallo|moin|hello|hi|good (?:morning|afternoon|evening))\b",
    "farewell": r"vielen dank für|auf wiedersehen|tschüss|mit freundlichen grüßen|\bgoodbye\b|\bbye\b|best regards",
}
_INTENT_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _INTENTS.items()}

_REPLIES: dict[str, dict[str, str]] = {
    "de": {
        "hello": "Guten Tag{name}!",
        "thanks": "Vielen Dank{name}.",
        "bye": "Gern geschehen{name}. Auf Wiedersehen!",
        "DEVICE_ID": "Ich habe Ihre Seriennummer {value} notiert.",
        "PHONE": "Wir rufen Sie unter {value} an.",
        "EMAIL": "Die Bestätigung geht an {value}.",
        "IBAN": "Eine Erstattung überweisen wir auf das Konto {value}.",
        "CUSTOMER_NO": "Ich sehe mir den Vorgang {value} an.",
        "state": "Ihr Gerät liegt in der Werkstatt und ist voraussichtlich am Freitag fertig.",
        "repair": "Ihre Reparatur ist angelegt.",
        "repair-ask": "Für eine Reparatur brauche ich die Seriennummer; sie steht meist auf der Unterseite des Geräts.",
        "hours": "Unser Geschäft ist montags bis samstags von 10 bis 20 Uhr geöffnet.",
        "returns": "Sie können Ihre Ware innerhalb von 14 Tagen zurückgeben, am besten mit dem Kassenbon.",
        "warranty": "Auf alle Geräte gilt die gesetzliche Gewährleistung von zwei Jahren.",
        "human": "Ich verbinde Sie gern mit dem Kundendienst, sobald jemand frei ist.",
        "looked-up": "Ich habe nachgesehen: {value}.",
        "lost": "Das habe ich leider nicht verstanden. Ich helfe gern bei Reparatur, Bestellung, Rückgabe und "
        "Öffnungszeiten.",
        "help": "Was kann ich für Sie tun?",
    },
    "en": {
        "hello": "Hello{name}!",
        "thanks": "Thank you{name}.",
        "bye": "You are welcome{name}. Goodbye!",
        "DEVICE_ID": "I have noted your serial number {value}.",
        "PHONE": "We will call you on {value}.",
        "EMAIL": "The confirmation goes to {value}.",
        "IBAN": "We will send a refund to the account {value}.",
        "CUSTOMER_NO": "I am looking at case {value}.",
        "state": "Your device is in the workshop and should be ready on Friday.",
        "repair": "Your repair is booked.",
        "repair-ask": "For a repair I need the serial number; you will find it on the underside of the device.",
        "hours": "Our shop is open Monday to Saturday from 10 am to 8 pm.",
        "returns": "You can return your purchase within 14 days, preferably with the receipt.",
        "warranty": "All devices carry the statutory warranty of two years.",
        "human": "I will put you through to customer service as soon as somebody is free.",
        "looked-up": "I have looked it up: {value}.",
        "lost": "I am sorry, I did not understand. I can help with repairs, orders, returns and opening hours.",
        "help": "What can I do for you?",
    },
}


def answer(history: Sequence[Message]) -> str:
    """Return what the bot says next: an answer to the last message, or to a tool's result if that came last."""
    said = [message.text for message in history if message.role == "user"]
    replies = _REPLIES[_language(said)]
    if history and history[-1].role == "tool":
        return replies["looked-up"].format(value=_readable(history[-1].text))
    latest = said[-1] if said else ""
    known, noted, intents = _values("\n".join(said)), _values(latest), _intents(latest)
    name = f", {known['PERSON']}" if "PERSON" in known else ""
    notes = [replies[entity].format(value=value) for entity, value in noted.items() if entity in replies]
    sentences: list[str] = []
    if "farewell" in intents:
        return " ".join([*notes, replies["bye"].format(name=name)])
    if "greeting" in intents or "PERSON" in noted:
        sentences.append(replies["hello"].format(name=name))
    elif notes:
        sentences.append(replies["thanks"].format(name=name))
    sentences += notes
    sentences += [replies[_reply_key(intent, known)] for intent in intents if intent != "greeting"]
    if not sentences:
        return replies["lost"]
    return " ".join(
        sentences if len(sentences) > 1 or notes or intents != ["greeting"] else [*sentences, replies["help"]]
    )


def tool_call(history: Sequence[Message], tools: Sequence[Mapping[str, object]]) -> ToolCall | None:
    """Return a call of the first tool if the last message asks about a state, with arguments from what was said."""
    if not tools or not history or history[-1].role != "user" or "state" not in _intents(history[-1].text):
        return None
    function = tools[0].get("function")
    if not isinstance(function, Mapping):
        return None
    values = _values("\n".join(message.text for message in history if message.role == "user"))
    parameters = function.get("parameters")
    properties = parameters.get("properties") if isinstance(parameters, Mapping) else None
    names = [str(name) for name in properties] if isinstance(properties, Mapping) else ["query"]
    return ToolCall(str(function.get("name", "")), {name: _argument(name, values, history[-1].text) for name in names})


# Which value goes into a parameter, by what its name holds.
_PARAMETERS = (
    ("serial", "DEVICE_ID"),
    ("device", "DEVICE_ID"),
    ("serien", "DEVICE_ID"),
    ("mail", "EMAIL"),
    ("phone", "PHONE"),
    ("telefon", "PHONE"),
    ("iban", "IBAN"),
    ("order", "CUSTOMER_NO"),
    ("number", "CUSTOMER_NO"),
    ("nummer", "CUSTOMER_NO"),
    ("name", "PERSON"),
)


def _argument(name: str, values: Mapping[str, str], text: str) -> str:
    lowered = name.lower()
    return next((values[entity] for word, entity in _PARAMETERS if word in lowered and entity in values), text)


def _reply_key(intent: str, known: Mapping[str, str]) -> str:
    return "repair-ask" if intent == "repair" and "DEVICE_ID" not in known else intent


def _intents(text: str) -> list[str]:
    return [name for name, pattern in _INTENT_PATTERNS.items() if pattern.search(text)]


def _values(text: str) -> dict[str, str]:
    """Return the last value of each kind in the text: a placeholder if there is one, else as it was typed."""
    placeholders = {match[1]: match[0] for match in _PLACEHOLDER.finditer(text)}
    text = _PLACEHOLDER.sub(" ", text)
    typed: dict[str, str] = {}
    for entity, pattern in _VALUES.items():
        for match in pattern.finditer(text):
            typed[entity] = match[1]
        text = pattern.sub(" ", text)
    return typed | placeholders


def _language(said: Iterable[str]) -> str:
    """Return the language of the latest message that shows one, German if none does."""
    for text in reversed(list(said)):
        scores = {language: len(words.findall(text)) for language, words in _LANGUAGE_WORDS.items()}
        if scores["de"] != scores["en"]:
            return max(scores, key=scores.__getitem__)
    return "de"


def _readable(result: str) -> str:
    """Return a tool's result as words: the fields of a JSON object, or the text as it is."""
    try:
        fields = orjson.loads(result)
    except orjson.JSONDecodeError:
        return result.strip().rstrip(".")
    return ", ".join(f"{key}: {value}" for key, value in fields.items()) if isinstance(fields, dict) else str(fields)
