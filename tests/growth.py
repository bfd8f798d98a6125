"""How the CPU time of some work grows with its size, whatever else the machine and this process are busy with."""

from __future__ import annotations

import gc
from collections.abc import Callable
from time import thread_time

_TRIES = 3


def cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of this thread that some work took, without collections of garbage.

    How long one takes depends on all that other tests have left, and the longer work has more of them.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        begin = thread_time()
        work()
        return thread_time() - begin
    finally:
        if collects:
            gc.enable()


def grows_within(factor: float, slack_seconds: float, seconds: Callable[[int], float], small: int, large: int) -> bool:
    """Whether the larger size takes at most `factor` times as long as the smaller, and the slack.

    The smaller is done as often as makes up the larger, right before it: so both see the same machine. Whatever
    disturbs a measurement makes it longer, so one of a few is enough.
    """
    times = large // small
    for _ in range(_TRIES):
        short = sum(seconds(small) for _ in range(times)) / times
        if seconds(large) <= factor * short + slack_seconds:
            return True
    return False
