"""Personal web addresses: profiles, wish lists, shared folders, maps, personal home pages (RFC 3986).

A shop's or a maker's own pages are no personal data; what counts is a path, a host or a query that
points to one person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from redaction.findings import EntityType
from redaction.recogniser import STRONG, Example, Hit, Recogniser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redaction.context import Scan

_URL = re2.compile(
    rb"(?:https?://|www\.)[^\s<>\"']{3,}|(?:[a-z0-9-]+\.)+[a-z]{2,10}/[^\s<>\"']+|/(?:in|u|user|profile)/[a-z0-9_.-]{3,}",
)
_SOCIAL = re2.compile(
    rb"\b(?:facebook|fb|instagram|linkedin|xing|tiktok|twitter|x|youtube|github|gitlab|soundcloud|strava|behance|pinterest|snapchat|vk|"
    rb"goodreads|steamcommunity|about|t|flickr|medium|twitch|threads|mastodon|letterboxd|last)\.(?:com|net|me|de|org|social|tv|fm|nl)/[^\s/]",
)
_PERSONAL_PATH = re2.compile(
    rb"/(?:in|u|users?|profiles?|profil|profiel|people|person|member|mitglied|athletes?|channel|wishlist|wunschzettel|gift-list|verkoper|verkaeufer|"
    rb"seller|uzytkownik|usuario|utente|membre|~[a-z]|@[a-z0-9])[/?]?|/@|[?&](?:user|uid|cid|email|name|kunde|customer|token|rlkey|q)=|"
    rb"(?:drive|docs|photos|calendar|maps)\.google|maps\.app\.goo|goo\.gl|dropbox\.com/|icloud\.com/|onedrive|1drv\.ms|wetransfer\.com/|we\.tl/|"
    rb"(?:track|parcel|paket|pakket|sendung|verfolg|colis|envio|paczk|przesyl|kargo)[^/]*/[^?#]*[0-9]{4}|"
    rb"ibb\.co/|imgur\.com/|wa\.me/|t\.me/|paypal\.me/|calendly\.com/",
)
_OWN = re2.compile(
    rb"\b(?:mein|meine|meiner|unsere?|my|our|mijn|onze|mon|notre|mi|nuestra|il mio|la mia|moja|moj|moim?|meu|minha) "
    rb"(?:[a-z-]+ )?(?:[a-z]*shop|[a-z]*store|[a-z]*seite|page|site|[a-z]*web-?site|homepage|portfolio|blog|boutique|"
    rb"tienda|pagina|web|negozio|sito|sklep|strona|stronie|winkel|loja) ?(?:ist |is |lautet |es |est |e |to )?:? ?$"
)
_BESIDE = 40
"""Characters before an address in which its owner says whose it is."""

_SURE = STRONG + 0.07
"""The form alone says it, whatever the model thinks."""


def _find(scan: Scan) -> Iterator[Hit]:
    for match in _URL.finditer(scan.data):
        start, end = match.span()
        while end > start and scan.lower[end - 1] in ".,;:!?)]}*_":
            end -= 1
        if scan.character_before(start).isalnum() or scan.character_before(start) in "@.":
            continue
        text = scan.data[start:end]
        own = _OWN.search(scan.before(start, _BESIDE).encode())
        if own or _SOCIAL.search(text) or _PERSONAL_PATH.search(text):
            yield start, end, EntityType.URL, _SURE


RECOGNISER = Recogniser(
    name="url",
    gate=(r"https?://|www\.|[a-z0-9]\.[a-z]{2,10}/", r"/(?:in|u|user|profile)/[a-z0-9]"),
    find=_find,
    examples=(
        Example("Mein Profil: ⟦URL|https://www.linkedin.example/in/some-one-4b7⟧."),
        Example("⟦URL|instagram.com/d.somebody.77⟧ bin ich"),
        Example("siehe ⟦URL|https://drive.google.com/file/d/1mV7xKkqL0t/view?usp=sharing⟧"),
        Example("geht ⟦URL|https://parcel-help.example/r/someone-8842⟧?"),
        Example("my little shop: ⟦URL|https://www.knotted-wool.example/⟧ is down"),
        Example("Ihre Seite https://www.store.example/en-gb/cart lädt nicht"),
        Example("und/oder 24/7, km/h, w.o./nein"),
    ),
)
