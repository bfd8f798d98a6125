from __future__ import annotations

import pytest

from redaction.clues import asked
from redaction.context import Scan
from redaction.doubts import doubted
from redaction.findings import EntityType as T
from redaction.normalise import fold
from redaction.premises import of_a_firm
from redaction.resolve import Candidate


def candidate(text: str, value: str, kind: T) -> Candidate:
    start = text.index(value)
    return Candidate(start, start + len(value), kind, 0.99, "names")


@pytest.mark.parametrize(
    ("language", "text", "value", "kind"),
    [
        ("de", "Firma Hallgarten GmbH, Am Rotdorn 30, 24601 Wankendorf", "Am Rotdorn 30", T.STREET),
        ("de", "Firma Hallgarten GmbH, Am Rotdorn 30, 24601 Wankendorf", "24601 Wankendorf", T.POSTCODE_CITY),
        ("de", "an das Retourenlager: Zum Kai 4", "Zum Kai 4", T.STREET),
        ("de", "unser Ladengeschäft (Tuchgasse 9)", "Tuchgasse 9", T.STREET),
        ("en", "Pelham Repair Centre, Unit 7 Mill Park, Stroud GL5 1AA", "Stroud GL5 1AA", T.POSTCODE_CITY),
        ("nl", "stuur het naar Retourcentrum, Kadeweg 8", "Kadeweg 8", T.STREET),
        ("fr", "à notre atelier : Vitalec SAV, 14 rue Monge", "14 rue Monge", T.STREET),
        ("it", "in negozio: via Dante 3", "via Dante 3", T.STREET),
        ("es", "su tienda mas cercana: C/ Luna 12", "C/ Luna 12", T.STREET),
        ("pl", "firma Brzoza sp. z o.o., ul. Krucza 3", "ul. Krucza 3", T.STREET),
        ("tr", "iade adresi: Lale Sok. 8", "Lale Sok. 8", T.STREET),
        (None, "Tillmore Ltd, 40 Quay Street", "40 Quay Street", T.STREET),
    ],
)
def test_an_address_behind_a_firms_name_is_the_firms(language: str | None, text: str, value: str, kind: T) -> None:
    found, scan = candidate(text, value, kind), Scan(fold(text), language=language)
    assert of_a_firm(found, [found], scan)
    assert next(doubted([found], scan)).score < 0.5


@pytest.mark.parametrize(
    ("language", "text", "value", "kind"),
    [
        ("de", "Liebes Team, ich wohne Am Rotdorn 30", "Am Rotdorn 30", T.STREET),
        ("de", "ich war in der Filiale. Am Rotdorn 30, 24601 Wankendorf", "24601 Wankendorf", T.POSTCODE_CITY),
        ("de", "ich kann nicht in den Laden, bitte abholen in der Tuchgasse 9", "Tuchgasse 9", T.STREET),
        ("de", "3 kg, Tuchgasse 9", "Tuchgasse 9", T.STREET),
        ("en", "the depot should try again at 2 Quay Cottages", "2 Quay Cottages", T.STREET),
        ("en", "from the shop to my address: 2 Quay Cottages", "2 Quay Cottages", T.STREET),
    ],
)
def test_an_address_that_stands_elsewhere_is_not(language: str, text: str, value: str, kind: T) -> None:
    found, scan = candidate(text, value, kind), Scan(fold(text), language=language)
    assert not of_a_firm(found, [found], scan)
    assert next(doubted([found], scan)) == found


