"""The short form of the outages."""

from __future__ import annotations

from tests.torture import outages
from tests.torture.places import Place


async def test_the_database_is_away(place: Place) -> None:
    assert (await outages.lose_the_database(place, 1))["answered"] > 0


async def test_the_database_is_away_and_open_conversations_go_on(place: Place) -> None:
    assert (await outages.lose_the_database_with_a_spool(place, 1))["turns that waited"] > 0


async def test_the_gateway_is_killed_while_turns_wait(place: Place) -> None:
    assert (await outages.kill_while_turns_wait(place, 2))["answered"] > 0


async def test_the_database_is_slow(on_postgresql: Place) -> None:
    assert (await outages.slow_the_database(on_postgresql, 1))["answered"] > 0


async def test_the_disk_is_full(on_sqlite: Place) -> None:
    assert (await outages.fill_the_disk(on_sqlite, 1))["answered"] > 0


async def test_the_root_key_is_away(on_sqlite: Place) -> None:
    assert (await outages.lose_the_root_key(on_sqlite, 1))["answered"] > 0


async def test_the_clock_is_an_hour_off(on_sqlite: Place) -> None:
    assert (await outages.shift_the_clock(on_sqlite, 1))["answered"] > 0


async def test_a_text_in_clear_would_be_found(on_sqlite: Place) -> None:
    (on_sqlite.home / "leak").write_text("Wann haben Sie offen?", encoding="utf-16")
    assert on_sqlite.in_clear(("Wann haben Sie offen?", "Und samstags?")) == ["Wann haben Sie offen?"]
