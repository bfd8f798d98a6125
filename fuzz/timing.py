"""An input that takes too long is a finding, by the CPU's time: by the clock every input does on a busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

SLOWEST_SECONDS: Final = 10.0


def timed(run: Callable[[bytes], None], clock: Callable[[], float] = time.process_time) -> Callable[[bytes], None]:
    """Return a target that fails with TimeoutError where an input has taken longer than the slowest may."""

    def one(data: bytes) -> None:
        began = clock()
        run(data)
        if clock() - began > SLOWEST_SECONDS:
            raise TimeoutError("the input took too long")

    return one
