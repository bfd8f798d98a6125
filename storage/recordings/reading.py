"""A recording read back, segment by segment, for one purpose; what is to be silent never leaves here aloud.

Its subject hears all of it: for them nothing is silent.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterable
from typing import Final
from uuid import UUID

from storage.audio import AudioCodec, AudioFormat, KeptRecording, Manifest, Run, Segment, Stretch
from storage.blobs.protocol import BlobStore, blob_name
from storage.errors import PurposeRefusedError, SealBrokenError
from storage.recordings.backend import RecordingBackend
from storage.recordings.payloads import runs_from_bytes

_SILENCE: Final = {AudioCodec.PCMU: b"\xff", AudioCodec.PCMA: b"\xd5", AudioCodec.L16: b"\x00\x00"}
"""One sample of nothing: the code of +0 in mu-law, of the smallest positive step in A-law, which has no zero."""


class Recording:
    """A recording that a purpose may hear, None its subject: all of it if `whole`, else with its silenced stretches."""

    def __init__(
        self, backend: RecordingBackend, blobs: BlobStore, session_id: UUID, kept: KeptRecording, purpose: str | None
    ) -> None:
        """Take the recording. Raises PurposeRefusedError while nobody knows what this purpose may not hear."""
        self.part_id = kept.part_id
        self.manifest: Manifest = kept.manifest
        self.whole = purpose is None or not kept.manifest.redact or purpose in kept.manifest.whole_for
        self.running = kept.open
        if not self.whole and (kept.open or kept.manifest.silenced is None):
            msg = "the recording is heard redacted, and what is to be silent in it is not known yet"
            raise PurposeRefusedError(msg)
        self._backend = backend
        self._blobs = blobs
        self._session_id = session_id

    async def segments(self) -> AsyncIterator[tuple[Segment, tuple[Run, ...]]]:
        """Yield segment after segment with its sound. Raises SealBrokenError if one is missing or altered."""
        folder = await self._backend.store_id()
        for segment in self.manifest.segments:
            pieces = [piece async for piece in self._blobs.get(blob_name(folder, segment.blob))]
            sealed = b"".join(pieces)
            if hashlib.sha256(sealed).hexdigest() != segment.digest:
                raise SealBrokenError("a segment of a recording is not the one that was stored")
            content = await self._backend.open_segment(self._session_id, self.part_id, segment.number, sealed)
            runs = runs_from_bytes(content)
            yield segment, runs if self.whole else silenced(runs, self.manifest.silenced or (), self.manifest.audio)


def silenced(runs: Iterable[Run], stretches: Iterable[Stretch], audio: AudioFormat) -> tuple[Run, ...]:
    """Return the runs with silence in place of what lies in a stretch, on every channel; a begun sample is silenced."""
    size, nothing = audio.sample_bytes, _SILENCE[audio.codec]
    # From the sample in which a stretch begins to the one in which it ends, both silenced.
    spans = [(each.start_ms * audio.rate // 1000, -(-each.end_ms * audio.rate // 1000)) for each in stretches]
    quiet = []
    for run in runs:
        sound = bytearray(run.audio)
        end = run.position + len(sound) // size
        for start, stop in spans:
            first, last = max(start, run.position), min(stop, end)
            if first < last:
                sound[(first - run.position) * size : (last - run.position) * size] = nothing * (last - first)
        quiet.append(Run(run.channel, run.position, bytes(sound)))
    return tuple(quiet)
