"""The short form of the old backup that is put back."""

from __future__ import annotations

from tests.torture.backups import put_backups_back
from tests.torture.places import Place


async def test_what_was_erased_does_not_come_back_with_an_old_backup(place: Place) -> None:
    assert (await put_backups_back(place, 2))["sessions erased"] > 2
