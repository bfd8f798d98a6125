"""What Sordino costs: the same load direct to a bot, through a minimal aiohttp proxy, and through Sordino.

    python -m benchmarks.gateway [--json] [--profile] [--rules-only] [--scenario NAME ...]

Everything runs on loopback in processes of its own, which share the machine's cores (with `--pin` the server
under test has one core, bot and load have the others). The three targets take turns within each round, so that
what else the machine does hits all alike; the table shows medians over the rounds. "ratio" is the rate over that
of the minimal proxy in the same round, "CPU ratio" the proxy's CPU time over the target's. Sordino runs with
everything on: redaction of both sides, sealed and durable turns, metrics. "CPU ms each" is the CPU time of the
target's own process for one request; unlike the rate it says nearly the same on a busy machine.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from benchmarks.processes import Cores, Stage, pinned, staged

NOTICE = Path(__file__).parent.parent / "notices" / "imtron.yaml"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of load."""

    name: str
    mode: str
    size: int
    turns: int = 1


SCENARIOS = (
    Scenario("plain-100", "plain", 100),
    Scenario("plain-200", "plain", 200),
    Scenario("stream-100", "stream", 100),
    Scenario("stream-200", "stream", 200),
    Scenario("chat-200", "stream", 200, turns=5),
)
MEASURE = "minimal proxy"


@dataclass(slots=True)
class Results:
    """Figures by scenario and target, one entry a round."""

    rounds: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, scenario: str, target: str, figures: dict[str, Any]) -> None:
        """Append the figures of one run."""
        self.rounds.setdefault((scenario, target), []).append(figures)

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each scenario and target: medians over the rounds."""
        return [self._row(scenario, target, runs) for (scenario, target), runs in self.rounds.items()]

    def _row(self, scenario: str, target: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
        measure = self.rounds.get((scenario, MEASURE), [])
        ratios = [
            run["per_second"] / base["per_second"]
            for run, base in zip(runs, measure, strict=False)
            if base["per_second"]
        ]
        cpu_ratios = [base["cpu_ms"] / run["cpu_ms"] for run, base in zip(runs, measure, strict=False) if run["cpu_ms"]]
        failed = sum((sum(run["failed"].values()) for run in runs), start=0)
        figures = ("per_second", "p50_ms", "p99_ms", "first_byte_p50_ms", "cpu_ms")
        return {
            "scenario": scenario,
            "target": target,
            **{name: _median([run[name] for run in runs if run[name] is not None]) for name in figures},
            "ratio": round(statistics.median(ratios), 3) if ratios else None,
            "cpu_ratio": round(statistics.median(cpu_ratios), 3) if cpu_ratios else None,
            "failed": failed,
        }


def _median(values: Sequence[float]) -> float | None:
    return round(statistics.median(values), 3) if values else None


def measure(stage: Stage, scenarios: Sequence[Scenario], options: argparse.Namespace, cores: Cores) -> Results:
    """Run every scenario against every target, in turns, round by round."""
    results, first = Results(), itertools.count(1, 1_000_000)
    for number, scenario, target in itertools.product(range(options.rounds), scenarios, stage.targets):
        print(f"round {number + 1}: {scenario.name}, {target}", file=sys.stderr)
        before = stage.cpu_seconds(target)
        figures = load(stage.targets[target], scenario, options, cores, next(first))
        used = stage.cpu_seconds(target) - before
        results.add(
            scenario.name, target, figures | {"cpu_ms": used * 1000 / figures["sent"] if figures["sent"] else None}
        )
    return results


def load(url: str, scenario: Scenario, options: argparse.Namespace, cores: Cores, first: int) -> dict[str, Any]:
    """Run the load generator once, in a process of its own, with messages from number `first` on."""
    command = [sys.executable, "-m", "benchmarks.load", url, "--mode", scenario.mode, "--size", str(scenario.size)]
    command += ["--turns", str(scenario.turns), "--connections", str(options.connections), "--first", str(first)]
    command += ["--seconds", str(options.seconds), "--warmup-seconds", str(min(0.5, options.seconds / 4))]
    with pinned(cores.others):
        run = subprocess.run(command, check=True, capture_output=True, timeout=options.seconds + 60)
    figures: dict[str, Any] = orjson.loads(run.stdout)
    return figures


COLUMNS = (
    ("per_second", "requests/s", ",.0f"),
    ("p50_ms", "p50 ms", ".2f"),
    ("p99_ms", "p99 ms", ".2f"),
    ("first_byte_p50_ms", "first byte ms", ".2f"),
    ("cpu_ms", "CPU ms each", ".2f"),
    ("ratio", "ratio", ".2f"),
    ("cpu_ratio", "CPU ratio", ".3f"),
    ("failed", "failed", "d"),
)


def show(rows: Sequence[dict[str, Any]]) -> None:
    """Print the table."""
    print(f"{'scenario':<12}{'target':<15}" + "".join(f"{title:>14}" for _, title, _ in COLUMNS))
    for row in rows:
        cells = ("-" if row[name] is None else format(row[name], form) for name, _, form in COLUMNS)
        print(f"{row['scenario']:<12}{row['target']:<15}" + "".join(f"{cell:>14}" for cell in cells))


def profile(options: argparse.Namespace, scenarios: Sequence[Scenario], cores: Cores) -> None:
    """Run the gateway alone under the sampler and print where its time went."""
    with tempfile.TemporaryDirectory(prefix="sordino-bench-") as directory:
        for scenario in scenarios:
            samples = Path(directory) / f"{scenario.name}.txt"
            with staged(options.notice, cores, profile=samples) as stage:
                figures = load(stage.targets["sordino"], scenario, options, cores, 1)
            print(
                f"\n{scenario.name}: {figures['per_second']:,.0f} requests/s while sampled, failed: {figures['failed']}"
            )
            print(samples.read_text(encoding="utf-8"))


def main() -> None:
    """Read the arguments, run, print a table or JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notice", type=Path, default=NOTICE)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=2.0, help="measured time of one run")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--scenario", action="append", choices=[scenario.name for scenario in SCENARIOS])
    parser.add_argument(
        "--pin", action="store_true", help="one core for the server under test, the others for the load"
    )
    parser.add_argument("--rules-only", action="store_true", help="Sordino without the names model")
    parser.add_argument("--without-sordino", action="store_true", help="only the bot and the minimal proxy")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--profile", action="store_true", help="sample the gateway under load; no comparison")
    options = parser.parse_args()
    scenarios = [scenario for scenario in SCENARIOS if scenario.name in (options.scenario or [scenario.name])]
    cores = Cores.split(pin=options.pin)
    if options.profile:
        profile(options, scenarios, cores)
        return
    module = "benchmarks.rules_only" if options.rules_only else "gateway"
    with staged(options.notice, cores, module=None if options.without_sordino else module) as stage:
        results = measure(stage, scenarios, options, cores)
        turns = stage.turns_kept()
    answered = sum(
        run["requests"] for (_, target), runs in results.rounds.items() for run in runs if target == "sordino"
    )
    summary = {"turns": turns, "answered": answered}
    if options.json:
        print(orjson.dumps({"rows": results.rows(), "sordino": summary}, option=orjson.OPT_INDENT_2).decode())
        return
    show(results.rows())
    if not options.without_sordino:
        print(f"\nSordino answered {answered:,} measured requests and handled {turns:,} turns (warm-up included).")


if __name__ == "__main__":
    main()
