from __future__ import annotations

import pytest

from redaction.clues import asked
from redaction.context import Scan
from redaction.doubts import doubted
from redaction.edges import completed, straightened
from redaction.findings import EntityType as T
from redaction.normalise import fold
from redaction.resolve import Candidate


def candidate(text: str, value: str, kind: T) -> tuple[Candidate, Scan]:
    start = text.index(value)
    return Candidate(start, start + len(value), kind, 0.9, "names"), Scan(fold(text), language="de")


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("die App 4.7.2 stürzt ab", "4.7.2", T.IP),
        ("seit dem Update 3.0.81", "3.0.81", T.DATE_OF_BIRTH),
        ("zum Beispiel 22106-0012346", "22106-0012346", T.CUSTOMER_NO),
        ("for example DE12 3456", "DE12 3456", T.IBAN),
        ("bijvoorbeeld 1234 AB", "1234 AB", T.POSTCODE_CITY),
        ("e.g. your number 07700 900461", "07700 900461", T.PHONE),
        ("in the format 07700 900461", "07700 900461", T.PHONE),
        ("Artikelnummer 44878 Lampe", "44878 Lampe", T.POSTCODE_CITY),
        ("Kundennummer 12 mal", "12", T.CUSTOMER_NO),
        ("Kundennummer 4481 Euro", "4481", T.CUSTOMER_NO),
        ("rufen Sie uns an: 0351 4815772", "0351 4815772", T.PHONE),
        ("ich habe unsere Hotline gesucht, die ist 0351 4815772", "0351 4815772", T.PHONE),
        ("unter 0800 330 1000", "0800 330 1000", T.PHONE),
        ("unter null acht null null drei drei null", "null acht null null drei drei null", T.PHONE),
        ("Artikelnummer 4487882", "4487882", T.CUSTOMER_NO),
        ("mein Philips geht nicht", "Philips", T.PERSON),
        ("der lg anna fernseher", "anna", T.PERSON),
        ("bei Lindqvist GmbH", "Lindqvist", T.PERSON),
        ("bei Lindqvist & Söhne", "Lindqvist", T.PERSON),
        ("die Fritz Box", "Fritz Box", T.PERSON),
        ("Max Mustermann", "Max Mustermann", T.PERSON),
        ("Kundennummer 1234567", "1234567", T.CUSTOMER_NO),
        ("der Rucksack Hannes hat Flecken", "Hannes", T.PERSON),
        ("ich bin Clara, deine digitale Assistentin", "Clara", T.PERSON),
        ("die anne frank gesamtschule", "anne frank", T.PERSON),
        ("von Hughes und Söhne", "Hughes", T.PERSON),
        ("in der Filiale Siegen", "Siegen", T.POSTCODE_CITY),
        ("die Geschwister-Scholl-Schule", "Geschwister-Scholl-Schule", T.PERSON),
        ("Liebe Grüße aus Heidelberg", "Heidelberg", T.PERSON),
        ("unsere Hündin Cleo", "Cleo", T.PERSON),
        ("Zuzahlung 756,13", "756,13", T.STREET),
        ("die Form ist 00-00-00", "00-00-00", T.IBAN),
        ("gehen Sie auf 192.168.1.254", "192.168.1.254", T.IP),
        ("eins neun zwei punkt eins sechs acht punkt eins", "eins neun zwei punkt eins sechs acht punkt eins", T.IP),
        ("am 21.09.2024 tarihinde", "21.09.2024", T.CUSTOMER_NO),
        ("schreiben Sie an biuro at domex punkt pl", "biuro at domex punkt pl", T.EMAIL),
    ],
)
def test_doubt(text: str, value: str, kind: T) -> None:
    found, scan = candidate(text, value, kind)
    assert next(doubted([found], scan)).score < found.score - 0.2


