r"""A segment's sound and a recording's manifest as bytes, before they are sealed.

A segment is, byte after byte (big endian):

    version    1   0x01
    runs       4   their number
    then for each run: channel 1, position 8 (in samples), length 4 (in bytes)
    then the sound of all runs in the same order

A manifest is JSON: the fields of `storage.audio.Manifest`.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from storage.audio import AudioCodec, AudioFormat, Gap, Manifest, Run, Segment, Stretch
from storage.errors import SealBrokenError

SEGMENT_SEQUENCE: Final = 1 << 32
"""Segment n is sealed as record `SEGMENT_SEQUENCE + n` of its part, so that none can pass for a manifest."""
_VERSION: Final = 1
_HEAD: Final = struct.Struct(">BI")
_RUN: Final = struct.Struct(">BQI")


def runs_to_bytes(runs: Sequence[Run]) -> bytes:
    """Return the runs of a segment as they are sealed."""
    heads = [_RUN.pack(run.channel, run.position, len(run.audio)) for run in runs]
    return b"".join([_HEAD.pack(_VERSION, len(runs)), *heads, *(run.audio for run in runs)])


def runs_from_bytes(content: bytes) -> tuple[Run, ...]:
    """Return the runs of a segment. Raises SealBrokenError if the store never wrote this."""
    try:
        version, count = _HEAD.unpack_from(content)
        heads = [_RUN.unpack_from(content, _HEAD.size + n * _RUN.size) for n in range(count)]
    except struct.error:
        raise _broken() from None
    at = _HEAD.size + count * _RUN.size
    if version != _VERSION or at + sum(length for _, _, length in heads) != len(content):
        raise _broken()
    runs = []
    for channel, position, length in heads:
        runs.append(Run(channel, position, content[at : at + length]))
        at += length
    return tuple(runs)


def manifest_to_bytes(manifest: Manifest) -> bytes:
    """Return a manifest as it is sealed."""
    said = asdict(manifest) | {"opened_at": manifest.opened_at.isoformat()}
    return json.dumps(said, separators=(",", ":")).encode()


def manifest_from_bytes(content: bytes) -> Manifest:
    """Return a manifest. Raises SealBrokenError if the store never wrote this."""
    try:
        return _manifest(json.loads(content))
    except (ValueError, KeyError, TypeError):
        raise _broken() from None


def _manifest(said: dict[str, Any]) -> Manifest:
    audio, silenced = said.pop("audio"), said.pop("silenced")
    return Manifest(
        audio=AudioFormat(AudioCodec(audio["codec"]), audio["rate"], audio["channels"]),
        opened_at=datetime.fromisoformat(said.pop("opened_at")),
        whole_for=tuple(said.pop("whole_for")),
        silenced=None if silenced is None else tuple(Stretch(**each) for each in silenced),
        segments=tuple(Segment(**each) for each in said.pop("segments")),
        gaps=tuple(Gap(**each) for each in said.pop("gaps")),
        pauses=tuple(Stretch(**each) for each in said.pop("pauses")),
        **said,
    )


def _broken() -> SealBrokenError:
    return SealBrokenError("a recording's segment or manifest is not what this store writes")
