"""Long measurements in pieces, each of which is a whole by itself, spread over processes."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

Piece = TypeVar("Piece")


def counted(work: Callable[[Piece], Counter[str]], pieces: Iterable[Piece], processes: int) -> Counter[str]:
    """Return what the pieces count altogether. `work` and pieces have to be such as can be pickled."""
    total: Counter[str] = Counter()
    with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
        for done in as_completed([pool.submit(work, piece) for piece in pieces]):
            total.update(done.result())
    return total


def parts_of(number: int, most: int) -> list[int]:
    """Return a number as a sum of nearly equal ones, none above `most`."""
    pieces = -(-number // most)
    return [number // pieces + (each < number % pieces) for each in range(pieces)]
