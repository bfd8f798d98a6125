"""Runs one target until libFuzzer ends the process; `python -m fuzz` starts it and reads what it says."""

from __future__ import annotations

import sys
import time

import atheris

from fuzz.timing import timed

with atheris.instrument_imports(include=["gateway", "redaction", "orjson", "yaml"]):
    from fuzz.targets import TARGETS


def main() -> None:
    """Take the target's name from the first argument, and libFuzzer's own options from the others."""
    name = sys.argv.pop(1)
    atheris.Setup(sys.argv, timed(TARGETS[name]()))
    print(f"stat::start_cpu_ms: {time.process_time() * 1000:.0f}", flush=True)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