@pytest.mark.parametrize(
    ("text", "value", "kind"),
    [
        ("meine Nummer ist 0351 4815772", "0351 4815772", T.PHONE),
        ("Kundennummer 4487882", "4487882", T.CUSTOMER_NO),
        ("ich bin Lindqvist", "Lindqvist", T.PERSON),
        ("ich wohne in Dresden", "Dresden", T.STREET),
        ("Passwort 123456", "123456", T.PASSWORD),
        ("der Herr Krups hat angerufen", "Krups", T.PERSON),
        ("meine Adresse ist 91.20.11.7", "91.20.11.7", T.IP),
        ("Standort 47,41", "47,41", T.GEO),
        ("Zimmer auf Firma. Sybille Harms", "Sybille Harms", T.PERSON),
        ("mijn bsn is 123456789", "123456789", T.NATIONAL_ID),
        ("jana@berg.example 0171 5550199", "0171 5550199", T.PHONE),
        ("harms at domex punkt pl", "harms at domex punkt pl", T.EMAIL),
        ("imei 490154203237518 en 356938035643809", "356938035643809", T.DEVICE_ID),
        ("im PDF-Format an jana@berg.example", "jana@berg.example", T.EMAIL),
        ("zoals afgesproken mijn nummer 06 2447 1190", "06 2447 1190", T.PHONE),
        ("Bakkerij Veldkamp BV, 06 2447 1190", "06 2447 1190", T.PHONE),
        ("Herr Muster, 0171 5550199", "0171 5550199", T.PHONE),
        ("12 route de Lyon, 69001 Lyon", "69001 Lyon", T.POSTCODE_CITY),
        ("Lieber Kundenservice, rufen Sie mich an: 0351 4815772", "0351 4815772", T.PHONE),
        ("Die Hotline ruft nie an. 0351 4815772", "0351 4815772", T.PHONE),
        ("geboren am 34.13.1968", "34.13.1968", T.DATE_OF_BIRTH),
        ("mein Name ist Braun", "Braun", T.PERSON),
        ("danke, lg anna", "anna", T.PERSON),
        ("Grüße, Anna & Tom", "Anna", T.PERSON),
        ("der Fritz Lindqvist", "Fritz Lindqvist", T.PERSON),
        ("Gruß, Ben", "Ben", T.PERSON),
        ("Fehler E12 kommt wieder. 0171 5550199", "0171 5550199", T.PHONE),
        ("Modell KX 200, 0171 5550199", "0171 5550199", T.PHONE),
        ("Kundennummer 4481027 am Telefon", "4481027", T.CUSTOMER_NO),
        ("Seriennummer PF3K7Q2M mal pruefen", "PF3K7Q2M", T.DEVICE_ID),
        ("Kundennummer vier vier acht eins null zwo sieben mal", "vier vier acht eins null zwo sieben", T.CUSTOMER_NO),
    ],
)
def test_no_doubt(text: str, value: str, kind: T) -> None:
    found, scan = candidate(text, value, kind)
    assert next(doubted([found], scan)) == found


@pytest.mark.parametrize(
    ("text", "value", "kind", "kept"),
    [
        ("an Frau Lindqvist", "Frau Lindqvist", T.PERSON, "Lindqvist"),
        ("ist die null eins sieben", "die null eins sieben", T.PHONE, "null eins sieben"),
        ("wohnhaft Ahornweg 3", "wohnhaft Ahornweg 3", T.STREET, "Ahornweg 3"),
        ("Am Ostertor 3", "Am Ostertor 3", T.STREET, "Am Ostertor 3"),
        ("gerrit lind van beukenplein acht", "gerrit lind van", T.PERSON, "gerrit lind"),
        ("ich heiße Anh Van", "Anh Van", T.PERSON, "Anh Van"),
        ("mein name ist anh van und ich", "anh van", T.PERSON, "anh van"),
        ("ist mittlerweile dement", "mittlerweile dement", T.HEALTH, "dement"),
        ("geboren 03.06.1969 T.C", "03.06.1969 T.C", T.DATE_OF_BIRTH, "03.06.1969"),
        ("user maja_b99 psw", "maja_b99 psw", T.USERNAME, "maja_b99"),
    ],
)
def test_words_of_the_sentence_stay_outside(text: str, value: str, kind: T, kept: str) -> None:
    found, scan = candidate(text, value, kind)
    straight = next(straightened([found], scan))
    assert text[straight.start : straight.end] == kept


