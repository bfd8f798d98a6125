"""A session store with its recordings, over each store, and a call whose caller has agreed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage import SessionStore
from storage.audio import AudioCodec, AudioFormat, Frame
from storage.blobs import BlobStore
from storage.memory import MemoryStore
from storage.recordings import Recording, Recordings
from tests.fakes import FlakyBlobs
from tests.kept import Kept
from tests.unit.storage.builders import Customer, assignment, consent, plan, sql_store

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


async def _memory(_directory: Path, blobs: BlobStore, _kept: Kept) -> Any:  # noqa: ANN401 - with a backend, too
    return MemoryStore(blobs)


async def _sqlite(directory: Path, blobs: BlobStore, kept: Kept) -> Any:  # noqa: ANN401
    return sql_store(directory, blobs=blobs, databases=await kept.sqlite(directory))


async def _postgres(directory: Path, blobs: BlobStore, kept: Kept) -> Any:  # noqa: ANN401
    return sql_store(directory, blobs=blobs, databases=await kept.postgres())


MAKERS = {"memory": _memory, "sqlite": _sqlite, "postgresql": _postgres}


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
