"""What every `RecordingStore` promises where blobs can't be stored, are on their way, missing or altered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from gateway.jobs import sweep
from storage import ErasureReason, PartKind, SealBrokenError, StoreUnavailableError
from storage.audio import Gap, KeptRecording
from storage.recordings import Recordings
from storage.recordings.backend import RecordingBackend
from tests.contracts.shelf import BY_CONSENT, FRAME, PCMU, Shelf, agreed, frame, heard, sound
from tests.unit.storage.builders import DAY, NOW, Customer, assignment, consent, plan, turn


async def test_an_upload_that_fails_is_tried_again_and_stored_once(shelf: Shelf) -> None:
    customer = await agreed(shelf)
    recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
    recorder.append(frame(0), NOW)
    shelf.blobs.fail = 2
    manifest = await recorder.stop(NOW)
    assert (manifest.lost, len(manifest.segments), len(await shelf.names())) == (0, 1, 1)


async def test_what_can_not_be_stored_is_a_gap_and_the_rest_is_heard(shelf: Shelf) -> None:
    customer = await agreed(shelf)
    recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
    recorder.append(frame(0), NOW)
    shelf.blobs.fail = 3
    recorder.pause(NOW)
    await recorder.stored()
    recorder.resume(NOW)
    recorder.append(frame(1), NOW)
    manifest = await recorder.stop(NOW)
    assert (manifest.lost, manifest.gaps) == (1, (Gap(0, 0, FRAME),))
    assert shelf.recordings.lost == 1
    (recording,) = await shelf.recordings.read(customer.id, "quality-assurance", NOW)
    assert await heard(recording) == frame(1).audio


async def test_after_a_loss_the_next_are_tried_once_until_one_succeeds(shelf: Shelf) -> None:
    customer = await agreed(shelf)
    recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
    shelf.blobs.fail = 4  # three tries of the first segment, one of the second
    for number in range(4):
        recorder.append(frame(number), NOW)
        recorder.pause(NOW)
        await recorder.stored()
        recorder.resume(NOW)
    manifest = await recorder.stop(NOW)
    assert (manifest.lost, [segment.start // FRAME for segment in manifest.segments]) == (2, [2, 3])


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_process_that_dies_at_a_blob_leaves_nothing_when_the_recording_goes(shelf: Shelf, when: str) -> None:
    customer = await agreed(shelf)
    recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
    recorder.append(frame(0), NOW)
    recorder.pause(NOW)
    await recorder.stored()
    recorder.resume(NOW)
    recorder.append(frame(1), NOW)
    # The row of the second segment is durable; its blob is on its way, or there, and no manifest tells of it.
    stuck = asyncio.Event()

    async def hang() -> None:
        stuck.set()
        await asyncio.Event().wait()

    setattr(shelf.blobs, f"{when}_put", hang)
    recorder.pause(NOW)
    await stuck.wait()
    assert recorder._writer is not None
    recorder._writer.cancel()
    shelf.blobs.before_put = shelf.blobs.after_put = None
    assert len(await shelf.names()) == (1 if when == "before" else 2)
    (recording,) = await shelf.recordings.read(customer.id, "quality-assurance", NOW)
    assert await heard(recording) == frame(0).audio
    (receipt,) = await shelf.store.erase([recorder.part_id], ErasureReason.REQUESTED, NOW, "dpo")
    assert (receipt.records, await shelf.names()) == (3, [])


async def test_no_receipt_before_the_blobs_are_gone(shelf: Shelf) -> None:
    customer = await agreed(shelf)
    recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
    recorder.append(frame(0), NOW)
    await recorder.stop(NOW)
    shelf.blobs.fail = 1
    with pytest.raises(StoreUnavailableError):
        await shelf.store.erase([recorder.part_id], ErasureReason.REQUESTED, NOW, "dpo")
    assert await shelf.store.receipts() == ()
    (receipt,) = await shelf.store.erase([recorder.part_id], ErasureReason.REQUESTED, NOW, "dpo")
    assert (receipt.records, await shelf.names()) == (2, [])


async def test_what_is_kept_elsewhere_is_erased_though_the_blobs_are_away(shelf: Shelf) -> None:
    customer = await agreed(shelf)
    recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
    recorder.append(frame(0), NOW)
    await recorder.stop(NOW)
    other = Customer("other")
    await shelf.store.write(other.opening(BY_CONSENT, consents=consent()))
    shelf.blobs.fail = 2
    with pytest.raises(StoreUnavailableError):
        await shelf.store.erase([recorder.part_id], ErasureReason.REQUESTED, NOW, "dpo")
    assert len(await shelf.store.erase(await shelf.store.part_ids(other.id), ErasureReason.ADMIN, NOW, "dpo")) == 1


async def test_a_blob_that_no_row_knows_is_collected(shelf: Shelf) -> None:
    customer = await agreed(shelf)
    recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
    recorder.append(frame(0), NOW)
    await recorder.stop(NOW)
    folder = await shelf.recordings._backend.store_id()

    async def content() -> AsyncIterator[bytes]:
        yield b"sealed"

    await shelf.blobs.put(f"{folder.hex}/{'0' * 32}", content())
    await shelf.blobs.put(f"{'1' * 32}/{'0' * 32}", content())  # another store's
    assert await shelf.recordings.collect_orphans() == 1
    assert len(await shelf.names()) == 1
    assert [name async for name in shelf.blobs.names("1" * 32)] == [f"{'1' * 32}/{'0' * 32}"]


async def test_a_segment_that_is_missing_or_altered_is_refused(shelf: Shelf) -> None:
    customer = await agreed(shelf)
    recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
    recorder.append(frame(0), NOW)
    await recorder.stop(NOW)
    (recording,) = await shelf.recordings.read(customer.id, "quality-assurance", NOW)
    (name,) = await shelf.names()

    async def content() -> AsyncIterator[bytes]:
        yield b"altered"

    await shelf.blobs.put(name, content())
    with pytest.raises(SealBrokenError):
        await heard(recording)
    await shelf.blobs.delete([name])
    with pytest.raises(SealBrokenError):
        await heard(recording)


async def test_blobs_that_are_away_keep_nothing_else_from_being_swept(shelf: Shelf) -> None:
    kept = plan(recording=assignment("quality-assurance", "P1D"))
    for number in range(3):
        one = Customer(f"call {number}")
        await shelf.store.write(one.opening(kept))
        recorder = await shelf.recordings.open(one.id, kept, PCMU, NOW)
        recorder.append(frame(0), NOW)
        await recorder.stop(NOW)
    chats = [Customer(f"chat {number}") for number in range(3)]
    for each in chats:
        await shelf.store.write(each.opening(plan(transcript=assignment(period="P2D")), turns=turn()))
    shelf.blobs.fail = 1_000
    with pytest.raises(StoreUnavailableError):
        await sweep(shelf.store, NOW + 3 * DAY, at_once=2)
    assert {part.kind for part in await shelf.store.due(NOW + 3 * DAY)} == {PartKind.RECORDING}
    shelf.blobs.fail = 0
    await sweep(shelf.store, NOW + 3 * DAY, at_once=2)
    assert await shelf.store.due(NOW + 3 * DAY) == []


class Meanwhile:
    """A backend beside whose look for abandoned recordings something else is done."""

    def __init__(self, below: RecordingBackend, deed: Callable[[], Awaitable[object]]) -> None:
        self._below = below
        self._deed = deed

    def __getattr__(self, name: str) -> object:
        return getattr(self._below, name)

    async def open_recordings(self, before: datetime) -> Sequence[tuple[UUID, KeptRecording]]:
        found = await self._below.open_recordings(before)
        await self._deed()
        return found


async def test_a_recording_that_goes_on_while_it_is_taken_for_abandoned_loses_nothing(shelf: Shelf) -> None:
    customer = await agreed(shelf)
    recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
    recorder.append(frame(0), NOW)
    recorder.pause(NOW)
    await recorder.stored()
    later = NOW + timedelta(minutes=20)

    async def goes_on() -> None:
        recorder.resume(later)
        recorder.append(frame(1), later)
        await recorder.stop(later)

    beside = Recordings(Meanwhile(shelf.recordings._backend, goes_on), shelf.blobs)  # type: ignore[arg-type]
    assert await beside.close_abandoned(later, later) == 0
    (recording,) = await shelf.recordings.read(customer.id, "quality-assurance", later)
    assert (recording.running, recording.manifest.complete) == (False, True)
    assert await heard(recording) == sound(range(2))