@pytest.mark.parametrize(
    "text",
    ["an Sina Averbeck, Hallgarten GmbH, Am Rotdorn 30", "Hallgarten GmbH, Sina Averbeck, Am Rotdorn 30"],
)
def test_whoever_is_named_beside_a_firm_is_found_at_the_address(text: str) -> None:
    named, found = candidate(text, "Sina Averbeck", T.PERSON), candidate(text, "Am Rotdorn 30", T.STREET)
    assert not of_a_firm(found, [named, found], Scan(fold(text), language="de"))


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        # A greeting.
        ("de", "Hallo liebes Team, Lindenweg 3", "Lindenweg 3"),
        ("de", "Sehr geehrte Weserbank AG, Lindenweg 3", "Lindenweg 3"),
        ("en", "Dear returns department, 14 Station Road", "14 Station Road"),
        ("nl", "Beste klantenservice, Kerkstraat 3", "Kerkstraat 3"),
        ("it", "Gentile punto vendita, via Dante 3", "via Dante 3"),
        # Words within others, and words of everyday.
        ("de", "Lieferung in das dritte Stockwerk, Lindenweg 3", "Lindenweg 3"),
        ("de", "Aufzug außer Betrieb, Lindenweg 3", "Lindenweg 3"),
        ("de", "ein paar kg, Lindenweg 3", "Lindenweg 3"),
        ("nl", "orderbevestiging: Kerkstraat 3", "Kerkstraat 3"),
        ("fr", "une tache dans le salon, 14 rue Monge", "14 rue Monge"),
        ("fr", "chez sa mere, 14 rue Monge", "14 rue Monge"),
        ("fr", "la voisine connait sa, 14 rue Monge", "14 rue Monge"),
        ("it", "lo sportello rotto, via Dante 3", "via Dante 3"),
        ("es", "en el centro de Madrid, calle Luna 12", "calle Luna 12"),
        ("tr", "yeni ev: Lale Sok. 8", "Lale Sok. 8"),
        ("ro", "as vrea sa aduceti, Strada Florilor 12", "Strada Florilor 12"),
        # A home above, beside, instead.
        ("de", "über eurer Filiale, Lindenweg 3", "Lindenweg 3"),
        ("en", "the flat above our shop, 14 Station Road", "14 Station Road"),
        ("en", "not your shop, 14 Station Road", "14 Station Road"),
        ("nl", "boven jullie winkel, Kerkstraat 3", "Kerkstraat 3"),
        ("pl", "nad waszym sklepem, ul. Krucza 3", "ul. Krucza 3"),
        ("pt", "por cima da vossa loja, Rua das Flores 12", "Rua das Flores 12"),
        ("en", "Tillmore Ltd, Flat 2, 14 Station Road", "Flat 2, 14 Station Road"),
        # A customer of the firm, a parcel or a visit from it.
        ("de", "Kundin der Weserbank AG, Lindenweg 3", "Lindenweg 3"),
        ("de", "Anschluss bei Telenet AG, Lindenweg 3", "Lindenweg 3"),
        ("de", "Ihre Apotheke liefert: Lindenweg 3", "Lindenweg 3"),
        ("en", "Repair centre booking: 14 Station Road", "14 Station Road"),
        ("en", "a letter from your store, 14 Station Road", "14 Station Road"),
        ("nl", "Bezorging van Coolware B.V., Kerkstraat 3", "Kerkstraat 3"),
        ("fr", "livraison par Vitalec SARL, 14 rue Monge", "14 rue Monge"),
        ("it", "utenza Energia S.p.A., via Dante 3", "via Dante 3"),
        ("es", "averia Levante S.L., calle Luna 12", "calle Luna 12"),
        ("pt", "avaria Energia S.A., Rua das Flores 12", "Rua das Flores 12"),
        ("pl", "licznik Energia S.A., ul. Krucza 3", "ul. Krucza 3"),
        ("tr", "abonelik Enerji A.S., Lale Sok. 8", "Lale Sok. 8"),
        ("ro", "abonament Energia S.A., Strada Florilor 12", "Strada Florilor 12"),
        (None, "delivery from your store, 14 Station Road", "14 Station Road"),
        # A new address that the firm is told.
        ("en", "Update your office: 14 Station Road", "14 Station Road"),
        ("nl", "Adreswijziging Coolware B.V., Kerkstraat 3", "Kerkstraat 3"),
        ("it", "nuovo indirizzo Frigo S.r.l.: via Dante 3", "via Dante 3"),
        ("pl", "nowy adres Energia S.A.: ul. Krucza 3", "ul. Krucza 3"),
        ("ro", "adresa noua Energia S.A.: Strada Florilor 12", "Strada Florilor 12"),
        # Whose address it is that goes back, nobody knows.
        ("en", "our address: 14 Station Road", "14 Station Road"),
        ("nl", "Retouradres: Kerkstraat 3", "Kerkstraat 3"),
        ("de", "Retourenabholung: Lindenweg 3", "Lindenweg 3"),
    ],
)
def test_an_address_of_somebody_who_speaks_of_a_firm_is_theirs(language: str | None, text: str, value: str) -> None:
    found, scan = candidate(text, value, T.STREET), Scan(fold(text), language=language)
    assert not of_a_firm(found, [found], scan)
    assert next(doubted([found], scan)) == found


def test_a_town_is_a_firms_where_its_street_is() -> None:
    text = "unsere Filiale, Haltestelle Lindenweg 3, 50667 Köln"
    street, town = candidate(text, "Lindenweg 3", T.STREET), candidate(text, "50667 Köln", T.POSTCODE_CITY)
    assert not of_a_firm(street, [street, town], Scan(fold(text), language="de"))
    assert not of_a_firm(town, [street, town], Scan(fold(text), language="de"))


def test_a_firm_that_a_town_is_called_like_is_none() -> None:
    text = "Ort: Vestiging, Kerkstraat 3"
    town, found = candidate(text, "Vestiging", T.POSTCODE_CITY), candidate(text, "Kerkstraat 3", T.STREET)
    assert not of_a_firm(found, [town, found], Scan(fold(text), language="nl"))


def test_a_firm_of_the_segment_before_is_beside_nobody_who_was_named_there() -> None:
    found = Candidate(0, 11, T.STREET, 0.99, "names")
    scan = Scan(fold("Lindenweg 3"), left="an sina averbeck, hallgarten gmbh, ", language="de", first=False)
    assert not of_a_firm(found, [found], scan)


def test_a_street_that_is_called_after_a_shop_is_no_shop() -> None:
    text = "11 Shop Street, Galway"
    street, found = candidate(text, "11 Shop Street", T.STREET), candidate(text, "Galway", T.POSTCODE_CITY)
    assert not of_a_firm(found, [street, found], Scan(fold(text), language="en"))


def test_an_address_that_was_asked_for_is_whose_was_asked_for() -> None:
    text = "Hallgarten GmbH, Am Rotdorn 30"
    found = candidate(text, "Am Rotdorn 30", T.STREET)
    scan = Scan(fold(text), language="de", asked=asked("Wie lautet Ihre Adresse?"))
    assert not of_a_firm(found, [found], scan)
