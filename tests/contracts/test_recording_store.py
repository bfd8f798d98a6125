"""What every `RecordingStore` promises, over each session store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage import (
    ConsentState,
    ErasureReason,
    PartKind,
    PurposeRefusedError,
    SealBrokenError,
    SessionStore,
    StoreUnavailableError,
    UnknownSessionError,
)
from storage.audio import AudioCodec, AudioFormat, Frame, Gap, Stretch
from storage.blobs import BlobStore, MemoryBlobs
from storage.memory import MemoryStore
from storage.recordings import Recording, Recordings
from storage.recordings.buffer import SEGMENT_BYTES
from tests.fakes import FlakyBlobs
from tests.postgres import PostgresServer, empty_pair
from tests.unit.storage.builders import NOW, SECOND, Customer, assignment, consent, plan, prepared, sql_store

PCMU = AudioFormat(AudioCodec.PCMU)
BY_CONSENT = plan(
    recording=assignment("quality-assurance", "P6M", consent="training"),
    facts=assignment(),
    consent=assignment("prove-consent", "P3Y"),
)
WITHOUT = plan(recording=assignment("quality-assurance", "P6M"))
FRAME = 160


@dataclass
class Shelf:
    """A session store with its recordings, and the blobs below."""

    store: SessionStore
    recordings: Recordings
    blobs: FlakyBlobs

    async def names(self) -> list[str]:
        folder = await self.recordings._backend.store_id()
        return [name async for name in self.blobs.names(folder.hex)]


Server = Callable[[], PostgresServer]


async def _memory(_directory: Path, blobs: BlobStore, _server: Server) -> Any:  # noqa: ANN401 - with a backend, too
    return MemoryStore(blobs)


async def _sqlite(directory: Path, blobs: BlobStore, _server: Server) -> Any:  # noqa: ANN401
    return sql_store(await prepared(directory), blobs=blobs)


async def _postgres(directory: Path, blobs: BlobStore, server: Server) -> Any:  # noqa: ANN401
    return sql_store(directory, blobs=blobs, urls=await empty_pair(server()))


MAKERS = {"memory": _memory, "sqlite": _sqlite, "postgresql": _postgres}


@pytest.fixture(params=list(MAKERS))
async def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Shelf]:
    blobs = FlakyBlobs(MemoryBlobs())
    store = await MAKERS[request.param](tmp_path, blobs, lambda: request.getfixturevalue("postgres"))
    await store.start()
    yield Shelf(store, Recordings(store.recording_backend, blobs, retry_seconds=(0.0, 0.0)), blobs)
    await store.close()


async def agreed(shelf: Shelf) -> Customer:
    customer = Customer()
    await shelf.store.write(customer.opening(BY_CONSENT, consents=consent()))
    return customer


def frame(number: int, channel: int = 0) -> Frame:
    return Frame(channel, number * FRAME, bytes([number % 251]) * FRAME)


async def heard(recording: Recording) -> bytes:
    """Return the sound of the first channel, what is missing left out."""
    return b"".join([run.audio async for _, runs in recording.segments() for run in runs if run.channel == 0])


def sound(numbers: range) -> bytes:
    return b"".join(frame(number).audio for number in numbers)


class TestKeeping:
    async def test_what_was_said_is_heard_for_its_purpose(self, shelf: Shelf) -> None:
        customer = await agreed(shelf)
        recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
        assert all(recorder.append(frame(number), NOW) for number in range(100))
        manifest = await recorder.stop(NOW + 2 * SECOND)
        assert (manifest.complete, manifest.gaps, manifest.figures.duration_ms) == (True, (), 2000)
        (recording,) = await shelf.recordings.read(customer.id, "quality-assurance", NOW)
        assert recording.manifest == manifest
        assert await heard(recording) == sound(range(100))

    async def test_a_long_call_is_cut_into_segments(self, shelf: Shelf) -> None:
        customer = await agreed(shelf)
        recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
        frames = 2 * SEGMENT_BYTES // FRAME + 100
        for number in range(frames):
            recorder.append(frame(number), NOW)
        manifest = await recorder.stop(NOW)
        assert [segment.number for segment in manifest.segments] == [1, 2, 3]
        assert [s.start for s in manifest.segments[1:]] == [s.end for s in manifest.segments[:-1]]
        assert len(await shelf.names()) == 3
        (recording,) = await shelf.recordings.read(customer.id, "quality-assurance", NOW)
        assert await heard(recording) == sound(range(frames))

    async def test_the_facts_are_kept_beside_it(self, shelf: Shelf) -> None:
        customer = await agreed(shelf)
        recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
        for number in (0, 1, 5):
            recorder.append(frame(number), NOW)
        manifest = await recorder.stop(NOW)
        (summary,) = await shelf.store.sessions(NOW)
        assert summary.facts is not None
        assert summary.facts.recordings == manifest.figures
        assert (manifest.figures.duration_ms, manifest.figures.gaps, manifest.figures.gap_ms) == (120, 1, 60)
        # Figures outlive what they tell of.
        await shelf.store.erase([recorder.part_id], ErasureReason.REQUESTED, NOW, "dpo")
        (summary,) = await shelf.store.sessions(NOW)
        assert summary.facts is not None
        assert summary.facts.recordings == manifest.figures

    async def test_what_a_dead_process_had_stored_is_heard_and_marked(self, shelf: Shelf) -> None:
        customer = await agreed(shelf)
        recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
        for number in range(50):
            recorder.append(frame(number), NOW)
        recorder.pause(NOW)  # a segment is cut, and the process dies with the rest
        await recorder.stored()
        later = NOW + timedelta(minutes=20)
        assert await shelf.recordings.close_abandoned(NOW, later) == 0
        assert await shelf.recordings.close_abandoned(later, later) == 1
        assert await shelf.recordings.close_abandoned(later, later) == 0
        (recording,) = await shelf.recordings.read(customer.id, "quality-assurance", later)
        assert (recording.running, recording.manifest.complete) == (False, False)
        assert await heard(recording) == sound(range(50))

    async def test_two_recordings_of_one_call_are_two_parts(self, shelf: Shelf) -> None:
        customer = await agreed(shelf)
        first = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
        second = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW + SECOND)
        first.append(frame(1), NOW)
        second.append(frame(2), NOW)
        await first.stop(NOW)
        await second.stop(NOW)
        found = await shelf.recordings.read(customer.id, "quality-assurance", NOW)
        assert [await heard(each) for each in found] == [sound(range(1, 2)), sound(range(2, 3))]


class TestConsent:
    async def test_nothing_is_opened_before_the_consent_is_committed(self, shelf: Shelf) -> None:
        customer = Customer()
        await shelf.store.write(customer.opening(BY_CONSENT, consents=consent(ConsentState.REQUESTED)))
        for state in (None, ConsentState.REFUSED):
            if state is not None:
                await shelf.store.write(customer.write(BY_CONSENT, consents=consent(state)))
            with pytest.raises(PurposeRefusedError):
                await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
        assert PartKind.RECORDING not in (await shelf.store.part_ids(customer.id)).values()

    async def test_what_the_notice_does_not_keep_is_not_recorded(self, shelf: Shelf) -> None:
        customer = await agreed(shelf)
        with pytest.raises(PurposeRefusedError):
            await shelf.recordings.open(customer.id, plan(facts=assignment()), PCMU, NOW)

    async def test_nothing_of_an_unknown_session_is_recorded(self, shelf: Shelf) -> None:
        with pytest.raises(UnknownSessionError):
            await shelf.recordings.open(Customer("nobody").id, WITHOUT, PCMU, NOW)

    async def test_a_withdrawal_ends_the_recorder_and_leaves_nothing(self, shelf: Shelf) -> None:
        customer = await agreed(shelf)
        recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
        recorder.append(frame(1), NOW)
        recorder.pause(NOW)
        await recorder.stored()
        assert len(await shelf.names()) == 1
        recorder.resume(NOW)
        recorder.append(frame(2), NOW)
        withdrawn = consent(ConsentState.WITHDRAWN)
        await shelf.store.write(customer.write(BY_CONSENT, consents=withdrawn))
        receipts = await shelf.store.withdraw(customer.id, "training", NOW)
        assert [(each.kind, each.records) for each in receipts] == [(PartKind.RECORDING, 2)]
        assert await shelf.names() == []
        with pytest.raises(PurposeRefusedError):
            await recorder.stop(NOW)
        assert recorder.gone
        assert not recorder.append(frame(3), NOW)
        assert await shelf.names() == []
        with pytest.raises(PurposeRefusedError):
            await shelf.recordings.read(customer.id, "quality-assurance", NOW)

    async def test_an_erasure_while_a_blob_is_on_its_way_leaves_nothing(self, shelf: Shelf) -> None:
        customer = await agreed(shelf)
        recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)

        async def erase() -> None:
            await shelf.store.erase([recorder.part_id], ErasureReason.REQUESTED, NOW, "dpo")

        shelf.blobs.before_put = erase
        recorder.append(frame(1), NOW)
        with pytest.raises(PurposeRefusedError):
            await recorder.stop(NOW)
        assert await shelf.names() == []


class TestPauses:
    async def test_nothing_is_kept_in_a_pause(self, shelf: Shelf) -> None:
        customer = await agreed(shelf)
        recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
        recorder.append(frame(0), NOW)
        recorder.pause(NOW)
        assert not recorder.append(frame(1), NOW)
        recorder.resume(NOW)
        recorder.pause(NOW)
        assert not recorder.append(frame(2), NOW)
        recorder.resume(NOW)
        assert recorder.append(frame(3), NOW)
        manifest = await recorder.stop(NOW)
        assert (manifest.pauses, manifest.gaps) == ((Stretch(20, 60),), ())
        assert not recorder.append(frame(4), NOW)
        (recording,) = await shelf.recordings.read(customer.id, "quality-assurance", NOW)
        assert await heard(recording) == frame(0).audio + frame(3).audio


class TestBadFrames:
    async def test_repeats_gaps_and_late_frames_are_told(self, shelf: Shelf) -> None:
        customer = await agreed(shelf)
        recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
        order = [0, 2, 1, 1, 4]
        assert [recorder.append(frame(number), NOW) for number in order] == [True, True, True, False, True]
        recorder.pause(NOW)
        recorder.resume(NOW)
        assert not recorder.append(frame(3), NOW)
        assert recorder.append(frame(5), NOW)
        manifest = await recorder.stop(NOW)
        assert (manifest.repeated, manifest.late) == (1, 1)
        assert manifest.gaps == (Gap(0, 3 * FRAME, 4 * FRAME),)
        (recording,) = await shelf.recordings.read(customer.id, "quality-assurance", NOW)
        assert await heard(recording) == sound(range(3)) + sound(range(4, 6))

    @pytest.mark.parametrize(
        "bad", [Frame(1, 0, b"x"), Frame(0, -1, b"x"), Frame(0, 10**12, b"x")], ids=["channel", "before", "beyond"]
    )
    async def test_a_frame_that_can_not_be_is_refused(self, shelf: Shelf, bad: Frame) -> None:
        customer = await agreed(shelf)
        recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
        with pytest.raises(ValueError, match="frame"):
            recorder.append(bad, NOW)
        assert (await recorder.stop(NOW)).samples == 0


class TestTrouble:
    async def test_an_upload_that_fails_is_tried_again_and_stored_once(self, shelf: Shelf) -> None:
        customer = await agreed(shelf)
        recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
        recorder.append(frame(0), NOW)
        shelf.blobs.fail = 2
        manifest = await recorder.stop(NOW)
        assert (manifest.lost, len(manifest.segments), len(await shelf.names())) == (0, 1, 1)

    async def test_what_can_not_be_stored_is_a_gap_and_the_rest_is_heard(self, shelf: Shelf) -> None:
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

    async def test_after_a_loss_the_next_are_tried_once_until_one_succeeds(self, shelf: Shelf) -> None:
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
    async def test_a_process_that_dies_at_a_blob_leaves_nothing_when_the_recording_goes(
        self, shelf: Shelf, when: str
    ) -> None:
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

    async def test_no_receipt_before_the_blobs_are_gone(self, shelf: Shelf) -> None:
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

    async def test_what_is_kept_elsewhere_is_erased_though_the_blobs_are_away(self, shelf: Shelf) -> None:
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

    async def test_a_blob_that_no_row_knows_is_collected(self, shelf: Shelf) -> None:
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

    async def test_a_segment_that_is_missing_or_altered_is_refused(self, shelf: Shelf) -> None:
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


async def test_expired_means_unheard(shelf: Shelf) -> None:
    customer = await agreed(shelf)
    recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW)
    recorder.append(frame(0), NOW)
    await recorder.stop(NOW)
    later: datetime = NOW + timedelta(days=200)
    with pytest.raises(PurposeRefusedError):
        await shelf.recordings.read(customer.id, "quality-assurance", later)
    due = await shelf.store.due(later)
    await shelf.store.erase([part.part_id for part in due], ErasureReason.EXPIRED, later, "sweep")
    assert await shelf.names() == []