@pytest.mark.parametrize(
    ("text", "value", "kind", "kept"),
    [
        ("login tante.trude_77 bitte", "trude", T.USERNAME, "tante.trude_77"),
        ("in Bad Bergen-Enke.", "Bergen", T.POSTCODE_CITY, "Bergen-Enke"),
        ("01099 Berg (Oder) bitte", "01099 Berg (Oder", T.POSTCODE_CITY, "01099 Berg (Oder)"),
        ("passwort Herbst2020! bitte", "Herbst2020", T.PASSWORD, "Herbst2020!"),
        ("lindqvist hier", "lindqvist", T.PERSON, "lindqvist"),
        ("Gruß, A. Lindqvist", "Lindqvist", T.PERSON, "A. Lindqvist"),
        ("Gruß, J. R. Lindqvist", "Lindqvist", T.PERSON, "J. R. Lindqvist"),
        ("das war es. Lindqvist", "Lindqvist", T.PERSON, "Lindqvist"),
        ("gruß marit l.", "marit l", T.PERSON, "marit l."),
        ("unser Kassenwart Norbert Wellek privat", "Norbert", T.PERSON, "Norbert Wellek"),
        ("Norbert Und sonst", "Norbert", T.PERSON, "Norbert"),
        ("Norbert, Wellek", "Norbert", T.PERSON, "Norbert"),
        ("dün Merve Hanımla konuştum", "Merve", T.PERSON, "Merve"),
        ("geht an Rosental 12 raus", "Rosental", T.STREET, "Rosental 12"),
        ("geht an Rosental 12,50 Euro", "Rosental", T.STREET, "Rosental"),
        ("wohnt talgraben zwo hinten", "talgraben", T.STREET, "talgraben zwo"),
        ("bei Heuser, Nr. 27 bitte", "27", T.STREET, "Nr. 27"),
        ("der code ist 5800, hekje", "5800", T.PASSWORD, "5800, hekje"),
        ("nehme Xarelto 20 mg abends", "Xarelto", T.HEALTH, "Xarelto 20 mg"),
        ("nehme Xarelto 20 Tage", "Xarelto", T.HEALTH, "Xarelto"),
    ],
)
def test_words_are_covered_whole(text: str, value: str, kind: T, kept: str) -> None:
    found, scan = candidate(text, value, kind)
    whole = next(completed([found], scan))
    assert text[whole.start : whole.end] == kept


@pytest.mark.parametrize(
    ("question", "value", "kind"),
    [
        ("Wie heißt Ihr Hund?", "balduin", T.PERSON),
        ("Which store did you buy it from?", "Siegen", T.POSTCODE_CITY),
        ("Wie heißt der Hersteller?", "mielke", T.PERSON),
    ],
)
def test_the_answer_to_a_question_for_a_thing_is_doubted(question: str, value: str, kind: T) -> None:
    found = Candidate(0, len(value), kind, 0.9, "names")
    assert next(doubted([found], Scan(fold(value), asked=asked(question)))).score < 0.8
    assert next(doubted([found], Scan(fold(value)))) == found


@pytest.mark.parametrize(
    ("language", "value", "doubt"),
    [
        ("fr", "3970", True),
        ("fr", "trente-neuf soixante-dix", True),
        ("fr", "01 43 70 11 29", False),
        ("tr", "444 0 217", True),
        ("tr", "0532 444 02 17", False),
        ("tr", "444 12 34 567", False),
        ("de", "3970", False),
    ],
)
def test_a_short_number_of_a_firm_is_nobodys(language: str, value: str, doubt: bool) -> None:  # noqa: FBT001 - a case
    found = Candidate(0, len(value), T.PHONE, 0.9, "names")
    assert (next(doubted([found], Scan(fold(value), language=language))).score < 0.1) is doubt


@pytest.mark.parametrize(
    ("question", "value", "doubt"),
    [
        ("Die Endziffern sind 437?", "vier drei sieben", True),
        ("Mag ik de laatste drie cijfers van uw klantnummer?", "twee een vier", True),
        ("Is it the number that ends in 733?", "733", True),
        ("The last four digits of your card?", "4271", False),
        ("Ihre Kundennummer?", "733", False),
        ("When the contract ends, what was your customer number?", "733", False),
        ("¿Cuándo termina el contrato y cuál es su número de cliente?", "733", False),
    ],
)
def test_a_few_figures_that_end_a_number_are_not_the_number(question: str, value: str, doubt: bool) -> None:  # noqa: FBT001 - a case
    found = Candidate(0, len(value), T.CUSTOMER_NO, 0.9, "names")
    score = next(doubted([found], Scan(fold(value), asked=asked(question)))).score
    assert (score < 0.1) is doubt


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What is the PIN of the card that ends in 4471?", T.PASSWORD),
        ("What is the PIN of the card that ends in 4471?", T.CUSTOMER_NO),
        ("Before the call ends, what's the door code?", T.PASSWORD),
        ("Die letzten drei Ziffern auf der Rückseite der Karte?", T.CARD),
        ("Die letzten zwei Stellen Ihrer PIN bitte?", T.PASSWORD),
        ("Şifrenizin son iki hanesi?", T.PASSWORD),
    ],
)
def test_a_few_figures_of_a_secret_are_one(question: str, kind: T) -> None:
    found = Candidate(0, 3, kind, 0.9, "names")
    assert next(doubted([found], Scan(fold("291"), language="en", asked=asked(question)))) == found


