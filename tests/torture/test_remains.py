"""The short form of the search for what was erased."""

from __future__ import annotations

import secrets

from tests.torture.places import Place
from tests.torture.remains import erase_and_search
from tests.torture.searching import found


async def test_nothing_erased_is_on_the_disk(place: Place) -> None:
    assert (await erase_and_search(place, 50))["keys erased"] == 100


def test_the_search_finds_what_is_there_wherever_it_begins() -> None:
    needles = [secrets.token_bytes(8 + number) for number in range(40)]
    haystack = b"".join(secrets.token_bytes(3 * number) + needle for number, needle in enumerate(needles[:20]))
    assert found(haystack, needles) == set(needles[:20])
    assert found(haystack[1:-1], needles) == set(needles[1:19])
    assert found(b"", needles) == set()
