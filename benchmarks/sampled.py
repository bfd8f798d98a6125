"""Runs the gateway under a sampler: every few milliseconds of CPU time the main thread's stack is counted.

    python -m benchmarks.sampled REPORT serve --notice FILE

A tracing profiler would double the cost of small functions and hide where time goes. A signal handler that looks
at the stack costs next to nothing; time inside C code counts for the Python function that called it. CPU time of
other threads (SQLite) is told apart by the clocks of thread and process.
"""

from __future__ import annotations

import runpy
import signal
import sys
import time
from collections import Counter
from pathlib import Path
from types import FrameType

_INTERVAL_SECONDS = 0.002
_ROOT = Path(__file__).parent.parent
_OURS = ("gateway", "redaction", "storage")
_LINES = 25
_LOOP = "python.runners: Runner.run"


class Sampler:
    """Counts stacks while it is on."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self.packages: Counter[str] = Counter()
        self.alone: Counter[str] = Counter()
        self.within: Counter[str] = Counter()
        self.taken = 0
        self._began: tuple[float, float] | None = None

    def start(self) -> None:
        """Begin to sample this thread; what comes before its event loop runs (imports) does not count."""
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, _INTERVAL_SECONDS, _INTERVAL_SECONDS)

    def stop(self) -> None:
        """End it."""
        signal.setitimer(signal.ITIMER_PROF, 0)
        process, thread = self._began or (0.0, 0.0)
        self.process_seconds = time.process_time() - process
        self.thread_seconds = time.thread_time() - thread

    def _sample(self, _signal: int, frame: FrameType | None) -> None:
        names: list[str] = []
        packages: list[str] = []
        while frame is not None:
            code = frame.f_code
            packages.append(_package(code.co_filename))
            names.append(f"{packages[-1]}: {code.co_qualname}")
            frame = frame.f_back
        if _LOOP in names:
            self._began = self._began or (time.process_time(), time.thread_time())
            self.taken += 1
            self.alone[names[0]] += 1
            self.packages[packages[0]] += 1
            self.within.update({name for name in names if name.startswith(_OURS)})

    def report(self) -> str:
        """Return shares of the samples: by package, by function alone, by function with all that it calls."""
        others = self.process_seconds - self.thread_seconds
        head = (
            f"CPU {self.process_seconds:.2f} s: main thread {self.thread_seconds:.2f} s, other threads {others:.2f} s; "
            f"{self.taken} samples"
        )
        tables = (
            ("by module, without what it calls", self.packages),
            ("by function, without what it calls", self.alone),
            ("by function of ours, with what it calls", self.within),
        )
        return "\n".join([head, *(line for title, counts in tables for line in self._table(title, counts))])

    def _table(self, title: str, counts: Counter[str]) -> list[str]:
        rows = counts.most_common(_LINES)
        return ["", f"{title}:", *(f"{count / max(self.taken, 1):>7.1%}  {name}" for name, count in rows)]


def _package(filename: str) -> str:
    """Return a module path of ours, the name of an installed package, or "python" for the standard library."""
    _, found, installed = filename.rpartition("site-packages/")
    if found:
        return installed.split("/", 1)[0].removesuffix(".py")
    path = Path(filename)
    if path.is_relative_to(_ROOT):
        return ".".join(path.relative_to(_ROOT).with_suffix("").parts)
    return f"python.{path.stem}"


def main() -> None:
    """Run `python -m gateway` with the rest of the arguments; write the report when it ends."""
    report, *arguments = sys.argv[1:]
    sys.argv = ["sordino", *arguments]
    sampler = Sampler()
    sampler.start()
    try:
        runpy.run_module("gateway", run_name="__main__", alter_sys=True)
    finally:
        sampler.stop()
        Path(report).write_text(sampler.report(), encoding="utf-8")


if __name__ == "__main__":
    main()
