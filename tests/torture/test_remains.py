"""The short form of the search for what was erased."""

from __future__ import annotations

from tests.torture.places import Place
from tests.torture.remains import erase_and_search


async def test_nothing_erased_is_on_the_disk(place: Place) -> None:
    assert (await erase_and_search(place, 50))["keys erased"] == 100
