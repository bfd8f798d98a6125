"""`python -m fuzz [TARGET ...] --seconds N`: runs targets, adds to what was run before, prints figures.

Exit status: 0 nothing was found, 1 a target failed: its error is printed, its input kept, 2 a wrong command.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fuzz.page import page
from fuzz.seeds import SEEDS
from fuzz.state import Ran, read_state, write_state
from fuzz.targets import TARGETS

PLACE: Final = Path(__file__).parent.parent / ".cache" / "fuzz"
_SLICE_SECONDS: Final = 300  # what a run that is killed loses of the count; its inputs are kept as they are found
_SPARE_SECONDS: Final = 900  # by the clock, for a busy machine: nothing ends after that
_ENDLESS_SECONDS: Final = 600
_MOST_MEGABYTES: Final = 2048
_LONGEST_BYTES: Final = 16_384
_SHOWN_CHARACTERS: Final = 4000


@dataclass(frozen=True, slots=True)
class Slice:
    """One process of libFuzzer; `error` is the end of what it said where it failed, else empty.

    `seconds` are of CPU time, without what its start took: on a busy machine an hour by the clock says nothing.
    """

    seconds: float
    executions: int
    peak_mb: int
    error: str


def run(name: str, seconds: int, place: Path) -> Slice:
    """Run a target for so long, on from the inputs that earlier runs have kept."""
    corpus = place / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[name]):
        (corpus / f"seed-{number}").write_bytes(seed)
    command = [sys.executable, "-m", "fuzz.target", name, os.fspath(corpus), f"-max_total_time={seconds}"]
    command += [f"-artifact_prefix={place / name}/", f"-timeout={_ENDLESS_SECONDS}", f"-max_len={_LONGEST_BYTES}"]
    command += [f"-rss_limit_mb={_MOST_MEGABYTES}", "-print_final_stats=1", "-verbosity=0"]
    began = _cpu_seconds()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds + _SPARE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            said = process.communicate()[0] + f"\nit did not end within {seconds + _SPARE_SECONDS} s and was killed"
    figures = {key: int(value) for key, value in re.findall(r"^stat::(\w+):\s+(\d+)", said, re.MULTILINE)}
    return Slice(
        max(0.0, _cpu_seconds() - began - figures.get("start_cpu_ms", 0) / 1000),
        figures.get("number_of_executed_units", 0),
        figures.get("peak_rss_mb", 0),
        said[-_SHOWN_CHARACTERS:] if process.returncode else "",
    )


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(arguments: list[str] | None = None) -> int:
    """Run the targets one after the other, print a line for each slice, and write the page if it is asked for."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description="Fuzzes what reads the bytes of strangers.")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"default: all of {', '.join(TARGETS)}")
    parser.add_argument("--seconds", type=int, default=60, help="for each target; default 60")
    parser.add_argument("--write", type=Path, help="write the page with all that was done")
    parser.add_argument("--place", type=Path, default=PLACE, help="where inputs and figures are kept")
    options = parser.parse_args(arguments)
    unknown = set(options.targets) - TARGETS.keys()
    if unknown:
        parser.error(f"there is no target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    if options.seconds < 1:
        parser.error("--seconds is 1 or more")
    failures = [name for name in options.targets or TARGETS if not _held(name, options.seconds, options.place)]
    if options.write is not None:
        options.write.write_text(page(read_state(options.place / "state.json")), encoding="utf-8")
    if failures:
        print(f"failed: {', '.join(failures)}; the inputs are {options.place}/TARGET/crash-* (or timeout-*, oom-*)")
    return 1 if failures else 0


def _held(name: str, seconds: int, place: Path) -> bool:
    path, left = place / "state.json", seconds
    while left > 0:
        done = run(name, min(left, _SLICE_SECONDS), place)
        left -= _SLICE_SECONDS
        state = read_state(path)
        total = state.setdefault(name, Ran())
        total.seconds = round(total.seconds + done.seconds, 1)
        total.executions += done.executions
        total.failed += bool(done.error)
        total.peak_mb = max(total.peak_mb, done.peak_mb)
        total.inputs = inputs = len(list((place / name / "corpus").iterdir()))
        write_state(path, state)
        print(
            f"{name}: {done.executions:,} executions in {done.seconds:.0f} s of CPU, {done.peak_mb} MB at most; in all "
            f"{total.executions:,} in {total.seconds:,.0f} s, {inputs} inputs kept, {total.failed} runs failed",
            flush=True,
        )
        if done.error:
            print(done.error, file=sys.stderr, flush=True)
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
