"""German customer messages and bot answers of an exact length, none like another, most with personal data in them."""

from __future__ import annotations

from stdnum import iban

_FIRST = (
    "Katharina",
    "Jonas",
    "Mehmet",
    "Sabine",
    "Oliver",
    "Agnieszka",
    "Friedrich",
    "Lena",
    "Thomas",
    "Yasemin",
    "Paul",
)
_LAST = ("Brandhorst", "Yıldız", "Kowalski", "Obermüller", "Reinhardt", "Schäfer", "van Dijk", "Zimmermann", "Petersen")
_STREETS = ("Lindenstraße", "Am Alten Markt", "Goethestraße", "Kölner Weg", "Bahnhofstraße")
_CITIES = (
    "50667 Köln",
    "80331 München",
    "20095 Hamburg",
    "04109 Leipzig",
    "85049 Ingolstadt",
    "70173 Stuttgart",
    "28195 Bremen",
)
_BANKS = ("50010517", "37040044", "12030000", "70150000")

# A share of the messages says nothing personal, as in real chats.
_OPENINGS = (
    "Guten Tag, mein Name ist {first} {last}, Vorgang {n}.",
    "Rufen Sie mich bitte unter {phone} zurück, es geht um Fall {n}.",
    "Meine Mailadresse ist {email}, bitte die Rechnung dorthin.",
    "Die Erstattung bitte auf {iban} überweisen.",
    "Die Seriennummer lautet SN-{serial}, gekauft im Mai.",
    "Ich wohne in der {street} {house}, {city}, Termin {n}.",
    "Hat das Modell mit {n} Gramm auch einen zweiten Akku?",
    "Wie lange dauert die Lieferung von Artikel {n} denn?",
)
_FILLERS = (
    " Der Akkusauger lädt seit letzter Woche nicht mehr und blinkt nur noch rot.",
    " Ich habe schon alles versucht, was in der Anleitung steht, leider ohne Erfolg.",
    " Können Sie mir sagen, ob das noch unter die Gewährleistung fällt?",
    " Im Geschäft konnte mir am Samstag leider niemand weiterhelfen.",
    " Für eine schnelle Antwort wäre ich Ihnen wirklich sehr dankbar.",
)
_ANSWER = (
    "Vielen Dank, ich habe Ihr Anliegen unter der Nummer {} aufgenommen.",
    " Die Werkstatt meldet sich in den nächsten Tagen bei Ihnen.",
    " Die meisten Geräte sind nach einer Woche wieder da, und den Stand sehen Sie jederzeit hier im Chat.",
)


def message(number: int, size: int) -> str:
    """Return the customer's message of this number; it has exactly `size` characters."""
    first, last = _FIRST[number % len(_FIRST)], _LAST[number % len(_LAST)]
    text = _OPENINGS[number % len(_OPENINGS)].format(
        n=number,
        first=first,
        last=last,
        phone=f"0151 {number * 104729 % 90000000 + 10000000}",
        email=f"{first.lower()}.k{number}@example.org",
        iban=_Account(number),
        serial=f"{number * 15485863 % 16**8:08X}",
        street=_STREETS[number % len(_STREETS)],
        house=number % 180 + 1,
        city=_CITIES[number % len(_CITIES)],
    )
    filler = number // len(_OPENINGS)
    while len(text) < size:
        text += _FILLERS[filler % len(_FILLERS)]
        filler += 1
    return text[: size - 1] + "."


class _Account(int):
    """The number of an account; its IBAN is computed only where it is printed."""

    def __format__(self, _spec: str) -> str:
        bank, account = _BANKS[self % len(_BANKS)], f"{self * 7919 % 10**10:010d}"
        return iban.format(f"DE{iban.calc_check_digits(f'DE00{bank}{account}')}{bank}{account}")


def answer_template(size: int) -> tuple[str, str]:
    """Return what the bot says before and after an eight-digit case number, `size` characters with the number."""
    before, after = _ANSWER[0].split("{}")
    after += "".join(_ANSWER[1:]) * 2
    return before, after[: size - len(before) - 9] + "."
