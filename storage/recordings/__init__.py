"""Recordings of calls: sealed in segments as they arrive, put together only for a purpose that allows it.

protocol   RecordingStore: what a store of recordings can do
backend    what that needs of a session store
library    Recordings: the RecordingStore over a session store and a blob store
recorder   Recorder: takes the frames of one call, stores its segments behind the call's back
buffer     frames into segments: order, repeats, gaps, pauses
payloads   a segment's sound and a manifest as bytes, before they are sealed
reading    a recording read back, with stretches silenced where it has to be

The way of a frame: `append` -> the buffer of the open segment, in memory -> a segment of at most half a
megabyte or five minutes, cut earlier by a pause or the end -> sealed with the part's key -> its row, by which
erasure reaches it -> its blob -> the manifest with it. What a crash leaves is a recording as far as its last
manifest, marked as not complete. No sound touches a disk unsealed.
"""

from __future__ import annotations

from storage.recordings.library import Recordings
from storage.recordings.protocol import RecordingStore
from storage.recordings.reading import Recording
from storage.recordings.recorder import Recorder

__all__ = ["Recorder", "Recording", "RecordingStore", "Recordings"]