@pytest.mark.parametrize(
    ("text", "value", "question", "channel"),
    [
        ("zéro six douze puis dix quarante", "dix quarante", "", "call"),
        ("dix quarante", "dix quarante", "", "call"),
        ("06 12 34 puis 3970", "3970", "", "chat"),
        ("3970", "3970", "Votre numéro de téléphone ?", "chat"),
    ],
)
def test_a_group_of_a_number_is_no_short_number(text: str, value: str, question: str, channel: str) -> None:
    start = fold(text).lower.index(value)
    found = Candidate(start, start + len(value), T.PHONE, 0.9, "names")
    scan = Scan(fold(text), language="fr", asked=asked(question), channel=channel)
    assert next(doubted([found], scan)) == found


@pytest.mark.parametrize(
    ("address", "doubt"),
    [
        ("taller@frio-levante.example", True),
        ("taller@gmail.com", False),
        ("shop punkt ewa at gmx punkt de", False),
        ("tickets.mia@gmx.de", False),
    ],
)
def test_a_role_at_a_mailbox_of_people_is_somebodys(address: str, doubt: bool) -> None:  # noqa: FBT001 - a case
    found = Candidate(0, len(address), T.EMAIL, 0.9, "names")
    assert (next(doubted([found], Scan(fold(address)))).score < 0.5) is doubt


@pytest.mark.parametrize(
    ("language", "text", "value", "kind"),
    [
        ("nl", "dat is van Cor 4471223", "4471223", T.CUSTOMER_NO),
        ("de", "Lotte 12.03.1968", "12.03.1968", T.DATE_OF_BIRTH),
        ("es", "soy Norma, 612 345 678", "612 345 678", T.PHONE),
        ("es", "Norma 47283916K", "47283916K", T.NATIONAL_ID),
        ("pt", "voo cancelado 912 345 678", "912 345 678", T.PHONE),
        ("tr", "renk mavi, 0532 123 45 67", "0532 123 45 67", T.PHONE),
        ("tr", "trende unuttum 0532 123 45 67", "0532 123 45 67", T.PHONE),
    ],
)
def test_a_name_and_the_thing_of_a_caller_do_not_speak_against_a_number(
    language: str, text: str, value: str, kind: T
) -> None:
    start = text.index(value)
    found = Candidate(start, start + len(value), kind, 0.9, "names")
    assert next(doubted([found], Scan(fold(text), language=language))) == found


@pytest.mark.parametrize(
    ("question", "text", "value", "doubt"),
    [
        ("Welches Modell haben Sie denn?", "der d c p zwei drei fünf", "d c p zwei drei fünf", True),
        ("Wat is het typenummer?", "dat is de s m s zes z", "s m s zes z", True),
        ("", "the laserjet m two three four", "m two three four", True),
        (
            "What's the number on the back of your device?",
            "four seven k l dash nine",
            "four seven k l dash nine",
            False,
        ),
        ("Welches Modell haben Sie?", "die seriennummer ist d c p zwei", "d c p zwei", False),
        ("", "it says four seven k l", "four seven k l", False),
        ("Was steht auf dem Aufkleber am Gerät?", "s n vier sieben k l neun", "s n vier sieben k l neun", False),
        ("Which model is it, what's the serial?", "c n four seven k l nine", "c n four seven k l nine", False),
        ("Um welches Gerät geht es?", "meine nummer darauf ist k l neun", "k l neun", False),
        ("", "it's an hp printer c n four seven k l nine nine two", "c n four seven k l nine nine two", False),
    ],
)
def test_a_things_name_that_is_dictated_is_doubted(question: str, text: str, value: str, doubt: bool) -> None:  # noqa: FBT001 - a case
    start = text.index(value)
    found = Candidate(start, start + len(value), T.DEVICE_ID, 0.9, "names")
    scan = Scan(fold(text), asked=asked(question), channel="call")
    assert (next(doubted([found], scan)).score < 0.7) is doubt


def test_a_user_name_asked_for_is_none_of_a_thing() -> None:
    found = Candidate(0, 11, T.USERNAME, 0.9, "names")
    assert next(doubted([found], Scan(fold("kaffeeklaus"), asked=asked("Ihr Benutzername in der App?")))) == found
