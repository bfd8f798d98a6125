"""What every `RecordingStore` promises of the copy in which something is silent."""

from __future__ import annotations

import pytest

from storage import PurposeRefusedError
from storage.audio import Stretch
from tests.contracts.shelf import FRAME, PCMU, Shelf, agreed, frame, heard, sound
from tests.unit.storage.builders import NOW, Customer, assignment, plan


class TestSilence:
    async def _redacted(self, shelf: Shelf, stretches: list[Stretch] | None) -> Customer:
        customer = await agreed(shelf)
        both = plan(
            recording=(
                assignment("quality-assurance", "P6M", consent="training"),
                assignment("legal-defence", "P6M", consent="training"),
            )
        )
        recorder = await shelf.recordings.open(customer.id, both, PCMU, NOW, redact=True, whole_for=["legal-defence"])
        for number in range(5):
            recorder.append(frame(number), NOW)
        if stretches is not None:
            recorder.silence(stretches)
        with pytest.raises(PurposeRefusedError):
            await shelf.recordings.read(customer.id, "quality-assurance", NOW)
        await recorder.stop(NOW)
        return customer

    async def test_the_copy_is_silent_where_it_has_to_be(self, shelf: Shelf) -> None:
        customer = await self._redacted(shelf, [Stretch(20, 60)])
        (whole,) = await shelf.recordings.read(customer.id, "legal-defence", NOW)
        assert await heard(whole) == sound(range(5))
        (copy,) = await shelf.recordings.read(customer.id, "quality-assurance", NOW)
        assert await heard(copy) == frame(0).audio + b"\xff" * 2 * FRAME + sound(range(3, 5))

    async def test_nobody_hears_what_nobody_has_looked_at(self, shelf: Shelf) -> None:
        customer = await self._redacted(shelf, None)
        with pytest.raises(PurposeRefusedError):
            await shelf.recordings.read(customer.id, "quality-assurance", NOW)
        (whole,) = await shelf.recordings.read(customer.id, "legal-defence", NOW)
        with pytest.raises(PurposeRefusedError):
            await shelf.recordings.silence(customer.id, 2, "legal-defence", [Stretch(0, 20)], NOW)
        await shelf.recordings.silence(customer.id, 1, "legal-defence", [Stretch(0, 20)], NOW)
        assert await heard(whole) == sound(range(5))
        (copy,) = await shelf.recordings.read(customer.id, "quality-assurance", NOW)
        assert await heard(copy) == b"\xff" * FRAME + sound(range(1, 5))
