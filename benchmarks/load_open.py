"""Sordino under load on each engine, as one process and as two; and what it takes of memory.

    python -m benchmarks.load_open [--engine sqlite] [--workers 1] [--seconds 10] [--rounds 3] [--json]
                                   [--exchanges 72000] [--memory-alone] [--peers PYTHON]

Three questions, each with the targets in turns within a round, so that what else the machine does hits all alike;
figures are medians over the rounds.

- How much: requests a second with 64 connections, each sending its next message when the last was answered.
- How long: messages at a rate of their own (an open model, `benchmarks.open_model`), the same for every target: a share
  of what Sordino can do. "over direct" is what a target adds to the bot's own time, at the median and at p99; "first
  text" is when the first words of an answer are there.
- How much memory: of each worker when it serves, for each stream that is open, and how it grows over as many exchanges
  as are asked for (an hour of twenty a second is 72,000), by quarters; with `--memory-alone` nothing else is measured.

With `--peers`, an interpreter that has LiteLLM and Presidio, their proxy takes turns with the others at 1, 16 and 64
clients on SQLite.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import yaml

from benchmarks import memory, peers
from benchmarks.gateway import NOTICE, Scenario, load
from benchmarks.processes import Cores, Stage, pinned, staged
from benchmarks.stores import ENGINES, server
from gateway.process import allow_many_files
from tests.postgres import empty_pair

MODES = ("plain", "stream")
CLIENTS = (1, 16, 64)
_SIZE = 200
_FIGURES = ("p50_ms", "p99_ms", "first_text_p50_ms", "first_text_p99_ms", "late_p99_ms")
_firsts = itertools.count(1, 1_000_000)


def notice_of_chats(directory: Path) -> Path:
    """Return the benchmarks' notice without its calls: what is measured are chats."""
    document = yaml.safe_load(NOTICE.read_text(encoding="utf-8"))
    document["channels"] = {name: each for name, each in document["channels"].items() if each["kind"] == "chat"}
    document["purposes"] = {name: each for name, each in document["purposes"].items() if "consent" not in each}
    del document["consents"], document["recipients"]
    path = directory / "notice.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    return path


@contextlib.contextmanager
def databases(engine: str, directory: Path) -> Iterator[dict[str, str]]:
    """Yield the settings of an empty store on an engine, durable as in a deployment."""
    if engine == "sqlite":
        yield {}
        return
    running = server(directory)
    try:
        sessions, keys = asyncio.run(empty_pair(running))
        yield {"SORDINO_DATABASE_URL": sessions, "SORDINO_KEYS_URL": keys}
    finally:
        running.stop()


def throughput(
    stage: Stage, mode: str, options: argparse.Namespace, cores: Cores, numbers: Sequence[int]
) -> list[dict[str, Any]]:
    """Return a row for each number of clients and target: how much it does, each client waiting for its answer."""
    runs: dict[tuple[int, str], list[dict[str, Any]]] = {}
    for _, clients, target in itertools.product(range(options.rounds), numbers, stage.targets):
        asked = argparse.Namespace(connections=clients, seconds=options.seconds)
        before = stage.cpu_seconds(target)
        figures = load(stage.targets[target], Scenario("", mode, _SIZE), asked, cores, next(_firsts))
        used = stage.cpu_seconds(target) - before
        figures["cpu_ms"] = used * 1000 / figures["sent"] if figures["sent"] else None
        runs.setdefault((clients, target), []).append(figures)
    named = ("per_second", "p50_ms", "p99_ms", "cpu_ms")
    return [
        {"mode": mode, "clients": clients, "target": target, **medians(of, named), "failed": failures(of)}
        for (clients, target), of in runs.items()
    ]


def waiting(stage: Stage, mode: str, rate: float, options: argparse.Namespace, cores: Cores) -> list[dict[str, Any]]:
    """Return a row for each target: how long its answers take at a rate, and how much longer than the bot's own."""
    runs: dict[str, list[dict[str, Any]]] = {target: [] for target in stage.targets}
    for _, target in itertools.product(range(options.rounds), stage.targets):
        runs[target].append(open_model(stage.targets[target], mode, rate, options.seconds, cores))
    rows = []
    for target, of in runs.items():
        over = {
            f"{name}_over_direct": _median([
                figures[name] - own[name]
                for figures, own in zip(of, runs["direct"], strict=True)
                if figures[name] is not None and own[name] is not None
            ])
            for name in ("p50_ms", "p99_ms", "first_text_p50_ms")
        }  # fmt: skip
        rows.append(
            {"mode": mode, "rate": rate, "target": target, **medians(of, _FIGURES), **over, "failed": failures(of)}
        )
    return rows


