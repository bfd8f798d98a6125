from __future__ import annotations

import io
import wave

import numpy as np

from gateway.audio import WAV_HEADER_BYTES, decode, wav, wav_bytes
from storage.audio import AudioCodec, AudioFormat, Frame
from storage.memory import MemoryStore
from tests.unit.storage.builders import NOW, Customer, assignment, plan

KEPT = plan(recording=assignment())


async def made(audio: AudioFormat, *frames: Frame | None) -> bytes:
    """Return the file of a recording of these frames; None is a pause."""
    store, customer = MemoryStore(), Customer()
    await store.write(customer.opening(KEPT))
    recorder = await store.recordings.open(customer.id, KEPT, audio, NOW)
    for frame in frames:
        if frame is None:
            recorder.pause(NOW)
            recorder.resume(NOW)
        else:
            recorder.append(frame, NOW)
    await recorder.stop(NOW)
    (recording,) = await store.recordings.read(customer.id, "improve-chatbot", NOW)
    content = b"".join([piece async for piece in wav(recording)])
    assert len(content) == wav_bytes(recording.manifest)
    return content


async def test_both_channels_are_heard_side_by_side() -> None:
    content = await made(
        AudioFormat(AudioCodec.PCMU, channels=2), Frame(0, 0, b"\x1e" * 160), Frame(1, 80, b"\x0b" * 160)
    )
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate(), file.getnframes()) == (2, 2, 8000, 240)
        heard = np.frombuffer(file.readframes(240), dtype="<i2").reshape(-1, 2)
    one, two = decode(AudioCodec.PCMU, b"\x1e\x0b").tolist()
    assert heard[:, 0].tolist() == [one] * 160 + [0] * 80
    assert heard[:, 1].tolist() == [0] * 80 + [two] * 160


async def test_gaps_and_pauses_are_silent_and_in_their_place() -> None:
    sound = np.full(16, 1000, dtype="<i2").tobytes()
    frames = [Frame(0, 0, sound), Frame(0, 32, sound), None, Frame(0, 800_000, sound)]
    content = await made(AudioFormat(AudioCodec.L16, rate=16000), *frames)
    heard = np.frombuffer(content[WAV_HEADER_BYTES:], dtype="<i2")
    assert len(heard) == 800_016
    assert np.flatnonzero(heard).tolist() == [*range(16), *range(32, 48), *range(800_000, 800_016)]


async def test_a_recording_of_nothing_is_a_file_of_nothing() -> None:
    content = await made(AudioFormat(AudioCodec.PCMA))
    with wave.open(io.BytesIO(content)) as file:
        assert file.getnframes() == 0
