from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.audio import AudioCodec, AudioFormat, Gap, Manifest, Run, Segment, Stretch
from storage.errors import SealBrokenError
from storage.recordings.payloads import manifest_from_bytes, manifest_to_bytes, runs_from_bytes, runs_to_bytes

numbers = st.integers(0, 2**40)
runs = st.builds(Run, st.integers(0, 1), numbers, st.binary(max_size=50))
stretches = st.builds(Stretch, numbers, numbers)
digits = st.text("0123456789abcdef", min_size=32, max_size=32)
manifests = st.builds(
    Manifest,
    audio=st.builds(AudioFormat, st.sampled_from(AudioCodec), st.sampled_from([8000, 16000]), st.integers(1, 2)),
    opened_at=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    redact=st.booleans(),
    whole_for=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    samples=numbers,
    complete=st.booleans(),
    segments=st.lists(st.builds(Segment, numbers, digits, numbers, numbers, numbers, digits), max_size=3).map(tuple),
    gaps=st.lists(st.builds(Gap, st.integers(0, 1), numbers, numbers), max_size=3).map(tuple),
    pauses=st.lists(stretches, max_size=3).map(tuple),
    repeated=numbers,
    late=numbers,
    lost=numbers,
    silenced=st.none() | st.lists(stretches, max_size=3).map(tuple),
)


@given(st.lists(runs, max_size=5))
def test_a_segment_comes_back(drawn: list[Run]) -> None:
    assert runs_from_bytes(runs_to_bytes(drawn)) == tuple(drawn)


@given(st.lists(runs, max_size=5), st.integers(0, 400), st.binary(max_size=3))
def test_a_segment_of_another_length_is_refused(drawn: list[Run], cut: int, more: bytes) -> None:
    content = runs_to_bytes(drawn)
    changed = content[: max(0, len(content) - cut)] + more
    if len(changed) != len(content):
        with pytest.raises(SealBrokenError):
            runs_from_bytes(changed)


@given(manifests)
def test_a_manifest_comes_back(drawn: Manifest) -> None:
    assert manifest_from_bytes(manifest_to_bytes(drawn)) == drawn


@pytest.mark.parametrize("wrong", [b"", b"[]", b"{}", b"\xff", b'{"audio": 1, "silenced": null}'])
def test_what_is_no_manifest_is_refused(wrong: bytes) -> None:
    with pytest.raises(SealBrokenError):
        manifest_from_bytes(wrong)