def open_model(url: str, mode: str, rate: float, seconds: float, cores: Cores) -> dict[str, Any]:
    """Run the open-model generator once, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.open_model", url, "--mode", mode, "--rate", str(rate)]
    command += ["--size", str(_SIZE), "--seconds", str(seconds), "--first", str(next(_firsts))]
    command += ["--warmup-seconds", str(min(1.0, seconds / 4))]
    with pinned(cores.others):
        run = subprocess.run(command, check=True, capture_output=True, timeout=seconds + 90)
    figures: dict[str, Any] = orjson.loads(run.stdout)
    return figures


def medians(runs: Sequence[dict[str, Any]], names: Sequence[str]) -> dict[str, float | None]:
    """Return the medians of figures over the rounds."""
    return {name: _median([run[name] for run in runs if run[name] is not None]) for name in names}


def failures(runs: Sequence[dict[str, Any]]) -> int:
    """Return how many requests failed in all rounds."""
    return sum(sum(run["failed"].values()) for run in runs)


def _median(values: Sequence[float]) -> float | None:
    return round(statistics.median(values), 2) if values else None


def measure(engine: str, workers: int, options: argparse.Namespace, cores: Cores) -> dict[str, Any]:
    """Return the figures of one way to run Sordino."""
    how = {"engine": engine, "workers": workers}
    print(f"load_open: {engine}, {workers} process(es)", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="sordino-bench-") as name, contextlib.ExitStack() as stack:
        directory = Path(name)
        settings = stack.enter_context(databases(engine, directory))
        notice = notice_of_chats(directory)
        stage = stack.enter_context(staged(notice, cores, workers=workers, settings=settings))
        started = stage.resident_megabytes("sordino")
        much: list[dict[str, Any]] = []
        if not options.memory_alone:
            compared = options.peers and (engine, workers) == ("sqlite", 1)
            numbers = options.clients or (CLIENTS if compared else CLIENTS[-1:])
            with peers.beside(stage, options.peers, cores, directory) if compared else contextlib.nullcontext():
                much = [row for mode in MODES for row in throughput(stage, mode, options, cores, numbers)]
        able = {row["mode"]: row["per_second"] for row in much if row["target"] == "sordino"}  # with the most clients
        long = [
            row
            for mode in able
            if able[mode]
            for row in waiting(stage, mode, round(able[mode] * options.share, 1), options, cores)
        ]
        held = asyncio.run(memory.of_streams(stage, options.streams, options.hold_seconds))
        grown = memory.over_exchanges(stage, options.exchanges, lambda: _some(stage, options, cores))
    return {**how, "throughput": much, "waiting": long, "memory": {"started_mb": started, **held, **grown}}


def _some(stage: Stage, options: argparse.Namespace, cores: Cores) -> int:
    """Let customers talk for a while; returns how many exchanges that were."""
    asked = argparse.Namespace(connections=32, seconds=options.seconds)
    mixed = Scenario("", MODES[next(_firsts) // 1_000_000 % 2], _SIZE, turns=3)
    return int(load(stage.targets["sordino"], mixed, asked, cores, next(_firsts))["sent"])


def show(figures: Sequence[dict[str, Any]]) -> None:
    """Print the tables."""
    for each in figures:
        print(f"\n{each['engine']}, {each['workers']} process(es)")
        for name in ("throughput", "waiting"):
            rows = each[name]
            if rows:
                print(f"  {name}: {', '.join(rows[0])}")
            for row in rows:
                print("   ", "  ".join("-" if value is None else str(value) for value in row.values()))
        print("  memory:", "  ".join(f"{name} {value}" for name, value in each["memory"].items()))


def main() -> None:
    """Read the arguments, run, print tables or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", action="append", choices=ENGINES, help="again for several; default: both")
    parser.add_argument("--workers", action="append", type=int, help="again for several; default: 1 and 2")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0, help="measured time of one run")
    parser.add_argument("--share", type=float, default=0.5, help="rate of the open model, of what Sordino can do")
    parser.add_argument("--streams", type=int, default=400, help="streams that are open while memory is looked at")
    parser.add_argument("--hold-seconds", type=float, default=20.0, help="how long these streams take")
    parser.add_argument("--exchanges", type=int, default=8_000, help="exchanges over which memory may grow")
    parser.add_argument("--memory-alone", action="store_true", help="measure nothing but memory")
    parser.add_argument(
        "--clients", action="append", type=int, help="again for several; default: 64, beside peers 1, 16 and 64"
    )
    parser.add_argument("--peers", help="an interpreter with LiteLLM and Presidio (requirements/peers.txt)")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.peers and not peers.is_installed(options.peers):
        raise SystemExit(f"{options.peers} has no LiteLLM and Presidio: make .cache/peers/.ready")
    allow_many_files()
    cores = Cores.split(pin=False)
    ways = itertools.product(options.engine or ENGINES, options.workers or (1, 2))
    figures = [measure(engine, workers, options, cores) for engine, workers in ways]
    if options.json:
        print(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode())
        return
    show(figures)


if __name__ == "__main__":
    main()
