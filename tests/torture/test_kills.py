"""The short form of the kills; `make torture` is the long one."""

from __future__ import annotations

from tests.torture.kills import kill_gateways, kill_rotations, kill_sweepers
from tests.torture.places import Place

ROUNDS = 5


async def test_gateways_that_are_killed_lose_nothing(place: Place) -> None:
    assert (await kill_gateways(place, ROUNDS))["answered"] > 0


async def test_sweepers_that_are_killed_leave_nothing_half_erased(place: Place) -> None:
    assert (await kill_sweepers(place, ROUNDS))["killed under way"] > 0


async def test_rotations_that_are_killed_are_finished_by_the_next(place: Place) -> None:
    assert (await kill_rotations(place, ROUNDS))["killed under way"] > 0
