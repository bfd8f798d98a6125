"""However frames come (late, twice, out of order, with gaps), the segments hold what a plain table of samples holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storage.audio import AudioCodec, AudioFormat, Frame
from storage.recordings.buffer import REORDER_SECONDS, Cut, SegmentBuffer

AUDIO = AudioFormat(AudioCodec.L16, rate=8000, channels=2)
SIZE = AUDIO.sample_bytes

frames = st.builds(
    lambda channel, position, samples, mark: Frame(channel, position * 40, bytes([mark, 0]) * samples),
    st.integers(0, 1),
    st.integers(0, 60),
    st.integers(0, 200),
    st.integers(1, 255),
)
steps = st.lists(st.one_of(frames, st.just("cut")), max_size=60)


class Table:
    """What is right: the first sample that came for a place is kept, unless its segment was cut before."""

    def __init__(self) -> None:
        self.samples: dict[tuple[int, int], bytes] = {}

    def add(self, frame: Frame, start: int) -> bool:
        new = False
        for n in range(len(frame.audio) // SIZE):
            place = (frame.channel, frame.position + n)
            if frame.position + n >= start and place not in self.samples:
                self.samples[place] = frame.audio[n * SIZE : (n + 1) * SIZE]
                new = True
        return new


def placed(cuts: list[Cut]) -> dict[tuple[int, int], bytes]:
    found: dict[tuple[int, int], bytes] = {}
    for cut in cuts:
        for run in cut.runs:
            for n in range(len(run.audio) // SIZE):
                assert cut.start <= run.position + n < cut.end
                assert (run.channel, run.position + n) not in found
                found[run.channel, run.position + n] = run.audio[n * SIZE : (n + 1) * SIZE]
    return found


@given(steps)
def test_nothing_is_lost_repeated_or_moved(drawn: list[Frame | str]) -> None:
    buffer, table = SegmentBuffer(AUDIO), Table()
    cuts: list[Cut] = []
    for step in drawn:
        if isinstance(step, Frame):
            new = table.add(step, buffer.start)
            assert buffer.add(step) == new or not step.audio
        else:
            cut = buffer.cut()
            if cut is not None:
                cuts.append(cut)
                assert buffer.end - buffer.start <= REORDER_SECONDS * AUDIO.rate
    last = buffer.cut(whole=True)
    cuts += [] if last is None else [last]
    assert placed(cuts) == table.samples
    # Segments follow on each other without a hole between them, and what did not come is told.
    assert [cut.start for cut in cuts] == [0, *(cut.end for cut in cuts[:-1])][: len(cuts)]
    end = cuts[-1].end if cuts else 0
    missing = {(gap.channel, n) for cut in cuts for gap in cut.gaps for n in range(gap.start, gap.end)}
    assert missing == {(c, n) for c in range(2) for n in range(end)} - table.samples.keys()
