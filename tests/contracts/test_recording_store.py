"""What every `RecordingStore` promises, over each session store."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from storage import ConsentState, ErasureReason, Ground, PartKind, PurposeRefusedError, UnknownSessionError, uuid7
from storage.audio import Frame, Gap, Stretch
from storage.recordings.buffer import SEGMENT_BYTES
from tests.contracts.shelf import BY_CONSENT, FRAME, PCMU, WITHOUT, Shelf, agreed, frame, heard, sound
from tests.unit.storage.builders import NOW, SECOND, Customer, assignment, consent, plan


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


async def test_its_subject_hears_what_is_restricted_and_to_be_silenced(shelf: Shelf) -> None:
    customer = await agreed(shelf)
    recorder = await shelf.recordings.open(customer.id, BY_CONSENT, PCMU, NOW, redact=True)
    for number in range(10):
        recorder.append(frame(number), NOW)
    await recorder.stop(NOW)
    await shelf.store.retention.restrict(customer.id, Ground.CLAIMS, NOW)
    with pytest.raises(PurposeRefusedError):
        await shelf.recordings.read(customer.id, "quality-assurance", NOW)
    (recording,) = await shelf.recordings.copy(customer.id, NOW)
    assert await heard(recording) == sound(range(10))
    await shelf.store.erase([recorder.part_id], ErasureReason.REQUESTED, NOW, "dpo")
    assert await shelf.recordings.copy(customer.id, NOW) == []
    with pytest.raises(UnknownSessionError):
        await shelf.recordings.copy(uuid7(NOW), NOW)


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
