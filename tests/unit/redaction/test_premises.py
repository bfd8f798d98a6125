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


def test_a_street_that_is_called_after_a_shop_is_no_shop() -> None:
    text = "11 Shop Street, Galway"
    street, found = candidate(text, "11 Shop Street", T.STREET), candidate(text, "Galway", T.POSTCODE_CITY)
    assert not of_a_firm(found, [street, found], Scan(fold(text), language="en"))


def test_an_address_that_was_asked_for_is_whose_was_asked_for() -> None:
    text = "Hallgarten GmbH, Am Rotdorn 30"
    found = candidate(text, "Am Rotdorn 30", T.STREET)
    scan = Scan(fold(text), language="de", asked=asked("Wie lautet Ihre Adresse?"))
    assert not of_a_firm(found, [found], scan)
